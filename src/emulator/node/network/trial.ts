import type { PacketHop, Transport } from '../../kernel/index.ts';
import { whyOf } from './hops.ts';
import type { Namespace } from './namespace.ts';
import { endPath } from './namespace.ts';
import type { Outcome } from './packet.ts';

/** Where a packet ends that was sent on trial. */
export interface Trial {
  readonly outcome: Outcome;
  /** Delivered, and somebody listens there. */
  readonly isAnswered: boolean;
  /** Where it came by, the end last. */
  readonly hops: readonly PacketHop[];
  /** Where and why it ended, in a sentence. */
  readonly why: string;
}

/** More ways than this are not tried: a Service with a thousand endpoints is judged by its first. */
const maxWays = 64;

/**
 * Sends a first packet on every way that it may take, wherever a table or load balancer has a choice, and tells where each ends.
 * Nothing in the cluster changes by it: no time passes, no server hears of it, and no number is drawn.
 */
export function tryAll(from: Namespace, protocol: Transport, to: { readonly ip: string; readonly port: number }): readonly Trial[] {
  const { network } = from.node;
  const trials: Trial[] = [];
  /** What was picked on the way at hand, and among how many. */
  let picks: { at: number; readonly of: number }[] = [];
  do {
    let depth = 0;
    const packet = network.try(from, protocol, to.ip, to.port, (count) => {
      const known = picks[depth];
      if (!known) picks.push({ at: 0, of: count });
      depth++;
      return known?.at ?? 0;
    });
    const { outcome, target, hops = [] } = packet;
    const socket = target?.socketFor(protocol, packet.ip, packet.port);
    endPath(packet, socket);
    const isAnswered = outcome === 'delivered' && socket?.isOpen === true;
    trials.push({ outcome, isAnswered, hops, why: whyOf(hops, outcome) });
    picks = nextPicks(picks);
  } while (picks.length > 0 && trials.length < maxWays);
  return trials;
}

/** The next way after this one; empty when all were tried. */
function nextPicks(picks: readonly { readonly at: number; readonly of: number }[]): { at: number; readonly of: number }[] {
  const next = [...picks];
  while (next.length > 0) {
    const { at, of } = next.pop()!;
    if (at + 1 < of) return [...next, { at: at + 1, of }];
  }
  return next;
}
