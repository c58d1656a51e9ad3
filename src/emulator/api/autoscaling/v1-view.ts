/**
 * HorizontalPodAutoscaler as autoscaling/v1 shows it: a target for CPU, and all else in annotations.
 * Upstream: pkg/apis/autoscaling/v1/conversion.go.
 */
import type { ApiObject, Labels } from '../../machinery/objects.ts';
import { defineKind } from '../define-kind.ts';
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget } from '../generated/types.ts';
import type { Kind } from '../kind.ts';
import { horizontalPodAutoscalers } from './horizontal-pod-autoscaler.ts';

const prefix = 'autoscaling.alpha.kubernetes.io';
const metricsKey = `${prefix}/metrics`;
const behaviorKey = `${prefix}/behavior`;
const conditionsKey = `${prefix}/conditions`;
const currentKey = `${prefix}/current-metrics`;
const keys = [metricsKey, behaviorKey, conditionsKey, currentKey];

type Json = Readonly<Record<string, unknown>>;

interface V1 extends ApiObject {
  readonly spec?: {
    readonly scaleTargetRef?: HorizontalPodAutoscaler['spec']['scaleTargetRef'];
    readonly minReplicas?: number | undefined;
    readonly maxReplicas?: number;
    readonly targetCPUUtilizationPercentage?: number | undefined;
  };
  readonly status?: Json | undefined;
}

/** Without what is absent, as Go's omitempty leaves it out. */
function present(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function oldMetric({ type, resource, containerResource, pods, object, external }: MetricSpec): Json {
  const average = (target: MetricTarget): Json => ({
    targetAverageUtilization: target.averageUtilization,
    targetAverageValue: target.averageValue,
  });
  if (resource) return { type, resource: present({ name: resource.name, ...average(resource.target) }) };
  if (containerResource) {
    const { name, container, target } = containerResource;
    return { type, containerResource: present({ name, ...average(target), container }) };
  }
  if (pods) {
    const { metric, target } = pods;
    return { type, pods: present({ metricName: metric.name, targetAverageValue: target.averageValue, selector: metric.selector }) };
  }
  if (object) {
    const { metric, target, describedObject } = object;
    const { value, averageValue } = target;
    return {
      type,
      object: present({
        target: describedObject,
        metricName: metric.name,
        targetValue: value ?? '0',
        selector: metric.selector,
        averageValue,
      }),
    };
  }
  const { metric, target } = external!;
  const { value: targetValue, averageValue: targetAverageValue } = target;
  return {
    type,
    external: present({ metricName: metric.name, metricSelector: metric.selector, targetValue, targetAverageValue }),
  };
}

interface OldSource {
  readonly name: string;
  readonly container?: string;
  readonly metricName: string;
  readonly selector?: never;
  readonly metricSelector?: never;
  readonly target: never;
  readonly targetValue?: string;
  readonly averageValue?: string;
  readonly targetAverageValue?: string;
  readonly targetAverageUtilization?: number;
}

function newMetric(old: Json): MetricSpec {
  const type = old.type as string;
  const source = (name: string): OldSource | undefined => old[name] as OldSource | undefined;
  const resourceTarget = ({ targetAverageUtilization, targetAverageValue }: OldSource): MetricTarget =>
    targetAverageUtilization === undefined
      ? { type: 'AverageValue', averageValue: targetAverageValue }
      : { type: 'Utilization', averageUtilization: targetAverageUtilization };
  const amount = (value: string | undefined, averageValue: string | undefined): MetricTarget =>
    averageValue === undefined ? { type: 'Value', value } : { type: 'AverageValue', averageValue };
  const resource = source('resource');
  if (resource) return { type, resource: { name: resource.name, target: resourceTarget(resource) } };
  const container = source('containerResource');
  if (container)
    return { type, containerResource: { name: container.name, container: container.container ?? '', target: resourceTarget(container) } };
  const pods = source('pods');
  if (pods)
    return {
      type,
      pods: { metric: { name: pods.metricName, selector: pods.selector }, target: amount(undefined, pods.targetAverageValue ?? '0') },
    };
  const object = source('object');
  if (object) {
    const { metricName, selector, target, targetValue, averageValue } = object;
    return { type, object: { describedObject: target, metric: { name: metricName, selector }, target: amount(targetValue, averageValue) } };
  }
  const external = source('external');
  if (!external) return { type };
  const { metricName, metricSelector, targetValue, targetAverageValue } = external;
  return { type, external: { metric: { name: metricName, selector: metricSelector }, target: amount(targetValue, targetAverageValue) } };
}

function oldStatus({ type, resource, containerResource }: MetricStatus): Json {
  if (!resource && !containerResource) return { type };
  const { name, current } = (resource ?? containerResource)!;
  const fields = { name, currentAverageUtilization: current.averageUtilization, currentAverageValue: current.averageValue };
  return resource
    ? { type, resource: present(fields) }
    : { type, containerResource: present({ ...fields, container: containerResource!.container }) };
}

const isCpu = ({ type, resource }: MetricSpec): boolean =>
  type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined;

function fromStored(object: ApiObject): ApiObject {
  const { metadata, spec, status } = object as HorizontalPodAutoscaler;
  const { scaleTargetRef, minReplicas, maxReplicas, metrics = [], behavior } = spec;
  const cpu = metrics.find(isCpu);
  const others = metrics.filter((metric) => metric !== cpu);
  const current = status?.currentMetrics ?? [];
  const currentCpu = current.find(({ resource }) => resource?.name === 'cpu' && resource.current.averageUtilization !== undefined);
  const added: Record<string, string> = {};
  if (others.length > 0) added[metricsKey] = JSON.stringify(others.map(oldMetric));
  if (behavior) added[behaviorKey] = JSON.stringify(behavior);
  if (status?.conditions?.length) added[conditionsKey] = JSON.stringify(status.conditions);
  if (current.length > 0) added[currentKey] = JSON.stringify(current.map(oldStatus));
  const annotations = { ...metadata.annotations, ...added };
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata,
    spec: { maxReplicas, minReplicas, scaleTargetRef, targetCPUUtilizationPercentage: cpu?.resource?.target.averageUtilization },
    status: {
      currentCPUUtilizationPercentage: currentCpu?.resource?.current.averageUtilization,
      currentReplicas: status?.currentReplicas ?? 0,
      desiredReplicas: status?.desiredReplicas ?? 0,
      lastScaleTime: status?.lastScaleTime,
      observedGeneration: status?.observedGeneration,
    },
  } as unknown as ApiObject;
}

/** An annotation's value; undefined for one that is no JSON, which upstream leaves alone too. */
function parsed<T>(annotations: Labels | undefined, key: string): T | undefined {
  try {
    return JSON.parse(annotations?.[key] ?? '') as T;
  } catch {
    return undefined;
  }
}

function toStored(object: ApiObject): ApiObject {
  const { metadata, spec, status } = object as V1;
  const { annotations } = metadata;
  const percent = spec?.targetCPUUtilizationPercentage;
  const target = { type: 'Utilization', averageUtilization: percent };
  const metrics: MetricSpec[] = percent === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', target } }];
  for (const metric of parsed<readonly Json[]>(annotations, metricsKey) ?? []) metrics.push(newMetric(metric));
  const kept = Object.fromEntries(Object.entries(annotations ?? {}).filter(([key]) => !keys.includes(key)));
  const behavior = parsed<HorizontalPodAutoscaler['spec']['behavior']>(annotations, behaviorKey);
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    metadata: annotations ? { ...metadata, annotations: Object.keys(kept).length > 0 ? kept : undefined } : metadata,
    spec: {
      scaleTargetRef: spec?.scaleTargetRef,
      minReplicas: spec?.minReplicas,
      maxReplicas: spec?.maxReplicas,
      metrics: metrics.length > 0 ? metrics : undefined,
      behavior,
    },
    status: status && {
      conditions: parsed(annotations, conditionsKey),
      currentReplicas: status.currentReplicas,
      desiredReplicas: status.desiredReplicas,
      lastScaleTime: status.lastScaleTime,
      observedGeneration: status.observedGeneration,
    },
  } as unknown as ApiObject;
}

/**
 * The older version. It is no kind of its own: the API server alone serves it.
 * Differs from Kubernetes: managedFields name the fields of autoscaling/v2 for what was written here.
 */
export const horizontalPodAutoscalersV1: Kind = defineKind({
  ...(horizontalPodAutoscalers as unknown as Kind),
  version: 'v1',
  model: 'V1HorizontalPodAutoscaler',
  view: { fromStored, toStored },
  columns: horizontalPodAutoscalers.columns.map((column) => ({
    ...column,
    cell: (object: ApiObject, nowMs: number) => column.cell(toStored(object) as HorizontalPodAutoscaler, nowMs),
  })),
});
