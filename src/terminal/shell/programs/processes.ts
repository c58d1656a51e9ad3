/** ps, kill, pkill, pgrep, killall, pidof, uptime: what runs on the machine. */
import { Errno, parseSignal, signalNumbers } from '../../../emulator/kernel/index.ts';
import type { Call, Process, Program, Signal, Sys } from '../../../emulator/kernel/index.ts';
import { formatDate } from '../date-format.ts';
import { posixRegExp } from '../regular-expression.ts';
import type { SeenProcess } from './process-view.ts';
import { findProcess, seenProcesses, totalMemory } from './process-view.ts';
import { UsageError, complain, nameOf, tool } from './tool.ts';

const letters: Readonly<Record<Process['state'], string>> = { ready: 'R', running: 'R', blocked: 'S', stopped: 'T', zombie: 'Z' };

function nameOfProcess(process: Process): string {
  return process.argv[0]!.slice(process.argv[0]!.lastIndexOf('/') + 1)
    .replace(/^-/, '')
    .slice(0, 15);
}

function commandOf(process: Process): string {
  return process.state === 'zombie' ? `[${nameOfProcess(process)}] <defunct>` : process.argv.join(' ');
}

function stateOf(process: Process): string {
  const isForeground = process.tty?.foreground?.pgid === process.pgid && process.tty.foreground.machine === process.machine;
  return `${letters[process.state]}${process.pid === process.pgid && process.tty ? 's' : ''}${isForeground ? '+' : ''}`;
}

function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((n) => String(n).padStart(2, '0')).join(':');
}

function minutes(ms: number): string {
  return `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;
}

function startTime(sys: Sys, process: Process): string {
  const at = sys.kernel.clock.epochMs + process.startedMs;
  return formatDate(at, sys.nowMs - process.startedMs < 86_400_000 ? '%H:%M' : '%b%d');
}

const columns: Readonly<
  Record<
    string,
    { readonly header: string; readonly isLeft?: boolean; readonly width?: number; value(sys: Sys, seen: SeenProcess): string }
  >
> = {
  pid: { header: 'PID', width: 7, value: (_, { pid }) => String(pid) },
  ppid: { header: 'PPID', width: 7, value: (_, { parentPid }) => String(parentPid) },
  pgid: { header: 'PGID', width: 7, value: (_, { process, pid }) => String(process.pid === process.pgid ? pid : process.pgid) },
  user: { header: 'USER', isLeft: true, width: 8, value: (_, { user }) => user },
  uid: { header: 'UID', isLeft: true, width: 8, value: (_, { user }) => user },
  comm: { header: 'COMMAND', isLeft: true, value: (_, { process }) => nameOfProcess(process) },
  args: { header: 'COMMAND', isLeft: true, value: (_, { process }) => commandOf(process) },
  cmd: { header: 'CMD', isLeft: true, value: (_, { process }) => commandOf(process) },
  tty: { header: 'TTY', isLeft: true, width: 8, value: (_, { process }) => (process.tty ? 'pts/0' : '?') },
  stat: { header: 'STAT', isLeft: true, width: 4, value: (_, { process }) => stateOf(process) },
  state: { header: 'S', value: (_, { process }) => letters[process.state] },
  wchan: {
    header: 'WCHAN',
    isLeft: true,
    width: 6,
    value: (_, { process }) => (process.state === 'blocked' ? process.wchan || '-' : '-'),
  },
  time: { header: 'TIME', width: 8, value: (_, { cpuMs }) => clockTime(cpuMs) },
  etime: { header: 'ELAPSED', width: 11, value: (sys, { process }) => clockTime(sys.nowMs - process.startedMs).replace(/^00:/, '') },
  start: { header: 'STIME', width: 5, value: (sys, { process }) => startTime(sys, process) },
  rss: { header: 'RSS', width: 5, value: (_, { memoryBytes }) => String(Math.round(memoryBytes / 1024)) },
  vsz: { header: 'VSZ', width: 6, value: (_, { memoryBytes }) => String(Math.round(memoryBytes / 1024) * 4) },
  '%mem': { header: '%MEM', width: 4, value: (sys, { memoryBytes }) => ((memoryBytes / totalMemory(sys)) * 100).toFixed(1) },
  '%cpu': {
    header: '%CPU',
    width: 4,
    value: (sys, { process, cpuMs }) => ((cpuMs / Math.max(1, sys.nowMs - process.startedMs)) * 100).toFixed(1),
  },
};
const aliases: Readonly<Record<string, string>> = {
  command: 'args',
  tt: 'tty',
  s: 'state',
  pcpu: '%cpu',
  ucmd: 'comm',
  stime: 'start',
  lstart: 'start',
  pmem: '%mem',
  rssize: 'rss',
  vsize: 'vsz',
};

/** BusyBox's ps takes hardly any option: it shows every process, with its user. */
function* busyboxTable(sys: Sys): Call<number> {
  const rows = seenProcesses(sys).map(
    ({ process, pid, user }) =>
      `${String(pid).padStart(5)} ${user.padEnd(8)} ${minutes(process.cpuMs).padStart(5)} ${commandOf(process)}\n`,
  );
  yield* sys.print(1, `PID   USER     TIME  COMMAND\n${rows.join('')}`);
  return 0;
}

/** `ps`, `ps aux`, `ps -ef`, `ps -o pid,comm`, `--sort`. */
export const ps: Program = function* (sys) {
  const args = sys.argv.slice(1);
  let format: string | undefined;
  let pids: readonly number[] | undefined;
  let name: string | undefined;
  let flags = '';
  let noHeaders = false;
  let sortKeys: readonly string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--no-headers' || arg === '--no-heading') noHeaders = true;
    else if (arg.startsWith('--sort')) sortKeys = (arg.slice(7) || (args[++i] ?? '')).split(',');
    else if (/^-?o/.test(arg) || arg === '--format') format = arg.replace(/^-?o|^--format/, '') || args[++i];
    else if (/^-?eo/.test(arg)) {
      flags += 'e';
      format = arg.replace(/^-?eo/, '') || args[++i];
    } else if (/^-?p/.test(arg) || arg === '--pid') pids = (arg.replace(/^-?p|^--pid/, '') || (args[++i] ?? '')).split(',').map(Number);
    else if (arg === '-C') name = args[++i];
    else if (/^-?[aAefuxwlTH]+$/.test(arg)) flags += arg;
    else {
      yield* sys.print(2, 'error: unsupported option (BSD syntax)\n\nUsage:\n ps [options]\n');
      return 1;
    }
  }
  if (format === undefined && sys.which('ps') === '/bin/ps') return yield* busyboxTable(sys);
  const isEverything = /[eAax]/.test(flags);
  const chosen = sortSeen(
    sys,
    seenProcesses(sys).filter(({ process, pid }) =>
      pids ? pids.includes(pid) : name !== undefined ? nameOfProcess(process) === name : isEverything || process.tty === sys.tty,
    ),
    sortKeys,
  );
  const isBsd = /u/.test(flags) && !/^-/.test(args.find((arg) => arg.includes('u')) ?? '-');
  if (format === undefined && isBsd) {
    const cell = (key: string, seen: SeenProcess): string => columns[key]!.value(sys, seen);
    const row = (seen: SeenProcess): string =>
      `${seen.user.padEnd(8)} ${String(seen.pid).padStart(7)} ${cell('%cpu', seen).padStart(4)} ${cell('%mem', seen).padStart(4)} ${cell('vsz', seen).padStart(6)} ${cell('rss', seen).padStart(5)} ${cell('tty', seen).padEnd(8)} ${cell('stat', seen).padEnd(4)} ${cell('start', seen).padStart(5)} ${minutes(seen.cpuMs).padStart(6)} ${cell('args', seen)}\n`;
    yield* sys.print(
      1,
      `${noHeaders ? '' : 'USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n'}${chosen.map(row).join('')}`,
    );
    return 0;
  }
  if (format === undefined && flags.includes('f')) {
    const row = ({ process: p, pid, parentPid, user, cpuMs }: SeenProcess): string =>
      `${user.padEnd(8)} ${String(pid).padStart(7)} ${String(parentPid).padStart(7)}  0 ${startTime(sys, p).padStart(5)} ${(p.tty ? 'pts/0' : '?').padEnd(8)} ${clockTime(cpuMs)} ${commandOf(p)}\n`;
    yield* sys.print(1, `${noHeaders ? '' : 'UID          PID    PPID  C STIME TTY          TIME CMD\n'}${chosen.map(row).join('')}`);
    return 0;
  }
  const names = (format ?? (/x/.test(flags) && !flags.includes('-') ? 'pid,tty,stat,time,args' : 'pid,tty,time,comm=CMD')).split(/[, ]/);
  const table = names.map((spec) => {
    const [key = '', header] = spec.split('=');
    const column = columns[aliases[key] ?? key];
    return column ? { ...column, header: spec.includes('=') ? header! : column.header } : undefined;
  });
  const unknown = names.find((_, i) => !table[i]);
  if (unknown !== undefined) return yield* complain(sys, `error: unknown user-defined format specifier "${unknown}"`);
  const rows = chosen.map((p) => table.map((column) => column!.value(sys, p)));
  const widths = table.map((column, i) =>
    Math.max(column!.width ?? 0, column!.header.length, ...rows.map((row) => (i === table.length - 1 ? 0 : row[i]!.length))),
  );
  const line = (cells: readonly string[]): string =>
    `${cells.map((cell, i) => (table[i]!.isLeft ? (i === cells.length - 1 ? cell : cell.padEnd(widths[i]!)) : cell.padStart(widths[i]!))).join(' ')}\n`;
  const hasHeader = !noHeaders && table.some((column) => column!.header !== '');
  yield* sys.print(1, `${hasHeader ? line(table.map((column) => column!.header)) : ''}${rows.map(line).join('')}`);
  return 0;
};

/** `--sort=-rss,pid`: a minus turns the order round. */
function sortSeen(sys: Sys, seen: readonly SeenProcess[], keys: readonly string[]): readonly SeenProcess[] {
  const orders = keys.flatMap((key) => {
    const name = key.replace(/^[-+]/, '');
    const column = columns[aliases[name] ?? name];
    return column ? [{ column, sign: key.startsWith('-') ? -1 : 1 }] : [];
  });
  if (orders.length === 0) return seen;
  return [...seen].sort((a, b) => {
    for (const { column, sign } of orders) {
      const [x, y] = [column.value(sys, a), column.value(sys, b)];
      const difference = Number.isNaN(Number(x)) ? (x < y ? -1 : Number(x > y)) : Number(x) - Number(y);
      if (difference !== 0) return sign * difference;
    }
    return 0;
  });
}

/** Takes a signal option off the front: `-9`, `-KILL`, `-s KILL`. */
function takeSignal(args: string[]): Signal | undefined {
  const [first] = args;
  if (first === '-s' || first === '--signal') {
    const [, name] = args.splice(0, 2);
    const signal = parseSignal(name ?? '');
    if (!signal) throw new UsageError(`unknown signal ${name}`, { hint: false });
    return signal;
  }
  const signal = first?.startsWith('-') ? parseSignal(first.slice(1)) : undefined;
  if (signal) args.shift();
  return signal;
}

export const kill: Program = function* (sys) {
  const args = sys.argv.slice(1);
  if (args[0] === '-l') {
    yield* sys.print(1, `${Object.keys(signalNumbers).join(' ')}\n`);
    return 0;
  }
  const signal = takeSignal(args) ?? 'TERM';
  const isProbe = args[0] === '-0' && args.shift() !== undefined;
  if (args.length === 0) return yield* complain(sys, 'not enough arguments');
  let status = 0;
  for (const pid of args) {
    if (!/^-?\d+$/.test(pid)) status = yield* complain(sys, `failed to parse argument: '${pid}'`);
    else if (isProbe && findProcess(sys, Number(pid))) continue;
    else {
      try {
        if (isProbe) throw new Errno('ESRCH');
        const contained = sys.machine.processes.has(Number(pid)) ? undefined : findProcess(sys, Number(pid));
        if (contained) sys.kernel.signal(contained, signal);
        else sys.kill(Number(pid), signal);
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        status = yield* complain(sys, `(${pid}) - ${error.message}`);
      }
    }
  }
  return status;
};

/** Everything that runs but the one who asks. */
function living(sys: Sys): SeenProcess[] {
  return seenProcesses(sys).filter(({ process, pid }) => pid !== sys.pid && process.state !== 'zombie');
}

function matching(sys: Sys, pattern: string, { full = false, exact = false } = {}): SeenProcess[] {
  const regExp = posixRegExp(exact ? `^(${pattern})$` : pattern, { extended: true });
  return living(sys).filter(({ process: p }) => regExp.test(full ? p.argv.join(' ') : nameOfProcess(p)));
}

export const pgrep: Program = function* (sys) {
  const args = sys.argv.slice(1);
  const isKill = nameOf(sys) === 'pkill';
  const signal = isKill ? (takeSignal(args) ?? 'TERM') : undefined;
  const flags = args.filter((arg) => /^-[a-z]+$/.test(arg)).join('');
  const unknown = /[^-flaxcnov]/.exec(flags);
  const pattern = args.find((arg) => !arg.startsWith('-'));
  if (unknown || pattern === undefined) {
    yield* sys.print(
      2,
      unknown
        ? `${nameOf(sys)}: invalid option -- '${unknown[0]}'\n`
        : `${nameOf(sys)}: no matching criteria specified\nTry \`${nameOf(sys)} --help' for more information.\n`,
    );
    return 2;
  }
  let found = matching(sys, pattern, { full: flags.includes('f'), exact: flags.includes('x') });
  if (flags.includes('n')) found = found.slice(-1);
  if (flags.includes('o')) found = found.slice(0, 1);
  if (flags.includes('c')) yield* sys.print(1, `${found.length}\n`);
  for (const { process, pid } of found) {
    if (signal) sys.kernel.signal(process, signal);
    else if (!flags.includes('c'))
      yield* sys.print(
        1,
        flags.includes('a')
          ? `${pid} ${process.argv.join(' ')}\n`
          : flags.includes('l')
            ? `${pid} ${nameOfProcess(process)}\n`
            : `${pid}\n`,
      );
  }
  return Number(found.length === 0);
};

export const killall: Program = function* (sys) {
  const args = sys.argv.slice(1);
  const signal = takeSignal(args) ?? 'TERM';
  const names = args.filter((arg) => !arg.startsWith('-'));
  if (names.length === 0) {
    yield* sys.print(2, 'Usage: killall [-s SIGNAL] NAME...\n');
    return 1;
  }
  let status = 0;
  for (const name of names) {
    const found = living(sys).filter(({ process }) => nameOfProcess(process) === name);
    if (found.length === 0 && !args.includes('-q')) status = yield* complain(sys, `${name}: no process found`);
    for (const { process } of found) sys.kernel.signal(process, signal);
  }
  return status;
};

export const pidof: Program = function* (sys) {
  const names = sys.argv.slice(1).filter((arg) => !arg.startsWith('-'));
  const found = living(sys).filter(({ process }) => names.includes(nameOfProcess(process)));
  if (found.length === 0) return 1;
  yield* sys.print(
    1,
    `${found
      .map(({ pid }) => pid)
      .reverse()
      .join(' ')}\n`,
  );
  return 0;
};

function upFor(ms: number): string {
  const total = Math.floor(ms / 60_000);
  const [days, hours, mins] = [Math.floor(total / 1440), Math.floor(total / 60) % 24, total % 60];
  return `${days > 0 ? `${days} day${days > 1 ? 's' : ''}, ` : ''}${hours > 0 ? `${String(hours).padStart(2)}:${String(mins).padStart(2, '0')}` : `${mins} min`}`;
}

/** Differs from Linux: the load average is not simulated, and shown as 0. */
export const uptime = tool({ short: 'ps', long: { pretty: 'p', since: 's' }, usage: '[options]' }, function* (sys, options) {
  const { clock } = sys.kernel;
  if (options.has('s')) yield* sys.print(1, `${formatDate(clock.epochMs, '%F %T')}\n`);
  else if (options.has('p')) yield* sys.print(1, `up ${Math.floor(sys.nowMs / 60_000)} minutes\n`);
  else yield* sys.print(1, ` ${formatDate(clock.unixMs, '%T')} up ${upFor(sys.nowMs)},  1 user,  load average: 0.00, 0.00, 0.00\n`);
  return 0;
});
