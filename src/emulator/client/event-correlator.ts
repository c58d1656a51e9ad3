/** Keeps Events few: client-go's EventCorrelator (client-go/tools/record/events_cache.go), by object and not by key texts. */
const maxObjects = 4096;
const spam = { burst: 25, refillMs: 300_000 };
const similar = { most: 10, intervalMs: 600_000 };

/** What an observed Event becomes. */
export type Correlation =
  | { readonly type: 'skip' }
  | { readonly type: 'create'; readonly name: string; readonly message: string; readonly record: EventRecord }
  | { readonly type: 'count'; readonly name: string; readonly message: string; readonly record: EventRecord };

/** An Event that was written: a repetition only raises its count. */
export interface EventRecord {
  readonly name: string;
  readonly firstTimestamp: string;
  count: number;
}

/** Events of one type and reason about one object (or field of it). */
interface Similar {
  readonly type: string;
  readonly reason: string;
  readonly fieldPath: string | undefined;
  readonly messages: Set<string>;
  lastMs: number;
  readonly records: Map<string, EventRecord>;
  combined: EventRecord | undefined;
}

interface ObjectEvents {
  tokens: number;
  refilledMs: number;
  readonly similar: Similar[];
}

export interface Observation {
  readonly uid: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly fieldPath?: string | undefined;
  readonly nowMs: number;
  readonly timestamp: string;
  readonly newName: () => string;
}

/**
 * - Ten or more different messages of one reason within ten minutes are counted on one Event, whose message begins with
 *   "(combined from similar events): ".
 * - The same message again raises the count of its Event.
 * - An object has 25 Events in a burst and one more every five minutes; what goes beyond is dropped.
 */
export class EventCorrelator {
  readonly #objects = new Map<string, ObjectEvents>();

  observe(seen: Observation): Correlation {
    const events = this.#eventsOf(seen);
    const group = similarTo(events, seen);
    if (seen.nowMs - group.lastMs > similar.intervalMs) group.messages.clear();
    group.lastMs = seen.nowMs;
    group.messages.add(seen.message);
    const isCombined = group.messages.size >= similar.most;
    if (isCombined) group.messages.delete(group.messages.keys().next().value!);
    const message = isCombined ? `(combined from similar events): ${seen.message}` : seen.message;
    const known = isCombined ? group.combined : group.records.get(seen.message);
    const record: EventRecord = known ?? { name: seen.newName(), firstTimestamp: seen.timestamp, count: 0 };
    record.count++;
    if (!known) {
      if (isCombined) group.combined = record;
      else group.records.set(seen.message, record);
    }
    if (events.tokens < 1) return { type: 'skip' };
    events.tokens--;
    return { type: known ? 'count' : 'create', name: record.name, message, record };
  }

  #eventsOf({ uid, nowMs }: Observation): ObjectEvents {
    let events = this.#objects.get(uid);
    if (events) {
      this.#objects.delete(uid);
      events.tokens = Math.min(spam.burst, events.tokens + (nowMs - events.refilledMs) / spam.refillMs);
      events.refilledMs = nowMs;
    } else {
      events = { tokens: spam.burst, refilledMs: nowMs, similar: [] };
      if (this.#objects.size >= maxObjects) this.#objects.delete(this.#objects.keys().next().value!);
    }
    this.#objects.set(uid, events);
    return events;
  }
}

function similarTo(events: ObjectEvents, { type, reason, fieldPath, nowMs }: Observation): Similar {
  for (const group of events.similar) if (group.reason === reason && group.type === type && group.fieldPath === fieldPath) return group;
  const group: Similar = { type, reason, fieldPath, messages: new Set(), lastMs: nowMs, records: new Map(), combined: undefined };
  events.similar.push(group);
  return group;
}
