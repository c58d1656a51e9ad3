/**
 * exec and attach: the streams of a process in a container, each on a channel of its own. Upstream: apimachinery
 * pkg/util/remotecommand, kubelet/pkg/cri/streaming/remotecommand.
 */
import type { ByteString, Call, Kernel, RemoteCommand } from '../../../emulator/kernel/index.ts';
import { WaitQueue } from '../../../emulator/kernel/index.ts';
import { copyOut, Inbox, release } from './transport.ts';
import type { Transport } from './transport.ts';

export interface RemoteClient {
  readonly transport: Transport;
  /** False when the client has enough for now. */
  output(channel: 'stdout' | 'stderr', data: ByteString): boolean;
  /** The end, as a Status. The client's connection is closed. */
  finish(status: object): void;
}

/** One end of a session: what the client sends goes in here. */
export class RemoteSession {
  readonly #stdin = new Inbox();
  readonly #remote: RemoteCommand;
  readonly #fibers: { cancel(): void }[];
  readonly #errorsEnded = new WaitQueue();
  #hasErrors: boolean;

  constructor(kernel: Kernel, remote: RemoteCommand, client: RemoteClient, command: readonly string[]) {
    this.#remote = remote;
    this.#hasErrors = remote.stderr !== undefined;
    const { stdin } = remote;
    this.#fibers = [this.#errors(kernel, client), this.#run(kernel, client, command)].map((body) => kernel.fiber(body));
    if (stdin) this.#fibers.push(kernel.fiber(this.#stdin.feed(kernel, stdin)));
  }

  input(data: Buffer): void {
    this.#stdin.push(data);
  }

  endInput(): void {
    this.#stdin.end();
  }

  /** A size of the client's window, as JSON. What cannot be read changes nothing. */
  resize(data: Buffer): void {
    try {
      const { Width, Height } = JSON.parse(data.toString()) as { readonly Width: unknown; readonly Height: unknown };
      if (isSize(Width) && isSize(Height)) this.#remote.resize(Width, Height);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }

  /** The client is gone. The far process goes on, until it reads its end of input or writes to nobody. */
  abandon(): void {
    for (const fiber of this.#fibers) fiber.cancel();
    const { stdin, stdout, stderr, result } = this.#remote;
    if (result) return;
    stdin?.closed();
    release(stdout);
    if (stderr) release(stderr);
  }

  *#errors(kernel: Kernel, client: RemoteClient): Call<void> {
    const { stderr } = this.#remote;
    if (stderr) yield* copyOut(kernel, stderr, client.transport, (data) => client.output('stderr', data));
    this.#hasErrors = false;
    this.#errorsEnded.wake();
  }

  *#run(kernel: Kernel, client: RemoteClient, command: readonly string[]): Call<void> {
    const remote = this.#remote;
    yield* copyOut(kernel, remote.stdout, client.transport, (data) => client.output('stdout', data));
    while (this.#hasErrors) yield* kernel.block(this.#errorsEnded, 'remote');
    while (remote.result === undefined) yield* kernel.block(remote.finished, 'remote');
    client.finish(statusOf(remote.result, command));
  }
}

const isSize = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536;

function statusOf(result: NonNullable<RemoteCommand['result']>, command: readonly string[]): object {
  if ('message' in result) return { metadata: {}, status: 'Failure', message: result.message, reason: 'InternalError', code: 500 };
  const { exitCode } = result;
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: error executing command [${command.join(' ')}], exit code ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}
