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

/**
 * Events of one type and reason about one object (or field of it). It is the record of the Event of the message that came first, since
 * most have no other: half of what the cluster holds is Events.
 */
interface Similar extends EventRecord {
  readonly type: string;
  readonly reason: string;
  readonly fieldPath: string | undefined;
  readonly message: string;
  lastMs: number;
  others: Others | undefined;
  /** The next group of the object. */
  next: Similar | undefined;
}

/** As soon as there is a second message: those of the interval, and the Events by their messages. */
interface Others {
  readonly messages: Set<string>;
  readonly records: Map<string, EventRecord>;
  combined: EventRecord | undefined;
}

interface ObjectEvents {
  tokens: number;
  refilledMs: number;
  first: Similar | undefined;
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
    const isCombined = group !== undefined && isOneOfMany(group, seen);
    const message = isCombined ? `(combined from similar events): ${seen.message}` : seen.message;
    const known = group && (isCombined ? group.others!.combined : recordOf(group, seen.message));
    const record = known ?? (group ? newRecord(seen) : (events.first = firstOf(seen, events.first)));
    record.count++;
    if (group && !known) {
      const others = othersOf(group);
      if (isCombined) others.combined = record;
      else others.records.set(seen.message, record);
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
      events = { tokens: spam.burst, refilledMs: nowMs, first: undefined };
      if (this.#objects.size >= maxObjects) this.#objects.delete(this.#objects.keys().next().value!);
    }
    this.#objects.set(uid, events);
    return events;
  }
}

function similarTo({ first }: ObjectEvents, { type, reason, fieldPath }: Observation): Similar | undefined {
  for (let group = first; group; group = group.next)
    if (group.reason === reason && group.type === type && group.fieldPath === fieldPath) return group;
  return undefined;
}

const newRecord = ({ newName, timestamp }: Observation): EventRecord => ({ name: newName(), firstTimestamp: timestamp, count: 0 });

function firstOf({ type, reason, fieldPath, message, nowMs, newName, timestamp }: Observation, next: Similar | undefined): Similar {
  return { name: newName(), firstTimestamp: timestamp, count: 0, type, reason, fieldPath, message, lastMs: nowMs, others: undefined, next };
}

function othersOf(group: Similar): Others {
  return (group.others ??= { messages: new Set([group.message]), records: new Map(), combined: undefined });
}

function recordOf(group: Similar, message: string): EventRecord | undefined {
  return message === group.message ? group : group.others?.records.get(message);
}

/** Counts a message among those of the interval. True when there are so many that it is counted on the combined Event. */
function isOneOfMany(group: Similar, { message, nowMs }: Observation): boolean {
  const isOver = nowMs - group.lastMs > similar.intervalMs;
  group.lastMs = nowMs;
  if (!group.others && message === group.message && !isOver) return false;
  const { messages } = othersOf(group);
  if (isOver) messages.clear();
  messages.add(message);
  if (messages.size < similar.most) return false;
  messages.delete(messages.keys().next().value!);
  return true;
}
