import { expect, test } from 'vitest';
import { events } from '../../../api/core/event.ts';
import { eventsOfEvents } from '../../../api/events/event.ts';
import type { Event, EventsV1Event } from '../../../api/generated/types.ts';
import { row } from '../../../api/testing.ts';
import type { List } from '../../../machinery/objects.ts';
import { createTestControlPlane } from '../testing.ts';

const regarding = { kind: 'Pod', namespace: 'default', name: 'web' };
const body = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name: 'e', namespace: 'default' },
  eventTime: '2025-09-01T00:00:00.000000Z',
  reportingController: 'example.com/c',
  reportingInstance: 'c-1',
  action: 'Binding',
  reason: 'Scheduled',
  type: 'Normal',
  note: 'it is done',
  regarding,
};

function setUp() {
  const plane = createTestControlPlane();
  const { admin, run } = plane;
  const at = { kind: eventsOfEvents, namespace: 'default' } as const;
  return {
    plane,
    create: (object: object = body) => run(admin.call({ ...at, verb: 'create', object })) as EventsV1Event,
    list: (fieldSelector: string) => (run(admin.call({ ...at, verb: 'list', selectors: { fieldSelector } })) as List<EventsV1Event>).items,
    call: (request: object) => run(admin.call({ ...at, name: 'e', ...request } as never)) as unknown as EventsV1Event,
    core: () => run(admin.call({ verb: 'get', kind: events, namespace: 'default', name: 'e' })) as Event,
  };
}

test('one Event has two sides', () => {
  const { create, core, list, call } = setUp();
  expect(create()).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'it is done', regarding });
  expect(core()).toMatchObject({ apiVersion: 'v1', message: 'it is done', involvedObject: regarding, reportingComponent: 'example.com/c' });
  expect(list('regarding.name=web,reportingController=example.com/c').map(({ metadata }) => metadata.name)).toEqual(['e']);
  expect(list('regarding.name=other')).toEqual([]);
  const patch = {
    type: 'application/merge-patch+json',
    body: { note: 'again', series: { count: 2, lastObservedTime: '2025-09-01T00:01:00.000000Z' } },
  };
  expect(call({ verb: 'patch', patch })).toMatchObject({ note: 'again', series: { count: 2 } });
  expect(core().message).toBe('again');
  expect(row(eventsOfEvents, call({ verb: 'get' }))).toMatchObject({ Object: 'pod/web', Message: 'again', Count: 2 });
  call({ verb: 'delete' });
  expect(() => core()).toThrow('not found');
});

test('a watch speaks as it was asked', () => {
  const { plane, create } = setUp();
  const seen: string[] = [];
  const handler = {
    onEvent: ({ type, object }: { type: string; object: EventsV1Event }) => void seen.push(`${type} ${object.apiVersion} ${object.note}`),
    onEnd: () => undefined,
  };
  plane.run(plane.admin.watch(eventsOfEvents, { namespace: 'default', fieldSelector: 'regarding.kind=Pod' }, handler as never));
  create();
  create({ ...body, metadata: { name: 'f', namespace: 'default' }, regarding: { ...regarding, kind: 'Node' } });
  plane.advance(10);
  expect(seen).toEqual(['ADDED events.k8s.io/v1 it is done']);
});

test('more is asked of what is written here', () => {
  expect(() => setUp().create({ ...body, action: '', reportingController: 'a b' })).toThrow(
    /^Event "e" is invalid: \[reportingController: Invalid value: "a b": name part must consist of .*, action: Required value\]$/,
  );
  expect(() => setUp().create({ ...body, eventTime: undefined, action: '', type: 'Odd' })).toThrow(
    '[eventTime: Required value, type: Invalid value: "": has invalid value: Odd]',
  );
});
