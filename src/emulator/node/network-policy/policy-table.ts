import type { NetworkPolicy, Pod } from '../../api/generated/types.ts';
import type { Labels } from '../../machinery/objects.ts';
import type { Namespace, NodeNetwork, Packet, PolicyTable as WirePolicyTable } from '../network/index.ts';
import { hopOf } from '../network/index.ts';
import type { Destination, Remote, Rule } from './compiled-policy.ts';
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

/** What one policy says of one direction. */
interface PolicyRules {
  readonly policy: string;
  readonly rules: readonly Rule[];
}

/** The policies for one Pod: undefined where nothing isolates it. */
interface PodRules {
  readonly labels: Labels | undefined;
  readonly ingress: readonly PolicyRules[] | undefined;
  readonly egress: readonly PolicyRules[] | undefined;
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
    const to: Destination = { protocol, port, pod: direction === 'ingress' ? pod : remote.pod };
    if (packet.hops)
      return this.#explain(
        direction,
        name,
        packet,
        rules.map(({ policy, rules }) => ({ name: policy, allows: allows(rules, remote, to) })),
      );
    return rules.some((policy) => allows(policy.rules, remote, to));
  }

  /** The verdict as a station of the packet's path. */
  #explain(
    direction: 'egress' | 'ingress',
    pod: string,
    packet: Packet,
    policies: readonly { readonly name: string; readonly allows: boolean }[],
  ): boolean {
    const by = policies.filter((policy) => policy.allows).map((policy) => policy.name);
    const verdict = by.length > 0 ? `allowed by ${by.join(', ')}` : 'allowed by none';
    const node = this.#node.name;
    packet.hops!.push(hopOf(packet, 'policy', node, `${direction} of ${pod}: ${verdict}`, { policies }));
    if (by.length > 0) return true;
    const names = policies.map((policy) => policy.name).join(', ');
    const what = packet.protocol === 'ICMP' ? 'ICMP' : `port ${packet.port}/${packet.protocol}`;
    const who = direction === 'ingress' ? `lets ${packet.sourceIP} in on ${what}` : `lets it out to ${packet.ip} on ${what}`;
    packet.hops!.push(hopOf(packet, 'loss', node, `${pod} is isolated for ${direction} by ${names}, and no rule ${who}: dropped`));
    return false;
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
  let ingress: PolicyRules[] | undefined;
  let egress: PolicyRules[] | undefined;
  for (const policy of policies) {
    const compiled = compilePolicy(policy);
    if (!compiled.selects(labels)) continue;
    if (compiled.ingress) (ingress ??= []).push({ policy: compiled.name, rules: compiled.ingress });
    if (compiled.egress) (egress ??= []).push({ policy: compiled.name, rules: compiled.egress });
  }
  return { labels, ingress, egress };
}
