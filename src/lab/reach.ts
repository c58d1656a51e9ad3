/** What would become of a connection between two parts of a lab's cluster, in the words of a check. */
import type { Cluster } from '../emulator/cluster/index.ts';
import type { Transport } from '../emulator/kernel/index.ts';
import type { Namespace, Network } from '../emulator/node/network/index.ts';
import { outsideName, canonicalIP, reachedBy, tryAll } from '../emulator/node/network/index.ts';
import type { Reach, ResourceName, Resources } from './api.ts';

/** How objects are looked up: `pods`, `shop/web-1`. */
type Find = <R extends ResourceName>(resource: R, namespace: string, name: string) => Resources[R] | undefined;

interface Target {
  readonly ip: string;
  readonly port: number;
  readonly protocol: Transport;
}

export function reach({ network }: Cluster, find: Find, from: string, to: string): Reach {
  const sender = senderOf(network, find, from);
  if (!sender) return { ok: false, why: `there is no ${from} with an address` };
  const target = targetOf(network, find, to);
  if (typeof target === 'string') return { ok: false, why: target };
  const trials = tryAll(sender, target.protocol, target);
  const failed = trials.filter(({ isAnswered }) => !isAnswered);
  if (failed.length === 0) return { ok: true, why: `${from} reaches ${to}: ${reachedBy(trials[0]!.hops)}` };
  const share = failed.length < trials.length ? ` (on ${failed.length} of ${trials.length} ways)` : '';
  return { ok: false, why: `${from} does not reach ${to}: ${failed[0]!.why.replace(/\.$/, '')}${share}` };
}

/** Who a name of the wire is to a lab: `outside` for its gateway. */
export function nameOnTheWire(name: string): string {
  return name === outsideName ? 'outside' : name;
}

function senderOf(network: Network, find: Find, from: string): Namespace | undefined {
  const [namespace, name] = from.split('/');
  if (name === undefined) return network.nodes.get(from === 'outside' ? outsideName : from)?.namespace;
  const pod = find('pods', namespace!, name);
  const node = network.nodes.get(pod?.spec?.nodeName ?? '');
  return pod?.spec?.hostNetwork ? node?.namespace : node?.pods.get(pod?.status?.podIP ?? '');
}

/** Where it goes, or what is missing. */
function targetOf(network: Network, find: Find, to: string): Target | string {
  const [, host, port, protocol = 'TCP'] = /^(.+):(\d+)(?:\/(TCP|UDP|SCTP))?$/.exec(to) ?? [];
  if (host === undefined) throw new Error(`${to} is no target: an address and a port are needed`);
  const ip = addressOf(network, find, host);
  const address = canonicalIP(ip?.replace(/^\[|\]$/g, '') ?? '');
  return address === undefined ? `${host} has no address` : { ip: address, port: Number(port), protocol: protocol as Transport };
}

function addressOf(network: Network, find: Find, host: string): string | undefined {
  const [resource, namespace, name] = host.split('/');
  if (resource === 'pods') return find('pods', namespace!, name!)?.status?.podIP;
  if (resource === 'services') return find('services', namespace!, name!)?.spec?.clusterIP;
  return network.nodes.get(host)?.ip ?? host;
}
