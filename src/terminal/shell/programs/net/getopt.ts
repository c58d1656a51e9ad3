/** Command lines as getopt_long reads them: clustered short options, `--long=value`, options after operands, `--` ends them. */

/** Options by name; `true` takes a value. A long option maps to the name under which it is kept. */
export interface OptionTypes {
  /** As getopt(3): letters, each followed by `:` if it takes a value. */
  readonly short: string;
  /** `long` or `long:`; the value is the short letter or other name that it stands for. */
  readonly long?: Readonly<Record<string, string>>;
}

export interface Options {
  /** Values of each option in their order; a flag has as many empty strings as it was given. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
}

/** The first option that cannot be used. */
export interface OptionError {
  readonly option: string;
  readonly problem: 'unknown' | 'needs-value';
}

export class Parsed implements Options {
  readonly values: Map<string, string[]> = new Map();
  readonly operands: string[] = [];

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** The last value. */
  value(name: string): string | undefined {
    return this.values.get(name)?.at(-1);
  }

  all(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }

  /** A number, NaN when it is none, undefined when it was not given. */
  number(name: string): number | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : /^\d*\.?\d+$/.test(value) ? Number(value) : Number.NaN;
  }

  add(name: string, value: string): void {
    const known = this.values.get(name);
    if (known) known.push(value);
    else this.values.set(name, [value]);
  }
}

/** Reads arguments without the program's name. */
export function getopt(args: readonly string[], types: OptionTypes): Parsed | OptionError {
  const parsed = new Parsed();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      parsed.operands.push(...args.slice(i + 1));
      break;
    }
    if (arg === '-' || !arg.startsWith('-')) {
      parsed.operands.push(arg);
      continue;
    }
    const result = arg.startsWith('--') ? long(arg, args[i + 1], types, parsed) : short(arg, args[i + 1], types, parsed);
    if (typeof result === 'object') return result;
    if (result) i++;
  }
  return parsed;
}

/** Whether the next argument was used up. */
function long(arg: string, next: string | undefined, types: OptionTypes, parsed: Parsed): boolean | OptionError {
  const [, name = '', inline] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(arg) ?? [];
  const flag = types.long?.[name];
  if (flag !== undefined) {
    parsed.add(flag, '');
    return false;
  }
  const target = types.long?.[`${name}:`];
  if (target === undefined) return { option: arg, problem: 'unknown' };
  if (inline === undefined && next === undefined) return { option: arg, problem: 'needs-value' };
  parsed.add(target, inline ?? next!);
  return inline === undefined;
}

function short(arg: string, next: string | undefined, types: OptionTypes, parsed: Parsed): boolean | OptionError {
  for (let i = 1; i < arg.length; i++) {
    const letter = arg[i]!;
    const at = letter === ':' ? -1 : types.short.indexOf(letter);
    if (at < 0) return { option: `-${letter}`, problem: 'unknown' };
    if (types.short[at + 1] !== ':') {
      parsed.add(letter, '');
      continue;
    }
    const rest = arg.slice(i + 1);
    if (rest === '' && next === undefined) return { option: `-${letter}`, problem: 'needs-value' };
    parsed.add(letter, rest === '' ? next! : rest);
    return rest === '';
  }
  return false;
}
