/**
 * One learner's lab: a cluster, its terminals, what was typed and which tasks are green.
 *
 * - Input is taken in between two instants of virtual time, and recorded with the instant at which it arrives. Replaying
 *   the record into a fresh session gives the same session, byte for byte.
 * - `advance` never runs past a whole second without saying so: that is when tasks are looked at.
 * - Nothing here knows a browser or Node; drivers on both sides move the clock.
 */
import { createLabCluster } from './cluster.ts';
import type { LabCluster } from './cluster.ts';
import { createContext } from './context.ts';
import type { ClusterReader } from './context.ts';
import type { Checks, LabContext } from './api.ts';
import type { LabDefinition } from './format.ts';
import { HistoryRecorder } from './history.ts';
import { fetchHostData } from './host-data.ts';
import { signalKeys } from './submission.ts';
import type { Submission, SubmissionEvent } from './submission.ts';
import { TaskBoard } from './tasks.ts';
import { Errno, dirname, utf8 } from '../emulator/kernel/index.ts';
import type { ByteString } from '../emulator/kernel/index.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Tasks are looked at on multiples of this. */
const lookEveryMs = 1000;

export interface SessionOptions {
  readonly lab: LabDefinition;
  readonly checks: () => Promise<Checks>;
  readonly seed?: number | undefined;
  /** Whether each look also finds out which hints apply. */
  readonly showsHints?: boolean | undefined;
  /** What a terminal writes, as it is written. */
  readonly onOutput?: ((terminal: string, bytes: ByteString) => void) | undefined;
}

/** The session did more than whoever runs it allows. */
export class OverLimit extends Error {}

/** Why `advance` came back: the time is reached, the budget is used up, it is time to look at the tasks, or to `fetch`. */
export type AdvanceEnd = 'time' | 'budget' | 'look' | 'stalled';

export class LabSession {
  readonly lab: LabDefinition;
  readonly cluster: LabCluster;
  readonly history = new HistoryRecorder();
  readonly tasks: TaskBoard;
  readonly context: LabContext;
  /** How much work `runTo` may do in all before it throws `OverLimit`; see `steps`. */
  stepLimit = Number.POSITIVE_INFINITY;
  readonly #terminals = new Map<string, Terminal>();
  readonly #events: SubmissionEvent[] = [];
  readonly #onOutput: (terminal: string, bytes: ByteString) => void;
  readonly #startMs: number;
  readonly #startWork: number;
  readonly #showsHints: boolean;
  #lookedAtChange = -1;
  /** An open task depends on a file or on packets, whose changes nobody reports: it is looked at every time. */
  #readsUnreported = false;

  constructor({ lab, checks, seed = lab.cluster.seed, showsHints = false, onOutput = () => {} }: SessionOptions) {
    this.lab = lab;
    this.#onOutput = onOutput;
    this.#showsHints = showsHints;
    this.cluster = createLabCluster(lab, seed);
    this.#startMs = this.cluster.kernel.loop.now;
    this.#startWork = this.cluster.kernel.loop.work;
    this.history.startMs = this.#startMs;
    this.cluster.record(this.history);
    this.tasks = new TaskBoard(lab, checks);
    const reader: ClusterReader = {
      list: (resource) => this.cluster.list(resource),
      readFile: (machine, path) => {
        this.#readsUnreported = true;
        return this.cluster.readFile(machine, path);
      },
      readUnit: (machine, name) => {
        this.#readsUnreported = true;
        return this.cluster.readUnit(machine, name);
      },
      reach: (from, to) => {
        this.#readsUnreported = true;
        return this.cluster.reach(from, to);
      },
      may: (attempt) => {
        this.#readsUnreported = true;
        return this.cluster.may(attempt);
      },
      accepts: (resource, object) => {
        this.#readsUnreported = true;
        return this.cluster.accepts(resource, object);
      },
    };
    this.history.onUnreportedRead = () => (this.#readsUnreported = true);
    this.context = createContext(reader, this.history);
  }

  /** Virtual milliseconds since the lab began. */
  get nowMs(): number {
    return this.cluster.kernel.loop.now - this.#startMs;
  }

  /** Work done so far: tasks of the event loop and the steps of its programs. The same on every machine. */
  get steps(): number {
    return this.cluster.kernel.loop.work - this.#startWork;
  }

  get terminals(): readonly string[] {
    return [...this.#terminals.keys()];
  }

  /** Whether the shell of a terminal has ended. */
  hasEnded(terminal: string): boolean {
    return this.#terminals.get(terminal)?.shell.state === 'zombie';
  }

  /** Whether a terminal's shell waits for a command. */
  isAtPrompt(terminal: string): boolean {
    const { tty, shell } = this.#terminals.get(terminal) ?? {};
    const isQuiet = (this.#events.at(-1)?.t ?? 0) <= this.nowMs;
    return isQuiet && shell?.state === 'blocked' && tty?.foreground?.pgid === shell.pgid && tty.foreground.machine === shell.machine;
  }

  get events(): readonly SubmissionEvent[] {
    return this.#events;
  }

  /** Puts something in as the learner, at the next instant. */
  put(event: DistributiveOmit<SubmissionEvent, 't'>): void {
    const timed = { ...event, t: this.nowMs + 1 } as SubmissionEvent;
    this.#events.push(timed);
    this.cluster.kernel.loop.after(1, this.#take, timed);
  }

  /** Runs up to `untilMs`, but not past the next look at the tasks. */
  advance(untilMs: number, budget = Number.POSITIVE_INFINITY): AdvanceEnd {
    const nextLookMs = (Math.floor(this.nowMs / lookEveryMs) + 1) * lookEveryMs;
    const targetMs = Math.min(untilMs, nextLookMs);
    const end = this.cluster.kernel.loop.run({ untilMs: this.#startMs + targetMs, budget });
    if (end === 'budget' || end === 'stalled') return end;
    const isLookDue =
      targetMs === nextLookMs && (this.tasks.isHolding || this.#readsUnreported || this.cluster.changeCount !== this.#lookedAtChange);
    return isLookDue ? 'look' : 'time';
  }

  /** Looks at the tasks. The clock must stand still until it resolves. */
  async look(): Promise<readonly string[]> {
    this.#lookedAtChange = this.cluster.changeCount;
    this.#readsUnreported = false;
    const green = await this.tasks.look(this.context, this.nowMs, (id) => {
      this.history.greenAtMs.set(id, this.#startMs + this.nowMs);
      this.cluster.taskIsGreen(id);
    });
    // What it reads may make more looks due than a replay has. They find nothing else: verdicts depend on state, not on who looks.
    if (this.#showsHints) await this.tasks.lookAround(this.context);
    return green;
  }

  /** Fetches what the cluster waits for. Time stands still until it is there. */
  async fetch(): Promise<void> {
    const { hostData } = this.cluster.kernel;
    for (const name of [...hostData.wanted]) hostData.provide(name, await fetchHostData(name));
  }

  /** Runs to a time, looks at the tasks whenever that is due and fetches what is wanted. */
  async runTo(untilMs: number): Promise<void> {
    while (this.nowMs < untilMs) {
      const end = this.advance(untilMs, this.stepLimit - this.steps);
      if (end === 'budget') throw new OverLimit(`more than ${this.stepLimit} steps of work`);
      if (end === 'look') await this.look();
      if (end === 'stalled') await this.fetch();
    }
  }

  /** Puts a record of another session in, and runs to where that one stood. */
  async replay(events: readonly SubmissionEvent[], endMs = events.at(-1)?.t ?? 0): Promise<void> {
    for (const event of events) {
      await this.runTo(event.t - 1);
      const { t: _t, ...input } = event;
      this.put(input);
    }
    await this.runTo(endMs);
  }

  submission(parts: Pick<Submission, 'emulator' | 'startedAt' | 'help'>): Submission {
    const { id, version } = this.lab;
    return {
      schema: 'labs/submission/v1',
      lab: { id, version },
      seed: this.cluster.seed,
      events: this.#events,
      endedMs: this.nowMs,
      ...parts,
    };
  }

  /** What a machine refuses (a file where a folder stands, one process too many) changes nothing. */
  readonly #take = (event: SubmissionEvent): void => {
    try {
      this.#put(event);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
    }
  };

  #put(event: SubmissionEvent): void {
    if ('open' in event) return this.#open(event.terminal, event.open);
    if ('file' in event) return this.#write(event.terminal, event.file, event.content);
    // A record need not say that a terminal was opened, if it bears its machine's name.
    if (!this.#terminals.has(event.terminal)) this.#open(event.terminal, event.terminal);
    const terminal = this.#terminals.get(event.terminal);
    if ('resize' in event) terminal?.tty.resize(...event.resize);
    else terminal?.tty.input(utf8('signal' in event ? signalKeys[event.signal]! : event.input));
  }

  #write(machine: string, path: string, content: string): void {
    const fs = this.cluster.machine(machine)?.fs;
    fs?.mkdirs(dirname(path));
    fs?.writeFile(path, utf8(content));
  }

  #open(name: string, machine: string): void {
    if (this.#terminals.has(name)) return;
    const terminal = this.cluster.openTerminal(machine, (bytes) => this.#onOutput(name, bytes));
    if (terminal) this.#terminals.set(name, terminal);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
