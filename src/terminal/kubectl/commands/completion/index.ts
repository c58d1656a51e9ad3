/** kubectl completion and kubectl options. */
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { optionsHelp } from '../../help.ts';

export const completion: Command = {
  name: 'completion',
  short: 'Output shell completion code for the specified shell (bash, zsh, fish, or powershell)',
  usage: 'completion SHELL',
  *complete() {
    return ['bash', 'zsh', 'fish', 'powershell'];
  },
  *run(invocation) {
    const [shell, ...more] = invocation.args;
    if (shell === undefined) throw invocation.usageError('Shell not specified.');
    if (more.length > 0) throw invocation.usageError('Too many arguments. Expected only the shell type.');
    if (!['bash', 'zsh', 'fish', 'powershell'].includes(shell))
      throw invocation.usageError(`Unsupported shell type ${JSON.stringify(shell)}.`);
    if (shell !== 'bash') throw new CommandError(`completion for ${shell} is not supported by this kubectl`);
    // Differs from Kubernetes: the terminal completes kubectl by itself, so that there is nothing to load.
    yield* invocation.out('# Completion of kubectl is built into this shell.\n');
    return 0;
  },
};

export const alpha: Command = {
  name: 'alpha',
  short: 'Commands for features in alpha',
  usage: 'alpha',
  isHidden: true,
  *run(invocation) {
    yield* invocation.err('No alpha commands are available in this version of kubectl\n');
    return 0;
  },
};

export const options: Command = {
  name: 'options',
  short: 'Print the list of flags inherited by all commands',
  usage: 'options',
  isHidden: true,
  *run(invocation) {
    yield* invocation.out(optionsHelp());
    return 0;
  },
};
