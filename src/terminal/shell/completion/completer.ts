/** How a program completes its own arguments. */
import type { Call, Program, Sys } from '../../../emulator/kernel/index.ts';

export interface CompletionContext {
  /** The shell's process, for calls that may block. */
  readonly sys: Sys;
  /** The command's words up to the one at hand, without quotes; the first is the command. */
  readonly words: readonly string[];
  /** The word before the cursor, without quotes; may be empty. */
  readonly current: string;
  /** The shell's variables, exported or not. */
  variable(name: string): string | undefined;
  /** Paths that continue a word, directories with a slash. */
  files(prefix: string, options?: { readonly onlyDirectories?: boolean }): readonly string[];
}

/**
 * Whole words that may stand in place of `current`; the shell keeps those that begin with it. A word that ends with `/`,
 * `=` or `:` is not followed by a space. A tab in a word begins a description that is listed with it.
 */
export type Completer = (context: CompletionContext) => Call<readonly string[]>;

const completers = new WeakMap<Program, Completer>();

/** Gives a program its completer, which then goes wherever the program is installed. */
export function withCompleter(program: Program, completer: Completer): Program {
  completers.set(program, completer);
  return program;
}

export function completerOf(program: Program): Completer | undefined {
  return completers.get(program);
}
