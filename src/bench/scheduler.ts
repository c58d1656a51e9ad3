/**
 * The scheduler alone, beside the in-memory API server: the shapes of upstream's test/integration/scheduler_perf at 5,000 nodes.
 * A figure is Pods a second of CPU time, from their creation to their Binding, API server and collector included; upstream's own gate stands
 * beside it. What upstream does by the clock (churn) happens here as often per measured Pod as at its gate.
 */
import { pods } from '../emulator/api/core/pod.ts';
import { namespaces } from '../emulator/api/core/namespace.ts';
import { serviceAccounts } from '../emulator/api/core/service-account.ts';
import { services } from '../emulator/api/core/service.ts';
import type { SchedulerTest, TestNode } from '../emulator/control-plane/kube-scheduler/testing.ts';
import { createSchedulerTest } from '../emulator/control-plane/kube-scheduler/testing.ts';
import type { Bench, Figure } from './figure.ts';
import { cpuMs } from './measure.ts';

interface Template {
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec: object;
}

const node: TestNode = { cpu: '4', memory: '32Gi', pods: '110' };
const zone = 'topology.kubernetes.io/zone';
const container = (cpu: string) => ({
  name: 'pause',
  image: 'registry.k8s.io/pause:3.10.1',
  ports: [{ containerPort: 80 }],
  resources: { limits: { cpu, memory: '500Mi' }, requests: { cpu, memory: '500Mi' } },
});
const plain: Template = { spec: { containers: [container('100m')] } };

const near = (sort: 'podAffinity' | 'podAntiAffinity', color: string, topologyKey: string, isPreferred: boolean): Template => {
  const term = { labelSelector: { matchLabels: { color } }, topologyKey, namespaces: ['sched-1', 'sched-0'] };
  const terms = isPreferred
    ? { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }] }
    : { requiredDuringSchedulingIgnoredDuringExecution: [term] };
  return { labels: { color, name: 'test' }, spec: { ...plain.spec, affinity: { [sort]: terms } } };
};
const host = 'kubernetes.io/hostname';
const antiAffinity = near('podAntiAffinity', 'green', host, false);
const affinity = near('podAffinity', 'blue', zone, false);
const preferredAffinity = near('podAffinity', 'red', host, true);
const preferredAntiAffinity = near('podAntiAffinity', 'yellow', host, true);

const inZones = { matchExpressions: [{ key: zone, operator: 'In', values: ['zone1', 'zone2'] }] };
const nodeAffinity: Template = {
  spec: {
    ...plain.spec,
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [inZones] } } },
  },
};
const spreading: Template = {
  labels: { color: 'blue' },
  spec: {
    ...plain.spec,
    topologySpreadConstraints: [
      { maxSkew: 5, topologyKey: zone, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { color: 'blue' } } },
    ],
  },
};
const low: Template = { spec: { terminationGracePeriodSeconds: 0, containers: [container('900m')] } };
const high: Template = { spec: { priorityClassName: 'high', containers: [container('3')] } };
const tooLarge: Template = { spec: { priorityClassName: 'high', containers: [container('9')] } };

interface Pods {
  readonly count: number;
  readonly template: Template;
  readonly namespace?: string;
}

interface Workload {
  readonly name: string;
  readonly gate: number;
  readonly goal: number;
  /** Values of the zone label, which the nodes have in turn. */
  readonly zones?: readonly string[];
  readonly before?: readonly Pods[];
  readonly measured: Pods;
  /** Done once for so many measured Pods. */
  readonly churn?: { readonly every: number; readonly step: (t: SchedulerTest, i: number) => void };
}

const sched0 = { namespace: 'sched-0' };
const sched1 = { namespace: 'sched-1' };

const workloads: readonly Workload[] = [
  {
    name: 'SchedulingBasic',
    gate: 680,
    goal: 10_000,
    before: [{ count: 1000, template: plain }],
    measured: { count: 10_000, template: plain },
  },
  {
    name: 'SchedulingNodeAffinity',
    gate: 220,
    goal: 8000,
    zones: ['zone1'],
    before: [{ count: 5000, template: nodeAffinity }],
    measured: { count: 10_000, template: nodeAffinity },
  },
  {
    name: 'SchedulingPodAntiAffinity',
    gate: 60,
    goal: 5000,
    before: [{ count: 1000, template: antiAffinity, ...sched0 }],
    measured: { count: 2000, template: antiAffinity, ...sched1 },
  },
  {
    name: 'SchedulingPodAffinity',
    gate: 35,
    goal: 5000,
    zones: ['zone1'],
    before: [{ count: 5000, template: affinity, ...sched0 }],
    measured: { count: 5000, template: affinity, ...sched1 },
  },
  {
    name: 'TopologySpreading',
    gate: 85,
    goal: 5000,
    zones: ['moon-1', 'moon-2', 'moon-3'],
    before: [{ count: 5000, template: plain }],
    measured: { count: 5000, template: spreading },
  },
  {
    name: 'MixedSchedulingBasePod',
    gate: 140,
    goal: 4000,
    zones: ['zone1'],
    before: [plain, affinity, antiAffinity, preferredAffinity, preferredAntiAffinity].map((template) => ({
      count: 2000,
      template,
      ...sched0,
    })),
    measured: { count: 5000, template: plain },
  },
  {
    name: 'PreemptionAsync',
    gate: 570,
    goal: 3000,
    before: [{ count: 20_000, template: low }],
    measured: { count: 5000, template: plain },
    churn: { every: 114, step: (t, i) => create(t, `high-${i}`, high) },
  },
  {
    name: 'Unschedulable',
    gate: 590,
    goal: 6000,
    before: [{ count: 100, template: plain }],
    measured: { count: 10_000, template: plain },
    churn: { every: 118, step: (t, i) => create(t, `large-${i}`, tooLarge) },
  },
  {
    name: 'SchedulingWithMixedChurn',
    gate: 710,
    goal: 8000,
    measured: { count: 10_000, template: plain },
    churn: { every: 710, step: mixedChurn },
  },
];

function create(t: SchedulerTest, name: string, { labels, spec }: Template, namespace = 'default'): void {
  t.run(t.client.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec } as never));
}

/** A node, a Pod that fits nowhere and a Service come and go in turn. */
function mixedChurn(t: SchedulerTest, i: number): void {
  const round = Math.floor(i / 2);
  if (i % 2 === 0) {
    t.addNode(`churn-${round}`, node);
    create(t, `churn-${round}`, tooLarge);
    const spec = { selector: { app: 'foo' }, ports: [{ port: 8080 }] };
    t.run(
      t.client.create(services, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: `churn-${round}`, namespace: 'default' },
        spec,
      } as never),
    );
    return;
  }
  t.removeNode(`churn-${round}`);
  t.deletePod(`churn-${round}`);
  t.run(t.client.delete(services, { name: `churn-${round}`, namespace: 'default' }));
}

/** How many Pods are created before the scheduler has its turn: upstream's client creates beside it. */
const batch = 50;

function createPods(t: SchedulerTest, { count, template, namespace }: Pods, prefix: string, churn?: Workload['churn']): void {
  for (let i = 0; i < count; i++) {
    if (churn && i % churn.every === 0) churn.step(t, i / churn.every);
    create(t, `${prefix}-${i}`, template, namespace);
    if (i % batch === batch - 1) t.kernel.loop.run({ untilMs: t.kernel.loop.now + batch / 2 });
  }
  t.settle();
}

function prepare({ zones, before = [] }: Workload): SchedulerTest {
  const labelled = (i: number): TestNode => (zones ? { ...node, labels: { [zone]: zones[i % zones.length]! } } : node);
  const described = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`node-${i}`, labelled(i)]));
  const t = createSchedulerTest(described);
  for (const name of ['sched-0', 'sched-1']) {
    t.run(t.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } as never));
    t.run(t.client.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: name, name: 'default' } }));
  }
  t.addPriorityClass('high', 10);
  for (const [i, some] of before.entries()) createPods(t, some, `init-${i}`);
  return t;
}

function measure(workload: Workload): Figure {
  const { name, gate, goal, measured, churn } = workload;
  const t = prepare(workload);
  (globalThis as { gc?: () => void }).gc?.();
  const ms = cpuMs(() => createPods(t, measured, 'measured', churn));
  const listed = t.run(t.client.list(pods, { namespace: measured.namespace ?? 'default' })).items;
  const unbound = listed.filter(({ metadata, spec }) => metadata.name.startsWith('measured') && !spec.nodeName).length;
  if (unbound > 0) throw new Error(`${name}: ${unbound} Pods were not scheduled`);
  const value = (measured.count / ms) * 1000;
  return { name, value, unit: 'Pods/s', goal, isRate: true, peer: 'kube-scheduler, its own gate', peerValue: gate };
}

export const schedulerBenches: readonly Bench[] = [
  { name: 'scheduler', run: () => workloads.map(measure) },
  // Each alone, to be looked at with a profiler.
  ...workloads.map((workload): Bench => ({ name: `scheduler/${workload.name}`, isPart: true, run: () => [measure(workload)] })),
];
