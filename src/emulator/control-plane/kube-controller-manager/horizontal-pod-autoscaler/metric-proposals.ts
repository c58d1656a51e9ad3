/** What each metric of an autoscaler proposes, and how its status shows it (horizontal.go, computeStatusFor…). */
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, Pod } from '../../../api/generated/types.ts';
import type { Client } from '../../../client/index.ts';
import type { Call, Kernel } from '../../../kernel/index.ts';
import { goSelectorText } from '../../../machinery/labels.ts';
import { canonicalQuantity, milliValue } from '../../../machinery/quantity.ts';
import type { Samples } from './metrics-source.ts';
import { MetricError, noCustomMetrics, noExternalMetrics, resourceSamples } from './metrics-source.ts';
import { replicasFor } from './replicas.ts';

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
  readonly current: number;
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
    case 'Object': {
      const { metric: of, describedObject: at } = metric.object!;
      const { namespace } = context.autoscaler.metadata;
      const message = `unable to get metric ${of.name}: ${at.kind} on ${namespace} ${at.name}/${noCustomMetrics().message}`;
      return { reason: 'FailedGetObjectMetric', message, summary: `failed to get object metric value: ${message}` };
    }
    case 'Pods': {
      const message = `unable to get metric ${metric.pods!.metric.name}: ${noCustomMetrics().message}`;
      return { reason: 'FailedGetPodsMetric', message, summary: `failed to get pods metric value: ${message}` };
    }
    case 'External': {
      const { name, selector } = metric.external!.metric;
      const { namespace } = context.autoscaler.metadata;
      const message = `unable to get external metric ${namespace}/${name}/${goSelectorText(selector)}: ${noExternalMetrics(name).message}`;
      return { reason: 'FailedGetExternalMetric', message, summary: `failed to get ${name} external metric value: ${message}` };
    }
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
