/** Machines, Pods and Services by the names that people type, as far as the wire knows them. */
import { canonicalIP } from './blocks.ts';
import type { Namespace } from './namespace.ts';
import type { Network } from './network.ts';
import { unbracketed } from '../../machinery/ipv6.ts';

/** The host beside the nodes, by the name that the wire has for it. */
export const outsideName = 'gateway';

/** `shop/web`, `web` (in the namespace default), a machine, or `outside`. */
export function namespaceNamed({ nodes }: Network, text: string): Namespace | undefined {
  const machine = nodes.get(text === 'outside' ? outsideName : text);
  if (machine) return machine.namespace;
  const name = text.includes('/') ? text : `default/${text}`;
  for (const node of nodes.values()) for (const pod of node.pods.values()) if (pod.name === name) return pod;
  return undefined;
}

/** The address of what `namespaceNamed` finds, of an address, or of a Service: `svc/web`, `svc/shop/web`. */
export function addressNamed(network: Network, text: string): string | undefined {
  const address = canonicalIP(unbracketed(text));
  if (address !== undefined) return address;
  const service = /^(?:svc|services?)\/(?:([^/]+)\/)?([^/]+)$/.exec(text);
  if (!service) return namespaceNamed(network, text)?.addresses[0];
  const name = `${service[1] ?? 'default'}/${service[2]}`;
  for (const { nat } of network.nodes.values()) {
    const found = nat?.ports?.find((port) => port.name === name || port.name.startsWith(`${name}:`));
    if (found) return found.clusterIP;
  }
  return undefined;
}

/** The network plugin of a cluster, and whether NetworkPolicies have an effect with it; undefined before there is one. */
export function networkPlugin({ nodes }: Network): { readonly name: string; readonly enforcesPolicies: boolean } | undefined {
  const members = [...nodes.values()].filter(({ podNetwork }) => podNetwork);
  const name = members[0]?.podNetwork?.plugin;
  return name && { name, enforcesPolicies: members.some(({ enforcesPolicies }) => enforcesPolicies) };
}
