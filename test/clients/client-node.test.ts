/** The official JavaScript client against a served cluster: it must not be able to tell. */
import net from 'node:net';
import { PassThrough } from 'node:stream';
import {
  AppsV1Api,
  Attach,
  CoordinationV1Api,
  CoreV1Api,
  Exec,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  makeInformer,
  PatchStrategy,
  PortForward,
  setHeaderOptions,
  V1MicroTime,
} from '@kubernetes/client-node';
import type { V1ConfigMap, V1Lease, V1Pod, V1Status } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BootedServer } from '../../src/cli/serve/testing.ts';
import { createBootedServer } from '../../src/cli/serve/testing.ts';

const namespace = 'default';
let server: BootedServer;
let config: KubeConfig;
let core: CoreV1Api;

beforeAll(async () => {
  server = await createBootedServer({ speed: 10 });
  config = new KubeConfig();
  config.loadFromString(server.kubeconfig);
  core = config.makeApiClient(CoreV1Api);
});

afterAll(async () => {
  await server.close();
  expect(server.faults).toEqual([]);
});

/** Resolves once it holds; the cluster's clock goes on meanwhile. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await server.pace.advance(200);
}

const configMap = (name: string, data: Record<string, string>): V1ConfigMap => ({ metadata: { name }, data });

describe('objects', () => {
  test('create, read, replace, patch, list, delete', async () => {
    const created = await core.createNamespacedConfigMap({ namespace, body: configMap('crud', { a: '1' }) });
    expect(created.metadata!.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(created.metadata!.creationTimestamp).toBeInstanceOf(Date);
    await core.replaceNamespacedConfigMap({ namespace, name: 'crud', body: { ...created, data: { a: '2' } } });
    const patched = await core.patchNamespacedConfigMap(
      { namespace, name: 'crud', body: { data: { b: '3' } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    expect(patched.data).toEqual({ a: '2', b: '3' });
    const { items } = await core.listNamespacedConfigMap({ namespace, fieldSelector: 'metadata.name=crud' });
    expect(items.map(({ data }) => data)).toEqual([patched.data]);
    expect((await core.deleteNamespacedConfigMap({ namespace, name: 'crud' })).status).toBe('Success');
    await expect(core.readNamespacedConfigMap({ namespace, name: 'crud' })).rejects.toMatchObject({ code: 404 });
  });

  test('a write that came too late is a conflict', async () => {
    const first = await core.createNamespacedConfigMap({ namespace, body: configMap('late', {}) });
    await core.replaceNamespacedConfigMap({ namespace, name: 'late', body: { ...first, data: { a: '1' } } });
    await expect(core.replaceNamespacedConfigMap({ namespace, name: 'late', body: first })).rejects.toMatchObject({ code: 409 });
  });

  test('a list in pieces', async () => {
    for (let i = 0; i < 5; i++)
      await core.createNamespacedConfigMap({
        namespace,
        body: { ...configMap(`piece-${i}`, {}), metadata: { name: `piece-${i}`, labels: { piece: 'yes' } } },
      });
    const names: string[] = [];
    let next: string | undefined;
    do {
      const list = await core.listNamespacedConfigMap({ namespace, labelSelector: 'piece=yes', limit: 2, _continue: next });
      names.push(...list.items.map(({ metadata }) => metadata!.name!));
      next = list.metadata?._continue;
    } while (next);
    expect(names).toEqual(['piece-0', 'piece-1', 'piece-2', 'piece-3', 'piece-4']);
  });

  test('server-side apply keeps who owns what, and refuses to take it away', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config);
    const apply = (manager: string, data: Record<string, string>, force = false) =>
      objects.patch(
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied', namespace }, data } as V1ConfigMap & { kind: string },
        undefined,
        undefined,
        manager,
        force,
        PatchStrategy.ServerSideApply,
      );
    await apply('one', { a: '1' });
    await apply('two', { b: '2' });
    await expect(apply('two', { a: '3', b: '2' })).rejects.toMatchObject({ code: 409 });
    const taken = await apply('two', { a: '3', b: '2' }, true);
    expect((taken as V1ConfigMap).data).toEqual({ a: '3', b: '2' });
    expect(taken.metadata!.managedFields!.map(({ manager, operation }) => [manager, operation])).toEqual([['two', 'Apply']]);
  });
});

describe('watching', () => {
  test('an informer goes on after its connections broke', async () => {
    const selector = 'informed=yes';
    const informer = makeInformer(
      config,
      `/api/v1/namespaces/${namespace}/configmaps`,
      () => core.listNamespacedConfigMap({ namespace, labelSelector: selector }),
      selector,
    );
    const seen: string[] = [];
    informer.on('add', ({ metadata }) => seen.push(`add ${metadata!.name}`));
    informer.on('update', ({ metadata }) => seen.push(`update ${metadata!.name}`));
    informer.on('delete', ({ metadata }) => seen.push(`delete ${metadata!.name}`));
    informer.on('error', () => void informer.start());
    const make = (name: string) =>
      core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels: { informed: 'yes' } }, data: {} } });
    await make('seen-1');
    await informer.start();
    await until(() => seen.includes('add seen-1'));
    await server.dropConnections();
    await make('seen-2');
    await core.deleteNamespacedConfigMap({ namespace, name: 'seen-1' });
    await until(() => seen.includes('add seen-2') && seen.includes('delete seen-1'));
    await informer.stop();
  });
});

describe('Pods', () => {
  const pod: V1Pod = {
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'nginx', image: 'nginx:1.27' }] },
  };

  beforeAll(async () => {
    await core.createNamespacedPod({ namespace, body: pod });
    await until(async () => (await core.readNamespacedPod({ namespace, name: 'web' })).status?.phase === 'Running');
  });

  interface Ran {
    readonly out: string;
    readonly err: string;
    readonly status: V1Status;
  }

  function run(command: readonly string[], stdin?: string): Promise<Ran> {
    const [out, err] = [new PassThrough(), new PassThrough()];
    const text = { out: '', err: '' };
    out.on('data', (data: Buffer) => (text.out += data.toString()));
    err.on('data', (data: Buffer) => (text.err += data.toString()));
    let input: PassThrough | null = null;
    if (stdin !== undefined) {
      input = new PassThrough();
      input.end(stdin);
    }
    return new Promise((resolve, reject) => {
      new Exec(config)
        .exec(namespace, 'web', 'nginx', [...command], out, err, input, false, (status) => resolve({ ...text, status }))
        .catch(reject);
    });
  }

  test.each([
    { name: 'output', command: ['echo', 'hi'], want: { out: 'hi\n', err: '', status: { status: 'Success' } } },
    {
      name: 'errors and an exit code',
      command: ['sh', '-c', 'echo no >&2; exit 3'],
      want: { out: '', err: 'no\n', status: { reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '3' }] } } },
    },
    { name: 'input', command: ['head', '-n1'], stdin: 'one\ntwo\n', want: { out: 'one\n', err: '', status: { status: 'Success' } } },
    { name: 'what is not there', command: ['nope'], want: { status: { status: 'Failure', reason: 'InternalError' } } },
  ])('exec: $name', async ({ command, stdin, want }) => {
    expect(await run(command, stdin)).toMatchObject(want);
  });

  test('attach and log show what the container prints', async () => {
    const out = new PassThrough();
    let text = '';
    out.on('data', (data: Buffer) => (text += data.toString()));
    const socket = await new Attach(config).attach(namespace, 'web', 'nginx', out, null, null, false);
    await core.connectGetNamespacedPodProxyWithPath({ namespace, name: 'web:80', path: 'index.html' });
    await until(() => text.includes('GET /index.html'));
    socket.close();
    const logged = new PassThrough();
    let log = '';
    logged.on('data', (data: Buffer) => (log += data.toString()));
    await new Log(config).log(namespace, 'web', 'nginx', logged, { follow: false });
    await until(() => log.includes('GET /index.html'));
  });

  test('port-forward', async () => {
    const forward = new PortForward(config);
    const local = net.createServer((socket) => void forward.portForward(namespace, 'web', [80], socket, null, socket));
    await new Promise<void>((resolve) => local.listen(0, '127.0.0.1', resolve));
    const { port } = local.address() as net.AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('Welcome to nginx');
    local.close();
  });

  test('a Deployment becomes available', async () => {
    const apps = config.makeApiClient(AppsV1Api);
    const labels = { app: 'deployed' };
    await apps.createNamespacedDeployment({
      namespace,
      body: {
        metadata: { name: 'deployed' },
        spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod.spec! } },
      },
    });
    await until(async () => (await apps.readNamespacedDeployment({ namespace, name: 'deployed' })).status?.availableReplicas === 2);
  });
});

/** The library has no leader election; this is what one does: take a Lease that nobody renews, by its resourceVersion. */
test('one of two who want to lead gets the Lease, and the other when it is not renewed', async () => {
  const coordination = config.makeApiClient(CoordinationV1Api);
  const now = () => new V1MicroTime(server.cluster.kernel.clock.unixMs);
  const seconds = 15;
  const attempt = async (holderIdentity: string): Promise<boolean> => {
    try {
      const lease = await coordination.readNamespacedLease({ namespace, name: 'leader' });
      const { holderIdentity: holder, renewTime } = lease.spec!;
      if (holder !== holderIdentity && now().getTime() - new Date(renewTime as unknown as string).getTime() < seconds * 1000) return false;
      const spec = { ...lease.spec, holderIdentity, renewTime: now() };
      await coordination.replaceNamespacedLease({ namespace, name: 'leader', body: { ...lease, spec } });
      return true;
    } catch (error) {
      const { code } = error as { code?: number };
      if (code === 409) return false;
      if (code !== 404) throw error;
      const body: V1Lease = { metadata: { name: 'leader' }, spec: { holderIdentity, leaseDurationSeconds: seconds, renewTime: now() } };
      await coordination.createNamespacedLease({ namespace, body });
      return true;
    }
  };
  const results = await Promise.allSettled([attempt('a'), attempt('b')]);
  expect(results.filter((result) => result.status === 'fulfilled' && result.value)).toHaveLength(1);
  const holder = (await coordination.readNamespacedLease({ namespace, name: 'leader' })).spec!.holderIdentity!;
  const other = holder === 'a' ? 'b' : 'a';
  expect(await attempt(other)).toBe(false);
  await server.pace.advance(20_000);
  expect(await attempt(other)).toBe(true);
  expect(await attempt(holder)).toBe(false);
});
