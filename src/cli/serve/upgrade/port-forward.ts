/** port-forward: connections into a Pod, each a stream for its bytes and one for what goes wrong. Upstream: kubelet/pkg/cri/streaming/portforward. */
import type { ByteString, Call, DuplexStream, Kernel } from '../../../emulator/kernel/index.ts';
import { isErrno } from '../../../emulator/kernel/index.ts';
import { copyOut, Inbox } from './transport.ts';
import type { Transport } from './transport.ts';

/** What the kubelet hands over. */
export interface Forwarder {
  connect(port: number): Call<DuplexStream>;
}

export interface ForwardClient {
  readonly transport: Transport;
  /** False when the client has enough for now. */
  data(data: ByteString): boolean;
  error(message: string): void;
  /** Nothing more will come. */
  end(): void;
}

/** One connection. What the client sends goes into `inbox`. */
export class ForwardedConnection {
  readonly inbox = new Inbox();
  readonly #fiber: { cancel(): void };

  constructor(kernel: Kernel, forwarder: Forwarder, port: number, client: ForwardClient) {
    this.#fiber = kernel.fiber(this.#run(kernel, forwarder, port, client));
  }

  abandon(): void {
    this.inbox.end();
    this.#fiber.cancel();
  }

  *#run(kernel: Kernel, forwarder: Forwarder, port: number, client: ForwardClient): Call<void> {
    try {
      const { input, output } = yield* forwarder.connect(port);
      kernel.fiber(this.inbox.feed(kernel, output));
      yield* copyOut(kernel, input, client.transport, (data) => client.data(data));
    } catch (error) {
      if (!isErrno(error)) throw error;
      // Unverified: the words of the container runtime in the middle are shorter than containerd's.
      client.error(
        `error forwarding port ${port} to pod: failed to connect to localhost:${port} inside namespace: dial tcp4 127.0.0.1:${port}: connect: ${error.message.toLowerCase()}`,
      );
    }
    client.end();
  }
}
