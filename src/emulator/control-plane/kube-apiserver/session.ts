/** Requests of in-process clients: objects instead of their JSON, through the same pipeline. */
import type { Discovered, Watch, WatchHandler, WatchOptions } from '../../client/client.ts';
import type { Kind, Verb } from '../../api/kind.ts';
import type { Call } from '../../kernel/index.ts';
import { exactField, parseFieldSelector } from '../../machinery/fields.ts';
import type { ApiObject, DraftMeta, List } from '../../machinery/objects.ts';
import { notFound, serviceUnavailable, unauthorized } from '../../machinery/status-error.ts';
import { callRemote, readRemote } from './aggregation/remote-call.ts';
import { auditedAnswer, auditedWatch, beginComponentEntry } from './audit/index.ts';
import type { Caller } from './audit/index.ts';
import type { Identity } from './authentication/identity.ts';
import type { ApiSession, Credential, ObjectRequest } from './endpoint.ts';
import { serve, serveWatch } from './pipeline.ts';
import type { ApiRequest, UserInfo } from './request.ts';
import type { ApiServer } from './server.ts';
import type { Deletion } from './verbs/delete.ts';

/** Opens a session; the credential is examined now. */
export function openSession(server: ApiServer, credential: Credential, caller: Caller): ApiSession {
  const { authenticator } = server;
  return new Session(server, authenticator.authenticate(credential), caller, () => authenticator.authenticate(credential));
}

/** A session without credential, for the server's own loopback client and for tests. */
export function openSessionAs(server: ApiServer, user: UserInfo, agent: string): ApiSession {
  return new Session(server, { user, isValid: () => true }, { agent, sourceIP: '::1' });
}

class Session implements ApiSession {
  readonly #server: ApiServer;
  readonly #identity: Identity;
  readonly #caller: Caller;
  readonly #again: (() => Identity) | undefined;

  /** `again` examines the credential once more, and throws 401 when it no longer proves anything. */
  constructor(server: ApiServer, identity: Identity, caller: Caller, again?: () => Identity) {
    this.#server = server;
    this.#identity = identity;
    this.#caller = caller;
    this.#again = again;
  }

  *call<T extends ApiObject>(request: ObjectRequest<T>): Call<T | List<T> | undefined> {
    const resource = this.#server.registry.of(request.kind as unknown as Kind);
    if (resource?.isRemote) return yield* callRemote<T>(this.#server, resource, this.#identity.user, request);
    const asked = this.#request(request.verb, request as unknown as ObjectRequest<ApiObject>);
    const served = serve(this.#server, asked);
    const answer = yield* asked.audit ? auditedAnswer(asked.audit, asked, served) : served;
    if (request.verb !== 'delete') return answer as T | List<T>;
    const { object, isGone } = answer as Deletion;
    return isGone ? undefined : (object as T);
  }

  read(target: string): Call<object> {
    return readRemote(this.#server, this.#identity.user, target);
  }

  discover(): Discovered {
    const { registry, aggregator } = this.#server;
    return {
      kinds: registry.all.map(({ descriptor }) => descriptor).filter(({ view }) => !view),
      stale: aggregator.stale.map(({ group, version }) => `${group}/${version}`),
    };
  }

  *watch<T extends ApiObject>(kind: Kind<T>, options: WatchOptions, handler: WatchHandler<T>): Call<Watch> {
    const { labelSelector, fieldSelector, namespace } = options;
    const request = this.#request('watch', {
      verb: 'list',
      kind: kind as unknown as Kind,
      namespace,
      selectors: { labelSelector, fieldSelector },
    });
    const served = serveWatch(this.#server, request, options, handler as unknown as WatchHandler<ApiObject>);
    return yield* request.audit ? auditedWatch(request.audit, served) : served;
  }

  #request(verb: Verb, asked: ObjectRequest<ApiObject>): ApiRequest {
    if (this.#server.isStopped) throw serviceUnavailable('the server is shutting down');
    if (!this.#identity.isValid() && !this.#again?.().isValid()) throw unauthorized('Unauthorized');
    const { kind, object, selectors, list, write } = asked;
    const resource = this.#server.registry.of(kind);
    if (!resource) throw notFound({ group: kind.group, resource: kind.resource }, asked.name ?? '');
    const metadata = (object as { metadata?: DraftMeta } | undefined)?.metadata;
    const namespace = !kind.isNamespaced
      ? ''
      : (asked.namespace ?? (verb === 'create' || verb === 'update' ? metadata?.namespace : undefined) ?? '');
    const isWritten = verb === 'update' || (verb === 'create' && asked.subresource !== undefined);
    const request: ApiRequest = {
      verb,
      resource,
      subresource: asked.subresource ?? '',
      namespace,
      name: asked.name ?? (isWritten ? (metadata?.name ?? '') : nameInSelector(verb, selectors?.fieldSelector)),
      user: this.#identity.user,
      agent: this.#caller.agent,
      body: object,
      isTyped: true,
      patch: asked.patch,
      list: selectors || list ? { ...list, ...selectors } : undefined,
      write,
      delete: asked.delete,
      isDryRun: write?.dryRun ?? asked.delete?.dryRun ?? false,
      fieldValidation: 'Ignore',
      warnings: [],
      authorizationReason: '',
    };
    if (this.#server.auditor) request.audit = beginComponentEntry(this.#server.auditor, request, this.#caller);
    return request;
  }
}

/** A list or watch that can match one object only names it (endpoints/request/requestinfo.go). */
export function nameInSelector(verb: Verb, fieldSelector: string | undefined): string {
  if ((verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection') || !fieldSelector?.includes('metadata.name')) return '';
  try {
    return exactField(parseFieldSelector(fieldSelector), 'metadata.name') ?? '';
  } catch {
    return ''; // The verb itself answers for selectors that cannot be read.
  }
}
