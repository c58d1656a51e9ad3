/** Event of the core group: pkg/registry/core/event/strategy.go. Events live for an hour, as the flag --event-ttl says. */
import { fieldPath, invalid, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { pathSegmentName, qualifiedName } from '../../machinery/names.ts';
import { name, since, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { Event } from '../generated/types.ts';
import { metaErrors, metaUpdateErrors } from '../metadata/object-meta.ts';
import type { Column } from '../kind.ts';

const first = (event: Event): string | undefined => event.firstTimestamp ?? event.eventTime;
const last = (event: Event): string | undefined => event.series?.lastObservedTime ?? event.lastTimestamp ?? first(event);

/** The object of an Event as `kind/name`. */
function target({ involvedObject }: Event): string {
  const kind = (involvedObject.kind ?? '').toLowerCase();
  return involvedObject.name ? `${kind}/${involvedObject.name}` : kind;
}

function source(event: Event): string {
  const component = event.source?.component || event.reportingComponent || '';
  const host = event.source?.host || event.reportingInstance || '';
  return host ? `${component}, ${host}` : component;
}

const columns: readonly Column<Event>[] = [
  text('Last Seen', 'When it happened last.', (event, nowMs) => since(last(event), nowMs)),
  text('Type', 'Normal or Warning.', (event) => event.type ?? ''),
  text('Reason', 'Why, in one word.', (event) => event.reason ?? ''),
  text('Object', 'What it is about.', target),
  text('Subobject', 'The part of the object that it is about.', (event) => event.involvedObject.fieldPath ?? '', 1),
  text('Source', 'Who reported it.', source, 1),
  text('Message', 'What happened.', (event) => (event.message ?? '').trim()),
  text('First Seen', 'When it happened first.', (event, nowMs) => since(first(event), nowMs), 1),
  text('Count', 'How often it happened.', (event) => event.series?.count ?? (event.count || 1), 1),
  name(1),
];

const mostCharacters = 128;
const longestMessage = 1024;

/** legacyValidateEvent: what Events of either group must be. More is asked of one that says exactly when it happened. */
export function legacyErrors(event: Event, controllerName: 'reportingComponent' | 'reportingController'): FieldError[] {
  const { namespace = '' } = event.metadata;
  const about = event.involvedObject.namespace ?? '';
  const isStrayed = (): FieldError[] => [invalid(fieldPath('involvedObject', 'namespace'), about, 'does not match event.namespace')];
  if (!event.eventTime) {
    const fits = about === '' ? namespace === 'default' || namespace === 'kube-system' : about === namespace;
    return fits ? [] : isStrayed();
  }
  const { reportingComponent = '', reportingInstance = '', action = '', reason = '', message = '' } = event;
  const errors = about === '' && namespace !== 'default' && namespace !== 'kube-system' ? isStrayed() : [];
  const controller = fieldPath(controllerName);
  if (reportingComponent === '') errors.push(required(controller));
  for (const complaint of qualifiedName(reportingComponent)) errors.push(invalid(controller, reportingComponent, complaint));
  for (const [key, value] of Object.entries({ reportingInstance, action, reason })) {
    if (value === '') errors.push(required(fieldPath(key)));
    if (value.length > mostCharacters) errors.push(invalid(fieldPath(key), '', `can have at most ${mostCharacters} characters`));
  }
  if (message.length > longestMessage) errors.push(invalid(fieldPath('message'), '', `can have at most ${longestMessage} characters`));
  return errors;
}

/** The part of ValidateEvent that clients meet: pkg/apis/core/validation/events.go. Events are written by the thousand, so little is looked at. */
function validate(event: Event): readonly FieldError[] {
  if (!/^[a-z0-9.-]{1,200}$/.test(event.metadata.name)) return metaErrors(event, { isNamespaced: true, nameRule: pathSegmentName });
  return legacyErrors(event, 'reportingComponent');
}

/** The descriptor of core/v1 Event. */
export const events = defineKind<Event>({
  kind: 'Event',
  resource: 'events',
  shortNames: ['ev'],
  validate,
  validateUpdate: metaUpdateErrors,
  ttlMs: 3_600_000,
  withMetadata: (event, metadata) => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata,
    involvedObject: event.involvedObject,
    reason: event.reason,
    message: event.message,
    source: event.source,
    // Times that are not set are null to a client.
    firstTimestamp: event.firstTimestamp ?? (null as unknown as undefined),
    lastTimestamp: event.lastTimestamp ?? (null as unknown as undefined),
    count: event.count,
    type: event.type,
    eventTime: event.eventTime ?? (null as unknown as undefined),
    series: event.series,
    action: event.action,
    related: event.related,
    reportingComponent: event.reportingComponent,
    reportingInstance: event.reportingInstance,
  }),
  columns,
  selectableFields: {
    'involvedObject.kind': (event) => event.involvedObject.kind ?? '',
    'involvedObject.namespace': (event) => event.involvedObject.namespace ?? '',
    'involvedObject.name': (event) => event.involvedObject.name ?? '',
    'involvedObject.uid': (event) => event.involvedObject.uid ?? '',
    'involvedObject.apiVersion': (event) => event.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': (event) => event.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': (event) => event.involvedObject.fieldPath ?? '',
    reason: (event) => event.reason ?? '',
    reportingComponent: (event) => event.reportingComponent ?? '',
    source: (event) => event.source?.component || event.reportingComponent || '',
    type: (event) => event.type ?? '',
  },
});
