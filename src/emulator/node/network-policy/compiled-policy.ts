/** NetworkPolicies in the form in which packets meet them. Every node's agent sees the same objects, so each is compiled once. */
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, Pod } from '../../api/generated/types.ts';
import type { LabelSelector } from '../../machinery/labels.ts';
import { selectorFromObject } from '../../machinery/labels.ts';
import type { Labels } from '../../machinery/objects.ts';
import type { Block, Protocol } from '../network/index.ts';
import { covers, parseBlock } from '../network/index.ts';

export interface CompiledPolicy {
  /** `namespace/name`. */
  readonly name: string;
  readonly selects: (labels: Labels | undefined) => boolean;
  /** What may come in; undefined when the policy is not about that. */
  readonly ingress: readonly Rule[] | undefined;
  /** What may go out; undefined when the policy is not about that. */
  readonly egress: readonly Rule[] | undefined;
}

/** Absent ports and peers stand for all. */
export interface Rule {
  readonly ports: readonly PortRange[] | undefined;
  readonly peers: readonly Peer[] | undefined;
}

interface PortRange {
  readonly protocol: string;
  /** Undefined with no bounds: any port. */
  readonly name: string | undefined;
  readonly first: number;
  readonly last: number;
}

interface Peer {
  readonly block: { readonly cidr: Block | undefined; readonly except: readonly Block[] } | undefined;
  readonly pods: LabelSelector | undefined;
  /** Undefined: Pods of the policy's own namespace. */
  readonly namespaces: LabelSelector | undefined;
  readonly ownNamespace: string;
}

/** The other end of a packet: an address, and the Pod that has it. */
export interface Remote {
  readonly ip: string;
  readonly pod: Pod | undefined;
  readonly namespaceLabels: Labels | undefined;
}

/** Where a packet goes, which is where ports are named. */
export interface Destination {
  readonly protocol: Protocol;
  readonly port: number;
  readonly pod: Pod | undefined;
}

const compiled = new WeakMap<NetworkPolicy, CompiledPolicy>();

/** The same policy gives the same result, not made twice. */
export function compilePolicy(policy: NetworkPolicy): CompiledPolicy {
  let result = compiled.get(policy);
  if (!result) compiled.set(policy, (result = compile(policy)));
  return result;
}

function compile({ metadata, spec }: NetworkPolicy): CompiledPolicy {
  const types = spec?.policyTypes ?? ['Ingress'];
  const rule = (ports: readonly NetworkPolicyPort[] | undefined, peers: readonly NetworkPolicyPeer[] | undefined): Rule => ({
    ports: ports?.length ? ports.map(portRange) : undefined,
    peers: peers?.length ? peers.map((peer) => compilePeer(peer, metadata.namespace!)) : undefined,
  });
  return {
    name: `${metadata.namespace}/${metadata.name}`,
    selects: selectorFromObject(spec?.podSelector ?? {}).matches,
    ingress: types.includes('Ingress') ? (spec?.ingress ?? []).map(({ ports, from }) => rule(ports, from)) : undefined,
    egress: types.includes('Egress') ? (spec?.egress ?? []).map(({ ports, to }) => rule(ports, to)) : undefined,
  };
}

function portRange({ protocol = 'TCP', port, endPort }: NetworkPolicyPort): PortRange {
  if (typeof port === 'string') return { protocol, name: port, first: 0, last: 0 };
  return port === undefined
    ? { protocol, name: undefined, first: 0, last: 65_535 }
    : { protocol, name: undefined, first: port, last: endPort ?? port };
}

function compilePeer({ ipBlock, podSelector, namespaceSelector }: NetworkPolicyPeer, ownNamespace: string): Peer {
  return {
    block: ipBlock && { cidr: parseBlock(ipBlock.cidr), except: (ipBlock.except ?? []).flatMap((block) => parseBlock(block) ?? []) },
    pods: podSelector && selectorFromObject(podSelector),
    namespaces: namespaceSelector && selectorFromObject(namespaceSelector),
    ownNamespace,
  };
}

/** Whether one of the rules lets a packet through. */
export function allows(rules: readonly Rule[], remote: Remote, destination: Destination): boolean {
  for (const { ports, peers } of rules) {
    if (ports && !ports.some((port) => isPort(port, destination))) continue;
    if (!peers || peers.some((peer) => isPeer(peer, remote))) return true;
  }
  return false;
}

function isPort({ protocol, name, first, last }: PortRange, destination: Destination): boolean {
  if (protocol !== destination.protocol) return false;
  if (name === undefined) return destination.port >= first && destination.port <= last;
  return destination.pod !== undefined && hasPort(destination.pod, name, destination);
}

/** Whether a Pod calls the packet's port by this name. */
function hasPort({ spec }: Pod, name: string, { port, protocol }: Destination): boolean {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...spec.containers, ...sidecars].some(({ ports }) =>
    ports?.some((own) => own.name === name && own.containerPort === port && (own.protocol ?? 'TCP') === protocol),
  );
}

function isPeer({ block, pods, namespaces, ownNamespace }: Peer, { ip, pod, namespaceLabels }: Remote): boolean {
  if (block) {
    if (!block.cidr || !covers(block.cidr, ip)) return false;
    return !block.except.some((except) => covers(except, ip));
  }
  if (!pod) return false;
  const isNamespace = namespaces ? namespaces.matches(namespaceLabels) : pod.metadata.namespace === ownNamespace;
  return isNamespace && (!pods || pods.matches(pod.metadata.labels));
}
