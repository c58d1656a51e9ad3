import type { Function as FunctionNode } from 'unbash';
import type { Sys } from '../../emulator/kernel/index.ts';
import { Variables } from './variables.ts';

/** Options of `set`, by the letter that `$-` shows. */
export interface Options {
  errexit: boolean;
  nounset: boolean;
  xtrace: boolean;
  noglob: boolean;
  noclobber: boolean;
  verbose: boolean;
  allexport: boolean;
  noexec: boolean;
  pipefail: boolean;
}

export const optionLetters: Readonly<Record<string, keyof Options>> = {
  a: 'allexport',
  e: 'errexit',
  f: 'noglob',
  n: 'noexec',
  u: 'nounset',
  v: 'verbose',
  x: 'xtrace',
  C: 'noclobber',
};

/** Options of `shopt` that the shell heeds. */
export interface ShellOptions {
  nullglob: boolean;
  failglob: boolean;
  expand_aliases: boolean;
}

export interface ShellFunction {
  readonly body: FunctionNode['body'];
  /** The source that the body's positions count in. */
  readonly text: string;
}

/** What a subshell inherits by copy. */
export interface ShellState {
  readonly variables: Variables;
  readonly functions: Map<string, ShellFunction>;
  readonly aliases: Map<string, string>;
  readonly options: Options;
  readonly shopt: ShellOptions;
  positional: readonly string[];
  name: string;
  /** How errors begin: the name, and the line in a script. */
  readonly isScript: boolean;
  /** `$$`, which stays the same in a subshell. */
  readonly shellPid: number;
  /** Virtual milliseconds at which SECONDS was 0. */
  secondsFromMs: number;
  status: number;
  pipeStatus: readonly number[];
  lastBackground: number | undefined;
  lastArgument: string;
  umask: number;
}

export function copyState(state: ShellState): ShellState {
  return {
    ...state,
    variables: state.variables.copy(),
    functions: new Map(state.functions),
    aliases: new Map(state.aliases),
    options: { ...state.options },
    shopt: { ...state.shopt },
  };
}

export function createState(
  sys: Sys,
  options: Pick<ShellState, 'name' | 'positional' | 'isScript'> & { readonly isInteractive: boolean },
): ShellState {
  const variables = Variables.fromEnvironment(sys.env);
  for (const [name, value] of [
    ['IFS', ' \t\n'],
    ['PWD', sys.cwd],
    ['OPTIND', '1'],
    ['PS4', '+ '],
    ['HOSTNAME', sys.hostname],
    ['BASH_VERSION', '5.2.15(1)-release'],
    ['OSTYPE', 'linux-gnu'],
    ['HOSTTYPE', 'x86_64'],
  ] as const) {
    if (name === 'PWD' || variables.get(name) === undefined) variables.set(name, value);
  }
  variables.declare('PWD', { isExported: true });
  variables.set('SHLVL', String(Number(variables.get('SHLVL') ?? 0) + 1 || 1));
  variables.declare('SHLVL', { isExported: true });
  if (variables.get('PATH') === undefined) variables.set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
  return {
    variables,
    functions: new Map(),
    aliases: new Map(),
    options: {
      errexit: false,
      nounset: false,
      xtrace: false,
      noglob: false,
      noclobber: false,
      verbose: false,
      allexport: false,
      noexec: false,
      pipefail: false,
    },
    shopt: { nullglob: false, failglob: false, expand_aliases: options.isInteractive },
    positional: options.positional,
    name: options.name,
    isScript: options.isScript,
    shellPid: sys.pid,
    secondsFromMs: sys.nowMs,
    status: 0,
    pipeStatus: [0],
    lastBackground: undefined,
    lastArgument: '',
    umask: 0o022,
  };
}
