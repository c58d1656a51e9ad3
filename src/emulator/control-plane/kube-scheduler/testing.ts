/** A control plane with a scheduler and described nodes, for tests. */
import { events } from '../../api/core/event.ts';
import { nodes } from '../../api/core/node.ts';
import { pods } from '../../api/core/pod.ts';
import { serviceAccounts } from '../../api/core/service-account.ts';
import { priorityClasses } from '../../api/scheduling/priority-class.ts';
import type { Node, Pod } from '../../api/generated/types.ts';
import type { Client } from '../../client/index.ts';
import { EventSeriesRecorder, InformerFactory } from '../../client/index.ts';
import { clientOver, ensurePolicy } from '../../client/testing.ts';
import type { TestControlPlane } from '../kube-apiserver/testing.ts';
import { createTestControlPlane } from '../kube-apiserver/testing.ts';
import { defaultConfiguration } from './configuration/load.ts';
import type { Kernel, NetNamespace } from '../../kernel/index.ts';
import type { SchedulerConfiguration } from './configuration/types.ts';
import { Extenders } from './extenders/index.ts';
import type { PluginFactory } from './framework.ts';
import { inTreePlugins } from './plugins/index.ts';
import type { Profile } from './profile.ts';
import { makeProfiles } from './profile.ts';
import { Scheduler } from './scheduler.ts';
import { WaitingPods } from './waiting-pods.ts';

export interface TestNode {
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  readonly unschedulable?: boolean;
  readonly images?: readonly { readonly names: readonly string[]; readonly sizeBytes: number }[];
}

export interface SchedulerTest extends TestControlPlane {
  readonly client: Client;
  readonly scheduler: Scheduler;
  readonly profiles: readonly Profile[];
  addNode(name: string, node?: TestNode): void;
  removeNode(name: string): void;
  /** Creates a Pod with this spec; a container is added when there is none. */
  addPod(name: string, spec?: object, metadata?: object): Pod;
  addPriorityClass(name: string, value: number, preemptionPolicy?: string): void;
  pod(name: string): Pod;
  deletePod(name: string): void;
  settle(): void;
  /** What the condition PodScheduled says. */
  verdict(name: string): string | undefined;
  eventsOf(name: string): string[];
  /** Who reported the Events of a Pod. */
  eventSources(name: string): string[];
}

export const requests = (cpu: string, memory = '64Mi') => ({
  containers: [{ name: 'main', image: 'pause', resources: { requests: { cpu, memory } } }],
});

export function createSchedulerTest(
  described: Readonly<Record<string, TestNode>>,
  options: {
    readonly seed?: number;
    readonly configuration?: SchedulerConfiguration;
    /** Beside upstream's. */
    readonly plugins?: readonly PluginFactory[];
    /** By what way the configuration's extenders are reached. */
    readonly extenderNet?: (kernel: Kernel) => NetNamespace;
  } = {},
): SchedulerTest {
  const plane = createTestControlPlane(options);
  const { kernel, run } = plane;
  const client = clientOver(kernel, plane.admin);
  run(ensurePolicy(client));
  run(client.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'default', name: 'default' } }));
  const own = clientOver(kernel, plane.session('system:kube-scheduler'), 'kube-scheduler');
  const informers = new InformerFactory(kernel, own);
  const configuration = options.configuration ?? defaultConfiguration();
  const waiting = new WaitingPods();
  const profiles = makeProfiles(configuration, [...inTreePlugins, ...(options.plugins ?? [])], {
    kernel,
    informers,
    waiting,
    happened: (event) => scheduler.queue.happened(event),
    readFile: () => undefined,
  });
  const recorders = new Map(profiles.map(({ name }) => [name, new EventSeriesRecorder(kernel, own, name, 'control-plane')]));
  const queue = {
    initialBackoffMs: configuration.podInitialBackoffMs,
    maxBackoffMs: configuration.podMaxBackoffMs,
    maxUnschedulableMs: 300_000,
  };
  const way = options.extenderNet && { net: options.extenderNet(kernel), readFile: () => undefined, nowMs: () => kernel.clock.unixMs };
  const extenders = way && new Extenders(configuration.extenders, way, () => {});
  const scheduler = new Scheduler({
    kernel,
    client: own,
    informers,
    recorder: (name) => recorders.get(name)!,
    profiles,
    waiting,
    queue,
    extenders,
  });
  informers.start();
  informers.onSync(() => scheduler.start());
  const find = (name: string): Pod => run(client.get(pods, { namespace: 'default', name }));
  const test: SchedulerTest = {
    ...plane,
    client,
    scheduler,
    profiles,
    addNode: (name, node = {}) => void addNode(plane, client, name, node),
    removeNode: (name) => void run(client.delete(nodes, { name })),
    addPod: (name, spec = {}, metadata = {}) => {
      const draft = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default', ...metadata },
        spec: { containers: [{ name: 'main', image: 'pause' }], ...spec },
      };
      return run(client.create(pods, draft as never));
    },
    addPriorityClass: (name, value, preemptionPolicy) =>
      void run(
        client.create(priorityClasses, {
          apiVersion: 'scheduling.k8s.io/v1',
          kind: 'PriorityClass',
          metadata: { name },
          value,
          preemptionPolicy,
        } as never),
      ),
    pod: find,
    deletePod: (name) => void run(client.delete(pods, { namespace: 'default', name }, { gracePeriodSeconds: 0 })),
    settle: () => void kernel.loop.run({ untilSettled: true, untilMs: kernel.loop.now + 600_000 }),
    verdict: (name) => find(name).status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message,
    eventsOf: (name) =>
      run(client.list(events, {}))
        .items.filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ type, reason, message }) => `${type} ${reason} ${message}`),
    eventSources: (name) =>
      run(client.list(events, {}))
        .items.filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ reportingComponent }) => reportingComponent ?? ''),
  };
  for (const name in described) test.addNode(name, described[name]);
  test.settle();
  return test;
}

function addNode({ run }: TestControlPlane, client: Client, name: string, node: TestNode): void {
  const { labels, taints, unschedulable, images } = node;
  const metadata = { name, labels: { 'kubernetes.io/hostname': name, ...labels } };
  const created = run(client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata, spec: { taints, unschedulable } } as never)) as Node;
  const amounts = { cpu: node.cpu ?? '4', memory: node.memory ?? '8Gi', pods: node.pods ?? '110' };
  run(client.updateStatus(nodes, { ...created, status: { ...created.status, allocatable: amounts, capacity: amounts, images } } as Node));
  // A new Node is tainted until it is ready; the node lifecycle controller, which would see to that, is not here.
  const stored = run(client.get(nodes, { name }));
  if (JSON.stringify(stored.spec?.taints ?? []) !== JSON.stringify(taints ?? []))
    run(client.update(nodes, { ...stored, spec: { ...stored.spec, taints } } as Node));
}
