import type { Kind } from '../api/kind.ts';
import type { ApiEndpoint, ApiSession, Credential, ObjectRequest } from '../control-plane/kube-apiserver/endpoint.ts';
import type { Address, Call, Connection, Kernel, NetNamespace } from '../kernel/index.ts';
import { Errno, isErrno } from '../kernel/index.ts';
import type { ApiObject, Draft, List, ObjectRef } from '../machinery/objects.ts';
import type { StatusError } from '../machinery/status-error.ts';
import type { Certificate } from '../machinery/x509/index.ts';
import { shakeHands } from '../machinery/x509/index.ts';
import { isUnauthorized } from '../machinery/status-error.ts';
import type {
  Client,
  DeleteOptions,
  Discovered,
  ListOptions,
  Patch,
  SelectorOptions,
  Watch,
  WatchEvent,
  WatchHandler,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import { hostPort } from '../machinery/ipv6.ts';

/** How long client-go waits for a connection (net.Dialer in client-go/transport/cache.go). */
const dialTimeoutMs = 30_000;

export interface ClientOptions {
  readonly kernel: Kernel;
  readonly net: NetNamespace;
  readonly server: Address;
  /** What the client shows; a function is asked again whenever the server no longer accepts the last answer. */
  readonly credential: Credential | (() => Call<Credential>);
  readonly agent: string;
  /** Whose certificate the server must show. Without them it is not looked at. */
  readonly authorities?: (() => readonly Certificate[]) | undefined;
  /** The emulator looks on: no part of the cluster, so the audit log says nothing of it. */
  readonly isOnlooker?: boolean | undefined;
}

/** A client that its process hands over with `sys.own(() => client.close())`. */
export interface SessionClient extends Client {
  /** Stops all watches and hangs up. */
  close(): void;
}

/**
 * A client that speaks to the API server at an address. It connects at its first call and again after a connection broke;
 * while the server cannot be reached each call throws an Errno, and what was being watched ends.
 */
export function connectClient(options: ClientOptions): SessionClient {
  return new ConnectedClient(options);
}

/** A connection that did not come about, in Go's words. */
class DialError extends Errno {
  constructor({ code, message }: Errno, { ip, port }: Address) {
    super(code);
    this.message = `dial tcp ${hostPort(ip, port)}: ${code === 'ETIMEDOUT' ? 'i/o timeout' : `connect: ${message.toLowerCase()}`}`;
  }
}

interface Session {
  readonly connection: Connection;
  readonly api: ApiSession;
}

class ConnectedClient implements SessionClient {
  readonly agent: string;
  readonly #options: ClientOptions;
  readonly #watches = new Set<SessionWatch<ApiObject>>();
  #session: Session | undefined;

  constructor(options: ClientOptions) {
    this.agent = options.agent;
    this.#options = options;
  }

  get<T extends ApiObject>(kind: Kind<T>, { namespace, name }: ObjectRef, subresource?: string): Call<T> {
    return this.#send({ verb: 'get', kind, namespace, name, subresource }) as Call<T>;
  }

  list<T extends ApiObject>(kind: Kind<T>, options: ListOptions = {}): Call<List<T>> {
    return this.#send({ verb: 'list', kind, namespace: options.namespace, selectors: options, list: options }) as Call<List<T>>;
  }

  create<T extends ApiObject>(kind: Kind<T>, object: Draft<T>, write?: WriteOptions): Call<T> {
    const { namespace } = object.metadata;
    return this.#send({ verb: 'create', kind, namespace, object, subresource: write?.subresource, write }) as Call<T>;
  }

  update<T extends ApiObject>(kind: Kind<T>, object: T, write?: WriteOptions): Call<T> {
    const { namespace, name } = object.metadata;
    return this.#send({ verb: 'update', kind, namespace, name, object, subresource: write?.subresource, write }) as Call<T>;
  }

  updateStatus<T extends ApiObject>(kind: Kind<T>, object: T): Call<T> {
    const { namespace, name } = object.metadata;
    return this.#send({ verb: 'update', kind, namespace, name, object, subresource: 'status' }) as Call<T>;
  }

  patch<T extends ApiObject>(kind: Kind<T>, { namespace, name }: ObjectRef, patch: Patch, write?: WriteOptions): Call<T> {
    return this.#send({ verb: 'patch', kind, namespace, name, patch, subresource: write?.subresource, write }) as Call<T>;
  }

  delete<T extends ApiObject>(kind: Kind<T>, { namespace, name }: ObjectRef, options?: DeleteOptions): Call<T | undefined> {
    return this.#send({ verb: 'delete', kind, namespace, name, delete: options }) as Call<T | undefined>;
  }

  *deleteCollection<T extends ApiObject>(kind: Kind<T>, selectors: SelectorOptions, options?: DeleteOptions): Call<void> {
    yield* this.#send({ verb: 'deletecollection', kind, namespace: selectors.namespace, selectors, delete: options });
  }

  act<R>(kind: Kind, { namespace, name }: ObjectRef, subresource: string, body: unknown): Call<R> {
    return this.#send({ verb: 'create', kind, namespace, name, subresource, object: body }) as unknown as Call<R>;
  }

  *read<R extends object>(target: string): Call<R> {
    return (yield* (yield* this.#ready()).api.read(target)) as R;
  }

  *discover(): Call<Discovered> {
    return (yield* this.#ready()).api.discover();
  }

  *watch<T extends ApiObject>(kind: Kind<T>, options: WatchOptions, handler: WatchHandler<T>): Call<Watch> {
    const session = yield* this.#ready();
    const watch = new SessionWatch(handler, this.#watches as Set<unknown>);
    this.#watches.add(watch as unknown as SessionWatch<ApiObject>);
    try {
      watch.inner = yield* session.api.watch(kind, options, watch);
    } catch (error) {
      watch.stop();
      throw error;
    }
    if (watch.isOver) watch.inner.stop();
    return watch;
  }

  close(): void {
    for (const watch of [...this.#watches]) watch.stop();
    const session = this.#session;
    this.#session = undefined;
    session?.connection.close();
  }

  *#send<T extends ApiObject>(request: ObjectRequest<T>): Call<T | List<T> | undefined> {
    const session = yield* this.#ready();
    try {
      return yield* session.api.call(request);
    } catch (error) {
      if (!isUnauthorized(error) || typeof this.#options.credential !== 'function') throw error;
    }
    // A token that expired: fetch another and ask once more.
    this.#session = undefined;
    session.connection.close();
    return yield* (yield* this.#ready()).api.call(request);
  }

  *#ready(): Call<Session> {
    if (this.#session?.connection.isOpen) return this.#session;
    const { net, credential, agent, isOnlooker } = this.#options;
    const shown = typeof credential === 'function' ? yield* credential() : credential;
    const connection = yield* this.#dial();
    this.#believe(connection);
    // Another caller may have connected while this one waited.
    const other = this.#session;
    if (other?.connection.isOpen) {
      connection.close();
      return other;
    }
    const endpoint = connection.service.endpoint as ApiEndpoint | undefined;
    if (!endpoint) throw new Errno('ECONNRESET');
    const session = { connection, api: endpoint.open(shown, agent, isOnlooker ? undefined : net.addresses[0]) };
    this.#session = session;
    connection.onClose(() => this.#lost(session));
    return session;
  }

  *#dial(): Call<Connection> {
    const { net, server } = this.#options;
    try {
      return yield* net.connect(server, { timeoutMs: dialTimeoutMs });
    } catch (error) {
      throw isErrno(error) ? new DialError(error, server) : error;
    }
  }

  /** Throws a TlsError for a server that is not to be believed. */
  #believe(connection: Connection): void {
    const { kernel, server, authorities } = this.#options;
    if (!authorities || !connection.service.isTls) return;
    try {
      shakeHands(connection.service, { authorities: authorities(), host: server.ip, nowMs: kernel.clock.unixMs });
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  #lost(session: Session): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    for (const watch of [...this.#watches]) watch.onEnd(new Errno('ECONNRESET'));
  }
}

/** A watch that ends once, whoever notices first: the server, the connection, or the client. */
class SessionWatch<T extends ApiObject> implements Watch, WatchHandler<T> {
  inner: Watch | undefined;
  isOver = false;
  readonly #handler: WatchHandler<T>;
  readonly #open: Set<unknown>;

  constructor(handler: WatchHandler<T>, open: Set<unknown>) {
    this.#handler = handler;
    this.#open = open;
  }

  onEvent(event: WatchEvent<T>): void {
    if (!this.isOver) this.#handler.onEvent(event);
  }

  onEnd(error: StatusError | Error | undefined): void {
    if (this.isOver) return;
    this.stop();
    this.#handler.onEnd(error);
  }

  stop(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#open.delete(this);
    this.inner?.stop();
  }
}
