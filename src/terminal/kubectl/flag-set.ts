/**
 * Command-line flags as pflag parses them: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-abc`, and `--` which ends
 * them. Flags and arguments may be mixed. The texts of errors are pflag's, the ones of numbers Go's strconv's.
 */
import { durationError, parseDuration } from '../../emulator/machinery/duration.ts';

type FlagType = 'bool' | 'string' | 'int' | 'list' | 'array' | 'duration';

export interface Flag {
  readonly name: string;
  /** The one-letter form. */
  readonly short?: string | undefined;
  /** A `list` is split at commas, an `array` is not. */
  readonly type: FlagType;
  readonly initial: FlagValue;
  /** The value that the flag has when it stands alone. */
  readonly bare?: string | undefined;
  /** What `--help` says of it. */
  readonly usage: string;
  /** True when it is a real flag of kubectl that this one does not have: using it is an error that says so. */
  readonly isUnsupported?: boolean;
}

type FlagValue = boolean | string | number | readonly string[];

/** A mistake in the command line's form. */
export class FlagError extends Error {}

/** Makes a flag: `flag('replicas', 'int', 1, 'how many', { short: 'r' })`. */
export function flag(name: string, type: FlagType, initial: FlagValue, usage: string, more: Partial<Flag> = {}): Flag {
  return { name, type, initial, usage, ...more };
}

/** The values of flags after parsing, by name. */
export class FlagValues {
  readonly #flags = new Map<string, Flag>();
  readonly #values = new Map<string, FlagValue>();

  constructor(flags: readonly Flag[]) {
    // A command's own flag comes before the global one of the same name, such as --user.
    for (const item of flags) if (!this.#flags.has(item.name)) this.#flags.set(item.name, item);
  }

  has(name: string): boolean {
    return this.#flags.has(name);
  }
  /** Whether the flag stood on the command line. */
  changed(name: string): boolean {
    return this.#values.has(name);
  }
  bool(name: string): boolean {
    return this.#get(name, false) as boolean;
  }
  string(name: string): string {
    const value = this.#get(name, '');
    return typeof value === 'string' ? value : '';
  }
  int(name: string): number {
    return this.#get(name, 0) as number;
  }
  list(name: string): readonly string[] {
    return this.#get(name, []) as readonly string[];
  }
  /** Milliseconds. */
  duration(name: string): number {
    return this.#get(name, 0) as number;
  }
  set(item: Flag, text: string): void {
    this.#values.set(item.name, parseValue(item, text, this.#values.get(item.name)));
  }

  #get(name: string, fallback: FlagValue): FlagValue {
    return this.#values.get(name) ?? this.#flags.get(name)?.initial ?? fallback;
  }
}

interface ParsedFlags {
  readonly values: FlagValues;
  readonly args: readonly string[];
  /** How many of `args` stood before `--`; -1 without one. */
  readonly dashAt: number;
}

/** `presets` are values that count as given, where the line does not give others. */
export function parseFlags(
  flags: readonly Flag[],
  argv: readonly string[],
  presets: readonly (readonly [Flag, string])[] = [],
): ParsedFlags {
  const values = new FlagValues(flags);
  for (const [item, text] of presets) values.set(item, text);
  const args: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') {
      const dashAt = args.length;
      return { values, args: [...args, ...argv.slice(i + 1)], dashAt };
    }
    if (arg.startsWith('--')) i += parseLong(flags, values, arg, argv[i + 1]);
    else if (arg.startsWith('-') && arg.length > 1) i += parseShort(flags, values, arg, argv[i + 1]);
    else args.push(arg);
  }
  return { values, args, dashAt: -1 };
}

/** Sets one long flag and returns how many further arguments it took. */
function parseLong(flags: readonly Flag[], values: FlagValues, arg: string, next: string | undefined): number {
  const equals = arg.indexOf('=');
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
  if (name === '' || name.startsWith('-') || name.startsWith('=')) throw new FlagError(`bad flag syntax: ${arg}`);
  const item = flags.find((candidate) => candidate.name === name);
  if (!item) throw new FlagError(`unknown flag: --${name}`);
  if (equals >= 0) return assign(values, item, arg.slice(equals + 1), 0);
  if (item.bare !== undefined || item.type === 'bool') return assign(values, item, item.bare ?? 'true', 0);
  if (next === undefined) throw new FlagError(`flag needs an argument: --${name}`);
  return assign(values, item, next, 1);
}

function parseShort(flags: readonly Flag[], values: FlagValues, arg: string, next: string | undefined): number {
  for (let letters = arg.slice(1); letters !== ''; ) {
    const letter = letters[0]!;
    const item = flags.find((candidate) => candidate.short === letter);
    if (!item) throw new FlagError(`unknown shorthand flag: '${letter}' in -${letters}`);
    if (letters.length > 2 && letters[1] === '=') return assign(values, item, letters.slice(2), 0);
    if (item.bare === undefined && item.type !== 'bool') {
      if (letters.length > 1) return assign(values, item, letters.slice(1), 0);
      if (next === undefined) throw new FlagError(`flag needs an argument: '${letter}' in -${letters}`);
      return assign(values, item, next, 1);
    }
    assign(values, item, item.bare ?? 'true', 0);
    letters = letters.slice(1);
  }
  return 0;
}

function assign(values: FlagValues, item: Flag, text: string, taken: number): number {
  // Differs from Kubernetes: a flag that this kubectl does not have is refused by name instead of being ignored.
  if (item.isUnsupported) throw new FlagError(`flag is not supported by this kubectl: --${item.name}`);
  values.set(item, text);
  return taken;
}

function parseValue(item: Flag, text: string, previous: FlagValue | undefined): FlagValue {
  const fail = (why: string): never => {
    const shown = item.short ? `-${item.short}, --${item.name}` : `--${item.name}`;
    throw new FlagError(`invalid argument ${JSON.stringify(text)} for "${shown}" flag: ${why}`);
  };
  switch (item.type) {
    case 'bool':
      if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
      if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
      return fail(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
    case 'int':
      return /^[+-]?\d+$/.test(text) ? Number(text) : fail(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    case 'duration':
      return parseDuration(text) ?? fail(durationError(text));
    case 'list':
      return [...((previous as readonly string[] | undefined) ?? []), ...splitCommas(text)];
    case 'array':
      return [...((previous as readonly string[] | undefined) ?? []), text];
    default:
      return text;
  }
}

/** A line of comma-separated values; a value in double quotes may hold commas. */
function splitCommas(text: string): string[] {
  if (text === '') return [];
  if (!text.includes('"')) return text.split(',');
  return [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((match) => match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
}
