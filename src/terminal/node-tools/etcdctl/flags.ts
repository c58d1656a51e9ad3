/** Reads a command's flags. Upstream: spf13/pflag, spf13/cobra, client/pkg/flags (SetPflagsFromEnv). */
import type { Sys } from '../../../emulator/kernel/index.ts';
import { quote } from '../../../emulator/machinery/go-quote.ts';
import type { FlagSpec } from '../arguments.ts';
import { parseArguments } from '../arguments.ts';
import type { Flag } from './commands.ts';
import { commands, globalFlags, groups } from './commands.ts';
import type { Given } from './context.ts';

const helpFlag: Flag = { name: 'help', short: 'h', type: 'bool', default: 'false', about: '' };

const specOf = (flags: readonly Flag[]): FlagSpec =>
  Object.fromEntries(
    flags.flatMap(({ name, short, type }) => {
      const entry = { name, takesValue: type !== 'bool' };
      return [[`--${name}`, entry] as const, ...(short ? [[`-${short}`, entry] as const] : [])];
    }),
  );

const allFlags = specOf([...globalFlags, helpFlag, ...commands.flatMap(({ flags = [] }) => flags)]);

/** Milliseconds of a Go duration; undefined for what is none. */
export function durationMs(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const units: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  let sum = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) sum += Number(amount) * units[unit!]!;
  return sum;
}

/** Why a value is none of a flag's type, in pflag's words. */
function valueProblem({ name, short, type }: Flag, value: string): string | undefined {
  const label = short ? `-${short}, --${name}` : `--${name}`;
  const wrong = (why: string): string => `invalid argument ${quote(value)} for ${quote(label)} flag: ${why}`;
  if (type === 'int' && !/^[+-]?\d+$/.test(value)) return wrong(`strconv.ParseInt: parsing ${quote(value)}: invalid syntax`);
  if (type === 'duration' && durationMs(value) === undefined) return wrong(`time: invalid duration ${quote(value)}`);
  if (type === 'bool' && !/^(1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(value))
    return wrong(`strconv.ParseBool: parsing ${quote(value)}: invalid syntax`);
  return undefined;
}

export class GivenFlags implements Given {
  readonly words: readonly string[];
  readonly values: Map<string, string>;
  readonly #flags: ReadonlyMap<string, Flag>;

  constructor(flags: readonly Flag[], words: readonly string[], values: Map<string, string>) {
    this.#flags = new Map(flags.map((flag) => [flag.name, flag]));
    this.words = words;
    this.values = values;
  }

  text(name: string): string {
    return this.values.get(name) ?? this.#flags.get(name)?.default ?? '';
  }

  number(name: string): number {
    return Number(this.text(name));
  }

  readonly has = (name: string): boolean => {
    const flag = this.#flags.get(name);
    return flag?.type === 'bool' ? /^(1|t)/i.test(this.text(name)) : this.values.has(name);
  };
}

/** The flags of a command, without the global ones for a line of a transaction. */
export function readFlags(path: string, argv: readonly string[], isWhole = false): GivenFlags | { readonly problem: string } {
  const own = commands.find((command) => command.path === path)?.flags ?? [];
  const known = [...own, helpFlag, ...(isWhole ? globalFlags : [])];
  const { words, flags, unknown } = parseArguments(argv, specOf(known));
  if (unknown !== undefined)
    return {
      problem: unknown.startsWith('--')
        ? `unknown flag: ${unknown}`
        : `unknown shorthand flag: ${quote(unknown.slice(1, 2))} in ${unknown}`,
    };
  for (const [name, value] of flags) {
    const problem = valueProblem(known.find((flag) => flag.name === name)!, value);
    if (problem !== undefined) return { problem };
  }
  return new GivenFlags(known, words, new Map(flags));
}

/**
 * The command that is meant, by its name or by a beginning that no other has (`cobra.EnablePrefixMatching`), and its arguments
 * without its own words. A group without a command below it is itself what is meant.
 */
export function findCommand(argv: readonly string[]): { readonly path: string; readonly rest: readonly string[] } | undefined {
  const paths = [...groups, ...commands].map(({ path }) => path);
  let rest = argv;
  let found = '';
  for (;;) {
    const below = new Set(
      paths.flatMap((path) =>
        found === '' || path.startsWith(`${found} `) ? [path.slice(found === '' ? 0 : found.length + 1).split(' ')[0]!] : [],
      ),
    );
    if (below.size === 0) return { path: found, rest };
    const word = parseArguments(rest, allFlags).words[0];
    if (word === undefined) return { path: found, rest };
    const near = [...below].filter((name) => name.startsWith(word));
    const name = below.has(word) ? word : near.length === 1 ? near[0]! : undefined;
    if (name === undefined) return found === '' ? undefined : { path: found, rest };
    rest = withoutWord(rest, word);
    found = found === '' ? name : `${found} ${name}`;
  }
}

/** Arguments without the first word that is one; values of flags are none. */
function withoutWord(argv: readonly string[], word: string): readonly string[] {
  const at = argv.findIndex((arg, i) => arg === word && parseArguments(argv.slice(0, i + 1), allFlags).words.length === 1);
  return argv.filter((_, i) => i !== at);
}

/** Names near one that does not exist, as cobra suggests them: two letters away at most, or longer. */
export function suggestionsFor(word: string): readonly string[] {
  const top = new Set([...groups, ...commands].map(({ path }) => path.split(' ')[0]!));
  return [...top].filter((name) => name.startsWith(word.toLowerCase()) || distance(name, word.toLowerCase()) <= 2).sort();
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}

export interface EnvironmentProblem {
  readonly level: 'warn' | 'fatal';
  readonly msg: string;
  readonly variable: string;
}

/** Sets global flags that were not given from variables ETCDCTL_*; tells of variables that are none and of those that are in the way. */
export function readEnvironment(sys: Sys, path: string, given: GivenFlags): readonly EnvironmentProblem[] {
  const names = new Map(globalFlags.map(({ name }) => [`ETCDCTL_${name.toUpperCase().replaceAll('-', '_')}`, name]));
  const own = path === 'watch' ? ['ETCDCTL_WATCH_KEY', 'ETCDCTL_WATCH_RANGE_END'] : [];
  const problems: EnvironmentProblem[] = [];
  const before = new Set(given.values.keys());
  for (const [variable, value] of [...sys.env].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!variable.startsWith('ETCDCTL_') || own.includes(variable)) continue;
    const name = names.get(variable);
    if (name === undefined) problems.push({ level: 'warn', msg: 'unrecognized environment variable', variable: `${variable}=${value}` });
    else if (before.has(name))
      problems.push({
        level: 'fatal',
        msg: 'conflicting environment variable is shadowed by corresponding command-line flag (either unset environment variable or disable flag))',
        variable,
      });
    else if (value !== '' && !valueProblem(globalFlags.find((flag) => flag.name === name)!, value)) given.values.set(name, value);
  }
  return problems;
}
