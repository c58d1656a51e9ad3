/** The page's end of a lab session: a worker, and a snapshot of what it last said, for React to render. */
import { del, get, set } from 'idb-keyval';
import type { LabDefinition } from '../../lab/format.ts';
import type {
  Answers,
  FromWorker,
  KeptSession,
  NodeView,
  PodView,
  Question,
  RequestView,
  Speed,
  ToWorker,
} from '../../lab/page/protocol.ts';
import type { TaskState } from '../../lab/tasks.ts';
import { takeWorker } from './prepare.ts';

/** What the reader should know about keeping; the stage puts it into words. */
export type Notice =
  | { readonly type: 'not-kept' }
  | { readonly type: 'not-restored'; readonly reason: string; readonly files: readonly string[] };

export interface SessionState {
  readonly status: 'starting' | 'ready' | 'crashed';
  readonly path: string;
  readonly lab: LabDefinition | undefined;
  readonly machines: readonly string[];
  readonly terminals: readonly { readonly name: string; readonly machine: string }[];
  readonly nowMs: number;
  readonly speed: Speed;
  readonly isBehind: boolean;
  /** Virtual time in which nothing but heartbeats will happen, when it is long. */
  readonly waitMs: number | undefined;
  readonly nodes: readonly NodeView[];
  readonly pods: readonly PodView[];
  readonly requests: readonly RequestView[];
  readonly tasks: readonly TaskState[];
  /** The learner has asked for a check, so open tasks show what is wrong. */
  readonly asked: boolean;
  readonly notice: Notice | undefined;
  readonly solution: string | undefined;
  readonly crash: { readonly message: string; readonly report: string } | undefined;
  /** Counts sessions begun in this worker: terminals start over when it grows. */
  readonly generation: number;
}

const maxRequests = 2000;
/** How often the worker is asked whether it is there, and how long it may keep silent. */
const pingEveryMs = 3000;
const patienceMs = 21_000;
/** A terminal that is shown again gets this much of what it wrote. */
const maxBacklogBytes = 1024 * 1024;

const keyOf = (path: string): string => `lab:${path}`;

/** Takes bytes to show, and calls back when they are shown. */
type OutputListener = (data: Uint8Array, shown: () => void) => void;

interface Backlog {
  readonly chunks: Uint8Array[];
  bytes: number;
}

/** Whether an earlier session of a lab can be gone on with. */
export async function isKept(path: string): Promise<boolean> {
  return (await get<KeptSession>(keyOf(path)).catch(() => undefined)) !== undefined;
}

export class SessionClient {
  readonly #worker: Worker;
  readonly #listeners = new Set<() => void>();
  readonly #outputs = new Map<string, OutputListener>();
  /** What a terminal wrote before the page showed it. */
  readonly #backlog = new Map<string, Backlog>();
  readonly #replies = new Map<number, (value: unknown) => void>();
  #lastId = 0;
  /** Settles when the worker was told to start: what is said before has no session to go to. */
  readonly #begun: Promise<void>;
  readonly #watchdog: ReturnType<typeof setInterval>;
  #unansweredPings = 0;
  #kept: KeptSession | undefined;
  #state: SessionState;

  constructor(path: string) {
    this.#state = {
      status: 'starting',
      path,
      lab: undefined,
      machines: [],
      terminals: [],
      nowMs: 0,
      speed: 1,
      isBehind: false,
      waitMs: undefined,
      nodes: [],
      pods: [],
      requests: [],
      tasks: [],
      asked: false,
      notice: undefined,
      solution: undefined,
      crash: undefined,
      generation: 0,
    };
    this.#worker = takeWorker();
    this.#worker.onmessage = (event: MessageEvent<FromWorker>) => this.#take(event.data);
    this.#worker.onerror = (event) => this.#update({ status: 'crashed', crash: { message: event.message, report: '' } });
    this.#watchdog = setInterval(() => this.#lookAfter(), pingEveryMs);
    this.#begun = this.#begin();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = (): SessionState => this.#state;

  send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** Types into a terminal as the learner would: the reader sees it. */
  type(terminal: string, text: string): void {
    this.send({ type: 'input', terminal, data: text });
  }

  /** Types lines one after the other, each when the prompt is free again. The terminal '' is the lab's first. */
  typeLines(terminal: string, lines: readonly string[]): void {
    void this.#begun.then(() => {
      for (const line of lines) this.send({ type: 'type-line', terminal, line });
    });
  }

  openTerminal(machine: string): string {
    const taken = new Set(this.#state.terminals.map(({ name }) => name));
    let name = machine;
    for (let i = 2; taken.has(name); i++) name = `${machine} (${i})`;
    this.send({ type: 'open-terminal', terminal: name, machine });
    this.#update({ terminals: [...this.#state.terminals, { name, machine }] });
    return name;
  }

  /** Receives what a terminal writes, from its beginning on. */
  listen(terminal: string, listener: OutputListener): () => void {
    this.#outputs.set(terminal, listener);
    for (const data of this.#backlog.get(terminal)?.chunks ?? []) listener(data, () => {});
    return () => this.#outputs.delete(terminal);
  }

  /** Asks the worker; answers come in the order of the questions. */
  ask<Q extends Question>(question: Q): Promise<Answers[Q['about']]> {
    const id = ++this.#lastId;
    this.send({ type: 'ask', id, question });
    return new Promise((resolve) => this.#replies.set(id, resolve as (value: unknown) => void));
  }

  /** Forgets what was kept and starts over. */
  async reset(): Promise<void> {
    await del(keyOf(this.#state.path));
    this.send({ type: 'reset' });
  }

  /** Hands the record so far to the reader as `submission.json`. */
  async download(): Promise<void> {
    // What is kept is up to a second old; a session that has ended has nothing newer.
    const { status, path } = this.#state;
    const kept = (): Promise<KeptSession | undefined> => get<KeptSession>(keyOf(path)).catch(() => this.#kept);
    const submission = status === 'crashed' ? (await kept())?.submission : await this.ask({ about: 'submission' });
    const url = URL.createObjectURL(new Blob([JSON.stringify(submission ?? null)], { type: 'application/json' }));
    Object.assign(document.createElement('a'), { href: url, download: 'submission.json' }).click();
    URL.revokeObjectURL(url);
  }

  dispose(): void {
    clearInterval(this.#watchdog);
    this.#worker.terminate();
    this.#listeners.clear();
  }

  /** Ends a worker that no longer answers: a matcher of the browser's own may run for ever, and nothing inside can stop it. */
  #lookAfter(): void {
    if (++this.#unansweredPings * pingEveryMs <= patienceMs) return this.send({ type: 'ping' });
    clearInterval(this.#watchdog);
    this.#worker.terminate();
    this.#update({
      status: 'crashed',
      crash: { message: `The cluster has not answered for ${patienceMs / 1000} seconds and was stopped.`, report: '' },
    });
  }

  async #begin(): Promise<void> {
    const { path } = this.#state;
    // Without storage (a private window, say) the lab works and is not kept.
    const restore = await get<KeptSession>(keyOf(path)).catch(() => undefined);
    this.send({ type: 'start', lab: path, restore, columns: 80, rows: 24 });
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case 'pong':
        this.#unansweredPings = 0;
        return;
      case 'ready':
        return this.#update({ status: 'ready', lab: message.lab, machines: message.machines, terminals: message.terminals });
      case 'output':
        return this.#output(message.terminal, message.data);
      case 'clock':
        return this.#update({ nowMs: message.nowMs, speed: message.speed, isBehind: message.isBehind, waitMs: message.waitMs });
      case 'cluster':
        return this.#update({ nodes: message.nodes, pods: message.pods });
      case 'requests':
        return this.#update({ requests: [...this.#state.requests, ...message.requests].slice(-maxRequests) });
      case 'tasks':
        return this.#update({ tasks: message.tasks, asked: message.asked || (this.#state.asked && message.justGreen.length === 0) });
      case 'record':
        this.#kept = message.kept;
        set(keyOf(this.#state.path), message.kept).catch(() => this.#update({ notice: { type: 'not-kept' } }));
        return;
      case 'restarted':
        this.#backlog.clear();
        return this.#update({ requests: [], asked: false, notice: undefined, generation: this.#state.generation + 1 });
      case 'not-restored':
        return this.#update({ notice: message });
      case 'solution':
        return this.#update({ solution: message.text });
      case 'crashed':
        return this.#update({ status: 'crashed', crash: message });
      case 'fingerprint':
      case 'recorded':
        return;
      case 'answer':
        this.#replies.get(message.id)?.(message.value);
        this.#replies.delete(message.id);
        return;
    }
  }

  #output(terminal: string, data: Uint8Array): void {
    let backlog = this.#backlog.get(terminal);
    if (!backlog) this.#backlog.set(terminal, (backlog = { chunks: [], bytes: 0 }));
    backlog.chunks.push(data);
    backlog.bytes += data.length;
    if (backlog.bytes > 2 * maxBacklogBytes) {
      while (backlog.bytes > maxBacklogBytes) backlog.bytes -= backlog.chunks.shift()!.length;
    }
    const shown = (): void => this.send({ type: 'shown', bytes: data.length });
    const listener = this.#outputs.get(terminal);
    if (listener) listener(data, shown);
    else shown();
  }

  #update(change: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
