/** The Web Worker of a lab: holds the session, moves its clock, and tells the page what changed. */
import { toUint8Array } from '../../emulator/kernel/index.ts';
import { emulatorVersion } from '../version.ts';
import { variantsOf } from '../../emulator/faults/index.ts';
import { decodeClass, withClass } from '../class-code.ts';
import { loadLab } from '../generated/labs.ts';
import type { LoadedLab } from '../load.ts';
import { LookRecorder } from '../diagnosis/looks.ts';
import { diagnosisView } from '../diagnosis/view.ts';
import { isPlayground, playgroundAt } from '../playground.ts';
import { LabSession } from '../session.ts';
import { problemWith } from '../submission.ts';
import type { Submission, SubmissionEvent } from '../submission.ts';
import { accessView } from './access-view.ts';
import { longWait } from './awaited.ts';
import { ClockDriver } from './clock-driver.ts';
import { homeFiles, isSameFiles } from './home-files.ts';
import { complete, diagnose } from './manifest/index.ts';
import { networkView } from './network-view.ts';
import { objectView } from './object-view.ts';
import type { Answers, FromWorker, KeptSession, Question, ToWorker } from './protocol.ts';
import { RequestViews, clusterView } from './views.ts';
import { whyView } from './why-view.ts';

const send = (message: FromWorker): void => postMessage(message);

/** How often views are sent at most, in real milliseconds. */
const viewEveryMs = 100;
const recordEveryMs = 1000;
const maxRequestsPerSend = 500;
/** The clock waits while the page has more than this still to show. */
const maxUnshownBytes = 512 * 1024;
/** Ends a line that was begun, so that a typed command stands alone: to the end, and delete to the start. */
const clearLine = '\x05\x15';

class PageSession {
  readonly #loaded: LoadedLab;
  #session!: LabSession;
  #driver!: ClockDriver;
  #requests!: RequestViews;
  #looks!: LookRecorder;
  #sentChange = -1;
  #sentViewAt = 0;
  #sentRecordAt = 0;
  #sentEvents = 0;
  #sentFiles: Readonly<Record<string, string>> = {};
  #startedAt = new Date().toISOString();
  readonly #hints = new Set<string>();
  #solutionViewed = false;
  #silent = false;
  #unshownBytes = 0;
  /** Lines that wait for their terminal's prompt. */
  readonly #lines: Extract<ToWorker, { type: 'type-line' }>[] = [];

  constructor(loaded: LoadedLab) {
    this.#loaded = loaded;
  }

  /** Begins a session, or goes back to an earlier point of one by replaying its input. */
  async begin(events: readonly SubmissionEvent[], endMs: number | undefined, size: readonly [number, number]): Promise<void> {
    const speed = this.#driver?.speed ?? 1;
    this.#driver?.stop();
    this.#open();
    if (events.length > 0) {
      this.#silent = true;
      await this.#session.replay(events, endMs);
      this.#silent = false;
    } else {
      for (const machine of this.#loaded.lab.terminals) {
        this.#session.put({ terminal: machine, open: machine });
        this.#session.put({ terminal: machine, resize: size });
      }
    }
    this.#driver = new ClockDriver(this.#session, {
      onLooked: (justGreen) => this.#sendTasks(justGreen, false),
      onSlice: (isBehind) => {
        this.#typeNextLine();
        this.#sendViews(isBehind, false);
      },
      onCrash: (error) => this.#crash(error),
      canRun: () => this.#unshownBytes < maxUnshownBytes,
    });
    this.#driver.speed = speed;
    this.#driver.nudge();
    this.#sendTasks([], false);
    this.#sendViews(false, true);
  }

  async handle(message: ToWorker): Promise<void> {
    const session = this.#session;
    switch (message.type) {
      case 'input':
        session.put({ terminal: message.terminal, input: message.data });
        return this.#driver.nudge();
      case 'type-line':
        this.#lines.push({ ...message, terminal: message.terminal || this.#loaded.lab.terminals[0]! });
        return this.#typeNextLine();
      case 'resize':
        session.put({ terminal: message.terminal, resize: [message.columns, message.rows] });
        return this.#driver.nudge();
      case 'open-terminal':
        session.put({ terminal: message.terminal, open: message.machine });
        return this.#driver.nudge();
      case 'speed':
        this.#driver.speed = message.speed;
        return this.#sendViews(false, true);
      case 'step':
        return this.#step();
      case 'skip': {
        // A wait that the page has named is skipped whole, whatever else happens meanwhile.
        await this.#driver.skip(Math.min(longWait(session.cluster) ?? 0, message.maxMs));
        const before = session.cluster.changeCount;
        await this.#driver.skip(message.maxMs, () => session.cluster.changeCount !== before);
        return this.#sendViews(false, true);
      }
      case 'check':
        return this.#sendTasks(await session.look(), true);
      case 'undo':
        return this.#undo(message.task);
      case 'reset':
        return this.#restart([], 0);
      case 'help':
        if (message.hint) this.#hints.add(message.hint);
        if (message.solution) await this.#showSolution();
        return this.#sendRecord(true);
      case 'write-file':
        return this.putFiles({ [message.path]: message.content });
      case 'ask':
        return send({ type: 'answer', id: message.id, value: this.#answer(message.question) });
      case 'shown':
        this.#unshownBytes -= message.bytes;
        return;
      case 'start':
      case 'fingerprint':
      case 'record-solution':
        throw new Error('this is not for a session');
    }
  }

  #typeNextLine(): void {
    const [next] = this.#lines;
    if (!next || !this.#session.isAtPrompt(next.terminal)) return;
    this.#lines.shift();
    this.#session.put({ terminal: next.terminal, input: `${clearLine}${next.line}\r` });
    this.#driver.nudge();
  }

  #open(): void {
    const { lab, checks } = this.#loaded;
    this.#session = new LabSession({
      lab,
      checks,
      showsHints: true,
      onOutput: (terminal, bytes) => {
        this.#unshownBytes += bytes.length;
        send({ type: 'output', terminal, data: toUint8Array(bytes) });
      },
    });
    this.#requests = new RequestViews(this.#session.history.startMs);
    this.#looks = new LookRecorder(this.#session.cluster.kernel);
    this.#session.cluster.kernel.trace.listen((record) => {
      if (!this.#silent) this.#requests.add(record);
    });
    this.#sentChange = -1;
    this.#sentEvents = 0;
    this.#unshownBytes = 0;
    this.#lines.length = 0;
    const terminals = lab.terminals.map((machine) => ({ name: machine, machine }));
    send({ type: 'ready', lab, machines: this.#session.cluster.nodes, terminals });
  }

  async #restart(events: readonly SubmissionEvent[], endMs: number): Promise<void> {
    const size = this.#session.events.findLast((event) => 'resize' in event);
    send({ type: 'restarted' });
    await this.begin(events, endMs, size && 'resize' in size ? size.resize : [80, 24]);
  }

  /** A task begins when the last task that it needs has turned green. */
  async #undo(task: string): Promise<void> {
    const { tasks } = this.#session;
    const needs = this.#loaded.lab.tasks.find(({ id }) => id === task)?.needs ?? [];
    const cutMs = Math.max(0, ...tasks.states.filter(({ id }) => needs.includes(id)).map(({ greenAtMs }) => greenAtMs ?? 0));
    await this.#restart(
      this.#session.events.filter(({ t }) => t <= cutMs),
      cutMs,
    );
  }

  async #step(): Promise<void> {
    const due = this.#session.cluster.kernel.loop.nextDueMs;
    if (due !== undefined) await this.#driver.skip(Math.max(1, due - this.#session.cluster.kernel.loop.now));
    this.#sendViews(false, true);
  }

  async #showSolution(): Promise<void> {
    this.#solutionViewed = true;
    const { solution } = await this.#loaded.solutions();
    send({ type: 'solution', text: solution });
  }

  #answer(question: Question): Answers[Question['about']] {
    switch (question.about) {
      case 'object':
        return objectView(this.#session.cluster, this.#session.history.startMs, question.object);
      case 'why':
        return whyView(this.#session.cluster.kernel.decisions, this.#session.history.startMs, question.object);
      case 'files':
        return this.#homeFiles();
      case 'faults':
        return diagnose(question.text);
      case 'completions':
        return complete(question.text, question.offset);
      case 'submission':
        return this.#submission();
      case 'network':
        return networkView(this.#session.cluster, this.#session.history.startMs, question);
      case 'access':
        return accessView(this.#session.cluster, this.#session.history.startMs, question);
      case 'diagnosis':
        return diagnosisView(this.#session.cluster, this.#session.history.startMs, this.#looks);
    }
  }

  #homeFiles(): Readonly<Record<string, string>> {
    const machine = this.#session.cluster.machine(this.#loaded.lab.terminals[0]!);
    return machine ? homeFiles(machine) : {};
  }

  #sendTasks(justGreen: readonly string[], asked: boolean): void {
    send({ type: 'tasks', tasks: this.#session.tasks.states, justGreen, asked });
  }

  #sendViews(isBehind: boolean, force: boolean): void {
    const now = performance.now();
    if (!force && now - this.#sentViewAt < viewEveryMs) return;
    this.#sentViewAt = now;
    const { cluster, nowMs } = this.#session;
    send({ type: 'clock', nowMs, speed: this.#driver.speed, isBehind, waitMs: isBehind ? undefined : longWait(cluster) });
    if (cluster.changeCount !== this.#sentChange) {
      this.#sentChange = cluster.changeCount;
      send({ type: 'cluster', ...clusterView(cluster) });
    }
    const requests = this.#requests.take(maxRequestsPerSend);
    if (requests.length > 0) send({ type: 'requests', requests });
    this.#sendRecord(false);
  }

  #sendRecord(force: boolean): void {
    const now = performance.now();
    if (!force && now - this.#sentRecordAt < recordEveryMs) return;
    this.#sentRecordAt = now;
    const { length } = this.#session.events;
    const files = this.#homeFiles();
    // A command may write its files long after its keys were pressed.
    const isNew = length !== this.#sentEvents || !isSameFiles(files, this.#sentFiles);
    if (!force && !isNew) return;
    this.#sentEvents = length;
    this.#sentFiles = files;
    send({ type: 'record', kept: { submission: this.#submission(), files } });
  }

  /** Puts files of an earlier session back into the home folder. */
  putFiles(files: Readonly<Record<string, string>>): void {
    const terminal = this.#loaded.lab.terminals[0]!;
    for (const [file, content] of Object.entries(files)) this.#session.put({ terminal, file, content });
    this.#driver.nudge();
  }

  #submission(): Submission {
    return this.#session.submission({
      emulator: emulatorVersion,
      startedAt: this.#startedAt,
      help: { hints: [...this.#hints], solutionViewed: this.#solutionViewed },
    });
  }

  #crash(error: unknown): void {
    const message =
      error instanceof Error ? `${error.message}${error.cause instanceof Error ? `: ${error.cause.message}` : ''}` : String(error);
    send({ type: 'crashed', message, report: JSON.stringify(this.#submission()) });
  }
}

let session: PageSession | undefined;
/** Settles when the session that is being begun (or begun anew) stands; everything else waits for it, in order. */
let begun: Promise<void> = Promise.resolve();

/** A lab, as a class does it if its code stands behind the path. */
async function loadPlace(place: string): Promise<LoadedLab> {
  const [path = '', code = ''] = place.split('?class=');
  const loaded = await loadLab(path);
  const classCode = decodeClass(code);
  return classCode?.lab === path ? { ...loaded, lab: withClass(loaded.lab, classCode) } : loaded;
}

async function start({ lab: path, restore, columns, rows }: Extract<ToWorker, { type: 'start' }>): Promise<void> {
  const loaded = isPlayground(path) ? playgroundAt(path) : withOwnSeed(await loadPlace(path), path, restore);
  const size = [columns, rows] as const;
  session = new PageSession(loaded);
  if (!restore) return session.begin([], 0, size);
  let problem = problemWithKept(restore, loaded);
  if (problem === undefined) {
    try {
      return await session.begin(restore.submission.events, restore.submission.endedMs, size);
    } catch (error) {
      problem = `replaying it failed: ${messageOf(error)}`;
      send({ type: 'restarted' });
    }
  }
  await session.begin([], 0, size);
  session.putFiles(restore.files);
  send({ type: 'not-restored', reason: problem, files: Object.keys(restore.files) });
}

/**
 * Where the seed chooses what is broken, each reader who belongs to no class gets a seed of their own, and keeps it with what they did.
 * The submission bears it, so that a grader comes to the same cluster.
 */
function withOwnSeed(loaded: LoadedLab, place: string, restore: KeptSession | undefined): LoadedLab {
  const { lab } = loaded;
  if (place.includes('?class=') || variantsOf(lab.cluster.faults ?? []) === 1) return loaded;
  const isKept = restore !== undefined && problemWithKept(restore, loaded) === undefined;
  const seed = isKept ? restore.submission.seed : crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1;
  return { ...loaded, lab: { ...lab, cluster: { ...lab.cluster, seed } } };
}

function problemWithKept({ submission }: KeptSession, { lab }: LoadedLab): string | undefined {
  if (submission.emulator === emulatorVersion) return problemWith(submission, lab);
  return `it was made by version ${submission.emulator} of the course, this is ${emulatorVersion}`;
}

async function sendFingerprint(seed: number): Promise<void> {
  const { fingerprint } = await import('../fingerprint.ts');
  const { hash, records } = fingerprint(seed);
  send({ type: 'fingerprint', hash, records });
}

async function record(lab: string): Promise<void> {
  const { recordSolution } = await import('../recording.ts');
  send({ type: 'recorded', recording: await recordSolution(await loadLab(lab)) });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function handle(message: ToWorker): Promise<void> {
  if (message.type === 'start') return start(message);
  if (message.type === 'fingerprint') return sendFingerprint(message.seed);
  if (message.type === 'record-solution') return record(message.lab);
  if (message.type !== 'ping') await session?.handle(message);
}

self.onmessage = (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  if (message.type === 'ping') return send({ type: 'pong' });
  const done = begun
    .then(() => handle(message))
    .catch((error: unknown) => {
      send({ type: 'crashed', message: messageOf(error), report: error instanceof Error ? (error.stack ?? '') : '' });
    });
  if (message.type === 'start' || message.type === 'undo' || message.type === 'reset') begun = done;
};
