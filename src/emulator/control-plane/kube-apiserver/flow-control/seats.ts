/**
 * Seats and queues of one priority level (apiserver/pkg/util/flowcontrol/fairqueuing): so many requests are served at a time, others wait in
 * the queues of their flow, and what finds its queue full, or waits for too long, is refused.
 */
import type { PriorityLevelConfiguration } from '../../../api/generated/types.ts';
import type { Call, Kernel } from '../../../kernel/index.ts';
import { WaitQueue } from '../../../kernel/index.ts';
import { SeatDemand } from './demand.ts';

/** A quarter of --request-timeout: what a request may wait in its queue. */
const waitLimitMs = 15_000;

/** Of a level's seats, what one request may take (priorityLevelMaxSeatsPercent). */
const maxShareOfRequest = 0.15;

/** What a request is refused for, as the metric apiserver_flowcontrol_rejected_requests_total has it. */
export type RefusalReason = 'queue-full' | 'concurrency-limit' | 'time-out';

interface Waiting {
  readonly queue: number;
  readonly schema: string;
  readonly flow: string;
  readonly width: number;
  readonly arrivedMs: number;
  readonly changed: WaitQueue;
  state: 'waiting' | 'granted' | 'late';
}

/** A request that is being served. */
export interface Seat {
  readonly schema: string;
  readonly flow: string;
  /** How many seats it takes. */
  readonly width: number;
  readonly startedMs: number;
  readonly level: LevelSeats;
}

export class LevelSeats {
  readonly name: string;
  /** How many seats it has now: between `lowest` and `highest`, as the levels lend to one another. */
  limit = 0;
  /** Its part of the server's seats, by its shares. */
  nominal = 0;
  /** What is left of them when it has lent all that it may lend. */
  lowest = 0;
  highest = 0;
  /** The most seats that one request may take. */
  maxWidth = 1;
  isExempt = false;
  /** Seats that are taken. */
  used = 0;
  readonly demand = new SeatDemand();
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

  /** Takes over what the level says now; `seats` is its nominal part of the server's, which has `all`. */
  configure({ spec }: PriorityLevelConfiguration, seats: number, all: number): void {
    this.isExempt = spec?.type === 'Exempt';
    const { lendablePercent = 0 } = (this.isExempt ? spec?.exempt : spec?.limited) ?? {};
    const { borrowingLimitPercent } = spec?.limited ?? {};
    const lendable = Math.round((seats * lendablePercent) / 100);
    this.nominal = seats;
    this.lowest = seats - lendable;
    this.highest = seats + (borrowingLimitPercent === undefined ? all : Math.round((seats * borrowingLimitPercent) / 100));
    const { type, queuing } = spec?.limited?.limitResponse ?? { type: 'Reject' };
    const { queues = 64, handSize = 8, queueLengthLimit = 50 } = queuing ?? {};
    this.#queuing = type === 'Queue' ? { queues, handSize, queueLengthLimit } : undefined;
    this.maxWidth = Math.max(1, Math.min(Math.ceil(seats * maxShareOfRequest), Math.floor(seats / (this.#queuing ? handSize : 1))));
  }

  setLimit(seats: number): void {
    this.limit = seats;
    this.#dispatch();
  }

  get refusals(): number {
    return [...this.refused.values()].reduce((sum, count) => sum + count, 0);
  }

  /** A seat, at once or after a while in a queue; or why there is none. */
  *enter(schema: string, flow: string, width: number): Call<Seat | RefusalReason> {
    if (this.isExempt || (this.#hasRoom(this.used, width) && this.waiting.length === 0)) return this.#seat(schema, flow, width);
    if (!this.#queuing) return this.#refuse(schema, 'concurrency-limit');
    const queue = this.#shortestQueue(`${schema} ${flow}`);
    const length = this.waiting.reduce((count, one) => count + Number(one.queue === queue), 0);
    if (length >= this.#queuing.queueLengthLimit) return this.#refuse(schema, 'queue-full');
    const { loop } = this.#kernel;
    const own: Waiting = { queue, schema, flow, width, arrivedMs: loop.now, changed: new WaitQueue(), state: 'waiting' };
    this.waiting.push(own);
    this.demand.change(width, loop.now);
    const timer = loop.timer(waitLimitMs, () => this.#giveUp(own), false);
    try {
      while (own.state === 'waiting') yield* this.#kernel.block(own.changed, 'seat');
    } finally {
      timer.cancel();
      const at = this.waiting.indexOf(own);
      if (at >= 0) this.waiting.splice(at, 1);
      this.demand.change(-width, loop.now);
    }
    return own.state === 'granted' ? this.#seat(schema, flow, width) : this.#refuse(schema, 'time-out');
  }

  leave(seat: Seat): void {
    if (!this.executing.delete(seat)) return;
    this.used -= seat.width;
    this.demand.change(-seat.width, this.#kernel.loop.now);
    this.#dispatch();
  }

  /** What is wider than all seats is served alone. */
  #hasRoom(used: number, width: number): boolean {
    return width > this.limit ? used === 0 && this.limit > 0 : used + width <= this.limit;
  }

  #seat(schema: string, flow: string, width: number): Seat {
    const { now } = this.#kernel.loop;
    const seat: Seat = { schema, flow, width, startedMs: now, level: this };
    this.executing.add(seat);
    this.used += width;
    this.demand.change(width, now);
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
    let granted = this.waiting.reduce((sum, { state, width }) => sum + (state === 'granted' ? width : 0), 0);
    for (;;) {
      const open = this.waiting.filter(({ state }) => state === 'waiting');
      if (open.length === 0) return;
      const queues = [...new Set(open.map(({ queue }) => queue))].sort((a, b) => a - b);
      const next = queues.find((queue) => queue > this.#turn) ?? queues[0]!;
      const first = open.find(({ queue }) => queue === next)!;
      if (!this.#hasRoom(this.used + granted, first.width)) return;
      this.#turn = next;
      first.state = 'granted';
      first.changed.wake();
      granted += first.width;
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
