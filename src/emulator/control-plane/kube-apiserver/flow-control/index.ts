/**
 * Priority and fairness: which FlowSchema a request belongs to, and whether its level has a seat for it. Upstream:
 * apiserver/pkg/util/flowcontrol.
 *
 * - Every answer over HTTP names its FlowSchema and PriorityLevelConfiguration in two headers.
 * - What every cluster has is put in place when the server starts, and comes back within a minute.
 *
 * - A request over HTTP holds a seat while it is served; without one it waits in a queue of its flow, or gets 429.
 *
 * - Levels lend seats to one another: who wants them is looked at every ten seconds, as long as anybody wants any.
 *
 * Differs from Kubernetes: a write takes no seats for those who watch, and the components that run inside the emulator take none at all,
 * since they are served in no time.
 */
import { autoUpdateAnnotation, flowSchemaSpecs, isMandatory, priorityLevels } from '../../../api/flowcontrol/bootstrap.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import { semanticEqual } from '../../../machinery/equality.ts';
import type { ApiObject, ObjectMeta } from '../../../machinery/objects.ts';
import type { Attributes } from '../authorization/attributes.ts';
import type { ResourceHook } from '../hooks.ts';
import type { ApiServer } from '../server.ts';
import type { Query, ResourceInfo } from '../rest/request-info.ts';
import { shareSeats } from './lending.ts';
import { matches } from './match.ts';
import type { Seat } from './seats.ts';
import { LevelSeats } from './seats.ts';
import { widthOf } from './width.ts';

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
/** How long what is missing stays away (the post-start hook priority-and-fairness-config-producer). */
const repairMs = 60_000;

/** --max-requests-inflight and --max-mutating-requests-inflight together. */
const defaultConcurrency = 600;

/** Where a request belongs. */
export interface Classified {
  /** Headers of its answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly schema: string;
  readonly level: string;
  /** What tells it from other flows of its schema. */
  readonly flow: string;
}

/** How often seats are shared out anew. */
const lendingMs = 10_000;

export class FlowControl {
  readonly #server: ApiServer;
  #revision = -1;
  #schemas: readonly FlowSchema[] = [];
  #isRepairing = false;
  #levelRevision = -1;
  #levels: readonly LevelSeats[] = [];
  #isLending = false;
  /** Of the seats that they want, what levels can get. */
  fairFraction = 0;

  constructor(server: ApiServer) {
    this.#server = server;
    const withCondition = (object: ApiObject): ApiObject => this.#withCondition(object as FlowSchema);
    const schemaHook: ResourceHook = {
      beforeCreate: (_server, _request, object) => withCondition(object),
      beforeUpdate: (_server, _request, object) => withCondition(object),
      afterWrite: () => this.#repairLater(),
    };
    server.hooks.set('flowschemas', schemaHook);
    server.hooks.set('prioritylevelconfigurations', { afterWrite: () => this.#levelsChanged() });
  }

  /** Where a request belongs; undefined before the server has its schemas. */
  classify(attributes: Attributes): Classified | undefined {
    const schema = this.#sorted().find((one) => matches(one, attributes));
    const level = schema && this.#level(schema.spec!.priorityLevelConfiguration.name);
    if (!schema || !level) return undefined;
    const { type } = schema.spec?.distinguisherMethod ?? {};
    const flow = type === 'ByUser' ? attributes.user.name : type === 'ByNamespace' ? attributes.namespace : '';
    const headers = { 'x-kubernetes-pf-flowschema-uid': schema.metadata.uid, 'x-kubernetes-pf-prioritylevel-uid': level.metadata.uid };
    return { headers, schema: schema.metadata.name, level: level.metadata.name, flow };
  }

  /** A seat for a request, which its level's `leave` gives back; waits for one if need be. Undefined when there is none: 429. */
  *enter({ schema, level, flow }: Classified, info: ResourceInfo | undefined, query: Query): Call<Seat | undefined> {
    const seats = this.levels.find(({ name }) => name === level);
    if (!seats) return undefined;
    this.#lendLater();
    const entered = yield* seats.enter(schema, flow, widthOf(this.#server, info, query, seats.maxWidth));
    return typeof entered === 'string' ? undefined : entered;
  }

  /** Every level with its seats, as the stored objects say it now. */
  get levels(): readonly LevelSeats[] {
    const store = this.#server.store('prioritylevelconfigurations', apiVersion);
    if (store.keyspace.revision === this.#levelRevision) return this.#levels;
    this.#levelRevision = store.keyspace.revision;
    const stored = store.list('').map(({ value }) => value as PriorityLevelConfiguration);
    const sharesOf = ({ spec }: PriorityLevelConfiguration): number => (spec?.limited ?? spec?.exempt)?.nominalConcurrencyShares ?? 30;
    const all = stored.reduce((sum, level) => sum + sharesOf(level), 0);
    const total = this.#server.options.concurrency ?? defaultConcurrency;
    const known = new Map(this.#levels.map((level) => [level.name, level]));
    this.#levels = stored.map((level) => {
      const seats = known.get(level.metadata.name) ?? new LevelSeats(this.#server.kernel, level.metadata.name);
      seats.configure(level, all === 0 ? 0 : Math.ceil((total * sharesOf(level)) / all), total);
      return seats;
    });
    this.fairFraction = shareSeats(this.#levels);
    return this.#levels;
  }

  /** Shares out the seats once the period is over, and again for as long as anybody wants any. */
  #lendLater(): void {
    if (this.#isLending) return;
    this.#isLending = true;
    const { loop } = this.#server.kernel;
    const lend = (): void => {
      this.#isLending = false;
      if (this.#server.isStopped) return;
      const { levels } = this;
      for (const { demand } of levels) demand.observe(loop.now);
      this.fairFraction = shareSeats(levels);
      if (levels.some(({ demand }) => !demand.isNone)) this.#lendLater();
    };
    loop.timer(lendingMs, lend, true);
  }

  /** Puts in place what is missing, and back what nobody may change. It goes by the store, since all of it is known to be good. */
  *ensure(): Call<void> {
    for (const [name, spec] of Object.entries(priorityLevels)) yield* this.#ensure('prioritylevelconfigurations', name, spec);
    for (const [name, spec] of Object.entries(flowSchemaSpecs)) yield* this.#ensure('flowschemas', name, spec);
  }

  *#ensure(resource: string, name: string, spec: object): Call<void> {
    const store = this.#server.store(resource, apiVersion);
    const stored = store.get('', name) as FlowSchema | undefined;
    if (!stored) {
      const kind = resource === 'flowschemas' ? 'FlowSchema' : 'PriorityLevelConfiguration';
      const object = { apiVersion, kind, metadata: this.#metadata(name), spec, status: {} } as unknown as ApiObject;
      yield* store.put(resource === 'flowschemas' ? this.#withCondition(object as FlowSchema) : object, undefined);
      return;
    }
    const isKept = isMandatory(name) || stored.metadata.annotations?.[autoUpdateAnnotation] === 'true';
    if (!isKept || semanticEqual(stored.spec, spec)) return;
    const metadata = { ...stored.metadata, resourceVersion: '', generation: (stored.metadata.generation ?? 0) + 1 };
    yield* store.put({ ...stored, metadata, spec } as ApiObject, stored);
  }

  /** Differs from Kubernetes: the owners of the fields of these objects are not recorded. */
  #metadata(name: string): ObjectMeta {
    const { random, clock } = this.#server.kernel;
    return {
      name,
      uid: random.uuid(),
      resourceVersion: '',
      generation: 1,
      creationTimestamp: clock.timestamp(),
      annotations: { [autoUpdateAnnotation]: 'true' },
    };
  }

  #level(name: string): PriorityLevelConfiguration | undefined {
    return this.#server.store('prioritylevelconfigurations', apiVersion).get('', name) as PriorityLevelConfiguration | undefined;
  }

  /** By precedence and then by name: apihelpers.FlowSchemaSequence. */
  #sorted(): readonly FlowSchema[] {
    const store = this.#server.store('flowschemas', apiVersion);
    if (store.keyspace.revision === this.#revision) return this.#schemas;
    this.#revision = store.keyspace.revision;
    const schemas = store.list('').map(({ value }) => value as FlowSchema);
    this.#schemas = schemas.sort((a, b) => (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0));
    return this.#schemas;
  }

  /** Says in the status whether the schema's level exists: upstream's controller does so a moment later. */
  #withCondition(schema: FlowSchema): FlowSchema {
    const { name } = schema.spec?.priorityLevelConfiguration ?? { name: '' };
    const exists = this.#level(name) !== undefined;
    const message = `This FlowSchema references the PriorityLevelConfiguration object named "${name}" ${exists ? 'and it exists' : 'but there is no such object'}`;
    const known = schema.status?.conditions?.find(({ type }) => type === 'Dangling');
    if (known?.message === message) return schema;
    const condition = {
      type: 'Dangling',
      status: exists ? 'False' : 'True',
      lastTransitionTime: this.#server.kernel.clock.timestamp(),
      reason: exists ? 'Found' : 'NotFound',
      message,
    };
    const others = (schema.status?.conditions ?? []).filter(({ type }) => type !== 'Dangling');
    return { ...schema, status: { ...schema.status, conditions: [...others, condition] } };
  }

  #levelsChanged(): void {
    this.#repairLater();
    this.#server.kernel.fiber(this.#updateConditions());
  }

  *#updateConditions(): Call<void> {
    const store = this.#server.store('flowschemas', apiVersion);
    for (const schema of this.#sorted()) {
      const next = this.#withCondition(schema);
      if (next !== schema) yield* store.put({ ...next, metadata: { ...next.metadata, resourceVersion: '' } }, schema);
    }
  }

  #repairLater(): void {
    if (this.#isRepairing) return;
    this.#isRepairing = true;
    const repair = (): void => {
      this.#isRepairing = false;
      if (!this.#server.isStopped) this.#server.kernel.fiber(this.ensure());
    };
    this.#server.kernel.loop.after(repairMs, repair, undefined, true);
  }
}
