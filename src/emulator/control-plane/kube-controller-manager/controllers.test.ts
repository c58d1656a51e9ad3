import { expect, test } from 'vitest';
import { controllerRevisions } from '../../api/apps/controller-revision.ts';
import { daemonSets } from '../../api/apps/daemon-set.ts';
import { deployments } from '../../api/apps/deployment.ts';
import { replicaSets } from '../../api/apps/replica-set.ts';
import { configMaps } from '../../api/core/config-map.ts';
import { endpoints } from '../../api/core/endpoints.ts';
import { namespaces } from '../../api/core/namespace.ts';
import { nodes } from '../../api/core/node.ts';
import { pods } from '../../api/core/pod.ts';
import { services } from '../../api/core/service.ts';
import { serviceAccounts } from '../../api/core/service-account.ts';
import { endpointSlices } from '../../api/discovery/endpoint-slice.ts';
import type { Node } from '../../api/generated/types.ts';
import { podDisruptionBudgets } from '../../api/policy/pod-disruption-budget.ts';
import { clusterRoles } from '../../api/rbac/role.ts';
import { controllers } from './index.ts';
import type { ControllerTest } from './testing.ts';
import { createControllerTest } from './testing.ts';

const spec = { containers: [{ name: 'web', image: 'nginx:1', ports: [{ name: 'http', containerPort: 8080 }] }] };
const template = { metadata: { labels: { app: 'web' } }, spec };
const web = (replicas: number) => ({ metadata: { name: 'web' }, spec: { replicas, selector: { matchLabels: { app: 'web' } }, template } });

function begin(): ControllerTest {
  return createControllerTest(controllers);
}

function addNode(plane: ControllerTest, name: string): void {
  const node = plane.create<Node>(nodes, { metadata: { name, labels: { 'kubernetes.io/hostname': name } }, spec: {} });
  heartbeat(plane, node.metadata.name);
  plane.settle();
}

function heartbeat(plane: ControllerTest, name: string): void {
  const now = plane.kernel.clock.timestamp();
  const conditions = [
    {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    },
  ];
  plane.change(nodes, name, (node) => ({ ...node, status: { ...node.status, conditions } }), { subresource: 'status' });
}

const taintsOf = (plane: ControllerTest, name: string): string[] =>
  (plane.get(nodes, name).spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).sort();
const names = (plane: ControllerTest): string[] => plane.list(pods).map(({ metadata }) => metadata.name);

test('every Namespace has its service account and the CA', () => {
  const plane = begin();
  plane.create(namespaces, { metadata: { name: 'shop' } });
  plane.settle();
  expect(plane.list(serviceAccounts, 'shop').map(({ metadata }) => metadata.name)).toEqual(['default']);
  expect(plane.get(configMaps, 'kube-root-ca.crt', 'shop').data).toEqual({ 'ca.crt': 'the CA' });
  plane.run(plane.client.delete(configMaps, { namespace: 'shop', name: 'kube-root-ca.crt' }));
  plane.settle();
  expect(plane.get(configMaps, 'kube-root-ca.crt', 'shop').data).toEqual({ 'ca.crt': 'the CA' });
});

test('Nodes get parts of the cluster CIDR, and lose the taint of a Node that is not ready', () => {
  const plane = begin();
  addNode(plane, 'node-0');
  addNode(plane, 'node-1');
  expect(['node-0', 'node-1'].map((name) => plane.get(nodes, name).spec?.podCIDR)).toEqual(['10.244.0.0/24', '10.244.1.0/24']);
  expect(taintsOf(plane, 'node-1')).toEqual([]);
});

test('a silent Node: Unknown after 50 s, tainted, its Pods evicted after their toleration', () => {
  const plane = begin();
  for (const name of ['node-1', 'node-2', 'node-3']) addNode(plane, name);
  const tolerations = [{ key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }];
  const pod = plane.create<import('../../api/generated/types.ts').Pod>(pods, {
    metadata: { name: 'a' },
    spec: { ...spec, nodeName: 'node-1', tolerations },
  });
  plane.setReady(pod);
  const live = (seconds: number): void => {
    for (let passed = 0; passed < seconds; passed += 10) {
      plane.advance(10_000);
      for (const name of ['node-2', 'node-3']) heartbeat(plane, name);
    }
  };
  live(40);
  expect(taintsOf(plane, 'node-1')).toEqual([]);
  live(30);
  expect(plane.get(nodes, 'node-1').status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
  });
  expect(taintsOf(plane, 'node-1')).toEqual(['node.kubernetes.io/unreachable:NoExecute', 'node.kubernetes.io/unreachable:NoSchedule']);
  expect(plane.eventsOf('node-1')).toContain('Normal NodeNotReady Node node-1 status is now: NodeNotReady');
  expect(plane.get(pods, 'a').status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('False');
  expect(plane.get(pods, 'a').metadata.deletionTimestamp).toBeUndefined();
  live(310);
  expect(plane.eventsOf('a')).toContain('Normal TaintManagerEviction Marking for deletion Pod default/a');
  expect(plane.get(pods, 'a').metadata.deletionTimestamp).toBeDefined();
  heartbeat(plane, 'node-1');
  plane.settle();
  expect(taintsOf(plane, 'node-1')).toEqual([]);
});

test('deleting a Deployment takes its ReplicaSet and Pods along; orphaning leaves them', () => {
  const plane = begin();
  plane.create(deployments, web(2));
  plane.settle();
  expect(names(plane)).toHaveLength(2);
  plane.delete(deployments, 'web', { propagationPolicy: 'Orphan' });
  plane.settle();
  expect(names(plane)).toHaveLength(2);
  expect(plane.list(replicaSets)[0]!.metadata.ownerReferences ?? []).toEqual([]);
  plane.create(deployments, web(2));
  plane.settle();
  expect(plane.list(replicaSets)).toHaveLength(1);
  plane.delete(deployments, 'web', { propagationPolicy: 'Foreground' });
  plane.settle();
  expect([...plane.list(deployments), ...plane.list(replicaSets), ...names(plane)]).toEqual([]);
});

test('a Namespace goes with all that is in it', () => {
  const plane = begin();
  plane.create(namespaces, { metadata: { name: 'shop' } });
  plane.settle();
  plane.create(deployments, { ...web(2), metadata: { name: 'web', namespace: 'shop' } });
  plane.create(configMaps, { metadata: { name: 'held', namespace: 'shop', finalizers: ['example.com/hold'] } });
  plane.settle();
  plane.delete(namespaces, 'shop');
  plane.settle();
  plane.advance(20_000);
  expect(
    plane
      .get(namespaces, 'shop')
      .status?.conditions?.filter(({ status }) => status === 'True')
      .map(({ message }) => message),
  ).toEqual([
    'Some resources are remaining: configmaps. has 1 resource instances',
    'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  ]);
  plane.change(configMaps, 'held', (map) => ({ ...map, metadata: { ...map.metadata, finalizers: [] } }), { namespace: 'shop' });
  plane.advance(20_000);
  expect(plane.list(namespaces).map(({ metadata }) => metadata.name)).not.toContain('shop');
});

test('slices and Endpoints follow readiness, a hundred endpoints a slice', () => {
  const plane = begin();
  plane.create(services, {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  });
  plane.create(deployments, web(150));
  plane.settle();
  for (const pod of plane.list(pods)) plane.setReady(pod);
  plane.settle();
  const slices = plane.list(endpointSlices).filter(({ metadata }) => metadata.name.startsWith('web-'));
  expect(slices.map((slice) => slice.endpoints!.length).sort((a, b) => a - b)).toEqual([50, 100]);
  expect(slices[0]!.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
  expect(slices[0]!.endpoints![0]!.conditions).toEqual({ ready: true, serving: true, terminating: false });
  expect(slices[0]!.metadata.labels).toMatchObject({
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  });
  expect(plane.get(endpoints, 'web').subsets![0]!.addresses).toHaveLength(150);
  plane.setReady(plane.list(pods)[0]!, false);
  plane.settle();
  const unready = plane
    .list(endpointSlices)
    .flatMap((slice) => slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready === false);
  expect(unready).toHaveLength(1);
  plane.delete(endpointSlices, slices[0]!.metadata.name);
  plane.settle();
  expect(plane.list(endpointSlices).flatMap((slice) => slice.endpoints ?? []).length).toBeGreaterThanOrEqual(150);
});

const agent = (image: string) => ({
  metadata: { name: 'agent' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'agent', image }] } },
  },
});

test('a DaemonSet has a Pod for each node that suits, and replaces them one by one', () => {
  const plane = begin();
  for (const name of ['node-1', 'node-2', 'node-3']) addNode(plane, name);
  plane.change(nodes, 'node-3', (node) => ({
    ...node,
    spec: { ...node.spec, taints: [{ key: 'only', value: 'batch', effect: 'NoSchedule' }] },
  }));
  plane.create(daemonSets, agent('agent:1'));
  plane.settle();
  const targets = () =>
    plane
      .list(pods)
      .map(
        (pod) =>
          pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]?.matchFields?.[0]
            ?.values?.[0],
      )
      .sort();
  expect(targets()).toEqual(['node-1', 'node-2']);
  for (const pod of plane.list(pods)) plane.setReady(pod);
  plane.settle();
  expect(plane.get(daemonSets, 'agent').status).toMatchObject({
    desiredNumberScheduled: 2,
    currentNumberScheduled: 2,
    numberReady: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
  });
  plane.change(daemonSets, 'agent', (ds) => ({
    ...ds,
    spec: { ...ds.spec, template: { ...ds.spec.template, spec: { containers: [{ name: 'agent', image: 'agent:2' }] } } },
  }));
  plane.settle();
  const images = () =>
    plane
      .list(pods)
      .map((pod) => pod.spec.containers[0]!.image)
      .sort();
  expect(images()).toEqual(['agent:1', 'agent:2']);
  for (const pod of plane.list(pods)) if (pod.spec.containers[0]!.image === 'agent:2') plane.setReady(pod);
  plane.settle();
  expect(images()).toEqual(['agent:2', 'agent:2']);
  expect(
    plane
      .list(controllerRevisions)
      .map(({ revision }) => revision)
      .sort(),
  ).toEqual([1, 2]);
});

test('a budget allows as many evictions as leave enough healthy Pods', () => {
  const plane = begin();
  plane.create(deployments, web(3));
  plane.create(podDisruptionBudgets, { metadata: { name: 'web' }, spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } } });
  plane.settle();
  for (const pod of plane.list(pods)) plane.setReady(pod);
  plane.settle();
  expect(plane.get(podDisruptionBudgets, 'web').status).toMatchObject({
    expectedPods: 3,
    currentHealthy: 3,
    desiredHealthy: 2,
    disruptionsAllowed: 1,
  });
  plane.setReady(plane.list(pods)[0]!, false);
  plane.settle();
  expect(plane.get(podDisruptionBudgets, 'web').status).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 0 });
});

test('a budget counts every Pod that it covers, and says when some belong to nobody', () => {
  const plane = begin();
  plane.create(deployments, web(2));
  const spec = { containers: [{ name: 'c', image: 'nginx' }] };
  plane.create(pods, { metadata: { name: 'alone', labels: { app: 'web' } }, spec });
  const budget = (name: string, more: object) => ({ metadata: { name }, spec: { ...more, selector: { matchLabels: { app: 'web' } } } });
  plane.create(podDisruptionBudgets, budget('count', { minAvailable: 2 }));
  plane.create(podDisruptionBudgets, budget('share', { minAvailable: '50%' }));
  plane.settle();
  for (const pod of plane.list(pods)) plane.setReady(pod);
  plane.settle();
  expect(plane.get(podDisruptionBudgets, 'count').status).toMatchObject({ expectedPods: 3, currentHealthy: 3, disruptionsAllowed: 1 });
  expect(plane.get(podDisruptionBudgets, 'share').status).toMatchObject({ expectedPods: 2, desiredHealthy: 1, currentHealthy: 3 });
  expect(plane.eventsOf('count')).toEqual([]);
  expect(plane.eventsOf('share')[0]).toContain(
    'Warning UnmanagedPods Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}) were found',
  );
});

test('a restart changes nothing that is already as it should be', () => {
  const plane = begin();
  for (const name of ['node-1', 'node-2']) addNode(plane, name);
  plane.create(services, { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } });
  plane.create(deployments, web(3));
  plane.create(daemonSets, agent('agent:1'));
  plane.settle();
  for (const pod of plane.list(pods)) plane.setReady(pod);
  plane.settle();
  const versions = () =>
    [deployments, replicaSets, daemonSets, pods, endpointSlices, endpoints, nodes, configMaps, serviceAccounts].flatMap((kind) =>
      plane.list(kind as never).map(({ kind: k, metadata }) => `${k} ${metadata.name} ${metadata.resourceVersion}`),
    );
  const before = versions();
  plane.restart();
  expect(versions()).toEqual(before);
  plane.delete(pods, plane.list(pods)[0]!.metadata.name, { gracePeriodSeconds: 0 });
  plane.settle();
  expect(plane.list(pods)).toHaveLength(5);
});

test('a ClusterRole that gathers others has their rules', () => {
  const plane = begin();
  const rule = { apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get'] };
  plane.create(clusterRoles, {
    metadata: { name: 'all-widgets' },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { widgets: 'yes' } }] },
    rules: [],
  });
  plane.create(clusterRoles, { metadata: { name: 'read-widgets', labels: { widgets: 'yes' } }, rules: [rule] });
  plane.settle();
  expect(plane.get(clusterRoles, 'all-widgets').rules).toEqual([rule]);
  plane.delete(clusterRoles, 'read-widgets');
  plane.settle();
  expect(plane.get(clusterRoles, 'all-widgets').rules ?? []).toEqual([]);
});

test('Pods of a Node that is gone are removed', () => {
  const plane = begin();
  addNode(plane, 'node-1');
  plane.create(pods, { metadata: { name: 'a' }, spec: { ...spec, nodeName: 'node-1' } });
  plane.settle();
  plane.delete(nodes, 'node-1');
  plane.advance(30_000);
  expect(names(plane)).toEqual(['a']);
  plane.advance(60_000);
  expect(names(plane)).toEqual([]);
});
