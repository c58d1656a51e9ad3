/** Requests per second over HTTPS on loopback, client and server in one process, and what a watcher costs. */
import http2 from 'node:http2';
import { serveCluster, dialThrough, kubeconfigFor } from '../cli/serve/index.ts';
import { createCluster } from '../emulator/cluster/index.ts';
import { configMaps } from '../emulator/api/core/config-map.ts';
import type { Cluster } from '../emulator/cluster/index.ts';
import { textOf } from '../emulator/kernel/index.ts';
import { programs } from '../terminal/programs.ts';
import type { Bench, Figure } from './figure.ts';
import { wallMs } from './measure.ts';

const connections = 4;
/** Requests that are under way on each connection. */
const streams = 16;

function decode(kubeconfig: string, name: string): string {
  return Buffer.from(new RegExp(`${name}: (\\S+)`).exec(kubeconfig)![1]!, 'base64').toString();
}

/** Sends `count` requests over all connections and returns the microseconds that each took of the whole. */
async function load(sessions: readonly http2.ClientHttp2Session[], count: number, request: (i: number) => Asked): Promise<number> {
  let next = 0;
  const work = async (session: http2.ClientHttp2Session): Promise<void> => {
    while (next < count) await send(session, request(next++));
  };
  const start = performance.now();
  await Promise.all(sessions.flatMap((session) => Array.from({ length: streams }, () => work(session))));
  return ((performance.now() - start) * 1000) / count;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

function send(session: http2.ClientHttp2Session, { method, path, body }: Asked): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': path, 'content-type': 'application/json' });
    stream.on('response', (headers) => {
      if (Number(headers[':status']) >= 300) reject(new Error(`${method} ${path}: ${headers[':status']}`));
    });
    stream.on('error', reject);
    stream.on('data', () => {});
    stream.on('end', resolve);
    stream.end(body);
  });
}

async function overHttps(): Promise<Figure[]> {
  const cluster = createCluster({ nodes: 1, programs, epochMs: Date.now() - 60_000 });
  const fail = (error: unknown): never => {
    throw error;
  };
  const served = await serveCluster({
    kernel: cluster.kernel,
    authority: cluster.pki.authority,
    dial: dialThrough(cluster.outside, cluster.apiServer),
    speed: 'max',
    onCrash: fail,
    onFault: fail,
  });
  const conf = kubeconfigFor(textOf(cluster.machine('control-plane')!.fs.readFile('/etc/kubernetes/admin.conf')), served.url);
  const tls = {
    ca: decode(conf, 'certificate-authority-data'),
    cert: decode(conf, 'client-certificate-data'),
    key: decode(conf, 'client-key-data'),
  };
  const sessions = Array.from({ length: connections }, () => http2.connect(served.url, tls));
  const path = '/api/v1/namespaces/default/configmaps';
  const create = (i: number): Asked => ({ method: 'POST', path, body: JSON.stringify({ metadata: { name: `c-${i}` }, data: { a: 'b' } }) });
  await load(sessions, 2000, (i) => create(i));
  const createUs = await load(sessions, 10_000, (i) => create(i + 2000));
  const getUs = await load(sessions, 20_000, (i) => ({ method: 'GET', path: `${path}/c-${i % 10_000}` }));
  for (const session of sessions) session.close();
  await served.close();
  return [
    { name: 'serve-create', value: createUs, unit: 'µs a request', goal: 500 },
    { name: 'serve-get', value: getUs, unit: 'µs a request', goal: 200 },
  ];
}

const watchers = 1000;
const writes = 200;

function watching(): Figure {
  const cluster: Cluster = createCluster({ nodes: 0, programs });
  const { kernel } = cluster;
  let seen = 0;
  const client = cluster.client('bench');
  const run = (body: () => Generator<unknown, void, void>): void => void kernel.fiber(body() as never);
  run(function* () {
    for (let i = 0; i < watchers; i++)
      yield* client.watch(configMaps, { namespace: 'default' }, { onEvent: () => void seen++, onEnd() {} });
  });
  cluster.settle();
  seen = 0;
  run(function* () {
    for (let i = 0; i < writes; i++)
      yield* client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `w-${i}`, namespace: 'default' } });
  });
  const ms = wallMs(() => cluster.settle());
  if (seen !== watchers * writes) throw new Error(`${seen} of ${watchers * writes} events arrived`);
  return { name: 'watch-1000', value: (ms * 1000) / seen, unit: 'µs an event and watcher', goal: 10 };
}

export const serveBenches: readonly Bench[] = [{ name: 'serve', run: async () => [...(await overHttps()), watching()] }];
