/**
 * Event of events.k8s.io/v1: the same Events as those of the core group, in words of its own. Upstream:
 * pkg/apis/core/v1/… and pkg/apis/events/v1/conversion.go; legacyValidateEvent and ValidateEvent of pkg/apis/core/validation/events.go.
 */
import { fieldPath, invalid, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import { events } from '../core/event.ts';
import { defineKind } from '../define-kind.ts';
import type { Event, EventsV1Event } from '../generated/types.ts';
import type { Column, Kind } from '../kind.ts';

/** Fields of a selector that have another name here. */
const selectors: Readonly<Record<string, string>> = { reportingController: 'reportingComponent' };

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
      eventTime: same.eventTime as string,
      series: same.series as EventsV1Event['series'],
      regarding: involvedObject,
      note: message,
      deprecatedSource: source,
      deprecatedFirstTimestamp: firstTimestamp,
      deprecatedLastTimestamp: lastTimestamp,
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
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
    reportingComponent: reportingController,
  } as Event;
}

/** More is asked of an Event of this group than of one of the core group. */
function validateNew(sent: ApiObject): readonly FieldError[] {
  const { eventTime, reportingController, reportingInstance, action, reason, note, type } = sent as Partial<EventsV1Event>;
  const errors: FieldError[] = [];
  if (!eventTime) errors.push(required(fieldPath('eventTime')));
  for (const [name, value] of Object.entries({ reportingController, reportingInstance, action, reason })) {
    if (!value) errors.push(required(fieldPath(name)));
    else if (value.length > 128) errors.push(invalid(fieldPath(name), value, 'can have at most 128 characters'));
  }
  if ((note?.length ?? 0) > 1024) errors.push(invalid(fieldPath('note'), note, 'can have at most 1024 characters'));
  if (type !== 'Normal' && type !== 'Warning') errors.push(invalid(fieldPath('type'), '', `has invalid value: ${type ?? ''}`));
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
