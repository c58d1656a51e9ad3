import type { Pod } from '../../../api/generated/types.ts';
import type { ByteString, Call, NetNamespace, Service } from '../../../kernel/index.ts';
import { fromBase64, isErrno, OpenFile, textOf, utf8 } from '../../../kernel/index.ts';
import type { Certificate } from '../../../machinery/x509/index.ts';
import { certificatesOf, shakeHands, TlsError } from '../../../machinery/x509/index.ts';
import type { ExtenderConfiguration, ExtenderTLS } from '../configuration/types.ts';
import { ConfigurationError } from '../configuration/types.ts';

/** By what means extenders are reached. */
export interface ExtenderWay {
  readonly net: NetNamespace;
  /** A file of the machine on which the scheduler runs; undefined if it is not there. */
  readonly readFile: (path: string) => string | undefined;
  readonly nowMs: () => number;
}

/** An extender that gave no answer of use; the message is what upstream reports of the Pod. */
export class ExtenderError extends Error {}

/** Whom to believe, and what to show; undefined believes everybody. */
interface Trust {
  readonly authorities: readonly Certificate[];
  readonly serverName: string;
  readonly certificate: Certificate | undefined;
}

/** One server that is asked about nodes (HTTPExtender of pkg/scheduler/extender.go). */
export class Extender {
  readonly configuration: ExtenderConfiguration;
  readonly #way: ExtenderWay;
  readonly #trust: Trust | undefined;

  /** Throws a ConfigurationError when its certificates cannot be used. */
  constructor(configuration: ExtenderConfiguration, way: ExtenderWay) {
    this.configuration = configuration;
    this.#way = way;
    this.#trust = trustOf(configuration, way.readFile);
  }

  /** Whether a Pod is its business: one that asks for a resource of its own, or every one. */
  isInterested({ spec }: Pod): boolean {
    const { managedResources } = this.configuration;
    if (managedResources.length === 0) return true;
    const names = new Set(managedResources.map(({ name }) => name));
    return [...spec.containers, ...(spec.initContainers ?? [])].some(({ resources }) =>
      [resources?.requests, resources?.limits].some((list) => Object.keys(list ?? {}).some((name) => names.has(name))),
    );
  }

  /** The answer's body. Throws an `ExtenderError`. */
  *ask(verb: string, body: object): Call<unknown> {
    const { urlPrefix, httpTimeoutMs } = this.configuration;
    const { net } = this.#way;
    const url = `${urlPrefix.replace(/\/+$/, '')}/${verb}`;
    const [, scheme, host = '', port, path = '/'] = /^(https?):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?(\/.*)?$/.exec(url) ?? [];
    const tls = scheme === 'https';
    const to = { ip: host.replace(/^\[|\]$/g, ''), port: Number(port ?? (tls ? 443 : 80)) };
    const failed = (why: string): ExtenderError => new ExtenderError(`Post "${url}": ${why}`);
    if (!/^[\d.]+$|:/.test(to.ip)) throw failed(`dial tcp: lookup ${to.ip}: no such host`);
    const headers = { host: port === undefined ? host : `${host}:${port}`, 'content-type': 'application/json' };
    const verify = tls && this.#trust ? (service: Service) => this.#verify(service, to.ip) : undefined;
    try {
      const request = { method: 'POST', target: path, headers, body: utf8(JSON.stringify(body)) };
      const response = yield* net.request(to, request, { tls, timeoutMs: httpTimeoutMs, verify, certificate: this.#trust?.certificate });
      if (response.status !== 200) throw new ExtenderError(`failed ${verb} with extender at URL ${url}, code ${response.status}`);
      if (typeof response.body !== 'string' && !(response.body instanceof OpenFile)) return response.body;
      const text = typeof response.body === 'string' ? textOf(response.body) : readAll(response.body);
      return JSON.parse(text);
    } catch (error) {
      if (error instanceof SyntaxError) throw new ExtenderError(error.message);
      if (error instanceof TlsError) throw failed(error.message);
      if (isErrno(error, 'ETIMEDOUT')) throw failed('context deadline exceeded (Client.Timeout exceeded while awaiting headers)');
      if (isErrno(error, 'EPROTO')) throw failed('http: server gave HTTP response to HTTPS client');
      if (isErrno(error)) throw failed(`dial tcp ${headers.host}: connect: ${error.message.toLowerCase()}`);
      throw error;
    }
  }

  #verify(service: Service, ip: string): void {
    const { authorities, serverName, certificate } = this.#trust!;
    shakeHands(service, { authorities, host: serverName || ip, certificate, nowMs: this.#way.nowMs() });
  }
}

/** With enableHTTPS and without an authority nobody is looked at (makeTransport). */
function trustOf({ tls, enableHTTPS }: ExtenderConfiguration, readFile: ExtenderWay['readFile']): Trust | undefined {
  const authorities = part(tls, 'ca', 'root certificates', readFile);
  if (tls?.insecure && authorities !== undefined)
    throw new ConfigurationError('specifying a root certificates file with the insecure flag is not allowed');
  const certificate = part(tls, 'cert', 'certificate', readFile);
  if ((certificate === undefined) !== (part(tls, 'key', 'key', readFile) === undefined))
    throw new ConfigurationError(
      `specifying ${certificate === undefined ? 'a key' : 'a cert'} without ${certificate === undefined ? 'a cert' : 'a key'} is not allowed`,
    );
  if (tls?.insecure || (enableHTTPS && authorities === undefined)) return undefined;
  return {
    authorities: certificatesOf(authorities ?? ''),
    serverName: tls?.serverName ?? '',
    certificate: certificate === undefined ? undefined : certificatesOf(certificate)[0],
  };
}

/** PEM from the file's own text, or from the path that it names. */
function part(
  tls: ExtenderTLS | undefined,
  name: 'ca' | 'cert' | 'key',
  what: string,
  readFile: ExtenderWay['readFile'],
): string | undefined {
  const data = tls?.[`${name}Data`];
  if (data) return textOf(fromBase64(data) ?? ('' as ByteString));
  const path = tls?.[`${name}File`];
  if (!path) return undefined;
  const text = readFile(path);
  if (text === undefined) throw new ConfigurationError(`unable to load ${what}: open ${path}: no such file or directory`);
  return text;
}

function readAll(file: OpenFile): string {
  let text = '';
  for (let read: string; (read = file.read(65_536) ?? '') !== ''; ) text += read;
  return textOf(text as never);
}
