/**
 * CustomResourceDefinitions at work: accepts their names, serves their versions, and empties and forgets those that are deleted.
 *
 * - A definition becomes descriptors (`descriptor.ts`) that stand in the registry beside the built-in ones; all that follows is
 *   what every kind has.
 * - What is served follows what is stored, so that several API servers agree. With no definition nothing runs.
 *
 * Upstream: apiextensions-apiserver/pkg/controller/{status,establish,finalizer,apiapproval}, pkg/apiserver/customresource_handler.go.
 */
import { conditionOf, isEstablished } from '../../../api/apiextensions/custom-resource-definition.ts';
import type { CustomResourceDefinition } from '../../../api/generated/types.ts';
import { Workqueue } from '../../../client/index.ts';
import type { Call } from '../../../kernel/index.ts';
import { forgetModel, registerModel } from '../../../machinery/schema.ts';
import type { ModelSchema } from '../../../machinery/schema.ts';
import { isConflict, isNotFound } from '../../../machinery/status-error.ts';
import { modelOf } from '../../../machinery/structural-schema/model-schema.ts';
import { customPriority } from '../aggregation/priorities.ts';
import { loopbackUser } from '../authorization/loopback-user.ts';
import type { Resource } from '../registry.ts';
import type { ApiServer } from '../server.ts';
import { openSessionAs } from '../session.ts';
import { customKind } from './descriptor.ts';
import { acceptNames, withApproval, withCondition } from './status.ts';

const apiVersion = 'apiextensions.k8s.io/v1';
const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';
/** How often the end of a definition's objects is looked for. */
const pollMs = 5000;

type Definition = CustomResourceDefinition;

interface Served {
  readonly spec: Definition['spec'];
  readonly isTerminating: boolean;
  readonly resources: readonly Resource[];
  readonly models: readonly ModelSchema[];
}

/** Models have names of their own for each change, so that nothing that is remembered by name is stale. */
let modelCount = 0;

export class CustomResources {
  readonly #server: ApiServer;
  readonly #queue: Workqueue<string>;
  readonly #served = new Map<string, Served>();

  constructor(server: ApiServer) {
    this.#server = server;
    this.#queue = new Workqueue(server.kernel, {
      name: 'customresourcedefinitions',
      workers: 1,
      reconcile: (name: string) => this.#reconcile(name),
    });
  }

  /** Takes up what is stored, and follows it. */
  start(): void {
    const { store } = this;
    this.#queue.start();
    for (const { value } of store.list('')) {
      this.#serve((value as Definition).metadata.name, value as Definition);
      this.#queue.add((value as Definition).metadata.name);
    }
    const onChange = ({
      current,
      previous,
    }: {
      current?: { value: object } | undefined;
      previous?: { value: object } | undefined;
    }): void => {
      const { name } = ((current ?? previous)!.value as Definition).metadata;
      this.#serve(name, current?.value as Definition | undefined);
      this.#queue.add(name);
    };
    store.keyspace.watch({ onChange }, store.revision);
  }

  stop(): void {
    this.#queue.stop();
    for (const { models } of this.#served.values()) for (const { name } of models) forgetModel(name);
  }

  get store() {
    return this.#server.store('customresourcedefinitions', apiVersion);
  }

  /** Brings the registry in line with a definition. */
  #serve(name: string, definition: Definition | undefined): void {
    const known = this.#served.get(name);
    const isWanted = definition !== undefined && isEstablished(definition);
    const isTerminating = definition?.metadata.deletionTimestamp !== undefined;
    if (known?.spec === definition?.spec && known?.isTerminating === isTerminating && isWanted === (known !== undefined)) return;
    const { registry } = this.#server;
    for (const resource of known?.resources ?? []) registry.remove(resource);
    this.#served.delete(name);
    if (isWanted) this.#served.set(name, this.#addVersions(definition, isTerminating));
    for (const model of known?.models ?? []) forgetModel(model.name);
    // Who watches a version that is gone, or has changed, is told to look again.
    for (const watch of [...this.#server.watches]) if (known?.resources.includes(watch.resource)) watch.end(undefined);
  }

  #addVersions(definition: Definition, isTerminating: boolean): Served {
    const resources: Resource[] = [];
    const models: ModelSchema[] = [];
    for (const version of definition.spec.versions!) {
      if (!version.served) continue;
      const model = modelOf(`${definition.metadata.name}/${version.name}#${++modelCount}`, version.schema?.openAPIV3Schema ?? {});
      registerModel(model);
      models.push(model);
      resources.push(this.#server.addKind(customKind(definition, version, model.name, isTerminating)));
    }
    return { spec: definition.spec, isTerminating, resources, models };
  }

  *#reconcile(name: string): Call<void> {
    const definition = this.store.get('', name) as Definition | undefined;
    yield* this.#registerVersions(name);
    if (!definition) return this.#reconsiderOthers(name);
    if (definition.metadata.deletionTimestamp !== undefined) return yield* this.#finish(definition);
    const others = this.store.list('').map(({ value }) => value as Definition);
    const now = this.#server.kernel.clock.timestamp();
    const named = acceptNames(definition, others, now);
    const status = withApproval(named === definition.status ? definition : { ...definition, status: named }, now);
    if (status === definition.status) return;
    yield* this.#writeStatus({ ...definition, status });
    this.#reconsiderOthers(name);
  }

  /** Names may be free again. */
  #reconsiderOthers(name: string): void {
    for (const { value } of this.store.list('')) {
      const other = value as Definition;
      if (other.metadata.name !== name && conditionOf(other, 'NamesAccepted')?.status !== 'True') this.#queue.add(other.metadata.name);
    }
  }

  /** The APIServices of a definition's versions come and go with them. */
  *#registerVersions(name: string): Call<void> {
    const group = name.slice(name.indexOf('.') + 1);
    const { aggregator, registry } = this.#server;
    const live = new Set(registry.all.filter((one) => one.group === group && one.descriptor.isCustom).map(({ version }) => version));
    for (const version of live) yield* aggregator.register(group, version, customPriority, false);
    for (const version of aggregator.localVersions(group)) if (!live.has(version)) yield* aggregator.unregister(group, version);
  }

  *#writeStatus(definition: Definition): Call<void> {
    const session = openSessionAs(this.#server, loopbackUser, 'kube-apiserver');
    const kind = this.#server.registry.find(apiVersion, 'customresourcedefinitions')!.descriptor;
    try {
      yield* session.call({ verb: 'update', kind, subresource: 'status', name: definition.metadata.name, object: definition });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  /** Deletes what there is of a definition that is being deleted, then lets it go (crd_finalizer.go). */
  *#finish(definition: Definition): Call<void> {
    const { name, finalizers = [] } = definition.metadata;
    if (!finalizers.includes(cleanupFinalizer)) return;
    const now = this.#server.kernel.clock.timestamp();
    if (conditionOf(definition, 'Terminating')?.reason !== 'InstanceDeletionInProgress') {
      const message = 'CustomResource deletion is in progress';
      return yield* this.#writeStatus(
        withCondition(definition, { type: 'Terminating', status: 'True', reason: 'InstanceDeletionInProgress', message }, now),
      );
    }
    const resource = this.#served.get(name)?.resources[0];
    if (resource && (yield* this.#deleteInstances(resource)) > 0) {
      this.#queue.addAfter(name, pollMs, true);
      return;
    }
    const store = this.store;
    const stored = store.get('', name) as Definition | undefined;
    if (!stored) return;
    const kept = (stored.metadata.finalizers ?? []).filter((finalizer) => finalizer !== cleanupFinalizer);
    const session = openSessionAs(this.#server, loopbackUser, 'kube-apiserver');
    const kind = this.#server.registry.find(apiVersion, 'customresourcedefinitions')!.descriptor;
    const object = { ...stored, metadata: { ...stored.metadata, finalizers: kept.length > 0 ? kept : undefined } };
    try {
      yield* session.call({ verb: 'update', kind, name, object });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  /** Returns how many are still there. */
  *#deleteInstances({ descriptor, store }: Resource): Call<number> {
    const session = openSessionAs(this.#server, loopbackUser, 'kube-apiserver');
    const namespaces = new Set(store!.list('').map(({ directory }) => directory.replace(/\/$/, '')));
    for (const namespace of namespaces) yield* session.call({ verb: 'deletecollection', kind: descriptor, namespace });
    return store!.list('').length;
  }
}
