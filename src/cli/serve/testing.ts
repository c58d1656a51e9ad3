/** A served cluster for tests, and requests to it over TLS. */
import http2 from 'node:http2';
import https from 'node:https';
import { createTestControlPlane } from '../../emulator/control-plane/kube-apiserver/testing.ts';
import type { TestControlPlane } from '../../emulator/control-plane/kube-apiserver/testing.ts';
import { Random, unixMs } from '../../emulator/kernel/index.ts';
import { CertificateAuthority } from '../../emulator/machinery/x509/index.ts';
import { createCluster } from '../../emulator/cluster/index.ts';
import type { Cluster } from '../../emulator/cluster/index.ts';
import { textOf } from '../../emulator/kernel/index.ts';
import { fetchHostData } from '../../lab/host-data.ts';
import { programs } from '../../terminal/programs.ts';
import type { ServedCluster } from './index.ts';
import { dialThrough, kubeconfigFor, serveCluster } from './index.ts';
import type { Speed } from './pace.ts';

const epochMs = unixMs(2025, 9, 1);

export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface TestServer extends ServedCluster {
  readonly plane: TestControlPlane;
  readonly ca: string;
  /** What was reported as a fault of the emulator's own. */
  readonly faults: unknown[];
  identity(user: string, ...groups: readonly string[]): Identity;
}

export function identityOf(authority: CertificateAuthority, commonName: string, organizations: readonly string[]): Identity {
  const { pem, key } = authority.issue({ subject: { commonName, organizations }, usages: ['client auth'], notBeforeMs: epochMs });
  return { cert: pem, key: key!.pem };
}

export async function createTestServer(): Promise<TestServer> {
  const authority = new CertificateAuthority(new Random(7), 'kubernetes', epochMs);
  const plane = createTestControlPlane({ authentication: { clientCA: { authorities: [authority.certificate] } } });
  const line = { handler: plane.endpoint.http, ip: '172.18.0.1', port: 40_000, onClose() {}, close() {} };
  const faults: unknown[] = [];
  const served = await serveCluster({
    kernel: plane.kernel,
    authority,
    *dial() {
      return line;
    },
    speed: 'held',
    onCrash: (error) => faults.push(error),
    onFault: (error) => faults.push(error),
  });
  return { ...served, plane, faults, ca: authority.certificate.pem, identity: (user, ...groups) => identityOf(authority, user, groups) };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly as?: Identity | undefined;
}

/** Over HTTP/1.1, on a connection of its own. */
export function ask({ url, ca }: TestServer, { method = 'GET', path, headers = {}, body, as }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request(`${url}${path}`, { method, headers, ca, ...as, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Over HTTP/2, on a connection of its own. */
export function ask2({ url, ca }: TestServer, { method = 'GET', path, headers = {}, body, as }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const session = http2.connect(url, { ca, ...as });
    session.on('error', reject);
    const stream = session.request({ ':method': method, ':path': path, ...headers });
    let got: Readonly<Record<string, unknown>> = {};
    const chunks: Buffer[] = [];
    stream.on('response', (response) => (got = response));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('end', () => {
      session.close();
      resolve({ status: Number(got[':status']), headers: got, body: Buffer.concat(chunks) });
    });
    stream.end(body);
  });
}

export interface BootedServer extends ServedCluster {
  readonly cluster: Cluster;
  readonly kubeconfig: string;
  readonly faults: unknown[];
}

/** A whole cluster, born a minute ago, with an administrator's kubeconfig. */
export async function createBootedServer({ nodes = 1, speed = 'held' }: { nodes?: number; speed?: Speed } = {}): Promise<BootedServer> {
  const cluster = createCluster({ nodes, programs, epochMs: Date.now() - 60_000 });
  cluster.kernel.hostData.offer('field-docs');
  const faults: unknown[] = [];
  const served = await serveCluster({
    kernel: cluster.kernel,
    authority: cluster.pki.authority,
    dial: dialThrough(cluster.outside, cluster.apiServer),
    speed,
    fetch: fetchHostData,
    onCrash: (error) => faults.push(error),
    onFault: (error) => faults.push(error),
  });
  const adminConf = textOf(cluster.machine('control-plane')!.fs.readFile('/etc/kubernetes/admin.conf'));
  return { ...served, cluster, faults, kubeconfig: kubeconfigFor(adminConf, served.url) };
}
