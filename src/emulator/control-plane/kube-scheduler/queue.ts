import TinyQueue from 'tinyqueue';
import type { Pod } from '../../api/generated/types.ts';
import type { EventLoop } from '../../kernel/index.ts';
import type { ClusterEvent, Plugin, QueuedPod } from './framework.ts';

/** pkg/scheduler/backend/queue */
const backoff = { firstMs: 1000, mostMs: 10_000 };
const leftoverMs = 300_000;
const flushMs = 30_000;

type Place = 'active' | 'backoff' | 'unschedulable' | 'gated' | 'inFlight';

class Entry implements QueuedPod {
  readonly uid: string;
  readonly priority: number;
  readonly sequence: number;
  pod: Pod;
  queuedMs: number;
  attempts = 0;
  place: Place = 'gated';
  /** Set anew at each push: an older element of a heap no longer counts. */
  ticket = 0;
  /** When it may be tried again at the earliest. */
  backoffUntilMs = 0;
  /** The plugins that rejected it; empty after an error. */
  rejectedBy: ReadonlySet<string> = new Set();

  constructor(pod: Pod, sequence: number, nowMs: number) {
    this.uid = pod.metadata.uid;
    this.priority = pod.spec.priority ?? 0;
    this.sequence = sequence;
    this.pod = pod;
    this.queuedMs = nowMs;
  }
}

interface Ticket {
  readonly entry: Entry;
  readonly number: number;
}

/**
 * Pods that wait for a node: the active ones in the order of the QueueSort plugin, those that are backing off, and those
 * that nothing has happened for. A Pod leaves the last sort when something happens that a plugin which rejected it waits for.
 */
export class SchedulingQueue {
  /** Called when there is something to take. */
  onActive: () => void = () => {};
  readonly #loop: EventLoop;
  readonly #plugins: readonly Plugin[];
  readonly #entries = new Map<string, Entry>();
  readonly #unschedulable = new Set<Entry>();
  readonly #active: TinyQueue<Ticket>;
  readonly #backoff = new TinyQueue<Ticket>([], (a, b) => a.entry.backoffUntilMs - b.entry.backoffUntilMs || a.number - b.number);
  readonly #wakers = new Map<ClusterEvent, ReadonlySet<string>>();
  #sequence = 0;
  #isFlushing = false;

  constructor(loop: EventLoop, plugins: readonly Plugin[]) {
    this.#loop = loop;
    this.#plugins = plugins;
    const less = plugins.find((plugin) => plugin.less)!.less!;
    this.#active = new TinyQueue<Ticket>([], (a, b) =>
      less(a.entry, b.entry) ? -1 : less(b.entry, a.entry) ? 1 : a.entry.sequence - b.entry.sequence,
    );
  }

  /** Puts in a new Pod, or takes over what changed of one that waits. */
  add(pod: Pod): void {
    const known = this.#entries.get(pod.metadata.uid);
    if (!known) {
      const entry = new Entry(pod, this.#sequence++, this.#loop.now);
      this.#entries.set(entry.uid, entry);
      this.#enqueue(entry);
      return;
    }
    const before = known.pod;
    known.pod = pod;
    // A status alone makes no Pod fit, and the scheduler itself writes it.
    if (before.spec === pod.spec && before.metadata.labels === pod.metadata.labels) return;
    if (known.place === 'gated') this.#enqueue(known);
    else if (known.place === 'unschedulable') this.#activateAfterBackoff(known);
  }

  delete(uid: string): void {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    this.#entries.delete(uid);
    this.#unschedulable.delete(entry);
    entry.ticket = -1;
  }

  /** The next Pod to try; the ones that back off have their turn when no other waits. */
  pop(): QueuedPod | undefined {
    const entry = this.#take(this.#active) ?? this.#takeBackedOff();
    if (!entry) return undefined;
    entry.place = 'inFlight';
    entry.attempts++;
    return entry;
  }

  /** It fits nowhere: waits for something that the plugins which rejected it wait for. */
  unschedulable(queued: QueuedPod, rejectedBy: ReadonlySet<string>): void {
    const entry = queued as Entry;
    if (this.#entries.get(entry.uid) !== entry) return;
    entry.rejectedBy = rejectedBy;
    entry.queuedMs = this.#loop.now;
    entry.backoffUntilMs = this.#loop.now + this.#backoffOf(entry);
    entry.place = 'unschedulable';
    this.#unschedulable.add(entry);
    this.#flushLater();
  }

  /** Something went wrong that was not its fault: it is tried again after its backoff. */
  failed(queued: QueuedPod): void {
    const entry = queued as Entry;
    if (this.#entries.get(entry.uid) !== entry) return;
    entry.queuedMs = this.#loop.now;
    entry.place = 'unschedulable';
    this.#loop.after(this.#backoffOf(entry), this.#activateEntry, entry);
  }

  /** Something happened: Pods that it may help are tried again. */
  happened(event: ClusterEvent): void {
    if (this.#unschedulable.size === 0) return;
    const wakers = this.#wakersOf(event);
    for (const entry of this.#unschedulable) {
      for (const plugin of entry.rejectedBy) {
        if (!wakers.has(plugin)) continue;
        this.#activateAfterBackoff(entry);
        break;
      }
    }
  }

  /** The Pods that were nominated to a node and wait. */
  *nominated(nodeName: string): Iterable<Pod> {
    for (const { pod } of this.#unschedulable) if (pod.status?.nominatedNodeName === nodeName) yield pod;
  }

  #wakersOf(event: ClusterEvent): ReadonlySet<string> {
    let wakers = this.#wakers.get(event);
    if (!wakers)
      this.#wakers.set(
        event,
        (wakers = new Set(this.#plugins.filter(({ requeueOn }) => requeueOn?.includes(event)).map(({ name }) => name))),
      );
    return wakers;
  }

  #enqueue(entry: Entry): void {
    for (const plugin of this.#plugins) {
      if (!plugin.preEnqueue?.(entry.pod)) continue;
      entry.place = 'gated';
      return;
    }
    this.#activate(entry);
  }

  #activate(entry: Entry): void {
    this.#unschedulable.delete(entry);
    entry.place = 'active';
    this.#active.push({ entry, number: ++entry.ticket });
    this.onActive();
  }

  readonly #activateEntry = (entry: Entry): void => {
    if (this.#entries.get(entry.uid) === entry && entry.place === 'unschedulable') this.#enqueue(entry);
  };

  #activateAfterBackoff(entry: Entry): void {
    if (entry.backoffUntilMs <= this.#loop.now) {
      this.#enqueue(entry);
      return;
    }
    this.#unschedulable.delete(entry);
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
      if (!this.#plugins.some((plugin) => plugin.preEnqueue?.(entry!.pod))) return entry;
      entry.place = 'gated';
    }
    return undefined;
  }

  #backoffOf({ attempts }: Entry): number {
    return Math.min(backoff.firstMs * 2 ** Math.max(0, attempts - 1), backoff.mostMs);
  }

  /** Whatever the plugins wait for: after five minutes a Pod is tried again. */
  #flushLater(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#loop.after(flushMs, this.#flush, undefined, true);
  }

  readonly #flush = (): void => {
    this.#isFlushing = false;
    for (const entry of this.#unschedulable) if (this.#loop.now - entry.queuedMs > leftoverMs) this.#activateAfterBackoff(entry);
    if (this.#unschedulable.size > 0) this.#flushLater();
  };
}
