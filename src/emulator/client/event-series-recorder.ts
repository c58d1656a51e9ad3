import type { Event } from '../api/generated/types.ts';
import type { Kernel, Timer } from '../kernel/index.ts';
import { flat } from '../machinery/flat-text.ts';
import type { Draft } from '../machinery/objects.ts';
import type { Client } from './client.ts';
import type { EventSubject, EventType } from './event-recorder.ts';
import { EventNames } from './event-recorder.ts';
import { EventSink } from './event-sink.ts';

/** client-go/tools/events/event_broadcaster.go */
const finishMs = 360_000;
const refreshMs = 1_800_000;

interface Series {
  readonly event: Draft<Event>;
  count: number;
  lastMs: number;
  lastObservedTime: string;
}

export interface SeriesEvent {
  readonly about: EventSubject;
  readonly related?: EventSubject | undefined;
  readonly type: EventType;
  readonly reason: string;
  /** What the reporting controller did or tried: `Scheduling`, `Binding`. */
  readonly action: string;
  readonly note: string;
}

/**
 * Records Events as the newer recorder of client-go (client-go/tools/events), which the scheduler uses: a repetition makes
 * the Event a series of two, further ones are counted and written when the series ends or every 30 minutes.
 *
 * The Events are written as core/v1 objects; events.k8s.io/v1 shows the same ones.
 */
export class EventSeriesRecorder {
  readonly #kernel: Kernel;
  readonly #sink: EventSink;
  readonly #names: EventNames;
  readonly #component: string;
  readonly #instance: string;
  readonly #cache = new Map<string, Series>();
  readonly #timers: Timer[] = [];

  constructor(kernel: Kernel, client: Client, component: string, hostname: string) {
    this.#kernel = kernel;
    this.#sink = new EventSink(kernel, client);
    this.#names = new EventNames(kernel);
    this.#component = component;
    this.#instance = flat(`${component}-${hostname}`);
    this.#every(finishMs, 0, () => this.#finish());
    this.#every(refreshMs, 1, () => this.#refresh());
  }

  record(seen: SeriesEvent): void {
    const { metadata } = seen.about;
    const key = flat(
      `${metadata.uid}/${metadata.resourceVersion}/${seen.related?.metadata.uid ?? ''}/${seen.type}/${seen.reason}/${seen.action}`,
    );
    const known = this.#cache.get(key);
    if (!known) {
      const event = this.#event(seen);
      this.#cache.set(key, { event, count: 1, lastMs: this.#kernel.loop.now, lastObservedTime: event.eventTime! });
      this.#sink.write({ event });
      return;
    }
    known.count++;
    known.lastMs = this.#kernel.loop.now;
    known.lastObservedTime = this.#kernel.clock.microTime();
    if (known.count === 2) this.#write(known);
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#sink.stop();
  }

  #every(ms: number, slot: number, task: () => void): void {
    const turn = (): void => {
      task();
      this.#timers[slot] = this.#kernel.loop.timer(ms, turn, true);
    };
    this.#timers[slot] = this.#kernel.loop.timer(ms, turn, true);
  }

  #finish(): void {
    const before = this.#kernel.loop.now - finishMs;
    for (const [key, series] of this.#cache) {
      if (series.lastMs >= before) continue;
      if (series.count > 1) this.#write(series);
      this.#cache.delete(key);
    }
  }

  #refresh(): void {
    for (const series of this.#cache.values()) if (series.count > 1) this.#write(series);
  }

  #write({ event, count, lastObservedTime }: Series): void {
    const series = { count, lastObservedTime };
    this.#sink.write({ event: { ...event, series }, patch: { series } });
  }

  #event({ about, related, type, reason, action, note }: SeriesEvent): Draft<Event> {
    const { name, namespace } = about.metadata;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: this.#names.next(name), namespace: namespace ?? 'default' },
      involvedObject: reference(about),
      related: related && reference(related),
      reason,
      action,
      message: flat(note),
      type,
      eventTime: this.#kernel.clock.microTime(),
      reportingComponent: this.#component,
      reportingInstance: this.#instance,
    };
  }
}

function reference({ apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } }: EventSubject): Event['involvedObject'] {
  return { kind, namespace, name, uid, apiVersion, resourceVersion };
}
