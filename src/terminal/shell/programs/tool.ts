/** What the everyday programs share: options as GNU getopt reads them, and inputs that are files or standard input. */
import { Errno, readAll, textOf } from '../../../emulator/kernel/index.ts';
import type { Call, Program, Sys } from '../../../emulator/kernel/index.ts';

export interface ToolSpec {
  /** Letters; one followed by a colon takes a value, by two an optional one in the same word. */
  readonly short?: string;
  /** Long names and the letter (or word) they stand for; `name=` takes a value, `name=?` an optional one. */
  readonly long?: Readonly<Record<string, string>>;
  /** What stands behind the name in the usage line. */
  readonly usage: string;
  /** Status after wrong options; 1 for most. */
  readonly errorStatus?: number;
  /** The letter that a bare number stands for: `head -5`. */
  readonly digits?: string;
  /** Options end at the first operand, as where a command follows. */
  readonly stopsAtOperand?: boolean;
}

/** Wrong options or operands: the message, and the hint to --help. */
export class UsageError extends Error {
  readonly hint: boolean;
  constructor(message: string, { hint = true } = {}) {
    super(message);
    this.hint = hint;
  }
}

export class Options {
  readonly operands: string[] = [];
  readonly #values = new Map<string, string[]>();
  /** Letters in the order in which they came, for those where the last wins. */
  readonly order: string[] = [];

  add(name: string, value: string): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
    this.order.push(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  count(name: string): number {
    return this.#values.get(name)?.length ?? 0;
  }

  /** The value that was given last. */
  value(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  values(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** Which of several letters came last. */
  last(...names: readonly string[]): string | undefined {
    return this.order.findLast((name) => names.includes(name));
  }
}

export function parseOptions(args: readonly string[], { short = '', long = {}, digits, stopsAtOperand = false }: ToolSpec): Options {
  const options = new Options();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      options.operands.push(...args.slice(i + 1));
      break;
    }
    if (digits !== undefined && /^-\d+$/.test(arg)) options.add(digits, arg.slice(1));
    else if (arg.startsWith('--')) i += parseLong(options, arg, args[i + 1], long);
    else if (/^-./.test(arg)) i += parseShort(options, arg, args[i + 1], short);
    else {
      options.operands.push(arg);
      if (!stopsAtOperand) continue;
      options.operands.push(...args.slice(i + 1));
      break;
    }
  }
  return options;
}

/** How many of the following words it took. */
function parseLong(options: Options, arg: string, next: string | undefined, long: Readonly<Record<string, string>>): number {
  const equals = arg.indexOf('=');
  const name = arg.slice(2, equals < 0 ? undefined : equals);
  const given = equals < 0 ? undefined : arg.slice(equals + 1);
  const keys = Object.keys(long);
  const bare = (key: string): string => key.replace(/=\??$/, '');
  const exact = keys.find((key) => bare(key) === name);
  const starts = keys.filter((key) => bare(key).startsWith(name));
  const key = exact ?? (starts.length === 1 ? starts[0] : undefined);
  if (key === undefined)
    throw new UsageError(
      starts.length > 1
        ? `option '${arg}' is ambiguous; possibilities: ${starts.map((s) => `'--${bare(s)}'`).join(' ')}`
        : `unrecognized option '${arg}'`,
    );
  const letter = long[key]!;
  if (key.endsWith('=?')) options.add(letter, given ?? '');
  else if (!key.endsWith('=')) {
    if (given !== undefined) throw new UsageError(`option '--${bare(key)}' doesn't allow an argument`);
    options.add(letter, '');
  } else if (given !== undefined) options.add(letter, given);
  else {
    if (next === undefined) throw new UsageError(`option '--${bare(key)}' requires an argument`);
    options.add(letter, next);
    return 1;
  }
  return 0;
}

function parseShort(options: Options, arg: string, next: string | undefined, short: string): number {
  for (let k = 1; k < arg.length; k++) {
    const letter = arg[k]!;
    const at = letter === ':' ? -1 : short.indexOf(letter);
    if (at < 0) throw new UsageError(`invalid option -- '${letter}'`);
    if (short[at + 1] !== ':') {
      options.add(letter, '');
      continue;
    }
    const rest = arg.slice(k + 1);
    if (rest !== '' || short[at + 2] === ':') {
      options.add(letter, rest);
      return 0;
    }
    if (next === undefined) throw new UsageError(`option requires an argument -- '${letter}'`);
    options.add(letter, next);
    return 1;
  }
  return 0;
}

/** A program made of its options and what it does with them. `Errno` and usage errors are worded as GNU's tools do. */
export function tool(spec: ToolSpec, run: (sys: Sys, options: Options) => Call<number>): Program {
  return function* (sys) {
    const name = nameOf(sys);
    try {
      if (sys.argv.includes('--help') && !spec.stopsAtOperand) {
        yield* sys.print(1, `Usage: ${name} ${spec.usage}\n`);
        return 0;
      }
      return yield* run(sys, parseOptions(sys.argv.slice(1), spec));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      yield* sys.print(2, `${name}: ${error.message}\n${error.hint ? `Try '${name} --help' for more information.\n` : ''}`);
      return spec.errorStatus ?? 1;
    }
  };
}

export function nameOf(sys: Sys): string {
  return sys.argv[0]!.slice(sys.argv[0]!.lastIndexOf('/') + 1).replace(/^-/, '');
}

/** Writes `name: message` to standard error. Returns 1. */
export function* complain(sys: Sys, message: string, status = 1): Call<number> {
  yield* sys.print(2, `${nameOf(sys)}: ${message}\n`);
  return status;
}

/** Opens the named files, or standard input when there are none, and runs `each` on them in turn. */
export function* forEachInput(
  sys: Sys,
  paths: readonly string[],
  each: (fd: number, path: string) => Call<void>,
  word: (path: string, message: string) => string = (path, message) => `${path}: ${message}`,
): Call<number> {
  let status = 0;
  for (const path of paths.length > 0 ? paths : ['-']) {
    try {
      const fd = path === '-' ? 0 : sys.open(path, 'read');
      yield* each(fd, path);
      if (fd !== 0) sys.fds.close(fd);
    } catch (error) {
      if (!(error instanceof Errno) || error.code === 'EPIPE') throw error;
      status = yield* complain(sys, word(path, error.message));
    }
  }
  return status;
}

/** The whole text of a file, or of standard input for `-`. Throws `Errno`. */
export function* readText(sys: Sys, path: string): Call<string> {
  const fd = path === '-' ? 0 : sys.open(path, 'read');
  const text = textOf(yield* readAll(sys, fd));
  if (fd !== 0) sys.fds.close(fd);
  return text;
}

/** Lines of a text, the last one with or without its newline. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 512,
  k: 1024,
  K: 1024,
  KiB: 1024,
  kB: 1000,
  KB: 1000,
  m: 1024 ** 2,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  MB: 1e6,
  G: 1024 ** 3,
  GiB: 1024 ** 3,
  GB: 1e9,
};

/** `10`, `5k`, `2M`; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)([a-zA-Z]*)$/.exec(text);
  const unit = match && units[match[2]!];
  return unit ? Number(match[1]) * unit : undefined;
}

/** `1.5K`, `12M`, as ls -h, du -h and df -h print sizes. */
export function humanSize(bytes: number): string {
  if (bytes < 1024) return String(bytes);
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < 4) [value, unit] = [value / 1024, unit + 1];
  const text = value < 10 ? (Math.ceil(value * 10) / 10).toFixed(1) : String(Math.ceil(value));
  return `${text}${'BKMGT'[unit]}`;
}
