/**
 * Seats and queues of one priority level (apiserver/pkg/util/flowcontrol/fairqueuing): so many requests are served at a time, others wait in
 * the queues of their flow, and what finds its queue full, or waits for too long, is refused.
 */
import type { PriorityLevelConfiguration } from '../../../api/generated/types.ts';
import type { Call, Kernel } from '../../../kernel/index.ts';
import { WaitQueue } from '../../../kernel/index.ts';

/** A quarter of --request-timeout: what a request may wait in its queue. */
const waitLimitMs = 15_000;

/** What a request is refused for, as the metric apiserver_flowcontrol_rejected_requests_total has it. */
export type RefusalReason = 'queue-full' | 'concurrency-limit' | 'time-out';

interface Waiting {
  readonly queue: number;
  readonly schema: string;
  readonly flow: string;
  readonly arrivedMs: number;
  readonly changed: WaitQueue;
  state: 'waiting' | 'granted' | 'late';
}

/** A request that is being served. */
export interface Seat {
  readonly schema: string;
  readonly flow: string;
  readonly startedMs: number;
  readonly level: LevelSeats;
}

export class LevelSeats {
  readonly name: string;
  /** The level's spec, and how many seats all levels have together: both may change at any time. */
  limit = 0;
  isExempt = false;
  #queuing: { readonly queues: number; readonly handSize: number; readonly queueLengthLimit: number } | undefined;
  readonly executing = new Set<Seat>();
  /** In the order in which they came. */
  readonly waiting: Waiting[] = [];
  dispatched = 0;
  timedOut = 0;
  /** By schema and reason. */
  readonly refused = new Map<string, number>();
  /** By schema. */
  readonly dispatchedBy = new Map<string, number>();
  readonly #kernel: Kernel;
  /** The queue that was served last: they take turns. */
  #turn = -1;

  constructor(kernel: Kernel, name: string) {
    this.#kernel = kernel;
    this.name = name;
  }

  /** Takes over what the level says now; `seats` is its nominal part of the server's. */
  configure({ spec }: PriorityLevelConfiguration, seats: number): void {
    this.isExempt = spec?.type === 'Exempt';
    this.limit = seats;
    const { type, queuing } = spec?.limited?.limitResponse ?? { type: 'Reject' };
    const { queues = 64, handSize = 8, queueLengthLimit = 50 } = queuing ?? {};
    this.#queuing = type === 'Queue' ? { queues, handSize, queueLengthLimit } : undefined;
    this.#dispatch();
  }

  get refusals(): number {
    return [...this.refused.values()].reduce((sum, count) => sum + count, 0);
  }

  /** A seat, at once or after a while in a queue; or why there is none. */
  *enter(schema: string, flow: string): Call<Seat | RefusalReason> {
    if (this.isExempt || (this.executing.size < this.limit && this.waiting.length === 0)) return this.#seat(schema, flow);
    if (!this.#queuing) return this.#refuse(schema, 'concurrency-limit');
    const queue = this.#shortestQueue(`${schema} ${flow}`);
    const length = this.waiting.reduce((count, one) => count + Number(one.queue === queue), 0);
    if (length >= this.#queuing.queueLengthLimit) return this.#refuse(schema, 'queue-full');
    const { loop } = this.#kernel;
    const own: Waiting = { queue, schema, flow, arrivedMs: loop.now, changed: new WaitQueue(), state: 'waiting' };
    this.waiting.push(own);
    const timer = loop.timer(waitLimitMs, () => this.#giveUp(own), false);
    try {
      while (own.state === 'waiting') yield* this.#kernel.block(own.changed, 'seat');
    } finally {
      timer.cancel();
      const at = this.waiting.indexOf(own);
      if (at >= 0) this.waiting.splice(at, 1);
    }
    return own.state === 'granted' ? this.#seat(schema, flow) : this.#refuse(schema, 'time-out');
  }

  leave(seat: Seat): void {
    if (this.executing.delete(seat)) this.#dispatch();
  }

  #seat(schema: string, flow: string): Seat {
    const seat: Seat = { schema, flow, startedMs: this.#kernel.loop.now, level: this };
    this.executing.add(seat);
    this.dispatched++;
    this.dispatchedBy.set(schema, (this.dispatchedBy.get(schema) ?? 0) + 1);
    return seat;
  }

  #refuse(schema: string, reason: RefusalReason): RefusalReason {
    if (reason === 'time-out') this.timedOut++;
    const key = `${schema} ${reason}`;
    this.refused.set(key, (this.refused.get(key) ?? 0) + 1);
    return reason;
  }

  #giveUp(own: Waiting): void {
    if (own.state !== 'waiting') return;
    own.state = 'late';
    own.changed.wake();
  }

  /** Gives free seats to who waits, queue by queue in turn. */
  #dispatch(): void {
    let granted = this.waiting.filter(({ state }) => state === 'granted').length;
    while (this.executing.size + granted < this.limit) {
      const open = this.waiting.filter(({ state }) => state === 'waiting');
      if (open.length === 0) return;
      const queues = [...new Set(open.map(({ queue }) => queue))].sort((a, b) => a - b);
      const next = queues.find((queue) => queue > this.#turn) ?? queues[0]!;
      this.#turn = next;
      const first = open.find(({ queue }) => queue === next)!;
      first.state = 'granted';
      first.changed.wake();
      granted++;
    }
  }

  /** Shuffle sharding: the flow's hand of queues, and the one of them in which the fewest wait. */
  #shortestQueue(flow: string): number {
    const { queues, handSize } = this.#queuing!;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const queue of dealHand(flow, queues, handSize)) {
      const length = this.waiting.reduce((count, one) => count + Number(one.queue === queue), 0);
      if (length < least) [best, least] = [queue, length];
    }
    return best;
  }
}

/** Which queues a flow may use: always the same, and hardly two flows alike (shufflesharding.go; the hash is our own). */
function dealHand(flow: string, queues: number, handSize: number): readonly number[] {
  let hash = 0x811c9dc5;
  for (let i = 0; i < flow.length; i++) hash = Math.imul(hash ^ flow.charCodeAt(i), 0x01000193) >>> 0;
  const deck = Array.from({ length: queues }, (_, i) => i);
  const hand: number[] = [];
  for (let card = 0; card < Math.min(handSize, queues); card++) {
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
    hand.push(...deck.splice(hash % deck.length, 1));
  }
  return hand;
}
