/** What each metric of an autoscaler proposes, and how its status shows it (horizontal.go, computeStatusFor…). */
import type {
  ExternalMetricSource,
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
  ObjectMetricSource,
  Pod,
  PodsMetricSource,
} from '../../../api/generated/types.ts';
import type { Client } from '../../../client/index.ts';
import type { Call, Kernel } from '../../../kernel/index.ts';
import { goSelectorText } from '../../../machinery/labels.ts';
import { canonicalQuantity, milliValue } from '../../../machinery/quantity.ts';
import type { Samples } from './metrics-source.ts';
import { externalSum, objectValue, podSamples } from './custom-metrics.ts';
import { MetricError, resourceSamples } from './metrics-source.ts';
import { replicasFor, replicasForTotal } from './replicas.ts';

/** What one metric came to. */
export type MetricOutcome =
  | { readonly replicas: number; readonly name: string; readonly status: MetricStatus }
  /** `reason` and `message` are for the condition and the Event, `summary` for the error of the whole. */
  | { readonly reason: string; readonly message: string; readonly summary: string };

export interface MetricContext {
  readonly kernel: Kernel;
  readonly client: Client;
  readonly autoscaler: HorizontalPodAutoscaler;
  /** Of the scale's status. */
  readonly selector: string;
  readonly pods: readonly Pod[];
  /** Replicas of the scale's spec. */
  readonly current: number;
  /** Replicas of the scale's status. */
  readonly observed: number;
}

const milliQuantity = (milli: number): string => canonicalQuantity(`${milli}m`);

export function* outcomeOf(context: MetricContext, metric: MetricSpec): Call<MetricOutcome> {
  switch (metric.type) {
    case 'Resource':
      return yield* ofResource(context, metric.resource!.name, metric.resource!.target, undefined);
    case 'ContainerResource': {
      const { name, target, container } = metric.containerResource!;
      return yield* ofResource(context, name, target, container);
    }
    case 'Object':
      return yield* ofObject(context, metric.object!);
    case 'Pods':
      return yield* ofPods(context, metric.pods!);
    case 'External':
      return yield* ofExternal(context, metric.external!);
    default: {
      const message = `unknown metric source type ${JSON.stringify(metric.type)}`;
      return { reason: 'InvalidMetricSourceType', message, summary: message };
    }
  }
}

function* ofResource(
  { kernel, client, autoscaler, selector, pods, current }: MetricContext,
  resource: string,
  target: MetricTarget,
  container: string | undefined,
): Call<MetricOutcome> {
  const isPlain = target.averageValue !== undefined;
  try {
    const namespace = autoscaler.metadata.namespace!;
    let samples: Samples;
    try {
      samples = yield* resourceSamples(client, kernel.clock, { resource, namespace, selector, container });
    } catch (error) {
      if (!(error instanceof MetricError)) throw error;
      throw new MetricError(`unable to get metrics for resource ${resource}: ${error.message}`);
    }
    const population = { pods, samples, resource, container, current };
    const wanted = isPlain ? { milli: milliValue(target.averageValue) } : { percent: target.averageUtilization! };
    const { replicas, utilization, averageMilli } = replicasFor(population, wanted, kernel.clock, kernel.loop.now);
    const value = { averageUtilization: utilization, averageValue: milliQuantity(averageMilli) };
    const name = isPlain ? `${resource} resource` : `${resource} resource utilization (percentage of request)`;
    return {
      replicas,
      name,
      status:
        container === undefined
          ? { type: 'Resource', resource: { name: resource, current: value } }
          : { type: 'ContainerResource', containerResource: { name: resource, container, current: value } },
    };
  } catch (error) {
    if (!(error instanceof MetricError)) throw error;
    const message = `failed to get ${resource} ${isPlain ? 'usage' : 'utilization'}: ${error.message}`;
    const isContainer = container !== undefined;
    return {
      reason: isContainer ? 'FailedGetContainerResourceMetric' : 'FailedGetResourceMetric',
      message,
      summary: `failed to get ${resource} ${isContainer ? 'container' : 'resource'} metric value: ${message}`,
    };
  }
}

/** The outcome of a calculation, or the failure that it ends in. */
function* outcome(
  calculate: () => Call<MetricOutcome>,
  reason: string,
  texts: (problem: string) => { readonly message: string; readonly summary: string },
): Call<MetricOutcome> {
  try {
    return yield* calculate();
  } catch (error) {
    if (!(error instanceof MetricError)) throw error;
    return { reason, ...texts(error.message) };
  }
}

function ofPods(
  { kernel, client, autoscaler, selector, pods, current }: MetricContext,
  { metric, target }: PodsMetricSource,
): Call<MetricOutcome> {
  const calculate = function* (): Call<MetricOutcome> {
    const namespace = autoscaler.metadata.namespace!;
    let samples: Samples;
    try {
      samples = yield* podSamples(client, kernel.clock, { namespace, selector, metric });
    } catch (error) {
      if (!(error instanceof MetricError)) throw error;
      throw new MetricError(`unable to get metric ${metric.name}: ${error.message}`);
    }
    const population = { pods, samples, resource: '', current };
    const { replicas, averageMilli } = replicasFor(population, { milli: milliValue(target.averageValue!) }, kernel.clock, kernel.loop.now);
    const status = { type: 'Pods', pods: { metric, current: { averageValue: milliQuantity(averageMilli) } } };
    return { replicas, name: `pods metric ${metric.name}`, status };
  };
  return outcome(calculate, 'FailedGetPodsMetric', (message) => ({ message, summary: `failed to get pods metric value: ${message}` }));
}

/** Replicas for a number that belongs to all Pods together, and how the status shows it. */
function fromTotal(
  { pods, current, observed }: MetricContext,
  target: MetricTarget,
  milli: number,
): { readonly replicas: number; readonly value: MetricValueStatus } {
  if (target.averageValue === undefined) {
    const replicas = replicasForTotal({ milli, pods, current }, { total: milliValue(target.value!) });
    return { replicas, value: { value: milliQuantity(milli) } };
  }
  const replicas = replicasForTotal({ milli, pods, current: observed }, { each: milliValue(target.averageValue) });
  return { replicas, value: { averageValue: milliQuantity(Math.ceil(milli / observed)) } };
}

function ofObject(context: MetricContext, { metric, target, describedObject: object }: ObjectMetricSource): Call<MetricOutcome> {
  const namespace = context.autoscaler.metadata.namespace!;
  const calculate = function* (): Call<MetricOutcome> {
    let milli: number;
    try {
      milli = yield* objectValue(context.client, { namespace, object, metric });
    } catch (error) {
      if (!(error instanceof MetricError)) throw error;
      throw new MetricError(`unable to get metric ${metric.name}: ${object.kind} on ${namespace} ${object.name}/${error.message}`);
    }
    const { replicas, value } = fromTotal(context, target, milli);
    // Upstream calls an average so, and leaves out whose it is.
    if (target.averageValue !== undefined)
      return { replicas, name: externalName(metric), status: { type: 'Object', object: { metric, current: value } as never } };
    return {
      replicas,
      name: `${object.kind} metric ${metric.name}`,
      status: { type: 'Object', object: { describedObject: object, metric, current: value } },
    };
  };
  return outcome(calculate, 'FailedGetObjectMetric', (message) => ({ message, summary: `failed to get object metric value: ${message}` }));
}

function ofExternal(context: MetricContext, { metric, target }: ExternalMetricSource): Call<MetricOutcome> {
  const { name, selector } = metric;
  const namespace = context.autoscaler.metadata.namespace!;
  const calculate = function* (): Call<MetricOutcome> {
    let milli: number;
    try {
      milli = yield* externalSum(context.client, namespace, metric);
    } catch (error) {
      if (!(error instanceof MetricError)) throw error;
      throw new MetricError(`unable to get external metric ${namespace}/${name}/${goSelectorText(selector)}: ${error.message}`);
    }
    const { replicas, value } = fromTotal(context, target, milli);
    return { replicas, name: externalName(metric), status: { type: 'External', external: { metric, current: value } } };
  };
  const summary = (message: string): string => `failed to get ${name} external metric value: ${message}`;
  return outcome(calculate, 'FailedGetExternalMetric', (message) => ({ message, summary: summary(message) }));
}

const externalName = ({ name, selector }: ExternalMetricSource['metric']): string => `external metric ${name}(${goSelectorText(selector)})`;
