/** How many seats a request takes: a list as many as the memory it needs (apiserver/pkg/util/flowcontrol/request/list_work_estimator.go). */
import type { ApiServer } from '../server.ts';
import type { Query, ResourceInfo } from '../rest/request-info.ts';

const bytesPerSeat = 100_000;
/** A list from the watch cache is written piece by piece, and never needs more at once. */
const maxStreamedBytes = 1_000_000;
const maxSeats = 100;
/** Of an object's JSON, as protobuf. */
const encodedShare = 0.6;

interface Mean {
  readonly count: number;
  readonly bytes: number;
}

/** By kind of object; found anew when there are twice as many, or half. */
const means = new WeakMap<object, Mean>();

/** `limit` is the most that one request of the level may take. */
export function widthOf(server: ApiServer, info: ResourceInfo | undefined, query: Query, limit: number): number {
  const isWatch = info?.verb === 'watch' && query.get('sendInitialEvents')?.[0] === 'true';
  if (!info || (info.verb !== 'list' && !isWatch)) return 1;
  const resource = server.registry.find(info.apiVersion, info.resource);
  const keyspace = resource?.store?.keyspace;
  if (!keyspace || keyspace.size === 0) return 1;
  const wanted = Number(query.get('limit')?.[0] ?? 0);
  const listed = wanted > 0 ? Math.min(wanted, keyspace.size) : keyspace.size;
  const isSelected = query.has('fieldSelector') || query.has('labelSelector');
  // What was begun goes on from storage.
  const isCached = isWatch || (!query.has('continue') && query.get('resourceVersionMatch')?.[0] !== 'Exact');
  const loaded = info.name !== '' ? 1 : !isCached && isSelected ? Math.max(listed, Math.floor(keyspace.size / 2)) : listed;
  const bytes = loaded * meanBytes(keyspace, () => resource.store!.list('')[0]?.value);
  const seats = Math.ceil((isCached ? Math.min(bytes, maxStreamedBytes) : bytes) / bytesPerSeat);
  return Math.max(1, Math.min(seats, limit, maxSeats));
}

/** Differs from Kubernetes: the size of a kind's objects is that of the first of them, since nothing is encoded when it is stored. */
function meanBytes(keyspace: { readonly size: number }, first: () => unknown): number {
  const known = means.get(keyspace);
  if (known && known.count <= 2 * keyspace.size && keyspace.size <= 2 * known.count) return known.bytes;
  const bytes = Math.ceil(JSON.stringify(first() ?? '').length * encodedShare);
  means.set(keyspace, { count: keyspace.size, bytes });
  return bytes;
}
