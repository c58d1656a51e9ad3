/**
 * Requests of the API server to servers in the cluster: webhooks and aggregated API servers, by Service or URL, over TLS.
 * A Service is called at its cluster IP, so that kube-proxy's rules of the control-plane node decide where it leads.
 * Upstream: apiserver/pkg/util/webhook/client.go, apiserver/pkg/util/proxy.
 */
import type { Service } from '../../../api/generated/types.ts';
import type { Address, Call, ByteString, HttpRequest, HttpResponse } from '../../../kernel/index.ts';
import { isErrno, OpenFile, textOf, fromBase64 } from '../../../kernel/index.ts';
import { certificatesOf, serverProblem, shownBy } from '../../../machinery/x509/index.ts';
import type { ApiServer } from '../server.ts';
import { hostPort, unbracketed } from '../../../machinery/ipv6.ts';

/** Who is to be called. `caBundle` is base64 of PEM; without it nobody is trusted, unless `isInsecure`. */
export interface Callee {
  readonly service?: { readonly namespace: string; readonly name: string; readonly port: number } | undefined;
  /** `https://host[:port]`, for one outside of the cluster. */
  readonly origin?: string | undefined;
  readonly caBundle?: string | undefined;
  readonly isInsecure?: boolean | undefined;
}

/** A call that came to no answer; the message is that of Go's client, without the method and URL. */
export class CallError extends Error {}

/** `https://name.namespace.svc:443`, or the origin. */
export function originOf({ service, origin }: Callee): string {
  return service ? `https://${service.name}.${service.namespace}.svc:${service.port}` : (origin ?? '');
}

/** Where a Service is reached. Throws a CallError when there is none, or none at that port. */
function serviceAddress(server: ApiServer, { namespace, name, port }: NonNullable<Callee['service']>): Address {
  const found = server.store('services').get(namespace, name) as Service | undefined;
  if (!found) throw new CallError(`service "${name}" not found`);
  const { type, clusterIP = '', ports = [] } = found.spec ?? {};
  if (type === 'ExternalName') throw new CallError(`unsupported service type "${type}"`);
  if (!ports.some((candidate) => candidate.port === port)) throw new CallError(`no service port ${port} found for service "${name}"`);
  if (clusterIP === '' || clusterIP === 'None') throw new CallError(`cannot route to service with ClusterIP "${clusterIP}"`);
  return { ip: clusterIP, port };
}

function urlAddress(origin: string): Address {
  const match = /^https:\/\/(\[[^\]]+\]|[^/:]+)(?::(\d+))?/.exec(origin);
  return { ip: unbracketed(match?.[1] ?? ''), port: Number(match?.[2] ?? 443) };
}

/** Asks, and waits for the answer's headers. Throws a CallError. */
export function* callServer(server: ApiServer, callee: Callee, request: HttpRequest, timeoutMs: number): Call<HttpResponse> {
  const { net } = server.options;
  if (!net) throw new CallError('this API server has no network');
  const to = callee.service ? serviceAddress(server, callee.service) : urlAddress(callee.origin!);
  const host = callee.service ? `${callee.service.name}.${callee.service.namespace}.svc` : to.ip;
  if (!/^[\d.]+$|:/.test(to.ip)) {
    // Differs from Kubernetes: the control-plane node asks no name server, so that a URL with a host name is never found.
    throw new CallError(`dial tcp: lookup ${to.ip}: no such host`);
  }
  const deadlineMs = server.kernel.loop.now + timeoutMs;
  try {
    if (!callee.isInsecure) yield* verify(server, callee, to, host, timeoutMs);
    return yield* net.request(to, request, { tls: true, timeoutMs: Math.max(1, deadlineMs - server.kernel.loop.now) });
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new CallError(reasonOf(error.code, error.message, to));
  }
}

/** Looks at the certificate that stands behind the address. */
function* verify(server: ApiServer, callee: Callee, to: Address, host: string, timeoutMs: number): Call<void> {
  const connection = yield* server.options.net!.connect(to, { timeoutMs });
  const { service } = connection;
  connection.close();
  if (!service.isTls) throw new CallError('http: server gave HTTP response to HTTPS client');
  const bundle = fromBase64(callee.caBundle ?? '');
  const authorities = certificatesOf(bundle === undefined ? '' : textOf(bundle));
  const problem = serverProblem(shownBy(service, host), authorities, host, server.kernel.clock.unixMs);
  if (problem !== undefined) throw new CallError(`tls: failed to verify certificate: ${problem}`);
}

function reasonOf(code: string, message: string, { ip, port }: Address): string {
  switch (code) {
    case 'ETIMEDOUT':
      return 'context deadline exceeded';
    case 'EPROTO':
      return 'http: server gave HTTP response to HTTPS client';
    case 'ECONNRESET':
      return 'EOF';
    default:
      return `dial tcp ${hostPort(ip, port)}: connect: ${message.toLowerCase()}`;
  }
}

/** The body of an answer as a JSON value, whether it came as bytes or as an object of this process. Undefined when it is no JSON. */
export function* jsonBody(server: ApiServer, { body }: HttpResponse): Call<unknown> {
  if (typeof body === 'object' && !(body instanceof OpenFile)) return body;
  let text = '';
  if (body instanceof OpenFile) {
    for (;;) {
      const data = body.read(65_536);
      if (data === undefined) yield* server.kernel.block(body.readable, 'read');
      else if (data === '') break;
      else text += data;
    }
  } else text = body;
  try {
    return JSON.parse(textOf(text as ByteString));
  } catch {
    return undefined;
  }
}
