/**
 * Metrics of custom.metrics.k8s.io and external.metrics.k8s.io, which adapters serve behind APIServices
 * (pkg/controller/podautoscaler/metrics/client.go, k8s.io/metrics/pkg/client).
 */
import type { CrossVersionObjectReference, LabelSelector, MetricIdentifier } from '../../../api/generated/types.ts';
import { kinds } from '../../../api/kinds.ts';
import type { Client } from '../../../client/index.ts';
import type { Call, WallClock } from '../../../kernel/index.ts';
import { isErrno } from '../../../kernel/index.ts';
import { selectorFromObject, selectorText } from '../../../machinery/labels.ts';
import { milliValue } from '../../../machinery/quantity.ts';
import { StatusError } from '../../../machinery/status-error.ts';
import type { Samples } from './metrics-source.ts';
import { MetricError } from './metrics-source.ts';
import { groupOf } from './scale-target.ts';

interface MetricValue {
  readonly describedObject?: { readonly name?: string };
  readonly timestamp: string;
  readonly windowSeconds?: number;
  readonly value: string;
}

interface MetricValueList {
  readonly items?: readonly MetricValue[];
}

const customGroup = 'custom.metrics.k8s.io';
const externalVersion = 'external.metrics.k8s.io/v1beta1';
/** Versions that the client speaks, the one that it likes best first. */
const customVersions = ['v1beta2', 'v1beta1'];
/** What a value without a window covers. */
const defaultWindowMs = 60_000;

/** Values of the Pods of a selector by their names. Throws a `MetricError`. */
export function* podSamples(
  client: Client,
  clock: WallClock,
  { namespace, selector, metric }: { readonly namespace: string; readonly selector: string; readonly metric: MetricIdentifier },
): Call<Samples> {
  const items = yield* customValues(client, {
    path: `namespaces/${namespace}/pods/*/${metric.name}`,
    what: `pods.${customGroup} *`,
    query: { labelSelector: selector, metricLabelSelector: textOf(metric.selector) },
  });
  if (items.length === 0) throw new MetricError('no metrics returned from custom metrics API');
  return new Map(
    items.map(({ describedObject, timestamp, windowSeconds, value }) => {
      const windowMs = windowSeconds === undefined ? defaultWindowMs : windowSeconds * 1000;
      return [describedObject?.name ?? '', { milli: milliValue(value), atMs: clock.virtualMs(timestamp), windowMs }];
    }),
  );
}

/** The value of one object, in thousandths. Throws a `MetricError`. */
export function* objectValue(
  client: Client,
  {
    namespace,
    object,
    metric,
  }: { readonly namespace: string; readonly object: CrossVersionObjectReference; readonly metric: MetricIdentifier },
): Call<number> {
  const group = groupOf(object.apiVersion ?? '');
  const isNamespace = group === '' && object.kind === 'Namespace';
  const isMeant = (kind: { readonly group: string; readonly kind: string }): boolean => kind.group === group && kind.kind === object.kind;
  const kind = kinds.find(isMeant) ?? (yield* client.discover()).kinds.find(isMeant);
  if (!kind) {
    const reason = `no matches for kind ${JSON.stringify(object.kind)} in group ${JSON.stringify(group)}`;
    throw failed('custom', `unable to map kind ${group ? `${object.kind}.${group}` : object.kind} to resource: ${reason}`);
  }
  const resource = group === '' ? kind.resource : `${kind.resource}.${group}`;
  const [path, what] = isNamespace
    ? [`namespaces/${object.name}/metrics/${metric.name}`, `metrics.${customGroup} ${metric.name}`]
    : [`namespaces/${namespace}/${resource}/${object.name}/${metric.name}`, `${resource}.${customGroup} ${object.name}`];
  const [first] = yield* customValues(client, { path, what, query: { metricLabelSelector: textOf(metric.selector) } });
  if (!first) throw failed('custom', `the server returned no metric ${metric.name} for ${resource} ${object.name}`);
  return milliValue(first.value);
}

/** The sum of the values of an external metric, in thousandths. Throws a `MetricError`. */
export function* externalSum(client: Client, namespace: string, { name, selector }: MetricIdentifier): Call<number> {
  const target = `/apis/${externalVersion}/namespaces/${namespace}/${name}${queryOf({ labelSelector: textOf(selector) })}`;
  const { items = [] } = yield* read(client, 'external', target, `${name}.external.metrics.k8s.io`);
  if (items.length === 0) throw new MetricError('no metrics returned from external metrics API');
  return items.reduce((sum, { value }) => sum + milliValue(value), 0);
}

const textOf = (selector: LabelSelector | undefined): string => (selector ? selectorText(selectorFromObject(selector)) : '');

function queryOf(values: Readonly<Record<string, string>>): string {
  const parts = Object.entries(values).filter(([, value]) => value !== '');
  return parts.length === 0 ? '' : `?${parts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

interface Question {
  /** Below the version. */
  readonly path: string;
  /** Resource and name, for a complaint. */
  readonly what: string;
  readonly query: Readonly<Record<string, string>>;
}

function* customValues(client: Client, { path, what, query }: Question): Call<readonly MetricValue[]> {
  const { kinds: served, stale } = yield* client.discover();
  const known = new Set([
    ...served.filter(({ group }) => group === customGroup).map(({ version }) => version),
    ...stale.flatMap(versionIn),
  ]);
  const version = customVersions.find((one) => known.has(one));
  if (version === undefined) throw failed('custom', `no custom metrics API (${customGroup}) registered`);
  const { items = [] } = yield* read(client, 'custom', `/apis/${customGroup}/${version}/${path}${queryOf(query)}`, what);
  return items;
}

const versionIn = (groupVersion: string): readonly string[] => {
  const [group, version] = groupVersion.split('/');
  return group === customGroup && version !== undefined ? [version] : [];
};

function* read(client: Client, api: 'custom' | 'external', target: string, what: string): Call<MetricValueList> {
  try {
    return yield* client.read<MetricValueList>(target);
  } catch (error) {
    if (!(error instanceof StatusError) && !isErrno(error)) throw error;
    // What is no Status of the adapter's own says nothing of what was asked for.
    const isGeneral = /^the server (could not find the requested resource|is currently unable to handle the request)$/.test(error.message);
    throw failed(api, isGeneral ? `${error.message} (get ${what})` : error.message);
  }
}

const failed = (api: 'custom' | 'external', message: string): MetricError =>
  new MetricError(`unable to fetch metrics from ${api} metrics API: ${message}`);
