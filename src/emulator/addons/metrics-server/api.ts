/** The resources of metrics.k8s.io/v1beta1 as HTTP answers (metrics-server/pkg/api). */
import type { Node, Pod } from '../../api/generated/types.ts';
import type { HttpRequest, HttpResponse } from '../../kernel/index.ts';
import { formatTime } from '../../kernel/index.ts';
import { formatDuration } from '../../machinery/duration.ts';
import { parseSelector } from '../../machinery/labels.ts';
import type { Labels } from '../../machinery/objects.ts';
import { canonicalQuantity, parseQuantity, quantityOf } from '../../machinery/quantity.ts';
import { notFound } from '../../machinery/status-error.ts';
import type { PointStore, Rate } from './point-store.ts';

const apiVersion = 'metrics.k8s.io/v1beta1';
const prefix = `/apis/${apiVersion}`;

export interface Sources {
  readonly points: PointStore;
  nodes(): Iterable<Node>;
  pods(): Iterable<Pod>;
}

interface Metrics {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

const usage = ({ nanoCores, memoryBytes }: Rate): Record<string, string> => ({
  cpu: nanoCores === 0 ? '0' : canonicalQuantity(`${nanoCores}n`),
  memory: memoryBytes % 1024 === 0 ? `${memoryBytes / 1024}Ki` : `${Math.ceil(memoryBytes / 1024)}Ki`,
});

function head(kind: string, name: string, namespace: string | undefined, labels: Labels | undefined, rate: Rate): object {
  const timestamp = formatTime(Math.floor(rate.atMs / 1000) * 1000);
  return {
    kind,
    apiVersion,
    metadata: { name, ...(namespace && { namespace }), creationTimestamp: timestamp, ...(labels && { labels }) },
    timestamp,
    window: formatDuration(rate.windowMs),
  };
}

function nodeMetrics({ points }: Sources, { metadata }: Node): Metrics | undefined {
  const rate = points.node(metadata.name);
  return rate && ({ ...head('NodeMetrics', metadata.name, undefined, metadata.labels, rate), usage: usage(rate) } as unknown as Metrics);
}

function podMetrics({ points }: Sources, { metadata, spec }: Pod): Metrics | undefined {
  const rates = points.pod(spec.nodeName ?? '', `${metadata.namespace}/${metadata.name}`);
  const [first] = rates?.values() ?? [];
  if (!rates || !first) return undefined;
  const containers = [...rates].map(([name, rate]) => ({ name, usage: usage(rate) }));
  return { ...head('PodMetrics', metadata.name, metadata.namespace, metadata.labels, first), containers } as unknown as Metrics;
}

const json = (status: number, body: object): HttpResponse => ({ status, headers: { 'content-type': 'application/json' }, body });

function missing(resource: string, name: string): HttpResponse {
  return json(404, notFound({ group: 'metrics.k8s.io', resource }, name).status);
}

/** Answers a request; undefined for a path that is not of this API. */
export function serveMetrics(sources: Sources, request: HttpRequest): HttpResponse | undefined {
  const mark = request.target.indexOf('?');
  const path = mark < 0 ? request.target : request.target.slice(0, mark);
  const query = mark < 0 ? '' : request.target.slice(mark + 1);
  const param = (name: string): string => decodeURIComponent(new RegExp(`(?:^|&)${name}=([^&]*)`).exec(query)?.[1] ?? '');
  if (path === prefix) return json(200, resourceList);
  if (!path.startsWith(`${prefix}/`)) return undefined;
  const parts = path.slice(prefix.length + 1).split('/');
  const [namespace, resource, name] = parts[0] === 'namespaces' ? [parts[1], parts[2], parts[3]] : [undefined, parts[0], parts[1]];
  const wantsTable = /as=Table/.test(request.headers.accept ?? '');
  const answer = (kind: string, items: readonly Metrics[], isOne: boolean): HttpResponse => {
    if (wantsTable) return json(200, tableOf(items));
    return json(200, isOne ? items[0]! : { kind, apiVersion, metadata: {}, items });
  };
  const labels = parseSelector(param('labelSelector'));
  const field = /^metadata\.name==?(.*)$/.exec(param('fieldSelector'))?.[1];
  const chosen = <T extends Node | Pod>(all: Iterable<T>): T[] =>
    [...all]
      .filter(
        ({ metadata }) =>
          (name === undefined || metadata.name === name) &&
          (namespace === undefined || metadata.namespace === namespace) &&
          (field === undefined || metadata.name === field) &&
          labels.matches(metadata.labels),
      )
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  if (resource === 'nodes') {
    const found = chosen(sources.nodes()).flatMap((node) => nodeMetrics(sources, node) ?? []);
    return name !== undefined && found.length === 0 ? missing('nodemetrics', name) : answer('NodeMetricsList', found, name !== undefined);
  }
  if (resource !== 'pods') return undefined;
  const found = chosen(sources.pods()).flatMap((pod) => podMetrics(sources, pod) ?? []);
  return name !== undefined && found.length === 0
    ? missing('podmetrics', `${namespace}/${name}`)
    : answer('PodMetricsList', found, name !== undefined);
}

const keyOf = ({ metadata }: Node | Pod): string => `${metadata.namespace ?? ''}/${metadata.name}`;

const resourceList = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: apiVersion,
  resources: [
    { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
  ],
};

/** As `kubectl get nodes.metrics.k8s.io` shows it: the name, an amount a resource, and the window. */
function tableOf(items: readonly Metrics[]): object {
  const column = (name: string, format = ''): object => ({ name, type: 'string', format, description: '', priority: 0 });
  const rows = items.map((item) => {
    const { metadata, window, ...rest } = item as unknown as {
      readonly metadata: object & { readonly name: string };
      readonly window: string;
      readonly usage?: Record<string, string>;
      readonly containers?: readonly { readonly usage: Record<string, string> }[];
    };
    const used = rest.usage ?? sumOf(rest.containers ?? []);
    return {
      cells: [metadata.name, used.cpu, used.memory, window],
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
    };
  });
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {},
    columnDefinitions: [column('Name', 'name'), column('cpu'), column('memory'), column('Window', 'duration')],
    rows,
  };
}

function sumOf(containers: readonly { readonly usage: Record<string, string> }[]): Record<string, string> {
  let [nanos, kibibytes] = [0n, 0];
  for (const { usage: used } of containers) {
    nanos += parseQuantity(used.cpu!).nanos;
    kibibytes += Number.parseInt(used.memory!, 10);
  }
  return { cpu: quantityOf(nanos).text, memory: `${kibibytes}Ki` };
}
