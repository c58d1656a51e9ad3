/**
 * Moves a cluster's virtual clock along with the real one.
 *
 * - Who waits for an answer is never kept waiting by the clock: while a request is under way virtual time runs ahead, and
 *   afterwards goes at half its pace until real time has caught up.
 * - The host's event loop gets its turn every few milliseconds, however much is due.
 */
import { performance } from 'node:perf_hooks';
import type { Kernel } from '../../emulator/kernel/index.ts';

/**
 * How fast virtual time goes: a multiple of real time; `max`, which runs through whatever is due until the cluster is settled
 * and then keeps real time; or `held`, which moves only while a request is under way or a stream is open.
 */
export type Speed = number | 'max' | 'held';

export interface PaceOptions {
  readonly kernel: Kernel;
  readonly speed: Speed;
  /** Fetches what the cluster waits for (`HostData`). */
  readonly fetch: (name: string) => Promise<unknown>;
  /** A fault of the emulator's own: the clock has stopped. */
  readonly onCrash: (error: unknown) => void;
}

/** Real milliseconds of work before the host's event loop gets its turn. */
const sliceMs = 6;
/** Real milliseconds between two looks at the clock. */
const tickMs = 5;
/** Steps of the emulator between two looks at the real clock. */
const budget = 500;
/** Virtual milliseconds that requests may run ahead. */
const maxLeadMs = 5000;
/** Real time that is made up for at most, after the machine was asleep. */
const maxCatchUpMs = 1000;
/** How long `settle` may take in virtual time. */
const settleLimitMs = 600_000;

interface Leap {
  readonly untilMs: number;
  readonly untilSettled: boolean;
  readonly done: (isSettled: boolean) => void;
}

export class Pace {
  speed: Speed;
  readonly #options: PaceOptions;
  readonly #leaps: Leap[] = [];
  #waiting = 0;
  #streams = 0;
  /** How far virtual time may have come, by the real clock. */
  #dueMs: number;
  #lookedAtMs = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  #isFetching = false;
  #isStopped = false;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.speed = options.speed;
    this.#dueMs = options.kernel.loop.now;
    this.#timer = setInterval(this.#run, tickMs);
  }

  /** Somebody waits for an answer. Call the result once it is there. */
  wait(): () => void {
    this.#waiting++;
    this.wake();
    return once(() => this.#waiting--);
  }

  /** A stream is open. Call the result when it ends. */
  stream(): () => void {
    this.#streams++;
    return once(() => this.#streams--);
  }

  /** Something new is due: runs it soon. */
  wake(): void {
    if (!this.#isStopped) this.#turn ??= setImmediate(this.#run);
  }

  /** Runs this far on, as fast as it goes. */
  async advance(ms: number): Promise<void> {
    await this.#leap(this.#options.kernel.loop.now + ms, false);
  }

  /** Runs until only periodic work is left; false when that does not come about. */
  settle(): Promise<boolean> {
    return this.#leap(this.#options.kernel.loop.now + settleLimitMs, true);
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    clearImmediate(this.#turn);
    for (const { done } of this.#leaps.splice(0)) done(false);
  }

  #leap(untilMs: number, untilSettled: boolean): Promise<boolean> {
    return new Promise((done) => {
      this.#leaps.push({ untilMs, untilSettled, done });
      this.wake();
    });
  }

  readonly #run = (): void => {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    if (this.#isStopped || this.#isFetching) return;
    this.#creditRealTime();
    try {
      if (this.#work(performance.now() + sliceMs)) this.wake();
    } catch (error) {
      this.stop();
      this.#options.onCrash(error);
    }
  };

  #creditRealTime(): void {
    const now = performance.now();
    const passed = Math.min(now - this.#lookedAtMs, maxCatchUpMs);
    this.#lookedAtMs = now;
    const { speed } = this;
    const virtual = speed === 'held' ? (this.#streams > 0 ? passed : 0) : passed * (speed === 'max' ? 1 : speed);
    const lead = this.#options.kernel.loop.now - this.#dueMs;
    // A cluster that cannot keep up slows its clock down, it does not run up a debt.
    if (-lead > maxCatchUpMs * Math.max(1, Number(speed) || 1)) return;
    this.#dueMs += virtual;
    if (lead > 0 && speed !== 'held') this.#dueMs += Math.min(lead, virtual / 2);
    if (speed === 'held') this.#dueMs = Math.max(this.#dueMs, this.#options.kernel.loop.now);
  }

  /** Runs what is due until the real time is used up; true when there is more. */
  #work(untilRealMs: number): boolean {
    const { loop } = this.#options.kernel;
    for (;;) {
      if (loop.stalled) {
        void this.#fetch();
        return false;
      }
      this.#endLeaps();
      const next = loop.nextDueMs;
      const limit = this.#limit();
      if (next === undefined || next > limit) {
        if (limit !== Number.POSITIVE_INFINITY) loop.run({ untilMs: Math.floor(limit) });
        this.#endLeaps();
        return this.#leaps.length > 0;
      }
      loop.run({ untilMs: next, budget });
      if (performance.now() >= untilRealMs) return true;
    }
  }

  /** How far virtual time may go now. */
  #limit(): number {
    const { loop } = this.#options.kernel;
    const [leap] = this.#leaps;
    if (leap) return Math.max(leap.untilMs, loop.now);
    if (this.#waiting > 0 && loop.now - this.#dueMs < maxLeadMs) return loop.nextDueMs ?? loop.now;
    if (this.speed === 'max' && loop.foreground > 0) return loop.nextDueMs ?? loop.now;
    return Math.max(loop.now, this.#dueMs);
  }

  #endLeaps(): void {
    const { loop } = this.#options.kernel;
    for (let leap = this.#leaps[0]; leap; leap = this.#leaps[0]) {
      const isSettled = loop.foreground === 0;
      if (loop.now < leap.untilMs && !(leap.untilSettled && isSettled)) return;
      this.#leaps.shift();
      this.#dueMs = loop.now;
      leap.done(isSettled);
    }
  }

  async #fetch(): Promise<void> {
    const { hostData } = this.#options.kernel;
    this.#isFetching = true;
    try {
      for (const name of [...hostData.wanted]) hostData.provide(name, await this.#options.fetch(name));
    } catch (error) {
      this.stop();
      this.#options.onCrash(error);
    }
    this.#isFetching = false;
    this.wake();
  }
}

function once(call: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    call();
  };
}
