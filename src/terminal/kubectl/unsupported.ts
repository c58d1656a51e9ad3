/** Verbs of kubectl that this one does not have yet. They say so instead of being unknown. */
import type { Command } from './command.ts';
import { CommandError } from './errors.ts';

/** A verb that is listed and refuses to run. */
export function unsupported(name: string, short: string): Command {
  return {
    name,
    short,
    usage: name,
    *run() {
      // Differs from Kubernetes: the verb is not part of the emulation.
      throw new CommandError(`${name} is not supported by this kubectl`);
    },
  };
}
