/** Labs on a cluster that we only see from outside: here a served one, by the official client. */
import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labSummaries, loadLab } from '../../lab/generated/labs.ts';
import type { BootedServer } from '../serve/testing.ts';
import { createBootedServer } from '../serve/testing.ts';
import { reasonsAgainst } from './fitness.ts';
import { checkOnRealCluster } from './index.ts';
import type { RealOptions } from './index.ts';
import { refuseProduction } from './production.ts';

const path = 'architecture/follow-a-deployment';
let server: BootedServer;
let core: CoreV1Api;
let apps: AppsV1Api;

beforeAll(async () => {
  server = await createBootedServer({ speed: 10 });
  const config = new KubeConfig();
  config.loadFromString(server.kubeconfig);
  core = config.makeApiClient(CoreV1Api);
  apps = config.makeApiClient(AppsV1Api);
});
afterAll(() => server.close());

const options = (change: Partial<RealOptions> = {}): RealOptions => ({
  kubeconfig: server.kubeconfig,
  allowProduction: false,
  waitMs: 60_000,
  stop: new AbortController().signal,
  onReady: () => {},
  onGreen: () => {},
  ...change,
});

const namespaces = async (): Promise<string[]> => (await core.listNamespace()).items.map(({ metadata }) => metadata!.name!).sort();

test('a lab is done in a namespace of its own, seen under its own name, and cleaned up', async () => {
  const before = await namespaces();
  const green: string[] = [];
  let namespace = '';
  const image = (tag: string) => ({
    spec: { template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'nginx', image: `nginx:${tag}` }] } } },
  });
  const work: Record<string, () => Promise<unknown>> = {
    begin: async () =>
      apps.createNamespacedDeployment({
        namespace,
        body: {
          metadata: { name: 'web', labels: { app: 'web' } },
          spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, ...image('1.28').spec },
        },
      }),
    deployed: async () => {
      const { items } = await apps.listNamespacedReplicaSet({ namespace });
      const data = { parent: `ReplicaSet/${items[0]!.metadata!.name}`, grandparent: 'Deployment/web' };
      await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'chain' }, data } });
    },
    chain: async () => {
      const web = await apps.readNamespacedDeployment({ namespace, name: 'web' });
      web.spec!.template.spec!.containers[0]!.image = 'nginx:1.29';
      await apps.replaceNamespacedDeployment({ namespace, name: 'web', body: web });
    },
  };
  const result = await checkOnRealCluster(
    await loadLab(path),
    options({
      onReady: (real) => {
        namespace = real.get('default')!;
        void work.begin!();
      },
      onGreen: (id) => {
        green.push(id);
        void work[id]?.();
      },
    }),
  );
  expect(green).toEqual(['deployed', 'chain', 'rolled', 'steady']);
  expect([result.earned, result.possible, result.source.kind]).toEqual([10, 10, 'cluster']);
  expect(namespace).toMatch(/^labs-follow-a-deployment-[0-9a-f]{6}$/);
  while ((await namespaces()).includes(namespace)) await server.pace.advance(1000);
  expect(await namespaces()).toEqual(before);
}, 120_000);

test('one who gives up is told what is missing, and nothing is left', async () => {
  const before = await namespaces();
  const stop = new AbortController();
  const result = await checkOnRealCluster(
    await loadLab(path),
    options({ stop: stop.signal, onReady: () => setTimeout(() => stop.abort(), 100) }),
  );
  expect(result.earned).toBe(0);
  expect(result.tasks[0]!.message).toMatch(/expected a Deployment web in the namespace default/);
  for (let i = 0; i < 60 && (await namespaces()).length > before.length; i++) await server.pace.advance(1000);
  expect(await namespaces()).toEqual(before);
}, 60_000);

describe('what is refused', () => {
  test.each([
    { name: 'a lab of nodes', lab: 'architecture/first-look', want: /cannot run on a real cluster: .*nodes/ },
    {
      name: 'a lab of faults',
      lab: 'architecture/self-healing',
      want: /only the emulated registry has; .*who made a change.*on the machines/,
    },
    { name: 'a lab of the control plane', lab: 'architecture/without-scheduler', want: /cannot run on a real cluster/ },
    { name: 'a lab of etcd', lab: 'architecture/read-etcd', want: /cannot run on a real cluster: .*machines/ },
  ])('$name', async ({ lab, want }) => {
    await expect(loadLab(lab).then((loaded) => checkOnRealCluster(loaded, options()))).rejects.toThrow(want);
  });

  test.each([
    { name: 'a context that is not there', change: { context: 'nope' }, want: /--context nope: the kubeconfig has kubernetes-admin@/ },
    { name: 'what is no kubeconfig', change: { kubeconfig: 'a: [' }, want: /--kubeconfig: / },
    { name: 'an empty kubeconfig', change: { kubeconfig: '{}' }, want: /--kubeconfig: / },
  ])('$name', async ({ change, want }) => {
    await expect(loadLab(path).then((loaded) => checkOnRealCluster(loaded, options(change)))).rejects.toThrow(want);
  });

  test.each([
    { name: 'prod', refused: true },
    { name: 'eu-production-1', refused: true },
    { name: 'shop.live', refused: true },
    { name: 'product-catalogue', refused: false },
    { name: 'kind-labs', refused: false },
  ])('production by its name: $name', ({ name, refused }) => {
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ name, server: 'https://127.0.0.1:6443', skipTLSVerify: false }, { name: 'u' });
    if (refused) expect(() => refuseProduction(config)).toThrow(/looks like production; .*--allow-production/);
    else refuseProduction(config);
  });
});

test('every lab has an answer', async () => {
  for (const { path: lab } of labSummaries as readonly { path: string }[])
    expect(Array.isArray(await reasonsAgainst(await loadLab(lab)))).toBe(true);
});
