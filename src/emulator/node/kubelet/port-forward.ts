import type { Call, DuplexStream } from '../../kernel/index.ts';
import { Errno } from '../../kernel/index.ts';
import type { Sandbox } from '../container-runtime/index.ts';

/** What `port-forward` upgrades a connection to: streams into the Pod's own network. */
export class PortForwarder {
  readonly #sandbox: Sandbox | undefined;

  constructor(sandbox: Sandbox | undefined) {
    this.#sandbox = sandbox;
  }

  /** Connects to a port of the Pod's loopback. Throws ECONNREFUSED when nothing listens there. */
  *connect(port: number): Call<DuplexStream> {
    const sandbox = this.#sandbox;
    if (sandbox?.state !== 'ready') throw new Errno('ECONNREFUSED');
    const connection = yield* sandbox.net.connect({ ip: '127.0.0.1', port });
    return sandbox.net.open(connection);
  }

  /** An HTTP request to a port of the Pod, for `proxy` and for forwarded browsers. */
  request(port: number, request: Parameters<Sandbox['net']['request']>[1]): ReturnType<Sandbox['net']['request']> {
    if (this.#sandbox?.state !== 'ready') throw new Errno('ECONNREFUSED');
    return this.#sandbox.net.request({ ip: '127.0.0.1', port }, request);
  }
}
