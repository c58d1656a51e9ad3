/** Where the autoscaler gets its numbers from (pkg/controller/podautoscaler/metrics/client.go). */
import type { PodMetrics } from '../../../api/metrics/pod-metrics.ts';
import { podMetrics } from '../../../api/metrics/pod-metrics.ts';
import type { Client } from '../../../client/index.ts';
import type { Call, WallClock } from '../../../kernel/index.ts';
import { isErrno } from '../../../kernel/index.ts';
import { parseDuration } from '../../../machinery/duration.ts';
import { milliValue } from '../../../machinery/quantity.ts';
import { StatusError } from '../../../machinery/status-error.ts';

/** A number could not be had; the message is what conditions and Events say. */
export class MetricError extends Error {}

/** What one Pod uses, in thousandths. */
export interface Sample {
  readonly milli: number;
  readonly atMs: number;
  readonly windowMs: number;
}

export type Samples = Map<string, Sample>;

/** Samples of the Pods of a selector by name; of one container of them if it is named. */
export function* resourceSamples(
  client: Client,
  clock: WallClock,
  { resource, namespace, selector, container }: ResourceQuery,
): Call<Samples> {
  let items: readonly PodMetrics[];
  try {
    ({ items } = yield* client.list(podMetrics, { namespace, labelSelector: selector }));
  } catch (error) {
    if (!(error instanceof StatusError) && !isErrno(error)) throw error;
    throw new MetricError(`unable to fetch metrics from resource metrics API: ${words(error)}`);
  }
  if (items.length === 0) throw new MetricError('no metrics returned from resource metrics API');
  const samples: Samples = new Map();
  for (const { metadata, containers, timestamp, window } of items) {
    const chosen = container === undefined ? containers : containers.filter(({ name }) => name === container);
    if (container !== undefined && chosen.length === 0)
      throw new MetricError(`container ${container} not present in metrics for pod ${namespace}/${metadata.name}`);
    if (chosen.some(({ usage }) => usage[resource] === undefined)) continue;
    const milli = chosen.reduce((sum, { usage }) => sum + milliValue(usage[resource]!), 0);
    samples.set(metadata.name, { milli, atMs: clock.virtualMs(timestamp), windowMs: parseDuration(window) ?? 0 });
  }
  return samples;
}

interface ResourceQuery {
  readonly resource: string;
  readonly namespace: string;
  readonly selector: string;
  readonly container?: string | undefined;
}

/** What client-go makes of an answer that is no Status of the far server's own. */
function words(error: Error): string {
  const code = error instanceof StatusError ? error.status.code : 0;
  if (code === 404) return 'the server could not find the requested resource (get pods.metrics.k8s.io)';
  if (code === 503) return 'the server is currently unable to handle the request (get pods.metrics.k8s.io)';
  return error.message;
}
