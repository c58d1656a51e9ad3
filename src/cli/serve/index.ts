/**
 * `labs serve`: the API of an emulated cluster over HTTPS, for kubectl and every other client.
 *
 * - What arrives goes through the cluster's network to its API server, through the same pipeline as every other request: move
 *   the API server's manifest away, and clients are cut off.
 * - The client's certificate, proved by the handshake, or its token is all that counts. The certificate that is served is
 *   signed by the cluster's own authority.
 * - Only the loopback interface is listened on. Credentials are never printed.
 * - `pace.ts` moves virtual time.
 *
 * Deliberately absent: other addresses than the loopback's, and any way around the API server's authentication.
 */
import { randomInt } from 'node:crypto';
import type { HttpRequest, Kernel } from '../../emulator/kernel/index.ts';
import { Random } from '../../emulator/kernel/index.ts';
import type { CertificateAuthority } from '../../emulator/machinery/x509/index.ts';
import { protobufCodec } from '../../emulator/machinery/protobuf.ts';
import { HttpsServer } from './https-server.ts';
import type { Dial } from './line.ts';
import type { Speed } from './pace.ts';
import { Pace } from './pace.ts';
import { codec } from './protobuf/index.ts';

export { dialThrough } from './line.ts';
export type { Dial } from './line.ts';
export { kubeconfigFor } from './kubeconfig.ts';

export interface ServeOptions {
  readonly kernel: Kernel;
  readonly dial: Dial;
  readonly authority: CertificateAuthority;
  readonly speed: Speed;
  readonly port?: number;
  readonly fetch?: (name: string) => Promise<unknown>;
  readonly onCrash: (error: unknown) => void;
  readonly onFault: (error: unknown, request: HttpRequest) => void;
}

export interface ServedCluster {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  readonly pace: Pace;
  /** Breaks every client's connection, as a failing network does. */
  dropConnections(): void;
  /** Ends streams and connections; the clock stands still afterwards. */
  close(): Promise<void>;
}

const dayMs = 86_400_000;

/** Begins to serve. Throws what listening on the port throws. */
export async function serveCluster(options: ServeOptions): Promise<ServedCluster> {
  const { kernel, authority, dial, speed, port = 0, fetch = async () => undefined, onCrash, onFault } = options;
  const { pem, key } = authority.issue(
    {
      subject: { commonName: 'kube-apiserver' },
      usages: ['server auth'],
      dnsNames: ['localhost'],
      ips: ['127.0.0.1'],
      // Clients judge it by their own clock.
      notBeforeMs: Date.now() - dayMs,
      notAfterMs: Date.now() + 365 * dayMs,
    },
    // Not drawn from the cluster's own source: to be served changes nothing in a cluster.
    new Random(randomInt(2 ** 31)),
  );
  const pace = new Pace({ kernel, speed, fetch, onCrash });
  kernel.hostData.provide(protobufCodec, codec);
  try {
    const server = await HttpsServer.listen({
      kernel,
      pace,
      dial,
      certificate: pem + authority.certificate.pem,
      key: key!.pem,
      clientCA: authority.certificate.pem,
      port,
      onFault,
    });
    return {
      url: server.url,
      pace,
      dropConnections: () => server.dropConnections(),
      async close() {
        await server.close();
        pace.stop();
      },
    };
  } catch (error) {
    pace.stop();
    throw error;
  }
}
