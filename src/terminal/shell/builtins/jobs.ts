import { Errno, Interrupted, parseSignal, signalNumbers } from '../../../emulator/kernel/index.ts';
import type { Call, ExitStatus, Signal } from '../../../emulator/kernel/index.ts';
import type { Shell } from '../interpreter.ts';
import { hasEnded, statusOf } from '../jobs.ts';
import type { Job } from '../jobs.ts';
import { resumeForeground } from '../processes.ts';
import { findProcess } from '../programs/process-view.ts';

export function* jobs(shell: Shell, [, option]: readonly string[]): Call<number> {
  shell.jobs.poll();
  for (const job of [...shell.jobs.all]) {
    const isWanted = option === '-r' ? !job.isStopped && !hasEnded(job) : option === '-s' ? job.isStopped : true;
    if (isWanted) yield* shell.sys.print(1, option === '-p' ? `${job.pgid}\n` : `${shell.jobs.line(job, { withPid: option === '-l' })}\n`);
    if (hasEnded(job)) shell.jobs.remove(job);
  }
  return 0;
}

function proceed(shell: Shell, job: Job): void {
  job.isStopped = false;
  job.isReported = false;
  shell.sys.kill(-job.pgid, 'CONT');
}

export function* foregroundJob(shell: Shell, [, spec]: readonly string[]): Call<number> {
  if (!shell.hasJobControl) return yield* shell.complain('fg: no job control');
  shell.jobs.poll();
  const job = shell.jobs.find(spec);
  if (!job || hasEnded(job)) return yield* shell.complain(job ? 'fg: job has terminated' : `fg: ${spec ?? 'current'}: no such job`);
  yield* shell.sys.print(1, `${job.text}\n`);
  shell.sys.setForeground(job.pgid);
  proceed(shell, job);
  return yield* resumeForeground(shell, job);
}

export function* background(shell: Shell, [, spec]: readonly string[]): Call<number> {
  if (!shell.hasJobControl) return yield* shell.complain('bg: no job control');
  shell.jobs.poll();
  const job = shell.jobs.find(spec);
  if (!job || hasEnded(job)) return yield* shell.complain(job ? 'bg: job has terminated' : `bg: ${spec ?? 'current'}: no such job`);
  if (!job.isStopped) return yield* shell.complain(`bg: job ${job.id} already in background`, 0);
  job.isBackground = true;
  shell.state.lastBackground = job.pids.at(-1);
  yield* shell.sys.print(1, `[${job.id}]${shell.jobs.mark(job)} ${job.text} &\n`);
  proceed(shell, job);
  return 0;
}

export function* disown(shell: Shell, [, ...specs]: readonly string[]): Call<number> {
  const chosen = specs.includes('-a') ? [...shell.jobs.all] : (specs.length > 0 ? specs : [undefined]).map((spec) => shell.jobs.find(spec));
  for (const [i, job] of chosen.entries()) {
    if (!job) return yield* shell.complain(`disown: ${specs[i] ?? 'current'}: no such job`);
    shell.jobs.remove(job);
  }
  return 0;
}

/** A trapped signal ends `wait` at once, unlike the wait for a foreground command. */
export function* wait(shell: Shell, [, ...args]: readonly string[]): Call<number> {
  const any = args[0] === '-n';
  const specs = any ? args.slice(1) : args;
  try {
    if (any) return yield* waitForAny(shell);
    if (specs.length === 0) {
      for (const job of [...shell.jobs.all]) if (!job.isStopped) yield* waitForJob(shell, job);
      return 0;
    }
    let status = 0;
    for (const spec of specs) {
      const job = spec.startsWith('%') ? shell.jobs.find(spec) : shell.jobs.jobOf(Number(spec));
      if (spec.startsWith('%') && !job) status = yield* shell.complain(`wait: ${spec}: no such job`, 127);
      else if (!spec.startsWith('%') && !/^\d+$/.test(spec))
        status = yield* shell.complain(`wait: \`${spec}': not a pid or valid job spec`);
      else if (job) status = (yield* waitForJob(shell, job)).code;
      else
        status =
          shell.jobs.remembered(Number(spec))?.code ?? (yield* shell.complain(`wait: pid ${spec} is not a child of this shell`, 127));
    }
    return status;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    shell.noteSignals();
    return 130;
  }
}

function* waitForJob(shell: Shell, job: Job): Call<ExitStatus> {
  for (const pid of job.pids) if (!job.ended.has(pid)) job.ended.set(pid, yield* shell.sys.wait(pid));
  const status = statusOf(job)!;
  if (!shell.isInteractive) shell.jobs.remove(job);
  else if (hasEnded(job)) {
    if (job.isBackground) yield* shell.sys.print(2, `${shell.jobs.line(job)}\n`);
    shell.jobs.remove(job);
  }
  return status;
}

function* waitForAny(shell: Shell): Call<number> {
  for (;;) {
    shell.jobs.poll();
    const job = shell.jobs.all.find(hasEnded);
    if (job) {
      shell.jobs.remove(job);
      return statusOf(job)!.code;
    }
    if (shell.jobs.all.length === 0) return 127;
    yield* shell.sys.waitForChild();
  }
}

export function* kill(shell: Shell, [, ...args]: readonly string[]): Call<number> {
  if (args[0] === '-l' || args[0] === '-L') return yield* list(shell, args.slice(1));
  let signal: Signal | undefined = 'TERM';
  if (args[0] === '-s' || args[0] === '-n') {
    signal = parseSignal(args[1] ?? '');
    if (!signal && args[1] !== '0') return yield* shell.complain(`kill: ${args[1]}: invalid signal specification`);
    args.splice(0, 2);
  } else if (/^-./.test(args[0] ?? '') && args[0] !== '--') {
    const name = args.shift()!.slice(1);
    signal = parseSignal(name);
    if (!signal && name !== '0') return yield* shell.complain(`kill: ${name}: invalid signal specification`);
  }
  if (args[0] === '--') args.shift();
  if (args.length === 0) {
    yield* shell.sys.print(2, 'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n');
    return 2;
  }
  let status = 0;
  for (const target of args) {
    const job = target.startsWith('%') ? shell.jobs.find(target) : undefined;
    if (target.startsWith('%') && !job) status = yield* shell.complain(`kill: ${target}: no such job`);
    else if (!job && !/^-?\d+$/.test(target)) status = yield* shell.complain(`kill: ${target}: arguments must be process or job IDs`);
    else if (!send(shell, job, Number(target), signal)) status = yield* shell.complain(`kill: (${target}) - No such process`);
  }
  return status;
}

/** A stopped job is continued, so that it can die. */
function send(shell: Shell, job: Job | undefined, pid: number, signal: Signal | undefined): boolean {
  const { sys } = shell;
  try {
    if (job && shell.hasJobControl) {
      if (signal) sys.kill(-job.pgid, signal);
      if (job.isStopped && signal && signal !== 'STOP' && signal !== 'TSTP') proceed(shell, job);
    } else if (job) {
      for (const each of job.pids) if (signal && !job.ended.has(each)) sys.kill(each, signal);
    } else if (signal) {
      const contained = sys.machine.processes.has(pid) ? undefined : findProcess(sys, pid);
      if (contained) sys.kernel.signal(contained, signal);
      else sys.kill(pid, signal);
    } else if (!sys.machine.processes.has(Math.abs(pid))) return false;
    return true;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    return false;
  }
}

function* list(shell: Shell, specs: readonly string[]): Call<number> {
  const names = Object.entries(signalNumbers);
  if (specs.length === 0) {
    const cells = names.map(([name, number]) => `${String(number).padStart(2)}) SIG${name}`);
    yield* shell.sys.print(1, cells.map((cell, i) => (i % 5 === 4 || i === cells.length - 1 ? `${cell}\n` : `${cell}\t`)).join(''));
    return 0;
  }
  for (const spec of specs) {
    const signal = parseSignal(/^\d+$/.test(spec) && Number(spec) > 128 ? String(Number(spec) - 128) : spec);
    if (!signal) return yield* shell.complain(`kill: ${spec}: invalid signal specification`);
    yield* shell.sys.print(1, `${/^\d+$/.test(spec) ? signal : signalNumbers[signal]}\n`);
  }
  return 0;
}
