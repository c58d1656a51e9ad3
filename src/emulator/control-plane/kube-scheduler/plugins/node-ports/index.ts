import type { NodeInfo } from '../../cache/node-cache.ts';
import type { HostPort } from '../../cache/pod-class.ts';
import type { Plugin } from '../../framework.ts';
import { rejection } from '../../framework.ts';

const taken = rejection('NodePorts', "node(s) didn't have free ports for the requested pod ports");

/** Two host ports collide when protocol and port are the same and an address is, or one of them is every address. */
function collides({ hostPorts }: NodeInfo, { ip, protocol, port }: HostPort): boolean {
  if (!hostPorts) return false;
  if (ip !== '0.0.0.0')
    return (hostPorts.get(`${protocol}/${port}/${ip}`) ?? 0) > 0 || (hostPorts.get(`${protocol}/${port}/0.0.0.0`) ?? 0) > 0;
  for (const [key, count] of hostPorts) if (count > 0 && key.startsWith(`${protocol}/${port}/`)) return true;
  return false;
}

/** Rejects nodes where a host port of the Pod is in use. */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  preFilter({ podClass: { hostPorts }, cache }) {
    if (hostPorts.length === 0) return undefined;
    return {
      filter(index) {
        for (const port of hostPorts) if (collides(cache.nodes[index]!, port)) return taken;
        return undefined;
      },
    };
  },
  requeueOn: ['NodeAdded', 'PodDeleted'],
};
