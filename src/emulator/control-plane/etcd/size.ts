/**
 * How large a member's database would be. Nothing is encoded here, so that it is an estimate: records by the mean size of those
 * that are there, and large values that somebody wrote by hand by their own.
 *
 * - Every revision that is not compacted is a record, and so is every key that is older.
 * - What compaction frees stays in the file until it is defragmented, as bbolt's free pages do.
 *
 * Differs from Kubernetes: a real etcd reuses free pages piece by piece; here the file has the size of the fullest moment that was seen.
 */
import { goJson } from '../../machinery/json.ts';
import type { EtcdData } from './store.ts';

const emptyBytes = 20_480;
const pageBytes = 4096;
/** Of an API object's JSON, as protobuf with the key and the record's own fields. */
const encodedShare = 0.6;
/** A write of this size is counted by itself. */
const largeBytes = 1024;
/** The mean is found again after so many revisions. */
const staleRevisions = 5000;

export class StoreSize {
  readonly #data: EtcdData;
  #fullest = 0;
  #meanBytes = 0;
  #meanAt = Number.NEGATIVE_INFINITY;
  /** Large values, live and in history. */
  #large: { readonly revision: number; readonly key: string; readonly bytes: number }[] = [];

  constructor(data: EtcdData) {
    this.#data = data;
  }

  /** A value of known size was written. */
  note(revision: number, key: string, bytes: number): void {
    if (bytes >= largeBytes) this.#large.push({ revision, key, bytes });
  }

  get inUse(): number {
    const { revision, compactRevision, keyspaces } = this.#data;
    const live = keyspaces.reduce((sum, keyspace) => sum + keyspace.size, 0);
    const records = live + revision - Math.max(compactRevision, 1);
    const large = this.#large.reduce((sum, { bytes }) => sum + bytes, 0);
    return emptyBytes + Math.ceil((records * this.#mean() + large) / pageBytes) * pageBytes;
  }

  get total(): number {
    this.#fullest = Math.max(this.#fullest, this.inUse);
    return this.#fullest;
  }

  /** History at or before a revision is about to go: large values that were written over by then go with it. */
  compact(revision: number): void {
    this.#fullest = this.total;
    const latest = new Map(this.#large.filter((large) => large.revision <= revision).map((large) => [large.key, large]));
    this.#large = this.#large.filter((large) => large.revision > revision || (latest.get(large.key) === large && this.#isLive(large)));
  }

  defragment(): void {
    this.#fullest = this.inUse;
  }

  #isLive({ key, revision }: { readonly key: string; readonly revision: number }): boolean {
    const { keyspace, directory, name } = this.#data.locate(key);
    return keyspace.get(directory, name)?.modRevision === revision;
  }

  /** Of one value from each key space, weighed by how many there are. */
  #mean(): number {
    const { revision, keyspaces } = this.#data;
    if (revision - this.#meanAt < staleRevisions) return this.#meanBytes;
    this.#meanAt = revision;
    let [count, bytes] = [0, 0];
    for (const keyspace of keyspaces) {
      const value = keyspace.first?.value;
      if (!value || 'raw' in value) continue;
      count += keyspace.size;
      bytes += keyspace.size * (goJson(value).length * encodedShare + 64);
    }
    this.#meanBytes = count === 0 ? 256 : bytes / count;
    return this.#meanBytes;
  }
}
