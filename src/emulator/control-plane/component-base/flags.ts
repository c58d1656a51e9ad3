/** Command-line flags of the control plane's components, with the errors that a mistyped one gets. */

/** The flags that a component knows. Without a value a `boolean` flag means true; a `list` may be repeated and separated by commas. */
export type FlagTypes = Readonly<Record<string, 'string' | 'boolean' | 'list' | 'integer' | 'duration'>>;

export class Flags {
  readonly #values = new Map<string, string[]>();

  add(name: string, value: string): void {
    const known = this.#values.get(name);
    if (known) known.push(value);
    else this.#values.set(name, [value]);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  names(): Iterable<string> {
    return this.#values.keys();
  }

  /** The last value that was given. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.text(name);
    return value === undefined ? fallback : /^(1|t|true)$/i.test(value);
  }

  integer(name: string, fallback: number): number {
    const value = this.text(name);
    return value === undefined ? fallback : Number(value);
  }

  list(name: string): readonly string[] {
    return this.#values.get(name)?.flatMap((value) => value.split(',')) ?? [];
  }
}

const isBoolean = (value: string): boolean => /^(1|0|t|f|true|false)$/i.test(value);
const isDuration = (value: string): boolean => /^[-+]?(0|(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+)$/.test(value);

function problemOf(name: string, type: FlagTypes[string], value: string): string | undefined {
  if (type === 'boolean' && !isBoolean(value))
    return `invalid argument "${value}" for "--${name}" flag: strconv.ParseBool: parsing "${value}": invalid syntax`;
  if (type === 'integer' && !/^[-+]?\d+$/.test(value))
    return `invalid argument "${value}" for "--${name}" flag: strconv.ParseInt: parsing "${value}": invalid syntax`;
  if (type === 'duration' && !isDuration(value))
    return `invalid argument "${value}" for "--${name}" flag: time: invalid duration "${value}"`;
  return undefined;
}

/** Parses as pflag does. The error is pflag's own text, without the `Error: ` that cobra puts before it. */
export function parseFlags(args: readonly string[], types: FlagTypes): { readonly flags: Flags } | { readonly error: string } {
  const flags = new Flags();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const match = /^--([^=]+)(?:=([\s\S]*))?$/.exec(arg);
    if (!match) {
      if (arg.startsWith('-') && arg.length > 1) return { error: `unknown shorthand flag: '${arg[1]}' in ${arg}` };
      return { error: `unknown command or argument "${arg}"` };
    }
    const name = match[1]!;
    const type = types[name];
    if (!type) return { error: `unknown flag: --${name}` };
    let value = match[2];
    if (value === undefined) {
      if (type === 'boolean') value = 'true';
      else if (i + 1 < args.length) value = args[++i]!;
      else return { error: `flag needs an argument: --${name}` };
    }
    const problem = problemOf(name, type, value);
    if (problem) return { error: problem };
    flags.add(name, value);
  }
  return { flags };
}
