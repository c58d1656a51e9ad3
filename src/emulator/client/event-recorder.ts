import type { Event, EventSource } from '../api/generated/types.ts';
import type { Kernel } from '../kernel/index.ts';
import { flat } from '../machinery/flat-text.ts';
import type { ApiObject, Draft } from '../machinery/objects.ts';
import type { Client } from './client.ts';
import { EventCorrelator } from './event-correlator.ts';
import { EventSink } from './event-sink.ts';

/** What an Event is about: any object from the API, or as much of one as is known. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Pick<ApiObject['metadata'], 'name' | 'namespace' | 'uid'> & { readonly resourceVersion?: string | undefined };
}

export type EventType = 'Normal' | 'Warning';

/** `<name>.<nanoseconds in hexadecimal>`; the counter stands for the nanoseconds that virtual time does not have. */
export class EventNames {
  readonly #kernel: Kernel;
  #atMs = -1;
  #base = 0n;
  #count = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  next(name: string): string {
    const { unixMs } = this.#kernel.clock;
    if (unixMs !== this.#atMs) {
      this.#atMs = unixMs;
      // Components record at the same instant; the random part keeps their names apart, as real nanoseconds would.
      this.#base = BigInt(Math.floor(unixMs)) * 1_000_000n + BigInt(this.#kernel.random.below(900_000));
      this.#count = 0;
    }
    return flat(`${name}.${(this.#base + BigInt(this.#count++)).toString(16)}`);
  }
}

/** Records Events as client-go's recorder (client-go/tools/record): correlated, and written beside what the component does. */
export class EventRecorder {
  readonly #kernel: Kernel;
  readonly #sink: EventSink;
  readonly #source: EventSource;
  readonly #names: EventNames;
  readonly #correlator = new EventCorrelator();

  constructor(kernel: Kernel, client: Client, source: { readonly component: string; readonly host?: string | undefined }) {
    this.#kernel = kernel;
    this.#sink = new EventSink(kernel, client);
    this.#source = source.host === undefined ? { component: source.component } : { component: source.component, host: source.host };
    this.#names = new EventNames(kernel);
  }

  normal(about: EventSubject, reason: string, message: string, fieldPath?: string): void {
    this.record(about, 'Normal', reason, message, fieldPath);
  }

  warning(about: EventSubject, reason: string, message: string, fieldPath?: string): void {
    this.record(about, 'Warning', reason, message, fieldPath);
  }

  record(about: EventSubject, type: EventType, reason: string, text: string, fieldPath?: string): void {
    const { name, uid } = about.metadata;
    const timestamp = this.#kernel.clock.timestamp();
    const seen = this.#correlator.observe({
      uid,
      type,
      reason,
      message: text,
      fieldPath,
      nowMs: this.#kernel.loop.now,
      timestamp,
      newName: () => this.#names.next(name),
    });
    if (seen.type === 'skip') return;
    const { record, message } = seen;
    const event = this.#event(about, {
      name: seen.name,
      type,
      reason,
      message,
      fieldPath,
      firstTimestamp: record.firstTimestamp,
      timestamp,
      count: record.count,
    });
    this.#sink.write({ event, patch: seen.type === 'count' ? { count: record.count, lastTimestamp: timestamp, message } : undefined });
  }

  stop(): void {
    this.#sink.stop();
  }

  #event(about: EventSubject, e: EventParts): Draft<Event> {
    const { name, namespace, uid, resourceVersion } = about.metadata;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: e.name, namespace: namespace ?? 'default' },
      involvedObject: { kind: about.kind, namespace, name, uid, apiVersion: about.apiVersion, resourceVersion, fieldPath: e.fieldPath },
      reason: e.reason,
      message: flat(e.message),
      source: this.#source,
      firstTimestamp: e.firstTimestamp,
      lastTimestamp: e.timestamp,
      count: e.count,
      type: e.type,
      reportingComponent: this.#source.component,
      reportingInstance: this.#source.host ?? '',
    };
  }
}

interface EventParts {
  readonly name: string;
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
  readonly fieldPath: string | undefined;
  readonly firstTimestamp: string;
  readonly timestamp: string;
  readonly count: number;
}
