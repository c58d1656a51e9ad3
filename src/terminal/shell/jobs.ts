/** Jobs: the pipelines that a shell has started, as `jobs`, `fg`, `bg` and `wait` see them. */
import { signalNumbers } from '../../emulator/kernel/index.ts';
import type { ExitStatus, Signal, Sys } from '../../emulator/kernel/index.ts';

export interface Job {
  readonly id: number;
  readonly pids: readonly number[];
  readonly pgid: number;
  /** The command as it was typed. */
  readonly text: string;
  readonly ended: Map<number, ExitStatus>;
  isStopped: boolean;
  /** Started with `&` or sent to the background. */
  isBackground: boolean;
  /** Its end has been reported. */
  isReported: boolean;
}

const maxRemembered = 1000;

const words: Readonly<Partial<Record<Signal, string>>> = {
  HUP: 'Hangup',
  INT: 'Interrupt',
  QUIT: 'Quit',
  KILL: 'Killed',
  TERM: 'Terminated',
  SEGV: 'Segmentation fault',
  PIPE: 'Broken pipe',
  ALRM: 'Alarm clock',
  USR1: 'User defined signal 1',
  USR2: 'User defined signal 2',
};

/** How a signal's death is worded: `Terminated`, `Killed`. */
export function signalWords(signal: Signal): string {
  return words[signal] ?? `Signal ${signalNumbers[signal]}`;
}

/** Whether every process of the job has ended. */
export function hasEnded(job: Job): boolean {
  return job.ended.size === job.pids.length;
}

/** The status of a job's last process; undefined while it lives. */
export function statusOf(job: Job): ExitStatus | undefined {
  return job.ended.get(job.pids.at(-1)!);
}

export class JobTable {
  readonly #sys: Sys;
  readonly #jobs: Job[] = [];
  /** The job that `%+` names comes last. */
  readonly #order: Job[] = [];
  /** Statuses of background processes that were reaped before anyone asked for them. */
  readonly #remembered = new Map<number, ExitStatus>();

  constructor(sys: Sys) {
    this.#sys = sys;
  }

  get all(): readonly Job[] {
    return this.#jobs;
  }

  get hasStopped(): boolean {
    return this.#jobs.some((job) => job.isStopped);
  }

  add(pids: readonly number[], text: string, isBackground: boolean): Job {
    const job: Job = {
      id: (this.#jobs.at(-1)?.id ?? 0) + 1,
      pids,
      pgid: pids[0]!,
      text,
      ended: new Map(),
      isStopped: false,
      isBackground,
      isReported: false,
    };
    this.#jobs.push(job);
    this.touch(job);
    return job;
  }

  /** Makes a job the current one. */
  touch(job: Job): void {
    const i = this.#order.indexOf(job);
    if (i >= 0) this.#order.splice(i, 1);
    this.#order.push(job);
  }

  remove(job: Job): void {
    for (const list of [this.#jobs, this.#order]) {
      const i = list.indexOf(job);
      if (i >= 0) list.splice(i, 1);
    }
    for (const [pid, status] of job.ended) this.#remember(pid, status);
  }

  #remember(pid: number, status: ExitStatus): void {
    this.#remembered.set(pid, status);
    if (this.#remembered.size > maxRemembered) this.#remembered.delete(this.#remembered.keys().next().value!);
  }

  /** The status of an ended background process, whoever has seen it first. */
  remembered(pid: number): ExitStatus | undefined {
    return this.#remembered.get(pid) ?? this.jobOf(pid)?.ended.get(pid);
  }

  jobOf(pid: number): Job | undefined {
    return this.#jobs.find((job) => job.pids.includes(pid));
  }

  /** `%1`, `%%`, `%+`, `%-`, `%name`, `%?text`; without the percent sign as `fg` and `bg` take it. */
  find(spec: string | undefined): Job | undefined {
    const text = spec?.replace(/^%/, '') ?? '';
    if (text === '' || text === '%' || text === '+') return this.#order.at(-1);
    if (text === '-') return this.#order.at(-2) ?? this.#order.at(-1);
    if (/^\d+$/.test(text)) return this.#jobs.find((job) => job.id === Number(text));
    if (text.startsWith('?')) return this.#jobs.find((job) => job.text.includes(text.slice(1)));
    return this.#jobs.find((job) => job.text.startsWith(text));
  }

  /** Takes in what has ended or stopped since, without waiting. */
  poll(): void {
    for (const job of this.#jobs) {
      for (const pid of job.pids) {
        if (job.ended.has(pid)) continue;
        const status = this.#sys.poll(pid);
        if (status === 'stopped') {
          job.isReported &&= job.isStopped;
          job.isStopped = true;
        } else if (status) job.ended.set(pid, status);
      }
    }
  }

  mark(job: Job): string {
    return job === this.#order.at(-1) ? '+' : job === this.#order.at(-2) ? '-' : ' ';
  }

  /** One line of `jobs`. */
  line(job: Job, { withPid = false } = {}): string {
    const pid = withPid ? `${job.pids[0]} ` : '';
    const text = job.isBackground && !job.isStopped && !hasEnded(job) ? `${job.text} &` : job.text;
    return `[${job.id}]${this.mark(job)}  ${pid}${this.#word(job).padEnd(24)}${text}`;
  }

  /** Lines about what has ended or was stopped and has not been reported; ended jobs are forgotten. */
  report(): string[] {
    this.poll();
    const lines: string[] = [];
    for (const job of [...this.#jobs]) {
      if (hasEnded(job)) {
        if (!job.isReported) lines.push(this.line(job));
        this.remove(job);
      } else if (job.isStopped && !job.isReported) {
        lines.push(this.line(job));
        job.isReported = true;
      }
    }
    return lines;
  }

  #word(job: Job): string {
    if (!hasEnded(job)) return job.isStopped ? 'Stopped' : 'Running';
    const { code, signal } = statusOf(job)!;
    return signal ? signalWords(signal) : code === 0 ? 'Done' : `Exit ${code}`;
  }
}
