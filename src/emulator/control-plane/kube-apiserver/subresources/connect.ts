/**
 * Subresources that connect through to somewhere else: a container's log, exec, attach and port-forward through its kubelet,
 * and the proxies. Upstream: pkg/registry/core/pod/strategy.go, pkg/registry/core/pod/rest, pkg/kubelet/client.
 */
import type { Node, Pod, Service } from '../../../api/generated/types.ts';
import type { Call, HttpRequest, HttpResponse, Service as ListeningService } from '../../../kernel/index.ts';
import { isErrno, noBytes, textOf } from '../../../kernel/index.ts';
import type { ByteString } from '../../../kernel/index.ts';
import { OpenFile } from '../../../kernel/index.ts';
import type { Verb } from '../../../api/kind.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { badRequest, failure, methodNotSupported, notFound, serviceUnavailable, StatusError } from '../../../machinery/status-error.ts';
import { TlsError } from '../../../machinery/x509/index.ts';
import { record } from '../audit/index.ts';
import { authorize } from '../pipeline.ts';
import type { ApiRequest } from '../request.ts';
import type { ResourceCall } from '../rest/resource.ts';
import type { ApiServer } from '../server.ts';
import { hostPort } from '../../../machinery/ipv6.ts';

const connecting = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

/** The answer of such a subresource; undefined for every other request. */
export function connectTo(server: ApiServer, call: ResourceCall): Call<HttpResponse> | undefined {
  const { info, resource } = call;
  const found = resource.descriptor.subresources[info.subresource];
  if (!connecting.has(info.subresource) || !found || info.name === '') return undefined;
  return serveConnection(server, call, found.verbs);
}

function* serveConnection(server: ApiServer, call: ResourceCall, verbs: readonly Verb[]): Call<HttpResponse> {
  const { info, resource, user, agent, query, audit } = call;
  const request: ApiRequest = {
    verb: info.verb,
    resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
    user,
    agent,
    query,
    audit,
    isTyped: false,
    isDryRun: false,
    fieldValidation: 'Ignore',
    warnings: [],
    authorizationReason: '',
  };
  yield* authorize(server, request);
  if (!verbs.includes(info.verb)) throw methodNotSupported(resource, info.verb);
  const response = yield* connection(server, info.subresource === 'log' ? call : yield* admitted(server, call, request));
  record(server, request, response.status, '');
  return response;
}

const optionNames: Readonly<Record<string, readonly string[]>> = {
  attach: ['stdin', 'stdout', 'stderr', 'tty', 'container'],
  exec: ['stdin', 'stdout', 'stderr', 'tty', 'container', 'command'],
  portforward: ['ports'],
  proxy: ['path'],
};
const optionKinds: Readonly<Record<string, string>> = { attach: 'Attach', exec: 'Exec', portforward: 'PortForward', proxy: 'Proxy' };

/** The call as admission lets it pass, which sees its options as an object (PodExecOptions). */
function* admitted(server: ApiServer, call: ResourceCall, request: ApiRequest): Call<ResourceCall> {
  const { info, resource, query } = call;
  const names = (optionNames[info.subresource] ?? []).filter((name) => query.has(name));
  const optionOf = (name: string): unknown => {
    const values = query.get(name)!;
    if (name === 'command' || name === 'ports') return name === 'ports' ? values.map(Number) : values;
    return name === 'container' || name === 'path' ? values[0] : values[0] === 'true' || values[0] === '1';
  };
  const options = {
    apiVersion: 'v1',
    kind: `${resource.kind}${optionKinds[info.subresource]}Options`,
    ...Object.fromEntries(names.map((name) => [name, optionOf(name)])),
  } as unknown as ApiObject;
  const attributes = { operation: 'CONNECT', request, object: options, previous: undefined } as const;
  const object = yield* server.admission.admit(server, attributes);
  yield* server.admission.validate(server, { ...attributes, object });
  if (object === options) return call;
  const changed = Object.entries(object).filter(([name]) => optionNames[info.subresource]?.includes(name));
  return { ...call, query: new Map(changed.map(([name, value]) => [name, [value].flat().map(String)])) };
}

function connection(server: ApiServer, call: ResourceCall): Call<HttpResponse> {
  const { info, resource } = call;
  if (resource.resource === 'pods' && info.subresource !== 'proxy') {
    const pod = server.store('pods').get(info.namespace, info.name) as Pod | undefined;
    if (!pod) throw notFound(resource, info.name);
    if (info.subresource === 'log') return log(server, call, pod);
    if (call.request.headers.upgrade === undefined) throw badRequest('Upgrade request required');
    return stream(server, call, pod);
  }
  return proxy(server, call);
}

/** The container that a request means (validateContainer). Throws 400 when that is not clear. */
function containerOf(pod: Pod, asked: string): string {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec!;
  if (asked !== '') {
    if ([...containers, ...initContainers, ...ephemeralContainers].some(({ name }) => name === asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`);
  }
  if (containers.length === 1) return containers[0]!.name;
  const names = (list: readonly { readonly name: string }[]): string => list.map(({ name }) => name).join(' ');
  const inits = initContainers.length > 0 ? ` or one of the init containers: [${names(initContainers)}]` : '';
  throw badRequest(`a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names(containers)}]${inits}`);
}

function* log(server: ApiServer, { query, info }: ResourceCall, pod: Pod): Call<HttpResponse> {
  const container = containerOf(pod, query.get('container')?.[0] ?? '');
  const { nodeName } = pod.spec!;
  const headers = { 'content-type': 'text/plain' };
  if (!nodeName) return { status: 200, headers, body: noBytes };
  const passed = ['follow', 'previous', 'sinceSeconds', 'sinceTime', 'timestamps', 'tailLines', 'limitBytes', 'stream'];
  const parameters = passed.flatMap((name) => (query.get(name) ?? []).map((value) => `${name}=${encodeURIComponent(value)}`));
  const target = `/containerLogs/${info.namespace}/${pod.metadata.name}/${container}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`;
  const response = yield* askKubelet(server, nodeName, { method: 'GET', target, headers: {} });
  if (response.status >= 400) throw yield* failedAt(response, pod.metadata.name);
  return { status: 200, headers, body: response.body };
}

function* stream(server: ApiServer, { query, info }: ResourceCall, pod: Pod): Call<HttpResponse> {
  const { nodeName } = pod.spec!;
  const { name } = pod.metadata;
  const verb = info.subresource;
  const container = verb === 'portforward' ? '' : containerOf(pod, query.get('container')?.[0] ?? '');
  if (!nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
  const { phase } = pod.status ?? {};
  if (verb !== 'portforward' && (phase === 'Succeeded' || phase === 'Failed'))
    throw badRequest(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  const parts: string[] = [];
  const flag = (from: string, to: string): void => void (['true', '1'].includes(query.get(from)?.[0] ?? '') && parts.push(`${to}=1`));
  flag('stdin', 'input');
  flag('stdout', 'output');
  flag('stderr', 'error');
  flag('tty', 'tty');
  for (const word of query.get('command') ?? []) parts.push(`command=${encodeURIComponent(word)}`);
  const path = verb === 'portforward' ? `/portForward/${info.namespace}/${name}` : `/${verb}/${info.namespace}/${name}/${container}`;
  const response = yield* askKubelet(server, nodeName, {
    method: 'POST',
    target: parts.length > 0 ? `${path}?${parts.join('&')}` : path,
    headers: {},
  });
  if (response.status >= 400) throw yield* failedAt(response, name);
  return response;
}

/** Asks the kubelet of a node, at the address that the Node object names. */
function* askKubelet(server: ApiServer, nodeName: string, request: HttpRequest): Call<HttpResponse> {
  const node = server.store('nodes').get('', nodeName) as Node | undefined;
  if (!node) throw notFound({ group: '', resource: 'nodes' }, nodeName);
  const addresses = node.status?.addresses ?? [];
  const address = ['InternalIP', 'ExternalIP', 'Hostname']
    .map((type) => addresses.find((candidate) => candidate.type === type)?.address)
    .find((found) => found !== undefined);
  if (address === undefined) throw new StatusError(failure(500, '', `no preferred addresses found; known addresses: []`));
  const port = node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 10250;
  return yield* ask(
    server,
    { ip: address, port },
    request,
    `https://${hostPort(address, port)}${request.target}`,
    true,
    server.options.kubeletCredential?.(),
  );
}

/** Go's default transport gives up a connection by then. */
const dialTimeoutMs = 30_000;

function* ask(
  server: ApiServer,
  to: { readonly ip: string; readonly port: number },
  request: HttpRequest,
  url: string,
  tls: boolean,
  certificate?: unknown,
): Call<HttpResponse> {
  const { net } = server.options;
  if (!net) throw serviceUnavailable('this API server has no network');
  try {
    return yield* net.request(to, request, { tls, dialTimeoutMs, certificate, verify: (service) => finishHandshake(service, certificate) });
  } catch (error) {
    if (!isErrno(error)) throw error;
    if (error instanceof TlsError)
      throw new StatusError(failure(500, '', `${request.method === 'GET' ? 'Get' : 'Post'} "${url}": ${error.message}`));
    const why = error.code === 'ETIMEDOUT' ? 'i/o timeout' : `connect: ${error.message.toLowerCase()}`;
    const method = request.method === 'GET' ? 'Get' : request.method[0]! + request.method.slice(1).toLowerCase();
    throw new StatusError(failure(500, '', `${method} "${url}": dial tcp ${hostPort(to.ip, to.port)}: ${why}`));
  }
}

/** A kubelet's certificate is not looked at (`--kubelet-certificate-authority` is not set), but one without any ends the handshake. */
function finishHandshake(service: ListeningService, certificate: unknown): void {
  const refusal = service.refuseClient?.(certificate);
  if (refusal !== undefined) throw new TlsError(`remote error: tls: ${refusal}`);
}

/** An error of the kubelet, as the API server hands it on (registry/generic/rest/response_checker.go). */
function* failedAt({ status, body }: HttpResponse, name: string): Call<StatusError> {
  let text = '';
  if (body instanceof OpenFile) for (let data = body.read(2048); data; data = body.read(2048)) text += data;
  else text = typeof body === 'string' ? body : JSON.stringify(body);
  const message = textOf(text as ByteString).trim();
  // Upstream: apimachinery/pkg/api/errors, NewGenericServerResponse.
  if (status === 401)
    return new StatusError(
      failure(401, 'Unauthorized', `the server has asked for the client to provide credentials ( pods/log ${name})`, {
        name,
        kind: 'pods/log',
        causes: [{ reason: 'UnexpectedServerResponse', message: message || 'unknown' }],
      }),
    );
  if (status === 403)
    return new StatusError(
      failure(403, 'Forbidden', `${message} ( pods/log ${name})`, {
        name,
        kind: 'pods/log',
        causes: [{ reason: 'UnexpectedServerResponse', message: message || 'unknown' }],
      }),
    );
  if (status === 400) return new StatusError(failure(400, 'BadRequest', message));
  if (status === 404) {
    return new StatusError(
      failure(404, 'NotFound', `the server could not find the requested resource ( pods/log ${name})`, {
        name,
        kind: 'pods/log',
        causes: [{ reason: 'UnexpectedServerResponse', message: message || 'unknown' }],
      }),
    );
  }
  const said = `an error on the server (${JSON.stringify(message || 'unknown')}) has prevented the request from succeeding ( pods/log ${name})`;
  return new StatusError(
    failure(500, 'InternalError', said, {
      name,
      kind: 'pods/log',
      causes: [{ reason: 'UnexpectedServerResponse', message: message || 'unknown' }],
    }),
  );
}

/** `scheme:name:port`, each part but the name optional. */
function proxyTarget(name: string): { readonly scheme: string; readonly name: string; readonly port: string } {
  const parts = name.split(':');
  if (parts.length === 3) return { scheme: parts[0]!, name: parts[1]!, port: parts[2]! };
  return { scheme: '', name: parts[0]!, port: parts[1] ?? '' };
}

/** `proxy` of Pods, Services and Nodes: the request goes on to them, under the path that follows. */
function* proxy(server: ApiServer, { info, resource, request }: ResourceCall): Call<HttpResponse> {
  const { scheme, name, port } = proxyTarget(info.name);
  const mark = request.target.indexOf('?');
  const target = `/${info.rest}${mark < 0 ? '' : request.target.slice(mark)}`;
  const { authorization: _kept, ...headers } = request.headers;
  const next: HttpRequest = { ...request, target, headers };
  if (resource.resource === 'nodes') return yield* askKubelet(server, name, next);
  const to =
    resource.resource === 'pods' ? podAddress(server, info.namespace, name, port) : serviceAddress(server, info.namespace, name, port);
  const tls = scheme === 'https';
  return yield* ask(server, to, next, `${tls ? 'https' : 'http'}://${hostPort(to.ip, to.port)}${target}`, tls);
}

function podAddress(server: ApiServer, namespace: string, name: string, port: string): { ip: string; port: number } {
  const pod = server.store('pods').get(namespace, name) as Pod | undefined;
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name);
  const ip = pod.status?.podIPs?.[0]?.ip;
  if (!ip) throw badRequest('address not allowed');
  return { ip, port: port === '' ? (pod.spec?.containers.flatMap(({ ports }) => ports ?? [])[0]?.containerPort ?? 80) : Number(port) };
}

/** A ready endpoint of the service; the API server does not go through kube-proxy. */
function serviceAddress(server: ApiServer, namespace: string, name: string, port: string): { ip: string; port: number } {
  const service = server.store('services').get(namespace, name) as Service | undefined;
  if (!service) throw notFound({ group: '', resource: 'services' }, name);
  const ports = service.spec?.ports ?? [];
  const chosen =
    port === ''
      ? ports.length === 1
        ? ports[0]
        : undefined
      : ports.find((candidate) => candidate.name === port || String(candidate.port) === port);
  if (!chosen) throw serviceUnavailable(`no service port "${port}" found for service "${name}"`);
  const slices = server
    .store('endpointslices', 'discovery.k8s.io/v1')
    .list(namespace)
    .map(({ value }) => value as import('../../../api/generated/types.ts').EndpointSlice);
  const addresses = slices
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
    .flatMap((slice) => {
      const number = slice.ports?.find((candidate) => (candidate.name ?? '') === (chosen.name ?? ''))?.port;
      return (slice.endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready !== false)
        .flatMap(({ addresses: ips }) => (number === undefined ? [] : ips.map((ip) => ({ ip, port: number }))));
    });
  if (addresses.length === 0) throw serviceUnavailable(`no endpoints available for service "${name}"`);
  return addresses[server.kernel.random.below(addresses.length)]!;
}
