/** Programs called `kubectl-…` in PATH become commands. Upstream: kubectl/pkg/cmd/cmd.go (HandlePluginCommand), pkg/cmd/plugin. */
import type { Sys } from '../../emulator/kernel/index.ts';
import { isErrno } from '../../emulator/kernel/index.ts';
import { pluginDirectories, pluginsIn } from './plugin-files.ts';
import type { Found } from './command-line.ts';
import { findCommand } from './command-line.ts';
import { CommandError } from './errors.ts';

/** Runs the plugin that a line names, in the place of kubectl; comes back when there is none. */
export function runPlugin(sys: Sys, argv: readonly string[], found: Found): void {
  if (found.unknown !== undefined) return handOver(sys, argv, 1);
  // A kind that `create` does not know may be a plugin's.
  const { command, rest } = found;
  const [word] = rest;
  if (command?.name !== 'create' || found.path !== 'kubectl create' || word === undefined || word.startsWith('-')) return;
  handOver(sys, argv, argv.length - rest.length + 1);
}

function handOver(sys: Sys, argv: readonly string[], minWords: number): void {
  const end = argv.findIndex((word) => word.startsWith('-'));
  const words = (end < 0 ? argv : argv.slice(0, end)).map((word) => word.replaceAll('-', '_'));
  if (words.length === 0) throw new CommandError(`Error: flags cannot be placed before plugin name: ${argv[0]}`, { bare: true });
  for (let count = words.length; count >= minWords; count--) {
    const path = sys.which(`kubectl-${words.slice(0, count).join('-')}`);
    if (path === undefined) continue;
    try {
      const { program, argv: line } = sys.load(path, [path, ...argv.slice(count)]);
      sys.exec(program, line);
    } catch (error) {
      if (!isErrno(error)) throw error;
      throw new CommandError(`Error: ${error.message.toLowerCase()}`, { bare: true });
    }
  }
}

/** The words by which plugins are called, as far as kubectl has no command of its own by them. */
export function pluginCommands(sys: Sys): readonly string[] {
  const paths = pluginDirectories(sys).flatMap((directory) => pluginsIn(sys, directory) ?? []);
  return paths
    .map((path) => path.slice(path.lastIndexOf('/') + 1).split('-')[1]!)
    .map((word) => word.replaceAll('_', '-'))
    .filter((word) => findCommand([word]).command === undefined);
}
