/** kubectl plugin list. Upstream: kubectl/pkg/cmd/plugin/plugin.go. */
import type { Call, Sys } from '../../../../emulator/kernel/index.ts';
import { quote } from '../../../../emulator/machinery/go-quote.ts';
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import { pluginDirectories, pluginsIn } from '../../plugin-files.ts';

export const plugin: Command = {
  name: 'plugin',
  short: 'Provides utilities for interacting with plugins',
  usage: 'plugin [flags]',
  subcommands: [
    {
      name: 'list',
      short: "List all visible plugin executables on a user's PATH",
      usage: 'plugin list [flags]',
      flags: [flag('name-only', 'bool', false, 'Names without their directories.')],
      *run(invocation) {
        const { sys, flags } = invocation;
        const paths = yield* pluginsOf(sys);
        const errors: string[] = [];
        if (paths.length > 0) yield* invocation.out('The following compatible plugins are available:\n\n');
        else errors.push('error: unable to find any kubectl plugins in your PATH');
        const seen = new Map<string, string>();
        let count = 0;
        for (const path of paths) {
          yield* invocation.out(`${flags.bool('name-only') ? nameOf(path) : path}\n`);
          for (const warning of warningsOf(invocation, path, seen)) {
            yield* invocation.err(`  - ${warning}\n`);
            count++;
          }
        }
        if (count > 0) errors.push(count === 1 ? 'error: one plugin warning was found' : `error: ${count} plugin warnings were found`);
        if (errors.length > 0) throw new CommandError(errors.map((error) => `${error}\n`).join(''));
        return 0;
      },
    },
  ],
};

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function* pluginsOf(sys: Sys): Call<readonly string[]> {
  const plugins: string[] = [];
  for (const directory of pluginDirectories(sys)) {
    const found = pluginsIn(sys, directory);
    if (found) plugins.push(...found);
    else {
      const why = `open ${directory}: no such file or directory`;
      yield* sys.print(2, `Unable to read directory ${quote(directory)} from your PATH: ${why}. Skipping...\n`);
    }
  }
  return plugins;
}

/** What keeps a plugin from being run. `seen` are those that were found before, by name. */
function warningsOf({ sys, find }: Invocation, path: string, seen: Map<string, string>): readonly string[] {
  const warnings: string[] = [];
  const name = nameOf(path);
  const inode = sys.fs.find(sys.path(path));
  if (inode?.kind === 'file' && (inode.mode & 0o111) === 0) {
    warnings.push(`warning: ${path} identified as a kubectl plugin, but it is not executable`);
  }
  const first = seen.get(name);
  if (first === undefined) seen.set(name, path);
  else warnings.push(`warning: ${path} is overshadowed by a similarly named plugin: ${first}`);
  const found = find(name.split('-').slice(1));
  if (found.command) warnings.push(`warning: ${name} overwrites existing command: ${quote(found.path)}`);
  return warnings;
}
