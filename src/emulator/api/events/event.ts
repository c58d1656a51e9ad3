/**
 * Event of events.k8s.io/v1: the same Events as those of the core group, in words of its own. Upstream:
 * pkg/apis/core/v1/… and pkg/apis/events/v1/conversion.go; ValidateEventCreate of pkg/apis/core/validation/events.go.
 */
import { fieldPath, invalid, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { dns1123Subdomain } from '../../machinery/names.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import { events, legacyErrors } from '../core/event.ts';
import { defineKind } from '../define-kind.ts';
import type { Event, EventsV1Event } from '../generated/types.ts';
import type { Column, Kind } from '../kind.ts';

/** Fields of a selector that have another name here. */
const selectors: Readonly<Record<string, string>> = { reportingController: 'reportingComponent' };

/** A time that is null in JSON, which the types do not know. */
const none = null as unknown as string;
const apiVersion = 'events.k8s.io/v1';
const made = new WeakMap<ApiObject, EventsV1Event>();

/** An Event as it stands in the store, in the words of this group. Made once for all who look. */
function fromCore(stored: ApiObject): EventsV1Event {
  let event = made.get(stored);
  if (!event) {
    const { metadata, involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, ...same } =
      stored as Event;
    event = {
      ...same,
      apiVersion,
      kind: 'Event',
      metadata,
      eventTime: same.eventTime ?? none,
      series: same.series as EventsV1Event['series'],
      regarding: involvedObject,
      note: message,
      deprecatedSource: source,
      // Times are structs in Go, which are there when they are empty.
      deprecatedFirstTimestamp: firstTimestamp ?? none,
      deprecatedLastTimestamp: lastTimestamp ?? none,
      deprecatedCount: count,
      reportingController: reportingComponent,
    };
    made.set(stored, event);
  }
  return event;
}

/** What a client sent in these words, as it is stored. */
function toCore(sent: ApiObject): Event {
  const {
    regarding,
    note,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    reportingController,
    ...same
  } = sent as EventsV1Event;
  return {
    ...same,
    apiVersion: 'v1',
    involvedObject: regarding ?? {},
    message: note,
    source: deprecatedSource,
    firstTimestamp: deprecatedFirstTimestamp ?? undefined,
    lastTimestamp: deprecatedLastTimestamp ?? undefined,
    count: deprecatedCount,
    reportingComponent: reportingController,
  } as Event;
}

/** ValidateEventCreate: more is asked of an Event of this group than of one of the core group. Fields are told by the stored names. */
function validateNew(sent: ApiObject): readonly FieldError[] {
  const event = toCore(sent);
  const errors = legacyErrors(event, 'reportingController');
  const { name = '' } = sent.metadata;
  for (const complaint of name ? dns1123Subdomain(name) : []) errors.push(invalid(fieldPath('metadata', 'name'), name, complaint));
  const { series, type = '', source } = event;
  if (series) {
    if ((series.count ?? 0) < 2) errors.push(invalid(fieldPath('series', 'count'), '', 'should be at least 2'));
    if (!series.lastObservedTime) errors.push(required(fieldPath('series', 'lastObservedTime')));
  }
  if (!event.eventTime) errors.push(required(fieldPath('eventTime')));
  if (type !== 'Normal' && type !== 'Warning') errors.push(invalid(fieldPath('type'), '', `has invalid value: ${type}`));
  for (const key of ['firstTimestamp', 'lastTimestamp', 'count'] as const)
    if (event[key]) errors.push(invalid(fieldPath(key), '', 'needs to be unset'));
  if (source?.component || source?.host) errors.push(invalid(fieldPath('source'), '', 'needs to be unset'));
  return errors;
}

const columns = events.columns.map(
  (column): Column<EventsV1Event> => ({ ...column, cell: (event, nowMs) => column.cell(toCore(event), nowMs) }),
);

/** The descriptor of events.k8s.io/v1 Event. */
export const eventsOfEvents = defineKind<EventsV1Event>({
  group: 'events.k8s.io',
  kind: 'Event',
  model: 'EventsV1Event',
  resource: 'events',
  shortNames: ['ev'],
  storagePrefix: events.storagePrefix,
  columns,
  viewOf: {
    kind: events as unknown as Kind,
    get: fromCore,
    set: toCore,
    validateNew,
    fieldName: (name) => selectors[name] ?? name.replace(/^regarding\./, 'involvedObject.'),
  },
});
