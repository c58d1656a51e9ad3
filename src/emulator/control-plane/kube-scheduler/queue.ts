import TinyQueue from 'tinyqueue';
import type { Pod } from '../../api/generated/types.ts';
import type { EventLoop } from '../../kernel/index.ts';
import { extenderName } from './extenders/index.ts';
import type { ClusterEvent, EventKind } from './events.ts';
import { podEvents } from './events.ts';
import type { Hint, Plugin, QueuedPod } from './framework.ts';
import { InFlightEvents } from './in-flight.ts';

/** What the queue needs to know of a profile. */
export interface QueueProfile {
  readonly name: string;
  readonly less: (a: QueuedPod, b: QueuedPod) => boolean;
  readonly preEnqueue: readonly Plugin[];
  /** Every plugin, for its queueing hints. */
  readonly plugins: readonly Plugin[];
}

export interface QueueSettings {
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  /** --pod-max-in-unschedulable-pods-duration */
  readonly maxUnschedulableMs: number;
}

export const defaultQueueSettings: QueueSettings = { initialBackoffMs: 1000, maxBackoffMs: 10_000, maxUnschedulableMs: 300_000 };

const flushMs = 30_000;
/** Backoffs end with a whole second; those of one second are in the order of the active queue (backoffQOrderingWindowDuration). */
const windowMs = 1000;

/** `unschedulable` holds those that a PreEnqueue plugin keeps out, too. */
type Place = 'active' | 'backoff' | 'error' | 'unschedulable' | 'inFlight' | 'binding';

class Entry implements QueuedPod {
  readonly uid: string;
  readonly priority: number;
  readonly sequence: number;
  readonly profile: QueueProfile;
  pod: Pod;
  queuedMs: number;
  attempts = 0;
  place: Place = 'unschedulable';
  isGated = false;
  /** Set anew at each push: an older element of a heap no longer counts. */
  ticket = 0;
  /** Until the end of this second it may not be tried again: the second is given by its beginning. */
  backoffUntilMs = 0;
  /** How often it fitted nowhere, and how often in a row something went wrong: its backoff grows with them. */
  rejections = 0;
  errors = 0;
  /** The plugins that rejected it or keep it out; empty after an error. */
  rejectedBy: ReadonlySet<string> = new Set();
  /** Where among the events of Pods in flight its attempt began. */
  sinceEvent = 0;

  constructor(pod: Pod, profile: QueueProfile, sequence: number, nowMs: number) {
    this.uid = pod.metadata.uid;
    this.priority = pod.spec.priority ?? 0;
    this.profile = profile;
    this.sequence = sequence;
    this.pod = pod;
    this.queuedMs = nowMs;
  }
}

interface Ticket {
  readonly entry: Entry;
  readonly number: number;
}

const secondOf = (ms: number): number => ms - (ms % windowMs);

/** Queueing hints by plugin, of one kind of event in one profile. */
type Hints = ReadonlyMap<string, Hint | true>;
const noHints: Hints = new Map();

/**
 * Pods that wait for a node (pkg/scheduler/backend/queue): the active ones in the order of the QueueSort plugin, those that
 * are backing off, and those that nothing has happened for. A Pod leaves the last sort when a queueing hint of a plugin that
 * rejected it says that what has happened may help.
 */
export class SchedulingQueue {
  /** Called when there is something to take. */
  onActive: () => void = () => {};
  readonly #loop: EventLoop;
  readonly #settings: QueueSettings;
  readonly #profiles: ReadonlyMap<string, QueueProfile>;
  readonly #entries = new Map<string, Entry>();
  /** Pods that wait for an event, by each plugin that rejected them: an event looks only at those that it may concern. */
  readonly #waiting = new Map<string, Set<Entry>>();
  readonly #unschedulable = new Set<Entry>();
  readonly #active: TinyQueue<Ticket>;
  readonly #backoff: TinyQueue<Ticket>;
  readonly #hints = new Map<QueueProfile, Map<EventKind, Hints>>();
  /** For each kind of event the plugins, of any profile, that wait for it. */
  readonly #listeners = new Map<EventKind, readonly string[]>();
  readonly #inFlight = new InFlightEvents();
  #sequence = 0;
  #isFlushing = false;

  constructor(loop: EventLoop, profiles: readonly QueueProfile[], settings: QueueSettings = defaultQueueSettings) {
    this.#loop = loop;
    this.#settings = settings;
    this.#profiles = new Map(profiles.map((profile) => [profile.name, profile]));
    // All profiles have the same order; validation sees to that.
    const { less } = profiles[0]!;
    const inOrder = (a: Ticket, b: Ticket): number =>
      less(a.entry, b.entry) ? -1 : less(b.entry, a.entry) ? 1 : a.entry.sequence - b.entry.sequence;
    this.#active = new TinyQueue<Ticket>([], inOrder);
    this.#backoff = new TinyQueue<Ticket>([], (a, b) => a.entry.backoffUntilMs - b.entry.backoffUntilMs || inOrder(a, b));
  }

  /** Whether a profile schedules this Pod. */
  isResponsibleFor({ spec }: Pod): boolean {
    return this.#profiles.has(spec.schedulerName ?? 'default-scheduler');
  }

  /** Puts in a new Pod, or takes over what changed of one that waits. */
  add(pod: Pod): void {
    const known = this.#entries.get(pod.metadata.uid);
    if (!known) {
      const profile = this.#profiles.get(pod.spec.schedulerName ?? 'default-scheduler');
      if (!profile) return;
      const entry = new Entry(pod, profile, this.#sequence++, this.#loop.now);
      this.#entries.set(entry.uid, entry);
      this.#activate(entry);
      return;
    }
    const before = known.pod;
    known.pod = pod;
    // A status alone makes no Pod fit, and the scheduler itself writes it.
    const isSame = before.spec === pod.spec && before.metadata.labels === pod.metadata.labels;
    if (isSame && before.status?.resourceClaimStatuses === pod.status?.resourceClaimStatuses) return;
    const events = podEvents(before, pod);
    if (known.place === 'inFlight') for (const event of events) this.#inFlight.add(event);
    else if (known.place === 'unschedulable' && events.some((event) => this.#isWorthRequeuing(known, event))) this.#requeue(known);
  }

  delete(uid: string): void {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    this.#entries.delete(uid);
    this.#leave(entry);
    if (entry.place === 'inFlight') this.#inFlight.end();
    entry.ticket = -1;
  }

  /** The next Pod to try; the ones that back off have their turn when no other waits. */
  pop(): QueuedPod | undefined {
    const entry = this.#take(this.#active) ?? this.#takeBackedOff();
    if (!entry) return undefined;
    entry.place = 'inFlight';
    entry.attempts++;
    entry.rejectedBy = new Set();
    entry.sinceEvent = this.#inFlight.begin();
    return entry;
  }

  /** It has a node and is being bound: from now on it can fail, but not be rejected. */
  done(queued: QueuedPod): void {
    const entry = queued as Entry;
    if (entry.place !== 'inFlight') return;
    entry.place = 'binding';
    this.#inFlight.end();
  }

  /** It fits nowhere: waits for something that the plugins which rejected it wait for, if that has not happened meanwhile. */
  unschedulable(queued: QueuedPod, rejectedBy: ReadonlySet<string>): void {
    const entry = queued as Entry;
    if (this.#entries.get(entry.uid) !== entry) return;
    entry.rejectedBy = rejectedBy;
    entry.rejections++;
    entry.errors = 0;
    this.#returned(entry, entry.rejections);
    const missed = this.#inFlight.since(entry.sinceEvent);
    this.#inFlight.end();
    entry.place = 'unschedulable';
    if (missed.some((event) => this.#isWorthRequeuing(entry, event))) this.#requeue(entry);
    else this.#wait(entry);
  }

  /** Something went wrong that was not its fault: it is tried again after its backoff. */
  failed(queued: QueuedPod): void {
    const entry = queued as Entry;
    if (this.#entries.get(entry.uid) !== entry) return;
    entry.errors++;
    this.#returned(entry, entry.errors);
    this.done(entry);
    entry.place = 'error';
    this.#loop.after(entry.backoffUntilMs + windowMs - this.#loop.now, this.#activateFailed, entry);
  }

  /** Something happened: Pods that it may help are tried again, but for the one that it came from. */
  happened(event: ClusterEvent, from?: Pod): void {
    this.#inFlight.add(event);
    if (this.#unschedulable.size === 0) return;
    for (const plugin of [...this.#listenersOf(event.kind), extenderName]) {
      const waiting = this.#waiting.get(plugin);
      if (!waiting) continue;
      // A copy: one that a PreEnqueue plugin keeps out comes back into the set, and would be met again for ever.
      for (const entry of [...waiting]) if (entry.uid !== from?.metadata.uid && this.#isWorthRequeuing(entry, event)) this.#requeue(entry);
    }
  }

  /** Puts a Pod into the active queue whatever it waits for, without a backoff. */
  activate(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry && (entry.place === 'unschedulable' || entry.place === 'backoff')) this.#activate(entry);
  }

  #returned(entry: Entry, count: number): void {
    entry.queuedMs = this.#loop.now;
    const { initialBackoffMs, maxBackoffMs } = this.#settings;
    const backoffMs = Math.min(initialBackoffMs * 2 ** Math.min(count - 1, 30), maxBackoffMs);
    entry.backoffUntilMs = secondOf(this.#loop.now + backoffMs);
  }

  #wait(entry: Entry): void {
    this.#unschedulable.add(entry);
    for (const plugin of entry.rejectedBy) {
      const waiting = this.#waiting.get(plugin);
      if (waiting) waiting.add(entry);
      else this.#waiting.set(plugin, new Set([entry]));
    }
    this.#flushLater();
  }

  #leave(entry: Entry): void {
    if (!this.#unschedulable.delete(entry)) return;
    for (const plugin of entry.rejectedBy) this.#waiting.get(plugin)?.delete(entry);
  }

  #isWorthRequeuing(entry: Entry, event: ClusterEvent): boolean {
    if (entry.rejectedBy.size === 0 || entry.rejectedBy.has(extenderName)) return true;
    const hints = this.#hintsOf(entry.profile, event.kind);
    if (hints.size === 0) return false;
    for (const plugin of entry.rejectedBy) {
      const hint = hints.get(plugin);
      if (hint === true || hint?.(entry.pod, event)) return true;
    }
    return false;
  }

  #hintsOf(profile: QueueProfile, kind: EventKind): Hints {
    let ofProfile = this.#hints.get(profile);
    if (!ofProfile) this.#hints.set(profile, (ofProfile = new Map()));
    let hints = ofProfile.get(kind);
    if (!hints) {
      const found = profile.plugins.flatMap(({ name, wakes }) => (wakes?.[kind] ? [[name, wakes[kind]] as const] : []));
      ofProfile.set(kind, (hints = found.length > 0 ? new Map(found) : noHints));
    }
    return hints;
  }

  #listenersOf(kind: EventKind): readonly string[] {
    let listeners = this.#listeners.get(kind);
    if (!listeners) {
      const names = [...this.#profiles.values()].flatMap((profile) => [...this.#hintsOf(profile, kind).keys()]);
      this.#listeners.set(kind, (listeners = [...new Set(names)]));
    }
    return listeners;
  }

  /** Into the active queue, unless a PreEnqueue plugin keeps it out. */
  #activate(entry: Entry): void {
    this.#leave(entry);
    entry.ticket++;
    for (const plugin of entry.profile.preEnqueue) {
      if (!plugin.preEnqueue?.(entry.pod)) continue;
      entry.isGated = true;
      entry.place = 'unschedulable';
      entry.rejectedBy = new Set([...entry.rejectedBy, plugin.name]);
      this.#wait(entry);
      return;
    }
    entry.isGated = false;
    entry.place = 'active';
    this.#active.push({ entry, number: entry.ticket });
    this.onActive();
  }

  readonly #activateFailed = (entry: Entry): void => {
    if (this.#entries.get(entry.uid) === entry && entry.place === 'error') this.#activate(entry);
  };

  /** To be tried again, after its backoff if that is not over. A Pod that was kept out has none. */
  #requeue(entry: Entry): void {
    if (entry.isGated || entry.backoffUntilMs < secondOf(this.#loop.now)) {
      this.#activate(entry);
      return;
    }
    this.#leave(entry);
    entry.place = 'backoff';
    this.#backoff.push({ entry, number: ++entry.ticket });
    this.onActive();
  }

  #take(queue: TinyQueue<Ticket>): Entry | undefined {
    for (let ticket = queue.pop(); ticket; ticket = queue.pop()) {
      if (ticket.number === ticket.entry.ticket) return ticket.entry;
    }
    return undefined;
  }

  /** Since v1.33 (SchedulerPopFromBackoffQ) an idle scheduler does not wait for the end of a backoff. */
  #takeBackedOff(): Entry | undefined {
    for (let entry = this.#take(this.#backoff); entry; entry = this.#take(this.#backoff)) {
      if (!entry.profile.preEnqueue.some((plugin) => plugin.preEnqueue?.(entry!.pod))) return entry;
      // It is kept out after all, and waits for what that plugin waits for.
      this.#activate(entry);
    }
    return undefined;
  }

  /** Whatever the plugins wait for: after five minutes a Pod is tried again. */
  #flushLater(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#loop.after(flushMs, this.#flush, undefined, true);
  }

  readonly #flush = (): void => {
    this.#isFlushing = false;
    for (const entry of this.#unschedulable)
      if (!entry.isGated && this.#loop.now - entry.queuedMs > this.#settings.maxUnschedulableMs) this.#requeue(entry);
    if (this.#unschedulable.size > 0) this.#flushLater();
  };
}
