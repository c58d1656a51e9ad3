/**
 * Moves a session's virtual clock along with real time, in slices short enough that messages get through. Looks at the
 * tasks whenever the session says so; meanwhile the clock stands.
 */
import type { LabSession } from '../session.ts';
import type { Speed } from './protocol.ts';

/** Steps of the emulator in one slice, a few milliseconds of work. */
const sliceSteps = 4000;
/** How often the clock is moved while nothing is behind. */
const tickMs = 25;
/** Real time that is made up for at most, after the tab was asleep. */
const maxCatchUpMs = 250;

export interface ClockEvents {
  onLooked(justGreen: readonly string[]): void;
  /** After each slice: what changed can be sent to the page. */
  onSlice(isBehind: boolean): void;
  onCrash(error: unknown): void;
  /** False while the page still has too much to show. */
  canRun(): boolean;
}

export class ClockDriver {
  speed: Speed = 1;
  readonly #session: LabSession;
  readonly #events: ClockEvents;
  #targetMs: number;
  #lastRealMs = performance.now();
  #isRunning = false;
  #isStopped = false;
  #timer: ReturnType<typeof setInterval>;

  constructor(session: LabSession, events: ClockEvents) {
    this.#session = session;
    this.#events = events;
    this.#targetMs = session.nowMs;
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** Input waits in the next instant: lets it be taken at once, also while the clock is paused. */
  nudge(): void {
    this.#targetMs = Math.max(this.#targetMs, this.#session.nowMs + 1);
    void this.#run();
  }

  /** Runs this far on, as fast as it goes. `until` ends it early. */
  async skip(ms: number, until: () => boolean = () => false): Promise<void> {
    const endMs = this.#session.nowMs + ms;
    while (this.#session.nowMs < endMs && !until() && !this.#isStopped) {
      this.#targetMs = Math.min(endMs, this.#session.nowMs + 100);
      await this.#run();
      if (this.#isRunning) await pause();
    }
    this.#targetMs = this.#session.nowMs;
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    const passed = Math.min(now - this.#lastRealMs, maxCatchUpMs);
    this.#lastRealMs = now;
    // A cluster that cannot keep up slows its clock down, it does not run up a debt.
    if (this.#session.nowMs >= this.#targetMs - maxCatchUpMs * Math.max(1, this.speed)) this.#targetMs += Math.round(passed * this.speed);
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#isRunning || this.#isStopped) return;
    this.#isRunning = true;
    try {
      while (!this.#isStopped && this.#session.nowMs < this.#targetMs && this.#events.canRun()) {
        const end = this.#session.advance(this.#targetMs, sliceSteps);
        if (end === 'stalled') await this.#session.fetch();
        if (end === 'look') this.#events.onLooked(await this.#session.look());
        this.#events.onSlice(end === 'budget');
        if (end === 'budget') await pause();
      }
    } catch (error) {
      this.stop();
      this.#events.onCrash(error);
    } finally {
      this.#isRunning = false;
    }
  }
}

/** Lets messages in. A timer of 0 would be stretched to 4 ms by browsers; a message is not. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
