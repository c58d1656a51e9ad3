/**
 * Processes that grade, one submission each at a time.
 *
 * - A process that computes for too long is killed, one that dies is replaced; the submission it had is reported with what was
 *   graded of it by then, and the next one goes to a fresh process.
 * - They may read files and nothing else: no writing, no starting of processes, where this Node can forbid it.
 * - Nothing that they print is shown.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Job, Outcome } from './grade-entry.ts';
import type { FromWorker } from './worker.ts';

export interface PoolOptions {
  readonly processes: number;
  /** The bundled command, and what makes it a worker. */
  readonly command: readonly [file: string, ...args: string[]];
  /** Computing time that a submission may take. */
  readonly cpuMs: number;
  readonly memoryMiB: number;
}

const startMs = 60_000;
/** How many times its computing time a submission may take in real time. */
const idleFactor = 20;
/** A process that has grown to this much is replaced before its next submission. */
const retireBytes = 500 * 1024 * 1024;

export class GradingPool {
  readonly #options: PoolOptions;
  readonly #idle: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();
  /** Those that have read their code. */
  readonly #ready = new WeakSet<ChildProcess>();

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Grades every job, several at a time, and calls back in whatever order they end. */
  async run<T>(
    jobs: Iterable<readonly [T, Job]>,
    onDone: (of: T, outcomes: readonly Outcome[]) => void,
    isStopped = () => false,
  ): Promise<void> {
    const queue = jobs[Symbol.iterator]();
    const work = async (): Promise<void> => {
      while (!isStopped()) {
        const next = queue.next();
        if (next.done) return;
        const [of, job] = next.value;
        onDone(of, await this.grade(job));
      }
    };
    await Promise.all(Array.from({ length: this.#options.processes }, work));
  }

  close(): void {
    for (const child of this.#all) child.kill('SIGKILL');
  }

  grade(job: Job): Promise<readonly Outcome[]> {
    const child = this.#idle.pop() ?? this.#start();
    const outcomes: Outcome[] = [];
    return new Promise((resolve, reject) => {
      let why: string | undefined;
      const { cpuMs, memoryMiB } = this.#options;
      let begunAtMs = cpuTimeOf(child);
      const giveUpAtMs = performance.now() + startMs + idleFactor * cpuMs;
      const expire = (): void => {
        // On a busy machine it may have had little of the time that has gone by; one that waits for nothing must end too.
        const leftMs = cpuMs - (cpuTimeOf(child) - begunAtMs);
        if (leftMs > 0 && performance.now() < giveUpAtMs) {
          timer = setTimeout(expire, Math.max(leftMs, 100));
          return;
        }
        why = `more than ${Math.round(cpuMs / 1000)} seconds of computing; the grader was stopped`;
        child.kill('SIGKILL');
      };
      // A process that has yet to read its code is given the time for that too.
      let timer = setTimeout(expire, this.#ready.has(child) ? cpuMs : cpuMs + startMs);
      const end = (): void => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('exit', onExit);
      };
      const onMessage = (message: FromWorker): void => {
        if (message.type === 'ready') {
          this.#ready.add(child);
          clearTimeout(timer);
          begunAtMs = cpuTimeOf(child);
          timer = setTimeout(expire, cpuMs);
        } else if (message.type === 'outcome') outcomes.push(message.outcome);
        else {
          end();
          if (message.rssBytes > retireBytes) child.kill('SIGKILL');
          else this.#idle.push(child);
          resolve(outcomes);
        }
      };
      const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
        end();
        if (!this.#ready.has(child) && why === undefined)
          return reject(new Error(`a grading process did not start (${signal ?? `exit code ${code}`})`));
        // V8 aborts when its heap is full.
        why ??=
          signal === 'SIGABRT' || code === 134 ? `more than ${memoryMiB} MiB of memory; the grader was stopped` : 'the grader died of it';
        resolve([...outcomes, { problem: { file: job.file.split('/').at(-1)!, reason: why } }]);
      };
      child.on('message', onMessage);
      child.on('exit', onExit);
      child.send(job, (error) => error && child.kill('SIGKILL'));
    });
  }

  #start(): ChildProcess {
    const [file, ...args] = this.#options.command;
    const child = fork(file, args, {
      execArgv: [`--max-old-space-size=${this.#options.memoryMiB}`, '--max-semi-space-size=64', ...permissions()],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: {},
    });
    this.#all.add(child);
    child.on('error', () => {});
    child.on('exit', () => {
      this.#all.delete(child);
      const at = this.#idle.indexOf(child);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    return child;
  }
}

/** Milliseconds that a process has computed so far; where the system does not tell (it is not Linux), real time. */
function cpuTimeOf({ pid }: ChildProcess): number {
  try {
    // proc(5): fields 14 and 15, in hundredths of a second; the name before them may contain anything but ends in a parenthesis.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return performance.now();
  }
}

function permissions(): readonly string[] {
  const flag = ['--permission', '--experimental-permission'].find((name) => process.allowedNodeEnvironmentFlags.has(name));
  return flag === undefined ? [] : [flag, '--allow-fs-read=*'];
}
