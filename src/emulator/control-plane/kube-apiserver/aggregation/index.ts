/**
 * The aggregation layer: APIService objects say who serves a version of a group. Local ones are kept for everything that this
 * server serves itself; what names a Service is proxied to it, with the user in headers.
 *
 * - The API server authenticates and authorizes; the far server is told who asks (`x-remote-user`).
 * - The far server's resources stand in the registry without a store, so that discovery and clients find them.
 * - With no remote APIService nothing here runs.
 *
 * Upstream: kube-aggregator/pkg/apiserver, pkg/controllers/{autoregister,status}, pkg/controlplane/controller/crdregistration.
 */
import type { APIService } from '../../../api/generated/types.ts';
import { Workqueue } from '../../../client/index.ts';
import type { Call, HttpRequest, HttpResponse } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { callServer, CallError } from '../outbound/service-client.ts';
import type { Callee } from '../outbound/service-client.ts';
import type { Resource } from '../registry.ts';
import type { UserInfo } from '../request.ts';
import { plainText } from '../rest/response.ts';
import type { ApiServer } from '../server.ts';
import { metadataForCreate } from '../verbs/metadata.ts';
import { checkAvailability } from './availability.ts';
import type { Availability } from './availability.ts';
import { builtInPriority, ownGroup } from './priorities.ts';
import type { Priority } from './priorities.ts';
import { userHeaders } from './user-headers.ts';

const apiVersion = 'apiregistration.k8s.io/v1';
const managedLabel = 'kube-aggregator.kubernetes.io/automanaged';
/** How often a far server is looked at again. */
const resyncMs = 30_000;
/** How long the API server waits for a far server. */
const proxyTimeoutMs = 60_000;

export class Aggregator {
  readonly #server: ApiServer;
  /** APIServices that name a Service, by group and version. */
  readonly #remote = new Map<string, APIService>();
  readonly #queue: Workqueue<string>;
  #isWatchingServices = false;

  constructor(server: ApiServer) {
    this.#server = server;
    this.#queue = new Workqueue(server.kernel, { name: 'available', reconcile: (name: string) => this.#reconcile(name), restMs: 1000 });
  }

  /** Takes up what is stored, and follows it. */
  start(): void {
    const store = this.#server.store('apiservices', apiVersion);
    this.#queue.start();
    for (const { value } of store.list('')) this.#changed(value as APIService, undefined);
    store.keyspace.watch(
      { onChange: ({ current, previous }) => this.#changed(current?.value as APIService, previous?.value as APIService) },
      store.revision,
    );
  }

  stop(): void {
    this.#queue.stop();
  }

  /** The APIService of a far server that a path belongs to. */
  remoteFor(path: string): APIService | undefined {
    if (this.#remote.size === 0 || !path.startsWith('/apis/')) return undefined;
    const [, , group, version] = path.split('/');
    return this.#remote.get(`${group}/${version}`);
  }

  /** Versions whose far server does not tell its resources. */
  get stale(): readonly { readonly group: string; readonly version: string }[] {
    return [...this.#remote.values()]
      .filter(({ spec }) => !this.#server.registry.all.some(({ apiVersion: one }) => one === `${spec.group}/${spec.version}`))
      .map(({ spec }) => ({ group: spec.group!, version: spec.version! }));
  }

  /** Sends a request on. The answer is the far server's, or 503. */
  *proxy({ spec, status }: APIService, request: HttpRequest, user: UserInfo): Call<HttpResponse> {
    const isAvailable = status?.conditions?.some((condition) => condition.type === 'Available' && condition.status === 'True');
    if (!isAvailable) return plainText(503, 'service unavailable\n');
    const { authorization: _own, ...headers } = request.headers;
    try {
      return yield* callServer(this.#server, calleeOf(spec), { ...request, headers: { ...headers, ...userHeaders(user) } }, proxyTimeoutMs);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return plainText(503, `error trying to reach service: ${error.message}\n`);
    }
  }

  /** Puts an APIService for a version that this server serves in place. */
  *register(group: string, version: string, priority: Priority, isOnStart: boolean): Call<void> {
    const name = `${version}.${group}`;
    const store = this.#server.store('apiservices', apiVersion);
    if (store.get('', name)) return;
    const { kernel, registry } = this.#server;
    const resource = registry.find(apiVersion, 'apiservices')!;
    const labels = { [managedLabel]: isOnStart ? 'onstart' : 'true' };
    const metadata = metadataForCreate(this.#server, { resource, namespace: '' } as never, { name, labels });
    const object = {
      apiVersion,
      kind: 'APIService',
      metadata,
      spec: { ...(group === '' ? {} : { group }), version, groupPriorityMinimum: priority.group, versionPriority: priority.version },
      status: { conditions: [{ ...local, lastTransitionTime: kernel.clock.timestamp() }] },
    };
    yield* store.put(object, undefined);
  }

  /** Versions of a group with an APIService for what this server serves itself. */
  localVersions(group: string): readonly string[] {
    return this.#server
      .store('apiservices', apiVersion)
      .list('')
      .map(({ value }) => value as APIService)
      .filter(({ spec, metadata }) => spec.group === group && !spec.service && metadata.labels?.[managedLabel] === 'true')
      .map(({ spec }) => spec.version!);
  }

  /** Takes away the APIService of a version that is no longer served here. */
  *unregister(group: string, version: string): Call<void> {
    const store = this.#server.store('apiservices', apiVersion);
    const found = store.get('', `${version}.${group}`);
    if (found?.metadata.labels?.[managedLabel] !== undefined) yield* store.remove(found);
  }

  /** Puts the APIServices of all built-in versions in place. */
  *registerBuiltIn(): Call<void> {
    const seen = new Set<string>();
    for (const { group, version, descriptor } of this.#server.registry.all) {
      const priority = group === ownGroup || descriptor.isCustom ? undefined : builtInPriority(group, version);
      if (!priority || seen.has(`${group}/${version}`)) continue;
      seen.add(`${group}/${version}`);
      yield* this.register(group, version, priority, true);
    }
  }

  #changed(current: APIService | undefined, previous: APIService | undefined): void {
    const { spec, metadata } = (current ?? previous)!;
    const key = `${spec.group}/${spec.version}`;
    if (current?.spec.service) {
      this.#remote.set(key, current);
      this.#server.registry.farPriorities.set(key, { group: spec.groupPriorityMinimum, version: spec.versionPriority });
      this.#watchServices();
      if (!previous || previous.spec !== current.spec) this.#queue.add(metadata.name);
    } else if (this.#remote.delete(key)) {
      this.#server.registry.farPriorities.delete(key);
      this.#setResources(key, []);
    }
  }

  /** What makes a far server reachable or not; nobody asks before there is one. */
  #watchServices(): void {
    if (this.#isWatchingServices) return;
    this.#isWatchingServices = true;
    const look = (namespace: string | undefined, service: string | undefined): void => {
      for (const { spec, metadata } of this.#remote.values())
        if (spec.service!.name === service && spec.service!.namespace === namespace) this.#queue.add(metadata.name);
    };
    for (const [resource, version] of [
      ['services', 'v1'],
      ['endpointslices', 'discovery.k8s.io/v1'],
    ] as const) {
      const store = this.#server.store(resource, version);
      const onChange = ({
        current,
        previous,
      }: {
        current?: { value: object } | undefined;
        previous?: { value: object } | undefined;
      }): void => {
        const { metadata } = (current ?? previous)!.value as ApiObject;
        look(metadata.namespace, resource === 'services' ? metadata.name : metadata.labels?.['kubernetes.io/service-name']);
      };
      store.keyspace.watch({ onChange }, store.revision);
    }
    this.#resync();
  }

  readonly #resync = (): void => {
    if (this.#server.isStopped) return;
    for (const { metadata } of this.#remote.values()) this.#queue.add(metadata.name);
    this.#server.kernel.loop.after(resyncMs, this.#resync, undefined, true);
  };

  *#reconcile(name: string): Call<void> {
    const store = this.#server.store('apiservices', apiVersion);
    const found = store.get('', name) as APIService | undefined;
    if (!found?.spec.service) return;
    const answer = yield* checkAvailability(this.#server, found, calleeOf(found.spec));
    this.#setResources(`${found.spec.group}/${found.spec.version}`, answer.resources ?? []);
    yield* this.#setCondition(found, answer);
    if (answer.reason === 'FailedDiscoveryCheck') this.#queue.addAfter(name, 5000, true);
  }

  *#setCondition(found: APIService, { status, reason, message }: Availability): Call<void> {
    const before = found.status?.conditions?.find(({ type }) => type === 'Available');
    if (before?.status === status && before.reason === reason && before.message === message) return;
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : this.#server.kernel.clock.timestamp();
    const condition = { type: 'Available', status, reason, message, lastTransitionTime };
    const conditions = [...(found.status?.conditions ?? []).filter(({ type }) => type !== 'Available'), condition];
    const metadata = { ...found.metadata, resourceVersion: '' };
    yield* this.#server
      .store('apiservices', apiVersion)
      .put({ ...found, metadata: { ...metadata }, status: { conditions } } as ApiObject, found);
  }

  /** Lets discovery and clients find the far server's resources. */
  #setResources(version: string, resources: readonly Resource[]): void {
    const { registry } = this.#server;
    const before = registry.all.filter((one) => one.isRemote && one.apiVersion === version);
    const text = (list: readonly Resource[]): string => JSON.stringify(list.map(({ descriptor }) => descriptor));
    if (text(before) === text(resources)) return;
    for (const one of before) registry.remove(one);
    for (const one of resources) registry.add(one);
  }
}

const local = {
  type: 'Available',
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
};

function calleeOf({ service, caBundle, insecureSkipTLSVerify }: APIService['spec']): Callee {
  return {
    service: { namespace: service!.namespace!, name: service!.name!, port: service!.port ?? 443 },
    caBundle,
    isInsecure: insecureSkipTLSVerify,
  };
}
