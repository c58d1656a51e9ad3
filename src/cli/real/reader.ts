/** What checks read of a real cluster: everything in the lab's namespaces, watched from the beginning, under the lab's names. */
import { Watch } from '@kubernetes/client-node';
import type { KubeConfig, KubernetesObject } from '@kubernetes/client-node';
import type { Attempt, ResourceName, Resources, UnitState, Verdict } from '../../lab/api.ts';
import { watched } from '../../lab/cluster.ts';
import type { ClusterReader } from '../../lab/context.ts';
import type { HistoryRecorder } from '../../lab/history.ts';
import { acceptedBy, mayOn } from './asks.ts';
import { collectionPath, isNamespaced } from './kinds.ts';

interface RealObject {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string; readonly resourceVersion: string };
}

/** Kinds that belong to no namespace are not read. */
const resources = (Object.keys(watched) as ResourceName[]).filter(isNamespaced);
const retryMs = 500;

export class RealReader implements ClusterReader {
  readonly #config: KubeConfig;
  readonly #watch: Watch;
  readonly #namespaces: ReadonlyMap<string, string>;
  readonly #history: HistoryRecorder;
  readonly #objects = new Map<string, Map<string, RealObject>>();
  readonly #running = new Map<string, AbortController>();
  readonly #startedMs = performance.now();
  #isStopped = false;

  constructor(config: KubeConfig, namespaces: ReadonlyMap<string, string>, history: HistoryRecorder) {
    this.#config = config;
    this.#watch = new Watch(config);
    this.#namespaces = namespaces;
    this.#history = history;
  }

  /** Real milliseconds since the beginning. */
  get nowMs(): number {
    return Math.round(performance.now() - this.#startedMs);
  }

  list<R extends ResourceName>(resource: R): readonly Resources[R][] {
    return [...(this.#objects.get(resource)?.values() ?? [])] as unknown as Resources[R][];
  }

  readFile(): string | undefined {
    throw new Error('a real cluster has no file of a machine to show');
  }

  readUnit(): UnitState | undefined {
    throw new Error('a real cluster has no service of a machine to show');
  }

  may(attempt: Attempt): Promise<boolean> {
    return mayOn(this.#config, this.#namespaces, attempt);
  }

  accepts(_resource: ResourceName, object: Resources[ResourceName]): Promise<Verdict> {
    return acceptedBy(this.#config, this.#namespaces, object as unknown as KubernetesObject);
  }

  async start(): Promise<void> {
    for (const resource of resources) {
      this.#objects.set(resource, new Map());
      for (const [name, real] of this.#namespaces) await this.#follow(resource, name, real, undefined);
    }
  }

  stop(): void {
    this.#isStopped = true;
    for (const request of this.#running.values()) request.abort();
  }

  /** Without a version, everything that is there comes first. A watch that ends is begun again where it was, or anew when that is too long ago. */
  async #follow(resource: ResourceName, name: string, real: string, resourceVersion: string | undefined): Promise<void> {
    if (this.#isStopped) return;
    let last = resourceVersion;
    const again = (): void => {
      if (!this.#isStopped) setTimeout(() => void this.#follow(resource, name, real, last), retryMs).unref();
    };
    const onEvent = (type: string, object: RealObject): void => {
      if (type === 'ERROR') last = undefined;
      else {
        last = object.metadata.resourceVersion;
        if (type !== 'BOOKMARK') this.#take(resource, type, { ...object, metadata: { ...object.metadata, namespace: name } });
      }
    };
    const query = { allowWatchBookmarks: true, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    try {
      this.#running.set(`${resource} ${real}`, await this.#watch.watch(collectionPath(resource, real), query, onEvent, again));
    } catch {
      again();
    }
  }

  #take(resource: ResourceName, type: string, object: RealObject): void {
    const { namespace, name, uid } = object.metadata;
    const key = `${namespace}/${name}`;
    const objects = this.#objects.get(resource)!;
    const isDeleted = type === 'DELETED';
    const isNew = objects.get(key)?.metadata.uid !== uid;
    if (isDeleted) objects.delete(key);
    else objects.set(key, object);
    if (watched[resource] === 'shown') return;
    this.#history.onVersion(this.nowMs, resource, key, isDeleted ? undefined : (object as unknown as Resources[ResourceName]));
    if (!isDeleted && !isNew) return;
    // As a request of nobody: a watch does not tell who asked.
    const verb = isDeleted ? 'delete' : 'create';
    this.#history.onTrace({
      id: 0,
      atMs: this.nowMs,
      cause: 0,
      component: '',
      type: 'request',
      verb,
      user: '',
      agent: '',
      code: 200,
      object: { resource, namespace, name, uid },
    });
  }
}
