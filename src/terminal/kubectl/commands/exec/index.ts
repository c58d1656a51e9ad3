/** kubectl exec. Upstream: kubectl/pkg/cmd/exec/exec.go. */

import type { Command } from '../../command.ts';
import { completePod } from '../../completion.ts';
import { CommandError, Quit } from '../../errors.ts';
import { containerFlag, fileFlags, podRunningTimeoutFlag, quietFlag } from '../../flag-groups.ts';
import { chooseContainer, podFor, podForFile } from '../../pods.ts';
import { connect, stdinFlags, streamRemoteCommand, wantsTty } from '../../remote-command.ts';

export const exec: Command = {
  name: 'exec',
  short: 'Execute a command in a container',
  usage: 'exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  examples: ['exec web-1 -- date', 'exec -it web-1 -c app -- sh', 'exec deploy/web -- env'],
  flags: [containerFlag, ...fileFlags.filter((item) => item.name === 'filename'), podRunningTimeoutFlag, quietFlag, ...stdinFlags],
  complete: completePod,
  *run(invocation) {
    const { flags, args, dashAt } = invocation;
    const files = flags.list('filename');
    if (args.length === 0 && files.length === 0) throw new CommandError('pod, type/name or --filename must be specified');
    if (dashAt < 0 && args.length > (files.length > 0 ? 0 : 1))
      throw invocation.usageError('exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead');
    const command = dashAt < 0 ? [] : args.slice(dashAt);
    if (dashAt > 1)
      throw invocation.usageError(
        `expected 'exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]'.\nPOD or TYPE/NAME is a required argument for the exec command`,
      );
    if (command.length === 0) throw new CommandError('you must specify at least one command for the container');
    const names = args.slice(0, dashAt);
    if (names.length === 0 && files.length === 0) throw new CommandError('pod, type/name or --filename must be specified');
    if (names.length > 0 && files.length > 0) throw new CommandError('resource/name arguments cannot be provided when a path is specified');
    const timeoutMs = flags.duration('pod-running-timeout');
    const pod = yield* files.length > 0 ? podForFile(invocation, files, timeoutMs) : podFor(invocation, names[0]!, timeoutMs);
    if (['Succeeded', 'Failed'].includes(pod.status?.phase)) {
      throw new CommandError(`cannot exec into a container in a completed pod; current phase is ${pod.status.phase}`);
    }
    // A name that is given is for the server to judge.
    const container = flags.string('container') || (yield* chooseContainer(invocation, pod, { quiet: flags.bool('quiet') }));
    const isTty = yield* wantsTty(invocation);
    const remote = yield* connect(invocation, pod, 'exec', { command, container, stdin: flags.bool('stdin'), tty: isTty });
    const code = yield* streamRemoteCommand(invocation.sys, remote, { stdin: flags.bool('stdin'), tty: isTty });
    if (code === 0) return 0;
    yield* invocation.err(`command terminated with exit code ${code}\n`);
    throw new Quit(code);
  },
};
