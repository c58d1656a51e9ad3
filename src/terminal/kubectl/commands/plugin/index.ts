/** kubectl plugin list. Upstream: kubectl/pkg/cmd/plugin/plugin.go. */
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';

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
      *run({ sys }) {
        // Differs from Kubernetes: programs called kubectl-… are not run as plugins, so none is listed.
        const path = (sys.env.get('PATH') ?? '').split(':');
        const missing = path.filter((directory) => sys.fs.find(sys.path(directory)) === undefined);
        for (const directory of missing) {
          yield* sys.print(
            2,
            `Unable to read directory ${JSON.stringify(directory)} from your PATH: open ${directory}: no such file or directory. Skipping...\n`,
          );
        }
        throw new CommandError('unable to find any kubectl plugins in your PATH');
      },
    },
  ],
};
