import type { NetworkPolicy, Pod } from '../../api/generated/types.ts';
import type { Labels } from '../../machinery/objects.ts';
import type { Namespace, NodeNetwork, Packet, PolicyTable as WirePolicyTable } from '../network/index.ts';
import type { Remote, Rule } from './compiled-policy.ts';
import { allows, compilePolicy } from './compiled-policy.ts';

/** What the agent knows of the cluster. */
export interface PolicyView {
  /** The Pod of a network namespace, by its name: `default/web`. */
  podOf(name: string): Pod | undefined;
  /** The Pod that has an address of the Pod network. */
  podByIP(ip: string): Pod | undefined;
  namespaceLabels(namespace: string): Labels | undefined;
  policies(namespace: string): Iterable<NetworkPolicy>;
}

/** The rules for one Pod: undefined where nothing isolates it. */
interface PodRules {
  readonly labels: Labels | undefined;
  readonly ingress: readonly Rule[] | undefined;
  readonly egress: readonly Rule[] | undefined;
}

/** Verdicts on the packets of one node's Pods. */
export class PolicyTable implements WirePolicyTable {
  readonly #node: NodeNetwork;
  readonly #view: PolicyView;
  /** Rules by namespace and Pod UID, as far as packets asked for them. */
  readonly #rules = new Map<string, Map<string, PodRules>>();

  constructor(node: NodeNetwork, view: PolicyView) {
    this.#node = node;
    this.#view = view;
  }

  /** The policies of a namespace are others now. */
  forget(namespace: string): void {
    this.#rules.delete(namespace);
  }

  allows(direction: 'egress' | 'ingress', { name }: Namespace, packet: Packet): boolean {
    if (direction === 'ingress' ? packet.isLocal : this.#node.hasAddress(packet.ip)) return true;
    if (packet.sourceIP === packet.ip) return true;
    const pod = this.#view.podOf(name);
    if (!pod) return true;
    const rules = this.#rulesOf(pod)[direction];
    if (!rules) return true;
    const remote = this.#remote(direction === 'ingress' ? packet.sourceIP : packet.ip);
    const { protocol, port } = packet;
    return allows(rules, remote, { protocol, port, pod: direction === 'ingress' ? pod : remote.pod });
  }

  #remote(ip: string): Remote {
    const pod = this.#view.podByIP(ip);
    return { ip, pod, namespaceLabels: pod && this.#view.namespaceLabels(pod.metadata.namespace!) };
  }

  #rulesOf({ metadata }: Pod): PodRules {
    const { uid, labels } = metadata;
    const namespace = metadata.namespace!;
    let known = this.#rules.get(namespace);
    if (!known) this.#rules.set(namespace, (known = new Map()));
    let rules = known.get(uid);
    if (!rules || rules.labels !== labels) known.set(uid, (rules = rulesFor(labels, this.#view.policies(namespace))));
    return rules;
  }
}

function rulesFor(labels: Labels | undefined, policies: Iterable<NetworkPolicy>): PodRules {
  let ingress: Rule[] | undefined;
  let egress: Rule[] | undefined;
  for (const policy of policies) {
    const compiled = compilePolicy(policy);
    if (!compiled.selects(labels)) continue;
    if (compiled.ingress) (ingress ??= []).push(...compiled.ingress);
    if (compiled.egress) (egress ??= []).push(...compiled.egress);
  }
  return { labels, ingress, egress };
}
