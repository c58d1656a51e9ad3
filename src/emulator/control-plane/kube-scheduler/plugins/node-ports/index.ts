/** NodePorts: a host port is used once on a node (pkg/scheduler/framework/plugins/nodeports). */
import type { Pod } from '../../../../api/generated/types.ts';
import type { NodeInfo } from '../../cache/node-cache.ts';
import type { HostPort } from '../../cache/pod-class.ts';
import { hostPortsOf } from '../../cache/pod-class.ts';
import type { Plugin, PluginFactory } from '../../framework.ts';
import { rejection } from '../../framework.ts';

const name = 'NodePorts';
const taken = rejection(name, "node(s) didn't have free ports for the requested pod ports");
const everywhere = '0.0.0.0';

/** Two host ports collide when protocol and port are the same and an address is, or one of them is every address. */
function collides({ hostPorts }: NodeInfo, { ip, protocol, port }: HostPort): boolean {
  if (!hostPorts) return false;
  if (ip !== everywhere)
    return (hostPorts.get(`${protocol}/${port}/${ip}`) ?? 0) > 0 || (hostPorts.get(`${protocol}/${port}/${everywhere}`) ?? 0) > 0;
  for (const [key, count] of hostPorts) if (count > 0 && key.startsWith(`${protocol}/${port}/`)) return true;
  return false;
}

const isSamePort = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === everywhere || b.ip === everywhere);

const plugin: Plugin = {
  name,
  preFilter({ podClass: { hostPorts }, cache }) {
    if (hostPorts.length === 0) return undefined;
    return {
      isLocal: true,
      filter(index) {
        for (const port of hostPorts) if (collides(cache.nodes[index]!, port)) return taken;
        return undefined;
      },
    };
  },
  wakes: {
    'Node/Add': true,
    'AssignedPod/Delete': (pod, { before }) =>
      hostPortsOf(before as Pod).some((freed) => hostPortsOf(pod).some((wanted) => isSamePort(freed, wanted))),
  },
};

/** Rejects nodes where a host port of the Pod is in use. */
export const nodePorts: PluginFactory = { name, points: ['preFilter', 'filter'], make: () => plugin };
