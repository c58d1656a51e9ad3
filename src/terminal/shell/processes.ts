/** How a shell starts other processes: pipelines, subshells, substitutions, background jobs, and how it waits for them. */
import type { AndOr, CommandNode, ParsedScript, Pipeline, PipelineNode, ProcessSubstitutionPart, Subshell } from 'unbash';
import { Interrupted, textOf } from '../../emulator/kernel/index.ts';
import type { ByteString, Call, ExitStatus, OpenFile, SpawnOptions } from '../../emulator/kernel/index.ts';
import type { Shell } from './interpreter.ts';
import { hasEnded, signalWords, statusOf } from './jobs.ts';
import type { Job } from './jobs.ts';
import { group, statement } from './nodes.ts';
import { parse } from './parse.ts';
import { ExpansionError } from './scope.ts';

const longestWaitSeconds = 8;

/**
 * Waits until the machine has room for one more process, as bash does when it cannot fork: 1, 2, 4 and 8 seconds, and then
 * it gives up. So a fork bomb mostly sleeps.
 */
export function* roomToFork(shell: Shell): Call<void> {
  const { machine } = shell.sys;
  for (let seconds = 1; machine.processes.size >= machine.maxProcesses && seconds <= longestWaitSeconds; seconds *= 2) {
    yield* shell.complain('fork: retry: Resource temporarily unavailable');
    try {
      yield* shell.sys.sleep(seconds * 1000);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      return shell.noteSignals();
    }
  }
}

/** Starts the stages of a pipeline, which all run at once. Returns their pids. */
function* start(
  shell: Shell,
  commands: readonly CommandNode[],
  operators: Pipeline['operators'],
  options: Pick<SpawnOptions, 'ignore'> & { input?: OpenFile } = {},
): Call<number[]> {
  const pids: number[] = [];
  let { input } = options;
  for (const [i, command] of commands.entries()) {
    yield* roomToFork(shell);
    const fds = shell.sys.fds.clone();
    if (input) fds.set(0, input);
    input = undefined;
    const operator = operators[i];
    if (operator) {
      const { reader, writer } = shell.sys.pipe();
      fds.set(1, writer);
      if (operator === '|&') fds.set(2, writer);
      input = reader;
    }
    pids.push(
      shell.fork(command, {
        fds,
        ...(options.ignore && { ignore: options.ignore }),
        ...(shell.hasJobControl && { pgid: pids[0] ?? 'new' }),
      }),
    );
  }
  return pids;
}

export function* runPipeline(shell: Shell, node: Pipeline): Call<number> {
  const pids = yield* start(shell, node.commands, node.operators);
  return yield* foreground(shell, pids, shell.text.slice(node.pos, node.end));
}

export function* spawnSubshell(shell: Shell, node: Subshell): Call<number> {
  yield* roomToFork(shell);
  const pid = shell.fork(group(node.body.commands), shell.hasJobControl ? { pgid: 'new' } : {});
  return yield* foreground(shell, [pid], shell.text.slice(node.pos, node.end));
}

/** Without job control a background job must not compete for the input nor die of Ctrl-C. */
export function* backgroundJob(shell: Shell, command: PipelineNode | AndOr): Call<number> {
  shell.jobs.poll();
  if (!shell.hasJobControl) for (const job of shell.jobs.all) if (hasEnded(job)) shell.jobs.remove(job);
  const isPipeline = command.type === 'Pipeline' && command.prefixes.length === 0;
  const options = shell.hasJobControl ? {} : { input: shell.sys.openFile('/dev/null', 'read'), ignore: ['INT', 'QUIT'] as const };
  const [commands, operators] = isPipeline ? [command.commands, command.operators] : [[asCommand(command)], []];
  const pids = yield* start(shell, commands, operators, options);
  shell.state.lastBackground = pids.at(-1);
  const job = shell.jobs.add(pids, shell.text.slice(command.pos, command.end), true);
  if (shell.hasJobControl) yield* shell.sys.print(2, `[${job.id}] ${pids.at(-1)}\n`);
  return 0;
}

/** Waits for processes with the terminal in their hands. The status is the last one's, or with pipefail the last failure's. */
export function* foreground(shell: Shell, pids: readonly number[], text?: string): Call<number> {
  if (!shell.hasJobControl) {
    const statuses: ExitStatus[] = [];
    for (const pid of pids) statuses.push(yield* waitThrough(shell, pid));
    return summarise(shell, statuses);
  }
  const job = shell.jobs.add(pids, text ?? shell.commandText, false);
  return yield* resumeForeground(shell, job);
}

/** Waits for a job that has the terminal: it ends, or is stopped and stays in the table. */
export function* resumeForeground(shell: Shell, job: Job): Call<number> {
  const { sys } = shell;
  const { tty } = sys;
  const modes = tty && { canonical: tty.canonical, echo: tty.echo, signals: tty.signals };
  sys.setForeground(job.pgid);
  job.isBackground = false;
  for (const pid of job.pids) {
    while (!job.ended.has(pid) && !job.isStopped) {
      const status = yield* waitThrough(shell, pid, true);
      if (status.signal === 'TSTP') job.isStopped = true;
      else job.ended.set(pid, status);
    }
  }
  sys.setForeground(sys.pgid);
  if (job.isStopped) {
    Object.assign(tty ?? {}, modes);
    shell.jobs.touch(job);
    job.isReported = true;
    yield* sys.print(2, `\n${shell.jobs.line(job)}\n`);
    if (shell.loopDepth > 0) shell.flow = { kind: 'break', levels: shell.loopDepth };
    return 148;
  }
  const last = statusOf(job)!;
  shell.jobs.remove(job);
  if (last.signal) Object.assign(tty ?? {}, modes);
  if (last.signal === 'INT') shell.flow = { kind: 'interrupt' };
  else if (last.signal && last.signal !== 'PIPE') yield* sys.print(2, `${signalWords(last.signal)}\n`);
  return summarise(
    shell,
    job.pids.map((pid) => job.ended.get(pid)!),
  );
}

function summarise(shell: Shell, statuses: readonly ExitStatus[]): number {
  shell.state.pipeStatus = statuses.map((status) => status.code);
  const failed = shell.state.options.pipefail ? statuses.findLast((status) => status.code !== 0) : undefined;
  return (failed ?? statuses.at(-1)!).code;
}

/** As in bash, a trap waits until the foreground command has ended. */
export function* waitThrough(shell: Shell, pid: number, untraced = false): Call<ExitStatus> {
  for (;;) {
    try {
      return yield* shell.sys.wait(pid, { untraced });
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      shell.noteSignals();
    }
  }
}

/** What `$(…)` may hold. */
const maxOutputBytes = 64 * 1024 * 1024;

/** Runs a command substitution and returns its output without the newlines at the end. */
export function* capture(shell: Shell, script: ParsedScript | undefined): Call<string> {
  const { sys } = shell;
  const { reader, writer } = sys.pipe();
  const fds = sys.fds.clone();
  fds.set(1, writer);
  const commands = script?.commands ?? [];
  const only = commands.length === 1 && !commands[0]!.background ? commands[0]!.command : undefined;
  const reads = only?.type === 'Command' && !only.name && only.prefix.length === 1 ? only.prefix[0] : undefined;
  // `$(<file)` is `$(cat file)`.
  const isFile = reads?.type === 'Redirect' && reads.operator === '<' && reads.target !== undefined;
  const node = isFile ? catOf(reads.target.text) : (only ?? group(commands));
  yield* roomToFork(shell);
  const pid = shell.fork(node, { fds }, 1);
  const fd = sys.fds.add(reader);
  let output = '';
  for (;;) {
    try {
      const data = yield* sys.read(fd);
      if (data === '') break;
      output += data;
      if (output.length > maxOutputBytes) throw new ExpansionError(`xrealloc: cannot allocate ${output.length} bytes`);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      shell.noteSignals();
    }
  }
  sys.fds.close(fd);
  const status = yield* waitThrough(shell, pid);
  shell.state.status = status.code;
  if (status.signal === 'INT' && shell.isInteractive) shell.flow = { kind: 'interrupt' };
  return textOf(output.replaceAll('\0', '').replace(/\n+$/, '') as ByteString);
}

function catOf(target: string): PipelineNode | AndOr {
  return parse(`cat ${target}`).commands[0]!.command;
}

/** Starts the far end of `<(…)` or `>(…)` and returns the path of the near one. */
export function substituteProcess(shell: Shell, part: ProcessSubstitutionPart): string {
  const { sys } = shell;
  const { reader, writer } = sys.pipe();
  const [near, far] = part.operator === '<' ? [reader, writer] : [writer, reader];
  const fds = sys.fds.clone();
  fds.set(part.operator === '<' ? 1 : 0, far);
  shell.fork(group(part.script?.commands ?? []), { fds });
  let fd = 63;
  while (sys.fds.has(fd)) fd--;
  sys.fds.set(fd, near);
  shell.temporaryFds.push(fd);
  return `/dev/fd/${fd}`;
}

function asCommand(node: PipelineNode | AndOr): CommandNode {
  return node.type === 'AndOr' || node.type === 'Pipeline' ? group([statement(node)]) : node;
}
