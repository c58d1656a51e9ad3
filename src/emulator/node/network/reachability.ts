/** Who reaches whom on which port: a matrix of packets on trial, which meet the tables that real ones meet. */
import type { Transport } from '../../kernel/index.ts';
import type { Namespace } from './namespace.ts';
import type { Network } from './network.ts';
import { isIPv6Text } from '../../machinery/ipv6.ts';
import { isLoopback } from './ipv4.ts';
import { outsideName } from './places.ts';
import type { Trial } from './trial.ts';
import { tryAll } from './trial.ts';

/**
 * How an attempt ends: at somebody who answers, on all of its ways or on some; at a policy of the sender's or of the target's side; at
 * a closed port; or nowhere.
 */
export type Verdict = 'yes' | 'some' | 'egress' | 'ingress' | 'refused' | 'lost';

export interface MatrixCell {
  readonly verdict: Verdict;
  /** Ways that end well, of those that there are: `2/3`. */
  readonly share: string;
  /** Why not, in a sentence; why, where it does. */
  readonly why: string;
}

export interface MatrixTarget {
  /** `shop/web:80`, `svc shop/web:8080`. */
  readonly name: string;
  readonly ip: string;
  readonly port: number;
  readonly protocol: Transport;
}

export interface Matrix {
  readonly sources: readonly string[];
  readonly targets: readonly MatrixTarget[];
  /** By source, then by target. */
  readonly cells: readonly (readonly MatrixCell[])[];
  /** Pods that were left out, since there are too many. */
  readonly leftOut: number;
}

export interface MatrixQuestion {
  /** Whether the Pods and Services of a namespace are targets, and its Pods senders. */
  readonly isTarget: (namespace: string) => boolean;
  readonly isSource: (namespace: string) => boolean;
  /** Only these ports, whether somebody listens there or not; those on which a Pod listens when undefined. */
  readonly ports?: readonly { readonly port: number; readonly protocol: Transport }[] | undefined;
  /** Whether the nodes, and the host beside them, are senders too. */
  readonly hasNodes?: boolean;
  /** More Pods than this on either side are left out. */
  readonly limit?: number;
}

const defaultLimit = 60;

export function reachability(network: Network, question: MatrixQuestion): Matrix {
  const pods = podsOf(network);
  const limit = question.limit ?? defaultLimit;
  const [senders, receivers] = [
    pods.filter((pod) => question.isSource(namespaceOf(pod))),
    pods.filter((pod) => question.isTarget(namespaceOf(pod))),
  ];
  const sources = senders.slice(0, limit);
  if (question.hasNodes) for (const { namespace } of network.nodes.values()) sources.push(namespace);
  const targets = [...receivers.slice(0, limit).flatMap((pod) => podTargets(pod, question.ports)), ...serviceTargets(network, question)];
  return {
    sources: sources.map(({ name }) => (name === outsideName ? 'outside' : name)),
    targets,
    cells: sources.map((source) => targets.map((target) => cellOf(tryAll(source, target.protocol, target)))),
    leftOut: Math.max(0, senders.length - limit) + Math.max(0, receivers.length - limit),
  };
}

/** Pods with an address of their own, by name. */
function podsOf({ nodes }: Network): readonly Namespace[] {
  const all = [...nodes.values()].flatMap((node) => [...node.pods.values()]);
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const namespaceOf = ({ name }: Namespace): string => name.slice(0, name.indexOf('/'));

function podTargets(pod: Namespace, ports: MatrixQuestion['ports']): readonly MatrixTarget[] {
  const ip = pod.addresses[0]!;
  const open = pod.listeners.flatMap(({ address, protocol }) => (isLoopback(address.ip) ? [] : [{ port: address.port, protocol }]));
  const wanted = ports ?? open.sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
  return wanted.map(({ port, protocol }) => ({ name: `${pod.name}:${portText(port, protocol)}`, ip, port, protocol }));
}

/** As the first node that has any knows them; what kube-proxy has not programmed is not there. */
function serviceTargets({ nodes }: Network, { isTarget, ports }: MatrixQuestion): readonly MatrixTarget[] {
  if (ports) return [];
  // In a cluster of IPv6 alone every address is of IPv6.
  const isSecond = (ip: string): boolean => isIPv6Text(ip) && [...nodes.values()].some(({ ip4 }) => ip4 !== undefined);
  const table = [...nodes.values()].find(({ nat }) => nat?.ports?.length)?.nat?.ports ?? [];
  return table
    .filter(({ name }) => isTarget(name.slice(0, name.indexOf('/'))))
    .map(({ name, clusterIP, port, protocol }) => ({
      name: `svc ${name.replace(/:.*/, '')}:${portText(port, protocol)}${isSecond(clusterIP) ? ' v6' : ''}`,
      ip: clusterIP,
      port,
      protocol,
    }));
}

const portText = (port: number, protocol: string): string => (protocol === 'TCP' ? String(port) : `${port}/${protocol}`);

function cellOf(trials: readonly Trial[]): MatrixCell {
  const failed = trials.filter(({ isAnswered }) => !isAnswered);
  const share = `${trials.length - failed.length}/${trials.length}`;
  if (failed.length === 0) return { verdict: 'yes', share, why: trials[0]!.why };
  return { verdict: failed.length < trials.length ? 'some' : verdictOf(failed[0]!), share, why: failed[0]!.why };
}

function verdictOf({ outcome, hops }: Trial): Verdict {
  if (outcome === 'delivered' || outcome === 'rejected') return 'refused';
  const last = hops.at(-2);
  if (last?.kind !== 'policy') return 'lost';
  return last.text.startsWith('egress') ? 'egress' : 'ingress';
}
