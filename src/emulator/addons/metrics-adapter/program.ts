/** What the adapter serves, and the command itself. */
import { pods } from '../../api/core/pod.ts';
import type { Client } from '../../client/index.ts';
import { connectClient, inClusterConfig, KubeconfigError, readToken } from '../../client/index.ts';
import type { ByteString, Call, HttpRequest, HttpResponse, Program, Sys } from '../../kernel/index.ts';
import { isErrno, textOf, utf8 } from '../../kernel/index.ts';
import { canonicalQuantity, quantityComplaint } from '../../machinery/quantity.ts';
import { failure } from '../../machinery/status-error.ts';

const customVersions = ['v1beta1', 'v1beta2'] as const;
const externalVersion = 'external.metrics.k8s.io/v1beta1';

/** Values by `namespace/resource/name/metric`, or `namespace/metric`. */
type Values = Map<string, { readonly value: string; readonly timestamp: string }>;

function targetPath(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

const plain = (status: number, text: string): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/plain' },
  body: utf8(`${text}\n`),
});
const json = (status: number, body: object): HttpResponse => ({ status, headers: { 'content-type': 'application/json' }, body });

function write(sys: Sys, values: Values, { method, target, body }: HttpRequest): HttpResponse {
  const [, key] = /^\/write-metrics\/namespaces\/([^/]+(?:\/[^/]+\/[^/]+)?\/[^/]+)$/.exec(targetPath(target).path) ?? [];
  if (key === undefined) return plain(404, '404 page not found');
  if (method !== 'POST' && method !== 'PUT') return plain(405, 'only POST and PUT set a value');
  const sent = typeof body === 'string' ? textOf(body as ByteString).trim() : JSON.stringify(body);
  const value = sent.replace(/^"|"$/g, '');
  const complaint = quantityComplaint(value);
  if (complaint !== undefined) return plain(400, `${JSON.stringify(value)} is no quantity`);
  values.set(key, { value: canonicalQuantity(value), timestamp: sys.kernel.clock.timestamp() });
  return plain(200, '');
}

function resourceList(values: Values, groupVersion: string): HttpResponse {
  const isExternal = groupVersion === externalVersion;
  const names = [...values.keys()]
    .map((key) => key.split('/'))
    .filter((parts) => (parts.length === 2) === isExternal)
    .map((parts) => (isExternal ? parts[1]! : `${parts[1]}/${parts[3]}`));
  const kind = isExternal ? 'ExternalMetricValueList' : 'MetricValueList';
  const resources = [...new Set(names)].sort().map((name) => ({ name, singularName: '', namespaced: true, kind, verbs: ['get'] }));
  return json(200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources });
}

const missing = (message: string): HttpResponse => json(404, failure(404, 'NotFound', message));

function* custom(client: Client, values: Values, version: string, path: string, query: URLQuery): Call<HttpResponse> {
  const [, namespace, resource, name, metric] = /^namespaces\/([^/]+)\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (namespace === undefined) return plain(404, '404 page not found');
  const isNamespace = resource === 'metrics' && metric === undefined;
  const [of, what] = isNamespace ? ['namespaces', name!] : [resource!, metric ?? ''];
  let names = [isNamespace ? namespace : name!];
  if (name === '*') {
    const { items } = yield* client.list(pods, { namespace, labelSelector: query('labelSelector') });
    names = items.map(({ metadata }) => metadata.name);
  }
  const items = names.flatMap((one) => {
    const known = values.get(`${namespace}/${of}/${one}/${what}`);
    const describedObject = { kind: kindOf(of), namespace, name: one, apiVersion: '/v1' };
    const metricPart = version === 'v1beta1' ? { metricName: what, selector: null } : { metric: { name: what, selector: null } };
    return known ? [{ describedObject, ...metricPart, timestamp: known.timestamp, value: known.value }] : [];
  });
  if (items.length === 0 && name !== '*') return missing(`the server could not find the metric ${what} for ${of} ${names[0]}`);
  return json(200, { kind: 'MetricValueList', apiVersion: `custom.metrics.k8s.io/${version}`, metadata: {}, items });
}

/** `Pod` of `pods`: the adapter knows no more of a kind than its resource. */
const kindOf = (resource: string): string => {
  const singular = resource
    .split('.')[0]!
    .replace(/sses$/, 'ss')
    .replace(/([^s])s$/, '$1');
  return singular[0]!.toUpperCase() + singular.slice(1);
};

function external(values: Values, path: string): HttpResponse {
  const [, namespace, metric = ''] = /^namespaces\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  const known = values.get(`${namespace}/${metric}`);
  const items = known ? [{ metricName: metric, metricLabels: {}, timestamp: known.timestamp, value: known.value }] : [];
  return json(200, { kind: 'ExternalMetricValueList', apiVersion: externalVersion, metadata: {}, items });
}

type URLQuery = (name: string) => string;

function* serve(client: Client, values: Values, { target }: HttpRequest): Call<HttpResponse> {
  const { path, query } = targetPath(target);
  if (path === '/healthz' || path === '/readyz' || path === '/livez') return plain(200, 'ok');
  const param: URLQuery = (name) => decodeURIComponent(new RegExp(`(?:^|&)${name}=([^&]*)`).exec(query)?.[1] ?? '');
  const [, group, version = '', rest] = /^\/apis\/((?:custom|external)\.metrics\.k8s\.io)\/(v1beta\d)(?:\/(.*))?$/.exec(path) ?? [];
  const isKnown =
    group === 'custom.metrics.k8s.io' ? customVersions.some((one) => one === version) : `${group}/${version}` === externalVersion;
  if (!isKnown) return plain(404, '404 page not found');
  if (rest === undefined) return resourceList(values, `${group}/${version}`);
  const where = decodeURIComponent(rest);
  return group === 'custom.metrics.k8s.io' ? yield* custom(client, values, version, where, param) : external(values, where);
}

/** `metrics-adapter`, in a Pod. */
export const metricsAdapter: Program = function* (sys) {
  let config: ReturnType<typeof inClusterConfig>;
  try {
    config = inClusterConfig(sys.fs, sys.env);
  } catch (error) {
    if (!(error instanceof KubeconfigError) && !isErrno(error)) throw error;
    yield* sys.print(2, `no way to the API server: ${error.message}\n`);
    return 1;
  }
  const credential = function* () {
    return readToken(sys.fs, '/var/run/secrets/kubernetes.io/serviceaccount/token');
  };
  const client = connectClient({ kernel: sys.kernel, net: sys.net, ...config, credential, agent: 'metrics-adapter' });
  sys.own(() => client.close());
  const values: Values = new Map();
  const api = sys.net.listen(6443, { isTls: true, http: (request) => serve(client, values, request) });
  sys.own(() => api.close());
  const input = sys.net.listen(8080, {
    http: function* (request): Call<HttpResponse> {
      return write(sys, values, request);
    },
  });
  sys.own(() => input.close());
  yield* sys.print(1, 'serving metrics on :6443, taking values on :8080\n');
  for (const signal of ['TERM', 'INT'] as const) sys.onSignal(signal, 'catch');
  yield* sys.pause();
  return 0;
};
