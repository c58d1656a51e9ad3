/** Deployment, ReplicaSet, ReplicationController, DaemonSet, StatefulSet, PodDisruptionBudget. */
import type { Json } from '../json.ts';
import type { Backend } from './networking.ts';
import { formatLabels } from '../printers/table-printer.ts';
import type { Page } from './page.ts';
import { controllerOf, longTime, selectorLine } from './page.ts';
import { writePodTemplate } from './pod-template.ts';

/** What other objects say of one: read from the server before the page is written. */
export interface Related {
  readonly pods?: readonly Json[];
  readonly replicaSets?: readonly Json[];
  readonly endpointSlices?: readonly Json[];
  readonly lease?: Json;
  readonly secrets?: readonly Json[];
  /** Services of an Ingress by name. */
  readonly backends?: ReadonlyMap<string, Backend>;
  /** Of a Namespace; absent when the server does not know the kind. */
  readonly quotas?: readonly Json[] | undefined;
  readonly limitRanges?: readonly Json[] | undefined;
}

export function writeDeployment(page: Page, object: Json, { replicaSets = [] }: Related): void {
  const { metadata, spec, status = {} } = object;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Namespace', metadata.namespace);
  page.field(0, 'CreationTimestamp', longTime(metadata.creationTimestamp));
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  page.field(0, 'Selector', selectorLine(spec.selector));
  const counts = [
    `${spec.replicas} desired`,
    `${status.updatedReplicas ?? 0} updated`,
    `${status.replicas ?? 0} total`,
    `${status.availableReplicas ?? 0} available`,
    `${status.unavailableReplicas ?? 0} unavailable`,
  ];
  page.field(0, 'Replicas', counts.join(' | '));
  page.field(0, 'StrategyType', spec.strategy?.type);
  page.field(0, 'MinReadySeconds', spec.minReadySeconds ?? 0);
  const rolling = spec.strategy?.rollingUpdate;
  if (rolling) page.field(0, 'RollingUpdateStrategy', `${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`);
  writePodTemplate(page, spec.template);
  conditions(page, status.conditions);
  if (replicaSets.length === 0) return;
  const newest = newReplicaSet(object, replicaSets);
  const old = replicaSets.filter((one) => one !== newest && (one.spec.replicas ?? 0) >= 0);
  page.field(0, 'OldReplicaSets', replicaSetsLine(old));
  page.field(0, 'NewReplicaSet', replicaSetsLine(newest ? [newest] : []));
}

/** The ReplicaSet with the Deployment's present template. */
function newReplicaSet(deployment: Json, replicaSets: readonly Json[]): Json {
  const same = (one: Json): boolean => {
    const { 'pod-template-hash': _, ...labels } = one.spec.template.metadata?.labels ?? {};
    return (
      JSON.stringify(sorted({ ...one.spec.template, metadata: { ...one.spec.template.metadata, labels } })) ===
      JSON.stringify(sorted(deployment.spec.template))
    );
  };
  return [...replicaSets].sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1)).find(same);
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function replicaSetsLine(list: readonly Json[]): string {
  return (
    list.map((one) => `${one.metadata.name} (${one.status?.replicas ?? 0}/${one.spec.replicas} replicas created)`).join(', ') || '<none>'
  );
}

export function writeReplicaSet(page: Page, object: Json, { pods = [] }: Related): void {
  const { metadata, spec, status = {} } = object;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Namespace', metadata.namespace);
  page.field(0, 'Selector', selectorLine(spec.selector));
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  const controller = controllerOf(object);
  if (controller) page.field(0, 'Controlled By', controller);
  page.field(0, 'Replicas', `${status.replicas ?? 0} current / ${spec.replicas} desired`);
  page.field(0, 'Pods Status', podCounts(object, pods));
  writePodTemplate(page, spec.template);
  conditions(page, status.conditions);
}

export function writeReplicationController(page: Page, object: Json, { pods = [] }: Related): void {
  const { metadata, spec, status = {} } = object;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Namespace', metadata.namespace);
  page.field(0, 'Selector', formatLabels(spec.selector));
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  page.field(0, 'Replicas', `${status.replicas ?? 0} current / ${spec.replicas} desired`);
  page.field(0, 'Pods Status', podCounts(object, pods));
  writePodTemplate(page, spec.template);
  conditions(page, status.conditions);
}

export function writeStatefulSet(page: Page, object: Json, { pods = [] }: Related): void {
  const { metadata, spec, status = {} } = object;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Namespace', metadata.namespace);
  page.field(0, 'CreationTimestamp', longTime(metadata.creationTimestamp));
  page.field(0, 'Selector', selectorLine(spec.selector));
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  page.field(0, 'Replicas', `${spec.replicas} desired | ${status.replicas ?? 0} total`);
  page.field(0, 'Update Strategy', spec.updateStrategy?.type);
  const { partition, maxUnavailable } = spec.updateStrategy?.rollingUpdate ?? {};
  if (partition !== undefined) page.field(1, 'Partition', partition);
  if (partition !== undefined && maxUnavailable !== undefined) page.field(1, 'MaxUnavailable', maxUnavailable);
  page.field(0, 'Pods Status', podCounts(object, pods));
  writePodTemplate(page, spec.template);
  claimTemplates(page, spec.volumeClaimTemplates ?? []);
}

function claimTemplates(page: Page, templates: readonly Json[]): void {
  if (templates.length === 0) {
    page.field(0, 'Volume Claims', '<none>');
    return;
  }
  page.line(0, 'Volume Claims:');
  for (const { metadata, spec } of templates) {
    page.field(1, 'Name', metadata.name);
    page.field(1, 'StorageClass', metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName);
    for (const [title, values] of [
      ['Labels', metadata.labels],
      ['Annotations', metadata.annotations],
    ]) {
      const pairs = Object.keys(values ?? {})
        .sort()
        .map((key) => `${key}=${values[key]}`);
      page.line(1, `${title}:\t${pairs.join('\n  \t') || '<none>'}`);
    }
    page.field(1, 'Capacity', spec.resources?.requests?.storage ?? '<default>');
    page.field(1, 'Access Modes', `[${(spec.accessModes ?? []).join(' ')}]`);
  }
}

export function writeDaemonSet(page: Page, object: Json, { pods = [] }: Related): void {
  const { metadata, spec, status = {} } = object;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Namespace', metadata.namespace);
  page.field(0, 'Selector', selectorLine(spec.selector));
  page.field(0, 'Node-Selector', formatLabels(spec.template.spec.nodeSelector));
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  page.line(0, `Desired Number of Nodes Scheduled: ${status.desiredNumberScheduled ?? 0}`);
  page.line(0, `Current Number of Nodes Scheduled: ${status.currentNumberScheduled ?? 0}`);
  page.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status.updatedNumberScheduled ?? 0}`);
  page.line(0, `Number of Nodes Scheduled with Available Pods: ${status.numberAvailable ?? 0}`);
  page.line(0, `Number of Nodes Misscheduled: ${status.numberMisscheduled ?? 0}`);
  page.field(0, 'Pods Status', podCounts(object, pods));
  writePodTemplate(page, spec.template);
}

function podCounts(owner: Json, pods: readonly Json[]): string {
  const own = pods.filter((pod) => pod.metadata.ownerReferences?.some((one: Json) => one.controller && one.uid === owner.metadata.uid));
  const count = (phase: string): number => own.filter((pod) => pod.status?.phase === phase).length;
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`;
}

function conditions(page: Page, list: readonly Json[] | undefined): void {
  if (!list || list.length === 0) return;
  page.line(0, 'Conditions:\n  Type\tStatus\tReason');
  page.line(1, '----\t------\t------');
  for (const condition of list) page.line(1, `${condition.type} \t${condition.status}\t${condition.reason ?? ''}`);
}

export function writePodDisruptionBudget(page: Page, object: Json): void {
  const { metadata, spec, status = {} } = object;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Namespace', metadata.namespace);
  if (spec.minAvailable !== undefined) page.field(0, 'Min available', spec.minAvailable);
  else if (spec.maxUnavailable !== undefined) page.field(0, 'Max unavailable', spec.maxUnavailable);
  page.field(0, 'Selector', spec.selector ? selectorLine(spec.selector) : '<unset>');
  page.line(0, 'Status:');
  page.field(2, 'Allowed disruptions', status.disruptionsAllowed ?? 0);
  page.field(2, 'Current', status.currentHealthy ?? 0);
  page.field(2, 'Desired', status.desiredHealthy ?? 0);
  page.field(2, 'Total', status.expectedPods ?? 0);
}
