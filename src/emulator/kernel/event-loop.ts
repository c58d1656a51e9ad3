/**
 * Virtual time. Everything in the cluster happens in a task of this loop, in the order (time, insertion).
 *
 * - Times are whole milliseconds, so thousands of tasks share an instant: the heap orders instants, and each instant is
 *   a plain list. A push into an existing instant is O(1), and insertion order within it needs no sequence number.
 * - Background tasks (heartbeats, resyncs, successful probes, sleeping daemons) do not keep the cluster from being settled.
 * - How a caller divides its budget of steps never changes what happens: `run` stops between two tasks and goes on there.
 */
import TinyQueue from 'tinyqueue';

export type Task<A> = (argument: A) => void;

/** Why `run` came back. */
export type RunEnd = 'time' | 'budget' | 'settled' | 'idle' | 'stalled';

export interface RunOptions {
  /** Run what is due at or before this virtual time; the clock then stands there. Default: no limit. */
  readonly untilMs?: number;
  /** Come back after about this many steps. A task counts as one, and as many more as it says through `spend`. */
  readonly budget?: number;
  /** Come back as soon as no foreground task is left. */
  readonly untilSettled?: boolean;
}

class Instant {
  readonly tasks: Task<never>[] = [];
  readonly args: unknown[] = [];
  readonly background: boolean[] = [];
  /** Filled only while the trace listens. */
  readonly causes: number[] = [];
  next = 0;
  readonly at: number;
  constructor(at: number) {
    this.at = at;
  }

  /** Whether it has a task that keeps the cluster from being settled. */
  isForeground(): boolean {
    for (let i = this.next; i < this.tasks.length; i++) {
      const argument = this.args[i];
      if (argument instanceof PendingTimer ? argument.isForeground : !this.background[i]) return true;
    }
    return false;
  }
}

/** A task that can be called off. */
export interface Timer {
  cancel(): void;
}

class PendingTimer implements Timer {
  readonly #loop: EventLoop;
  readonly #background: boolean;
  task: (() => void) | undefined;

  constructor(loop: EventLoop, task: () => void, background: boolean) {
    this.#loop = loop;
    this.task = task;
    this.#background = background;
    if (!background) loop.foreground++;
  }

  get isForeground(): boolean {
    return this.task !== undefined && !this.#background;
  }

  cancel(): void {
    if (this.isForeground) this.#loop.foreground--;
    this.task = undefined;
  }
}

const fire = (timer: PendingTimer): void => {
  const { task } = timer;
  timer.cancel();
  task?.();
};

export class EventLoop {
  /** Virtual milliseconds since the cluster was made. */
  now = 0;
  /** Tasks run so far. */
  executed = 0;
  /** Foreground tasks that are due at some time. None left means settled. */
  foreground = 0;
  /** The trace record that caused the task at hand, 0 if none: see `Trace`. */
  cause = 0;
  /** Set while the trace listens, so that causes are carried from task to task. */
  carriesCauses = false;
  /** While set, `run` comes back with 'stalled' and time stands still: the host has something to fetch first. */
  stalled = false;
  /** Work done so far: tasks, and the steps that they reported with `spend`. */
  work = 0;
  readonly #heap = new TinyQueue<Instant>([], (a, b) => a.at - b.at);
  readonly #instants = new Map<number, Instant>();

  /** Runs `task(argument)` after a delay; a delay of 0 means in this instant, after everything already due. */
  after<A>(delayMs: number, task: Task<A>, argument: A, background = false): void {
    const at = this.now + (delayMs > 0 ? Math.ceil(delayMs) : 0);
    let instant = this.#instants.get(at);
    if (!instant) {
      instant = new Instant(at);
      this.#instants.set(at, instant);
      this.#heap.push(instant);
    }
    instant.tasks.push(task as Task<never>);
    instant.args.push(argument);
    instant.background.push(background);
    if (this.carriesCauses) instant.causes[instant.tasks.length - 1] = this.cause;
    if (!background) this.foreground++;
  }

  /** As `after`, with a handle to call it off. Costs an object; hot paths use `after` and look again when it fires. */
  timer(delayMs: number, task: () => void, background = false): Timer {
    const timer = new PendingTimer(this, task, background);
    this.after(delayMs, fire, timer, true);
    return timer;
  }

  /** Says that the task at hand did this much work, for the budget. */
  spend(steps: number): void {
    this.work += steps;
  }

  /** When the next task is due, undefined if none is. */
  get nextDueMs(): number | undefined {
    return this.#heap.peek()?.at;
  }

  /** When the next foreground task is due: what somebody who waits may wait for. Looks at everything that is due: not for hot paths. */
  get nextForegroundMs(): number | undefined {
    if (this.foreground === 0) return undefined;
    const instants = this.#heap.data.filter((instant) => instant.isForeground());
    return instants.length === 0 ? undefined : Math.min(...instants.map(({ at }) => at));
  }

  run({ untilMs = Number.POSITIVE_INFINITY, budget = Number.POSITIVE_INFINITY, untilSettled = false }: RunOptions = {}): RunEnd {
    const endOfBudget = this.work + budget;
    for (;;) {
      if (this.stalled) return 'stalled';
      const instant = this.#heap.peek();
      if (untilSettled && this.foreground === 0) return 'settled';
      if (!instant || instant.at > untilMs) break;
      this.now = instant.at;
      // A task may append to the instant that is running, so the length is read afresh each turn.
      while (instant.next < instant.tasks.length) {
        if (this.work >= endOfBudget) return 'budget';
        if (this.stalled) return 'stalled';
        if (untilSettled && this.foreground === 0) return 'settled';
        this.#runNext(instant);
      }
      this.#instants.delete(instant.at);
      this.#heap.pop();
    }
    if (untilMs === Number.POSITIVE_INFINITY) return 'idle';
    this.now = Math.max(this.now, untilMs);
    return 'time';
  }

  #runNext(instant: Instant): void {
    const i = instant.next++;
    if (!instant.background[i]) this.foreground--;
    this.executed++;
    this.work++;
    if (this.carriesCauses) this.cause = instant.causes[i] ?? 0;
    const task = instant.tasks[i]!;
    const argument = instant.args[i];
    instant.args[i] = undefined;
    task(argument as never);
  }
}
