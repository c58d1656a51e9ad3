/**
 * The ConfigMaps and Secrets that Pods of this node use, each watched by name while some Pod needs it
 * (upstream pkg/kubelet/util/manager, the Watch strategy: the Node authorizer allows no more than single names).
 */
import { configMaps } from '../../api/core/config-map.ts';
import { secrets } from '../../api/core/secret.ts';
import type { ConfigMap, Secret } from '../../api/generated/types.ts';
import type { Kind } from '../../api/kind.ts';
import type { Client, Watch } from '../../client/index.ts';
import type { Call } from '../../kernel/index.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import { isNotFound } from '../../machinery/status-error.ts';

interface Entry {
  object: ApiObject | undefined;
  watch: Watch | undefined;
  /** UIDs of the Pods that use it. */
  readonly users: Set<string>;
}

/** Called with the UIDs of the Pods that use an object which changed. */
export type ChangeListener = (users: ReadonlySet<string>) => void;

export class ObjectCache {
  readonly #client: Client;
  readonly #onChange: ChangeListener;
  readonly #entries = new Map<string, Entry>();

  constructor(client: Client, onChange: ChangeListener) {
    this.#client = client;
    this.#onChange = onChange;
  }

  configMap(user: string, namespace: string, name: string): Call<ConfigMap | undefined> {
    return this.#get(configMaps, user, namespace, name);
  }

  secret(user: string, namespace: string, name: string): Call<Secret | undefined> {
    return this.#get(secrets, user, namespace, name);
  }

  /** What is known now, for volumes that are read again. */
  current(resource: 'configmaps' | 'secrets', namespace: string, name: string): ConfigMap | Secret | undefined {
    return this.#entries.get(`${resource}/${namespace}/${name}`)?.object as ConfigMap | Secret | undefined;
  }

  /** A Pod is gone: what nobody else uses is no longer watched. */
  release(user: string): void {
    for (const [key, entry] of this.#entries) {
      if (!entry.users.delete(user) || entry.users.size > 0) continue;
      entry.watch?.stop();
      this.#entries.delete(key);
    }
  }

  stop(): void {
    for (const entry of this.#entries.values()) entry.watch?.stop();
    this.#entries.clear();
  }

  *#get<T extends ApiObject>(kind: Kind<T>, user: string, namespace: string, name: string): Call<T | undefined> {
    const key = `${kind.resource}/${namespace}/${name}`;
    const known = this.#entries.get(key);
    if (known?.watch) {
      known.users.add(user);
      return known.object as T | undefined;
    }
    const entry: Entry = known ?? { object: undefined, watch: undefined, users: new Set() };
    entry.users.add(user);
    this.#entries.set(key, entry);
    entry.object = yield* this.#fetch(kind, namespace, name);
    if (entry.users.size > 0 && !entry.watch) yield* this.#watch(kind, entry, namespace, name);
    return entry.object as T | undefined;
  }

  *#fetch<T extends ApiObject>(kind: Kind<T>, namespace: string, name: string): Call<T | undefined> {
    try {
      return yield* this.#client.get(kind, { namespace, name });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  *#watch<T extends ApiObject>(kind: Kind<T>, entry: Entry, namespace: string, name: string): Call<void> {
    entry.watch = yield* this.#client.watch(
      kind,
      { namespace, fieldSelector: `metadata.name=${name}`, resourceVersion: entry.object?.metadata.resourceVersion },
      {
        onEvent: (event) => {
          if (event.type === 'BOOKMARK') return;
          const next = event.type === 'DELETED' ? undefined : event.object;
          if (next?.metadata.resourceVersion === entry.object?.metadata.resourceVersion) return;
          entry.object = next;
          this.#onChange(entry.users);
        },
        // The next Pod that asks, or the next change of this one, fetches it afresh.
        onEnd: () => {
          entry.watch = undefined;
        },
      },
    );
  }
}
