/** A verb of kubectl: its flags, its words of help, what it completes and what it does. */
import type { Call } from '../../emulator/kernel/index.ts';
import type { Flag } from './flag-set.ts';
import type { Invocation } from './invocation.ts';

export interface Command {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line in the overview of the parent. */
  readonly short: string;
  /** What `--help` says first; `short` when absent. */
  readonly long?: string;
  /** The line of usage after `kubectl`, e.g. `scale --replicas=COUNT (-f FILENAME | TYPE NAME)`. */
  readonly usage: string;
  /** Commands that can be tried, without `kubectl`. */
  readonly examples?: readonly string[];
  readonly flags?: readonly Flag[];
  /** Names of flags that must be given. */
  readonly required?: readonly string[];
  /** Not shown in the overview. */
  readonly isHidden?: boolean;
  /** Without a subcommand, its help goes to standard output and not to the errors. */
  readonly printsHelp?: boolean;
  readonly subcommands?: readonly Command[];
  /** Candidates for the word under the cursor; `args` are the words before it, flags taken out. */
  readonly complete?: (invocation: Invocation, args: readonly string[], word: string) => Call<readonly string[]>;
  /** Runs it and returns the exit code (0 when nothing is returned). Absent: it only has subcommands. */
  readonly run?: (invocation: Invocation) => Call<number | undefined>;
}

/** The commands of the overview, in their groups. */
export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly Command[];
}
