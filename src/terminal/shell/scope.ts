/** What expansion asks of a shell, and what it answers with. */
import type { ArithmeticCommandExpansion, CommandExpansionPart, ProcessSubstitutionPart } from 'unbash';

export type SubstitutionPart = CommandExpansionPart | ArithmeticCommandExpansion | ProcessSubstitutionPart;

/** What expansion needs from the shell. */
export interface Scope {
  /** The value of a variable or special parameter. Undefined when it is not set. */
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  elements(name: string): ReadonlyMap<string, string>;
  setElement(name: string, key: string, value: string): void;
  /** The key of an element: an expression's value, or the text itself for an associative array. */
  subscript(name: string, index: string): string;
  names(prefix: string): string[];
  readonly positional: readonly string[];
  glob(pattern: string): string[];
  /** `set -u`: a variable that is not set is an error. */
  readonly isNounset: boolean;
  /** `shopt -s nullglob`: a pattern without matches is no word at all. */
  readonly isNullglob: boolean;
  /** Output of the command substitutions, and paths of the process substitutions, in the words at hand. */
  readonly outputs: ReadonlyMap<SubstitutionPart, string>;
}

/** A failed expansion: it ends a script, and an interactive command line. */
export class ExpansionError extends Error {}

/** What a parameter stands for: one value, or a list that "$@" keeps apart. */
export interface ParameterValue {
  readonly values: readonly string[];
  readonly kind: 'scalar' | 'at' | 'star';
}

export function joined({ values, kind }: ParameterValue, scope: Scope): string {
  return values.join(kind === 'star' ? (scope.get('IFS') ?? ' ').slice(0, 1) : ' ');
}

export function tilde(value: string, text: string, scope: Scope): string {
  const match = /^~(\+|-|root)?(?=\/|$)/.exec(text);
  if (!match || !value.startsWith(match[0])) return value;
  const home =
    match[1] === '+'
      ? scope.get('PWD')
      : match[1] === '-'
        ? scope.get('OLDPWD')
        : match[1] === 'root'
          ? '/root'
          : (scope.get('HOME') ?? '/root');
  return (home ?? match[0]) + value.slice(match[0].length);
}
