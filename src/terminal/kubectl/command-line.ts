/** Which command a command line names, and which flags it takes. */
import type { Command } from './command.ts';
import { hiddenCommands, topLevel } from './commands/index.ts';
import { globalFlags } from './flag-groups.ts';
import type { Flag } from './flag-set.ts';
import { flag } from './flag-set.ts';

/** -h. */
export const helpFlag: Flag = flag('help', 'bool', false, 'Help.', { short: 'h' });

/** Every flag that a command takes. */
export function flagsOf(command: Command): readonly Flag[] {
  return [...(command.flags ?? []), ...globalFlags, helpFlag];
}

export interface Found {
  readonly command?: Command;
  /** The words of the command, `kubectl rollout status`. */
  readonly path: string;
  readonly rest: readonly string[];
  /** The word that is no command. */
  readonly unknown?: string;
}

/** Walks down the tree of commands; flags before a verb are kept for it. */
export function findCommand(argv: readonly string[]): Found {
  let commands: readonly Command[] = [...topLevel, ...hiddenCommands];
  let command: Command | undefined;
  let path = 'kubectl';
  const rest: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === '--') return done(command, path, [...rest, ...argv.slice(i)]);
    if (word.startsWith('-')) {
      rest.push(word);
      if (takesArgument(word) && i + 1 < argv.length) rest.push(argv[++i]!);
      continue;
    }
    const next = commands.find((candidate) => candidate.name === word || candidate.aliases?.includes(word));
    if (!next) {
      if (command === undefined) return { path, rest: argv, unknown: word };
      return done(command, path, [...rest, ...argv.slice(i)]);
    }
    command = next;
    path += ` ${next.name}`;
    commands = next.subcommands ?? [];
    if (commands.length === 0) return done(command, path, [...rest, ...argv.slice(i + 1)]);
  }
  return done(command, path, rest);
}

function done(command: Command | undefined, path: string, rest: readonly string[]): Found {
  return command ? { command, path, rest } : { path, rest };
}

function takesArgument(word: string): boolean {
  if (word.includes('=')) return false;
  const item = word.startsWith('--')
    ? globalFlags.find((one) => `--${one.name}` === word)
    : globalFlags.find((one) => one.short !== undefined && `-${one.short}` === word);
  return item !== undefined && item.type !== 'bool' && item.bare === undefined;
}
