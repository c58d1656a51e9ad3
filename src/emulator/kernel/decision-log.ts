import type { Trace, TraceRecord } from './trace.ts';

/** A record of the trace that says why something about an object is as it is. */
export type Decision = Extract<TraceRecord, { readonly type: 'decision' }>;

/** How many decisions are kept in all, at least and up to twice as many, and of one object. */
const maxDecisions = 1000;
const maxOfObject = 10;

const keyOf = (resource: string, namespace: string | undefined, name: string): string => `${resource}/${namespace ?? ''}/${name}`;

/**
 * The latest decisions about each object, for those who ask why later. It listens to the trace for as long as the cluster
 * lives; what it keeps is bounded, the oldest goes first.
 */
export class DecisionLog {
  readonly #byObject = new Map<string, Decision[]>();
  /** All that were kept, in their order; those that an object has let go since are still in it. */
  #all: Decision[] = [];

  constructor(trace: Trace) {
    trace.listen((record) => {
      if (record.type === 'decision' && record.object && record.data !== undefined) this.#add(record);
    });
  }

  /** Oldest first. */
  about(resource: string, namespace: string | undefined, name: string): readonly Decision[] {
    return this.#byObject.get(keyOf(resource, namespace, name)) ?? [];
  }

  /** Of all objects, oldest first: the last thousand at least. */
  get latest(): readonly Decision[] {
    return this.#all;
  }

  #add(decision: Decision): void {
    const key = keyOfDecision(decision);
    const known = this.#byObject.get(key);
    if (!known) this.#byObject.set(key, [decision]);
    else if (known.push(decision) > maxOfObject) known.shift();
    this.#all.push(decision);
    if (this.#all.length < 2 * maxDecisions) return;
    for (const old of this.#all.slice(0, maxDecisions)) this.#forget(old);
    this.#all = this.#all.slice(maxDecisions);
  }

  #forget(decision: Decision): void {
    const key = keyOfDecision(decision);
    const known = this.#byObject.get(key);
    if (known?.[0] !== decision) return;
    known.shift();
    if (known.length === 0) this.#byObject.delete(key);
  }
}

function keyOfDecision({ object }: Decision): string {
  return keyOf(object!.resource, object!.namespace, object!.name);
}
