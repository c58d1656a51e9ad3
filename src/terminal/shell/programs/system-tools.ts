/** Programs about time, the environment and the machine. */
import { parseSignal, parseTime, unixMs } from '../../../emulator/kernel/index.ts';
import type { Program } from '../../../emulator/kernel/index.ts';
import type { TimeSync } from '../../../emulator/node/systemd/index.ts';
import { timeSyncService } from '../../../emulator/node/systemd/index.ts';
import { echoText } from '../builtins/echo.ts';
import { formatDate } from '../date-format.ts';
import { formatPrintf } from '../format.ts';
import { execute } from './find.ts';
import { posixRegExp } from '../regular-expression.ts';
import { UsageError, complain, tool } from './tool.ts';

const unitMs: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `1.5`, `10s`, `2m`; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  if (text === 'infinity' || text === 'inf') return Number.MAX_SAFE_INTEGER;
  const match = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text);
  return match ? Number(match[1]) * unitMs[match[2]!]! : undefined;
}

export const sleep = tool({ usage: 'NUMBER[SUFFIX]...' }, function* (sys, options) {
  if (options.operands.length === 0) throw new UsageError('missing operand');
  const bad = options.operands.find((operand) => durationMs(operand) === undefined);
  if (bad !== undefined) throw new UsageError(`invalid time interval '${bad}'`);
  const total = options.operands.reduce((sum, operand) => sum + durationMs(operand)!, 0);
  if (total >= Number.MAX_SAFE_INTEGER) yield* sys.pause();
  else yield* sys.sleep(total);
  return 0;
});

export const printf: Program = function* (sys) {
  const [format, ...args] = sys.argv.slice(1);
  if (format === undefined) {
    yield* sys.print(2, "printf: missing operand\nTry 'printf --help' for more information.\n");
    return 1;
  }
  const { text, errors } = formatPrintf(format, args, { unixMs: sys.kernel.clock.unixMs });
  for (const error of errors) yield* complain(sys, error);
  yield* sys.print(1, text);
  return errors.length > 0 ? 1 : 0;
};

export const echo: Program = function* (sys) {
  yield* sys.print(1, echoText(sys.argv.slice(1)));
  return 0;
};

const relativeUnits: Readonly<Record<string, number>> = {
  sec: 1000,
  second: 1000,
  min: 60_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

/** What -d takes: `@seconds`, RFC 3339, `2026-01-02 10:00`, `now`, `yesterday`, `+2 hours`, `3 days ago`. Undefined otherwise. */
export function parseDate(text: string, nowUnixMs: number): number | undefined {
  const trimmed = text.trim().replace(/\s*(UTC|GMT)$/, '');
  if (/^@-?\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed.slice(1)) * 1000;
  const stamp = parseTime(trimmed.replace(' ', 'T')) ?? parseTime(trimmed);
  if (stamp !== undefined) return stamp;
  const civil = /^(\d{4})-(\d\d?)-(\d\d?)(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?Z?(.*)$/.exec(trimmed);
  let at = civil
    ? unixMs(...(civil.slice(1, 4).map(Number) as [number, number, number])) +
      Number(civil[4] ?? 0) * 3_600_000 +
      Number(civil[5] ?? 0) * 60_000 +
      Number(civil[6] ?? 0) * 1000
    : nowUnixMs;
  let rest = (civil ? civil[7]! : trimmed).trim();
  const day = /^(now|today|yesterday|tomorrow)\b\s*/.exec(rest);
  if (day) {
    at += { now: 0, today: 0, yesterday: -86_400_000, tomorrow: 86_400_000 }[day[1]!]!;
    rest = rest.slice(day[0].length);
  }
  while (rest !== '') {
    const step = /^([-+]?\s*\d*)\s*([a-z]+?)s?(\s+ago)?(?:\s+|$)/.exec(rest);
    const unit = step && relativeUnits[step[2]!];
    if (!unit) return undefined;
    at += Number(step[1]!.replace(/\s/g, '') || 1) * unit * (step[3] ? -1 : 1);
    rest = rest.slice(step[0].length).trim();
  }
  return at;
}

export const date = tool(
  {
    short: 'uRd:s:I::r:',
    long: {
      utc: 'u',
      universal: 'u',
      'date=': 'd',
      'set=': 's',
      'rfc-email': 'R',
      'iso-8601=?': 'I',
      'rfc-3339=': 'rfc-3339',
      'reference=': 'r',
    },
    usage: '[OPTION]... [+FORMAT]',
  },
  function* (sys, options) {
    const now = sys.kernel.clock.unixMs;
    const setTo = options.value('s');
    const text = setTo ?? options.value('d');
    const reference = options.value('r');
    const file = reference === undefined ? undefined : sys.fs.inode(sys.path(reference));
    const at = file ? sys.kernel.clock.at(file.mtimeMs) : text === undefined ? now : parseDate(text, now);
    if (at === undefined) return yield* complain(sys, `invalid date '${text}'`);
    const [format] = options.operands;
    if (format !== undefined && !format.startsWith('+')) return yield* complain(sys, `invalid date '${format}'`);
    const iso = options.value('I');
    const precision = { '': '%F', date: '%F', hours: '%FT%H%:z', minutes: '%FT%R%:z', seconds: '%FT%T%:z', ns: '%FT%T,%N%:z' };
    const chosen =
      format?.slice(1) ??
      (iso !== undefined
        ? (precision[iso as keyof typeof precision] ?? '%F')
        : options.has('R')
          ? '%a, %d %b %Y %T %z'
          : options.has('rfc-3339')
            ? options.value('rfc-3339') === 'date'
              ? '%F'
              : '%F %T%:z'
            : '%a %b %e %T %Z %Y');
    const time = sys.machine.services.get(timeSyncService) as TimeSync | undefined;
    const isRefused = setTo !== undefined && !time;
    if (setTo !== undefined) time?.setTime(at);
    if (isRefused) yield* complain(sys, 'cannot set date: Operation not permitted');
    yield* sys.print(1, `${formatDate(at, chosen)}\n`);
    return isRefused ? 1 : 0;
  },
);

export const env: Program = function* (sys) {
  const args = sys.argv.slice(1);
  let variables = new Map(sys.env);
  let end = '\n';
  while (/^-/.test(args[0] ?? '')) {
    const option = args.shift()!;
    if (option === '-i' || option === '-' || option === '--ignore-environment') variables = new Map();
    else if (option === '-0' || option === '--null') end = '\0';
    else if (option === '-u') variables.delete(args.shift() ?? '');
    else if (option.startsWith('--unset=')) variables.delete(option.slice(8));
    else if (option === '--') break;
    else {
      yield* sys.print(2, `env: invalid option -- '${option.replace(/^-+/, '')}'\nTry 'env --help' for more information.\n`);
      return 125;
    }
  }
  while (/^[^=]+=/.test(args[0] ?? '')) {
    const assignment = args.shift()!;
    variables.set(assignment.slice(0, assignment.indexOf('=')), assignment.slice(assignment.indexOf('=') + 1));
  }
  if (args.length === 0) {
    yield* sys.print(1, [...variables].map(([name, value]) => `${name}=${value}${end}`).join(''));
    return 0;
  }
  const path = sys.which(args[0]!, variables.get('PATH'));
  if (path === undefined) {
    yield* sys.print(2, `env: '${args[0]}': No such file or directory\n`);
    return 127;
  }
  const { program, argv } = sys.load(path, args);
  return sys.exec(program, argv, variables);
};

export const printenv: Program = function* (sys) {
  const names = sys.argv.slice(1);
  if (names.length === 0) yield* sys.print(1, [...sys.env].map(([name, value]) => `${name}=${value}\n`).join(''));
  for (const name of names) {
    const value = sys.env.get(name);
    if (value === undefined) return 1;
    yield* sys.print(1, `${value}\n`);
  }
  return 0;
};

export const hostname = tool(
  { short: 'fsiId', long: { fqdn: 'f', short: 's', 'ip-address': 'i', 'all-ip-addresses': 'I', domain: 'd' }, usage: '[OPTION]...' },
  function* (sys, options) {
    if (options.operands.length > 0) return yield* complain(sys, 'you must be root to change the host name');
    if (options.has('i') || options.has('I')) yield* sys.print(1, `${sys.net.addresses.join(' ')}${options.has('I') ? ' ' : ''}\n`);
    else
      yield* sys.print(
        1,
        `${options.has('s') ? sys.hostname.split('.')[0] : options.has('d') ? sys.hostname.split('.').slice(1).join('.') : sys.hostname}\n`,
      );
    return 0;
  },
);

/** What `uname` says of the machine's kernel. */
const system = { s: 'Linux', r: '6.8.0-emulated', v: '#1 SMP PREEMPT_DYNAMIC', m: 'x86_64', p: 'x86_64', i: 'x86_64', o: 'GNU/Linux' };

export const uname = tool(
  {
    short: 'asnrvmpio',
    long: {
      all: 'a',
      'kernel-name': 's',
      nodename: 'n',
      'kernel-release': 'r',
      'kernel-version': 'v',
      machine: 'm',
      'operating-system': 'o',
    },
    usage: '[OPTION]...',
  },
  function* (sys, options) {
    const fields: readonly (readonly [string, string])[] = [
      ['s', system.s],
      ['n', sys.hostname],
      ['r', system.r],
      ['v', system.v],
      ['m', system.m],
      ['p', system.p],
      ['i', system.i],
      ['o', system.o],
    ];
    const chosen = options.has('a')
      ? fields.filter(([letter]) => letter !== 'p' && letter !== 'i')
      : fields.filter(([letter]) => (options.order.length === 0 ? letter === 's' : options.has(letter)));
    yield* sys.print(1, `${chosen.map(([, value]) => value).join(' ')}\n`);
    return 0;
  },
);

export const whoami: Program = function* (sys) {
  const uid = sys.machine.user?.uid ?? 0;
  if (uid !== 0) return yield* complain(sys, `unknown uid ${uid}`);
  yield* sys.print(1, 'root\n');
  return 0;
};

/** An id as `id` shows it. Only root has a name. */
const named = (key: string, id: number): string => `${key}=${numbered(id)}`;
const numbered = (id: number): string => (id === 0 ? '0(root)' : String(id));

export const id = tool(
  { short: 'ugGn', long: { user: 'u', group: 'g', groups: 'G', name: 'n' }, usage: '[OPTION]... [USER]...' },
  function* (sys, options) {
    const asked = options.operands[0];
    if (asked !== undefined && asked !== 'root' && asked !== '0') return yield* complain(sys, `‘${asked}’: no such user`);
    const { uid, gid, groups } = (asked === undefined && sys.machine.user) || { uid: 0, gid: 0, groups: [] };
    const all = [...new Set([gid, ...groups])];
    const word = (one: number): string => (options.has('n') && one === 0 ? 'root' : String(one));
    if (options.has('u')) yield* sys.print(1, `${word(uid)}\n`);
    else if (options.has('g')) yield* sys.print(1, `${word(gid)}\n`);
    else if (options.has('G')) yield* sys.print(1, `${all.map(word).join(' ')}\n`);
    else yield* sys.print(1, `${named('uid', uid)} ${named('gid', gid)} groups=${all.map(numbered).join(',')}\n`);
    return 0;
  },
);

export const tty: Program = function* (sys) {
  const isTerminal = sys.isatty(0);
  yield* sys.print(1, isTerminal ? '/dev/pts/0\n' : 'not a tty\n');
  return Number(!isTerminal);
};

export const which = tool({ short: 'a', usage: '[-a] filename ...' }, function* (sys, options) {
  let status = 0;
  for (const name of options.operands) {
    const path = sys.which(name);
    if (path === undefined) status = 1;
    else yield* sys.print(1, `${path}\n`);
  }
  return status;
});

export const clear: Program = function* (sys) {
  yield* sys.print(1, '\x1b[H\x1b[2J\x1b[3J');
  return 0;
};

export const timeout = tool(
  {
    short: 's:k:v',
    long: { 'signal=': 's', 'kill-after=': 'k', foreground: 'foreground', 'preserve-status': 'preserve-status', verbose: 'v' },
    usage: '[OPTION] DURATION COMMAND [ARG]...',
    stopsAtOperand: true,
    errorStatus: 125,
  },
  function* (sys, options) {
    const [duration, name, ...args] = options.operands;
    if (name === undefined) throw new UsageError('missing operand');
    const ms = durationMs(duration!);
    if (ms === undefined) throw new UsageError(`invalid time interval '${duration}'`);
    const signal = parseSignal(options.value('s') ?? 'TERM');
    if (!signal) throw new UsageError(`‘${options.value('s')}’: invalid signal`);
    const path = sys.which(name);
    if (path === undefined) return yield* complain(sys, `failed to run command '${name}': No such file or directory`, 127);
    const child = sys.spawn(sys.load(path, [name, ...args]));
    let isLate = false;
    const timers = [
      sys.kernel.loop.timer(ms, () => {
        isLate = true;
        sys.kernel.kill(sys.machine, child, signal);
        const grace = durationMs(options.value('k') ?? '');
        if (grace !== undefined)
          timers.push(sys.kernel.loop.timer(grace, () => sys.machine.processes.has(child) && sys.kernel.kill(sys.machine, child, 'KILL')));
      }),
    ];
    sys.own(() => {
      for (const timer of timers) timer.cancel();
    });
    const status = yield* sys.wait(child);
    for (const timer of timers) timer.cancel();
    return isLate && !options.has('preserve-status') ? 124 : status.code;
  },
);

export const nohup = tool({ usage: 'COMMAND [ARG]...', stopsAtOperand: true, errorStatus: 125 }, function* (sys, options) {
  if (options.operands.length === 0) throw new UsageError('missing operand');
  sys.onSignal('HUP', 'ignore');
  return yield* execute(sys, options.operands);
});

export const expr: Program = function* (sys) {
  const parser = new ExprParser(sys.argv.slice(1));
  try {
    const value = parser.parse();
    yield* sys.print(1, `${value}\n`);
    return Number(value === '' || /^-?0+$/.test(value));
  } catch (error) {
    if (!(error instanceof ExprError)) throw error;
    return yield* complain(sys, error.message, 2);
  }
};

class ExprError extends Error {}

/** expr(1): `|`, `&`, comparisons, `+ -`, `* / %`, `:`, in order of rising strength. */
class ExprParser {
  readonly #args: readonly string[];
  #next = 0;

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  parse(): string {
    if (this.#args.length === 0) throw new ExprError('missing operand');
    const value = this.#level(0);
    if (this.#next < this.#args.length) throw new ExprError(`syntax error: unexpected argument '${this.#args[this.#next]}'`);
    return value;
  }

  #level(level: number): string {
    const operators = [['|'], ['&'], ['<', '<=', '=', '==', '!=', '>=', '>'], ['+', '-'], ['*', '/', '%'], [':']][level];
    if (!operators) return this.#primary();
    let left = this.#level(level + 1);
    while (operators.includes(this.#args[this.#next] ?? '')) {
      const operator = this.#args[this.#next++]!;
      left = this.#apply(operator, left, this.#level(level + 1));
    }
    return left;
  }

  #primary(): string {
    const word = this.#args[this.#next++];
    if (word === undefined) throw new ExprError(`syntax error: missing argument after '${this.#args.at(-1)}'`);
    if (word === '(') {
      const value = this.#level(0);
      if (this.#args[this.#next++] !== ')') throw new ExprError("syntax error: expecting ')'");
      return value;
    }
    if (word === 'length') return String([...this.#primary()].length);
    if (word === 'substr') {
      const [text, from, length] = [this.#primary(), Number(this.#primary()), Number(this.#primary())];
      return text.slice(from - 1, from - 1 + length);
    }
    if (word === 'index') {
      const [text, chars] = [this.#primary(), this.#primary()];
      return String([...text].findIndex((char) => chars.includes(char)) + 1);
    }
    return word;
  }

  #apply(operator: string, left: string, right: string): string {
    const isFalse = (text: string): boolean => text === '' || /^-?0+$/.test(text);
    if (operator === '|') return isFalse(left) ? (isFalse(right) ? '0' : right) : left;
    if (operator === '&') return isFalse(left) || isFalse(right) ? '0' : left;
    if (operator === ':') {
      const match = new RegExp(`^(?:${posixRegExp(right).source})`, 'su').exec(left);
      return /\\\(/.test(right) ? (match?.[1] ?? '') : String(match ? [...match[0]].length : 0);
    }
    const areNumbers = /^-?\d+$/.test(left) && /^-?\d+$/.test(right);
    if ('<=>!='.includes(operator[0]!)) {
      const order = areNumbers ? Number(left) - Number(right) : Number(left > right) - Number(left < right);
      return String(
        Number(
          { '<': order < 0, '<=': order <= 0, '=': order === 0, '==': order === 0, '!=': order !== 0, '>=': order >= 0, '>': order > 0 }[
            operator
          ],
        ),
      );
    }
    if (!areNumbers) throw new ExprError('non-integer argument');
    const [a, b] = [Number(left), Number(right)];
    if ((operator === '/' || operator === '%') && b === 0) throw new ExprError('division by zero');
    return String({ '+': a + b, '-': a - b, '*': a * b, '/': Math.trunc(a / b), '%': a % b }[operator]! || 0);
  }
}

export const pwd: Program = function* (sys) {
  yield* sys.print(1, `${sys.cwd}\n`);
  return 0;
};
