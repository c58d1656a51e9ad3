import type { Random } from '../../kernel/index.ts';
import type { NodeNetwork } from './node-network.ts';
import type { Packet } from './packet.ts';

/**
 * A load balancer on the segment: answers for an address that no machine has, and passes each connection on to a node as it is, so
 * that the node's own rules find the Pods (what the clouds call pass-through).
 */
export class LoadBalancer {
  readonly ip: string;
  /** `80/TCP` and so on; a packet to another port vanishes. */
  ports: ReadonlySet<string> = new Set();
  /** Where connections may go. */
  nodes: readonly NodeNetwork[] = [];
  /** Why it passes nothing on: its program has stopped, or its machine is gone. */
  failure: 'stopped' | 'gone' | undefined;
  /** It ends connections and makes new ones to the nodes' own addresses (haproxy), where others leave the address as it is. */
  readonly isProxy: boolean;

  constructor(ip: string, { isProxy = false } = {}) {
    this.ip = ip;
    this.isProxy = isProxy;
  }

  /** The node for a connection; undefined when there is none. */
  choose(packet: Packet, random: Random): NodeNetwork | undefined {
    if (this.failure || !this.ports.has(`${packet.port}/${packet.protocol}`)) return undefined;
    const nodes = this.nodes.filter(({ isUp }) => isUp);
    return nodes[packet.choose(nodes.length, random)];
  }
}
