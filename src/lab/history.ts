/**
 * What has happened in a lab: every accepted change with its author, and every version of the objects that checks may
 * ask about. Fed by the trace (who) and by watches (what); bounded, since a lab lasts minutes and heartbeats are left out.
 */
import { onlookerAgent } from '../emulator/cluster/index.ts';
import { isComponent } from '../emulator/control-plane/kube-apiserver/index.ts';
import type { TraceObject, TraceRecord } from '../emulator/kernel/index.ts';
import type {
  Asked,
  AskedFilter,
  Change,
  ChangeFilter,
  Extreme,
  History,
  ListFilter,
  Moment,
  ResourceName,
  Resources,
  Sent,
  SentFilter,
} from './api.ts';
import { durationText, matches, readyAddresses } from './measures.ts';
import { reachedBy } from '../emulator/node/network/index.ts';
import { nameOnTheWire } from './reach.ts';

type Objects = { [R in ResourceName]?: Map<string, Resources[R]> };

type ChangeVerb = 'create' | 'delete' | 'bind' | 'evict';

interface Version {
  readonly atMs: number;
  readonly resource: ResourceName;
  readonly key: string;
  /** Undefined: deleted. */
  readonly object: Resources[ResourceName] | undefined;
}

const maxVersions = 200_000;
const maxSent = 20_000;
const maxAsked = 20_000;
/** Every component speaks to the API server all the time. */
const toApiServer = ':6443/TCP';

export class HistoryRecorder implements History {
  /** Virtual milliseconds at which the lab began, in the cluster's time. */
  startMs = 0;
  /** When tasks turned green, in the cluster's virtual milliseconds. */
  readonly greenAtMs = new Map<string, number>();
  readonly #changes: { readonly verb: ChangeVerb; readonly change: Change }[] = [];
  #versions: Version[] = [];
  readonly #sent: Sent[] = [];
  readonly #asked: Asked[] = [];
  /** Called when connections or requests are asked for: no change of an object tells that there are more. */
  onUnreportedRead = (): void => {};
  readonly #base: Objects = {};

  /** Takes in a record of the trace. */
  onTrace(record: TraceRecord): void {
    if (record.type === 'packet') return this.#onPacket(record);
    if (record.type !== 'request' || !record.object) return;
    if (!isComponent(record.user)) this.#onRequest(record, record.object);
    if (record.code >= 400) return;
    const { resource, namespace = '', name, uid = '' } = record.object;
    const verb = changeOf(record.verb, resource, record.subresource);
    if (!verb) return;
    const time = (record.atMs - this.startMs) / 1000;
    this.#changes.push({
      verb,
      change: {
        time,
        resource: verb === 'bind' ? 'pods' : (resource as ResourceName),
        namespace,
        name,
        uid,
        by: authorOf(record.user),
      },
    });
  }

  /** Takes in a new version of an object; undefined when it is gone. */
  onVersion(atMs: number, resource: ResourceName, key: string, object: Resources[ResourceName] | undefined): void {
    this.#versions.push({ atMs, resource, key, object });
    if (this.#versions.length > maxVersions) for (const version of this.#versions.splice(0, maxVersions / 2)) apply(this.#base, version);
  }

  creations(resource: ResourceName, filter: ChangeFilter = {}): readonly Change[] {
    return this.#find('create', resource, filter);
  }

  deletions(resource: ResourceName, filter: ChangeFilter = {}): readonly Change[] {
    return this.#find('delete', resource, filter);
  }

  bindings(filter: ChangeFilter = {}): readonly Change[] {
    return this.#find('bind', 'pods', filter);
  }

  evictions(filter: ChangeFilter = {}): readonly Change[] {
    return this.#find('evict', 'pods', filter);
  }

  connections({ from, to, after = Number.NEGATIVE_INFINITY }: SentFilter = {}): readonly Sent[] {
    this.onUnreportedRead();
    return this.#sent.filter(
      (sent) => sent.time >= 0 && sent.time > after && (from ?? sent.from) === sent.from && (to ?? sent.to) === sent.to,
    );
  }

  requests({ by, verb, resource, namespace, after = Number.NEGATIVE_INFINITY }: AskedFilter = {}): readonly Asked[] {
    this.onUnreportedRead();
    return this.#asked.filter(
      (asked) =>
        asked.time >= 0 &&
        asked.time > after &&
        (by ?? asked.by) === asked.by &&
        (verb ?? asked.verb) === asked.verb &&
        (resource ?? asked.resource) === asked.resource &&
        (namespace ?? asked.namespace) === asked.namespace,
    );
  }

  greenAt(task: string): number | undefined {
    const atMs = this.greenAtMs.get(task);
    return atMs === undefined ? undefined : (atMs - this.startMs) / 1000;
  }

  lowest(measure: (moment: Moment) => number, { since }: { readonly since?: string } = {}): Extreme {
    const fromMs = since === undefined ? this.startMs : (this.greenAtMs.get(since) ?? Number.POSITIVE_INFINITY);
    const objects = copy(this.#base);
    let lowest: { value: number; atMs: number; cause: Version | undefined } | undefined;
    const look = (atMs: number, cause: Version | undefined): void => {
      const value = measure(momentOf(objects));
      if (!lowest || value < lowest.value) lowest = { value, atMs, cause };
    };
    for (const [i, version] of this.#versions.entries()) {
      const isStart = version.atMs > fromMs && (this.#versions[i - 1]?.atMs ?? -1) <= fromMs;
      if (isStart) look(fromMs, undefined);
      apply(objects, version);
      // Changes of one instant are one moment: in between, the cluster was never seen by anyone.
      if (version.atMs > fromMs && this.#versions[i + 1]?.atMs !== version.atMs) look(version.atMs, version);
    }
    if (!lowest) look(fromMs, undefined);
    const { value, atMs, cause } = lowest!;
    return {
      value,
      at: `${durationText(atMs - this.startMs)} after the lab began`,
      cause: cause ? wordsFor(cause) : 'nothing had changed yet',
    };
  }

  #onRequest(
    { atMs, user, agent, verb, subresource, code }: TraceRecord & { readonly type: 'request' },
    { resource, namespace = '', name }: TraceObject,
  ): void {
    if (agent === onlookerAgent) return;
    if (this.#asked.length >= maxAsked) this.#asked.splice(0, maxAsked / 2);
    const what = subresource ? `${resource}/${subresource}` : resource;
    this.#asked.push({ time: (atMs - this.startMs) / 1000, by: authorOf(user), verb, resource: what, namespace, name, code });
  }

  #onPacket({ atMs, from, to, hops, outcome }: TraceRecord & { readonly type: 'packet' }): void {
    if (to.endsWith(toApiServer)) return;
    if (this.#sent.length >= maxSent) this.#sent.splice(0, maxSent / 2);
    this.#sent.push({
      time: (atMs - this.startMs) / 1000,
      from: nameOnTheWire(from.slice(0, from.indexOf(' ('))),
      to,
      reached: outcome === 'delivered' ? nameOnTheWire(reachedBy(hops) ?? '') : undefined,
    });
  }

  #find(
    verb: ChangeVerb,
    resource: ResourceName,
    { namespace, name, by, after = Number.NEGATIVE_INFINITY }: ChangeFilter,
  ): readonly Change[] {
    return this.#changes
      .filter((entry) => entry.verb === verb && entry.change.resource === resource)
      .map((entry) => entry.change)
      .filter(
        (c) =>
          c.time >= 0 &&
          c.time > after &&
          (namespace ?? c.namespace) === c.namespace &&
          (name ?? c.name) === c.name &&
          (by ?? c.by) === c.by,
      );
  }
}

/** What a request changed, as checks speak of it; undefined for what they do not ask about. */
function changeOf(verb: string, resource: string, subresource: string | undefined): ChangeVerb | undefined {
  if (verb === 'create' && resource === 'bindings') return 'bind';
  if (!subresource) return verb === 'create' || verb === 'delete' ? verb : undefined;
  if (verb !== 'create') return undefined;
  return subresource === 'binding' ? 'bind' : subresource === 'eviction' ? 'evict' : undefined;
}

/** Who is behind a user name: `system:serviceaccount:kube-system:replicaset-controller` is `replicaset-controller`. */
export function authorOf(user: string): string {
  if (user === 'kubernetes-admin') return 'learner';
  if (user.startsWith('system:node:')) return 'kubelet';
  if (user.startsWith('system:serviceaccount:kube-system:')) return user.slice('system:serviceaccount:kube-system:'.length);
  return user.replace(/^system:/, '');
}

function momentOf(objects: Objects): Moment {
  return {
    list: <R extends ResourceName>(resource: R, filter: ListFilter = {}) =>
      [...((objects[resource] as Map<string, Resources[R]> | undefined)?.values() ?? [])].filter((object) => matches(object, filter)),
    endpoints: (service) => readyAddresses([...(objects.endpointslices?.values() ?? [])], service),
  };
}

function apply(objects: Objects, { resource, key, object }: Version): void {
  const map = ((objects as Record<ResourceName, Map<string, unknown>>)[resource] ??= new Map());
  if (object === undefined) map.delete(key);
  else map.set(key, object);
}

function copy(objects: Objects): Objects {
  return Object.fromEntries(Object.entries(objects).map(([resource, map]) => [resource, new Map(map as Map<string, never>)]));
}

function wordsFor({ resource, key, object }: Version): string {
  return `${resource} ${key} ${object === undefined ? 'was deleted' : 'changed'}`;
}
