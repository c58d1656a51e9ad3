/** kubectl attach. Upstream: kubectl/pkg/cmd/attach/attach.go. */
import type { Command } from '../../command.ts';
import { completePod } from '../../completion.ts';
import { CommandError, Quit } from '../../errors.ts';
import { containerFlag, podRunningTimeoutFlag, quietFlag } from '../../flag-groups.ts';
import { chooseContainer, hasContainer, podFor } from '../../pods.ts';
import { attachSession, stdinFlags } from '../../remote-command.ts';

export const attach: Command = {
  name: 'attach',
  short: 'Attach to a running container',
  usage: 'attach (POD | TYPE/NAME) -c CONTAINER',
  examples: ['attach web-1', 'attach -it web-1 -c app'],
  flags: [containerFlag, podRunningTimeoutFlag, quietFlag, ...stdinFlags],
  complete: completePod,
  *run(invocation) {
    const { flags, args } = invocation;
    if (args.length === 0) throw new CommandError('at least 1 argument is required for attach');
    if (args.length > 2)
      throw new CommandError(`expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${args.length}: [${args.join(' ')}]`);
    const pod = yield* podFor(invocation, args.length === 2 ? `${args[0]}/${args[1]}` : args[0]!, flags.duration('pod-running-timeout'));
    if (['Succeeded', 'Failed'].includes(pod.status?.phase)) {
      throw new CommandError(`cannot attach a container in a completed pod; current phase is ${pod.status.phase}`);
    }
    const named = flags.string('container');
    if (named !== '' && !hasContainer(pod, named))
      throw new CommandError(`cannot attach to the container: container ${named} not found in pod ${pod.metadata.name}`);
    const container = yield* chooseContainer(invocation, pod, { quiet: flags.bool('quiet') });
    const code = yield* attachSession(invocation, pod, container);
    if (code !== 0) throw new Quit(code);
    return 0;
  },
};
