/**
 * Rules of the table `filter` that somebody has made on a machine with iptables, beside what kube-proxy programs.
 *
 * Differs from Linux: what stays on one machine, from Pod to Pod or by the loopback, passes no such rule, and the rules of a machine are
 * those of both families.
 */
import type { Block } from './blocks.ts';
import { covers } from './blocks.ts';
import type { NodeNetwork } from './node-network.ts';
import type { Protocol } from './packet.ts';

export const filterChains = ['INPUT', 'FORWARD', 'OUTPUT'] as const;

export type FilterChain = (typeof filterChains)[number];

export interface FilterRule {
  readonly chain: FilterChain;
  readonly source: Block | undefined;
  readonly destination: Block | undefined;
  readonly protocol: Protocol | undefined;
  readonly port: number | undefined;
  readonly verdict: 'ACCEPT' | 'DROP' | 'REJECT';
  /** Without the chain, as `iptables -S` prints it: `-s 172.18.0.4/32 -j DROP`. */
  readonly text: string;
}

/** What a rule looks at. */
interface Header {
  readonly protocol: Protocol;
  readonly sourceIP: string;
  readonly ip: string;
  /** Where it goes; undefined in an answer, which goes to a port that nobody has named. */
  readonly port: number | undefined;
}

/** Where and by which rule a packet, or the answer to it, is held up. */
export interface Blocked {
  readonly node: NodeNetwork;
  readonly rule: FilterRule;
}

/** The rules of one machine, in the order in which they are asked. */
export class Firewall {
  readonly rules: FilterRule[] = [];

  /** The first rule that has something to say, if that is no. */
  find(chain: FilterChain, { protocol, sourceIP, ip, port }: Header): FilterRule | undefined {
    const rule = this.rules.find(
      (one) =>
        one.chain === chain &&
        (one.source === undefined || covers(one.source, sourceIP)) &&
        (one.destination === undefined || covers(one.destination, ip)) &&
        (one.protocol === undefined || one.protocol === protocol) &&
        (one.port === undefined || one.port === port),
    );
    return rule?.verdict === 'ACCEPT' ? undefined : rule;
  }
}

function leaves(node: NodeNetwork, header: Header): Blocked | undefined {
  const rule = node.firewall?.find(node.hasAddress(header.sourceIP) ? 'OUTPUT' : 'FORWARD', header);
  return rule && { node, rule };
}

function arrives(node: NodeNetwork, header: Header): Blocked | undefined {
  const rule = node.firewall?.find(node.hasAddress(header.ip) ? 'INPUT' : 'FORWARD', header);
  return rule && { node, rule };
}

/** Asks both machines about what goes from one to the other, and about its answer: rules of `-s` alone hold that up as well. */
export function heldUp(from: NodeNetwork, to: NodeNetwork, header: Header): Blocked | undefined {
  const answer: Header = { protocol: header.protocol, sourceIP: header.ip, ip: header.sourceIP, port: undefined };
  return leaves(from, header) ?? arrives(to, header) ?? leaves(to, answer) ?? arrives(from, answer);
}
