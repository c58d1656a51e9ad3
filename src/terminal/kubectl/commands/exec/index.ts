/** kubectl exec. Upstream: kubectl/pkg/cmd/exec/exec.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import type { RemoteCommand } from '../../../../emulator/kernel/http.ts';
import type { Command } from '../../command.ts';
import { completePod } from '../../completion.ts';
import { CommandError, Quit } from '../../errors.ts';
import { containerFlag, fileFlags, podRunningTimeoutFlag, quietFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { chooseContainer, podFor } from '../../pods.ts';
import { noTtyMessage, streamRemoteCommand } from '../../remote-command.ts';

export const stdinFlags = [flag('stdin', 'bool', false, 'Pass standard input on.', { short: 'i' }), flag('tty', 'bool', false, 'Standard input is a terminal.', { short: 't' })];

export const exec: Command = {
  name: 'exec',
  short: 'Execute a command in a container',
  usage: 'exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  examples: ['exec web-1 -- date', 'exec -it web-1 -c app -- sh', 'exec deploy/web -- env'],
  flags: [containerFlag, ...fileFlags.filter((item) => item.name === 'filename').map((item) => ({ ...item, isUnsupported: true })), podRunningTimeoutFlag, quietFlag, ...stdinFlags],
  complete: completePod,
  *run(invocation) {
    const { flags, args, dashAt } = invocation;
    if (args.length === 0) throw new CommandError('pod, type/name or --filename must be specified');
    if (dashAt < 0 && args.length > 1) throw new CommandError('exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead');
    const command = dashAt < 0 ? [] : args.slice(dashAt);
    if (dashAt > 1) throw invocation.usageError(`expected 'exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]'.\nPOD or TYPE/NAME is a required argument for the exec command`);
    if (command.length === 0) throw new CommandError('you must specify at least one command for the container');
    if (dashAt === 0) throw new CommandError('pod, type/name or --filename must be specified');
    const pod = yield* podFor(invocation, args[0]!, flags.duration('pod-running-timeout'));
    if (['Succeeded', 'Failed'].includes(pod.status?.phase)) {
      throw new CommandError(`cannot exec into a container in a completed pod; current phase is ${pod.status.phase}`);
    }
    const container = yield* chooseContainer(invocation, pod, { quiet: flags.bool('quiet') });
    const isTty = yield* useTty(invocation);
    const remote = yield* connect(invocation, pod, 'exec', { command, container, stdin: flags.bool('stdin'), tty: isTty });
    const code = yield* streamRemoteCommand(invocation.sys, remote, { stdin: flags.bool('stdin'), tty: isTty });
    if (code === 0) return 0;
    yield* invocation.err(`command terminated with exit code ${code}\n`);
    throw new Quit(code);
  },
};

/** Whether -t can be had: only with -i and a terminal. */
export function* useTty(invocation: Invocation): Call<boolean> {
  const { flags, sys } = invocation;
  if (!flags.bool('tty')) return false;
  if (!flags.bool('stdin') || !sys.isatty(0)) {
    yield* invocation.err(noTtyMessage);
    return false;
  }
  return true;
}

export interface RemoteOptions {
  readonly command?: readonly string[];
  readonly container: string;
  readonly stdin: boolean;
  readonly tty: boolean;
}

/** Asks for the upgraded connection. Each word of the command is a parameter of its own. */
export function* connect(invocation: Invocation, pod: Json, subresource: 'exec' | 'attach', options: RemoteOptions): Call<RemoteCommand> {
  const words = (options.command ?? []).map((word) => `command=${encodeURIComponent(word).replaceAll('%20', '+')}`);
  const rest = [`container=${options.container}`, ...(options.stdin ? ['stdin=true'] : []), 'stdout=true', ...(options.tty ? ['tty=true'] : ['stderr=true'])];
  const response = yield* invocation.client.send({
    method: 'POST',
    path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/${subresource}?${[...words, ...rest].join('&')}`,
  });
  if (response.status !== 101 || response.upgrade === undefined) throw new CommandError('unable to upgrade connection: the server did not switch protocols');
  return response.upgrade as RemoteCommand;
}
