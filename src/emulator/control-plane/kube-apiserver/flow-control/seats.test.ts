/** What becomes of more requests at once than a level has seats for, over HTTP; and what the server shows of it. */
import { describe, expect, test } from 'vitest';
import { flowSchemas } from '../../../api/flowcontrol/flow-schema.ts';
import { priorityLevelConfigurations } from '../../../api/flowcontrol/priority-level-configuration.ts';
import { configMaps } from '../../../api/core/config-map.ts';
import type { Kind } from '../../../api/kind.ts';
import type { HttpResponse } from '../../../kernel/index.ts';
import { textOf } from '../../../kernel/index.ts';
import type { ApiServerOptions } from '../server.ts';
import type { TestControlPlane } from '../testing.ts';
import { createTestControlPlane } from '../testing.ts';

/** What one request takes. */
const requestMs = 2;

interface Level {
  readonly shares: number;
  readonly response: object;
  readonly by?: string;
  /** How much it may borrow, in percent; nothing, where it is not said, and anything where it is null. */
  readonly borrowed?: number | null;
}

function setUp(options: Partial<ApiServerOptions>, level?: Level): TestControlPlane {
  const plane = createTestControlPlane(options);
  const make = (kind: unknown, object: object): void =>
    void plane.run(plane.admin.call({ verb: 'create', kind: kind as Kind, object: { metadata: { name: 'small' }, ...object } }));
  if (!level) return plane;
  const { shares, response, by, borrowed = 0 } = level;
  const limited = { nominalConcurrencyShares: shares, borrowingLimitPercent: borrowed ?? undefined, limitResponse: response };
  make(priorityLevelConfigurations, { spec: { type: 'Limited', limited } });
  make(flowSchemas, {
    spec: {
      priorityLevelConfiguration: { name: 'small' },
      matchingPrecedence: 50,
      distinguisherMethod: by && { type: by },
      rules: [
        {
          subjects: [{ kind: 'Group', group: { name: 'system:unauthenticated' } }],
          nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/version'] }],
        },
      ],
    },
  });
  return plane;
}

/** Sends so many requests in one instant; when each was answered, and how. */
function flood(plane: TestControlPlane, count: number, limitMs = 60_000): readonly string[] {
  const began = plane.kernel.loop.now;
  const answers: string[] = [];
  for (let i = 0; i < count; i++)
    plane.kernel.fiber(
      (function* () {
        const request = { method: 'GET', target: '/version', headers: {} };
        const { status, headers } = yield* plane.endpoint.http(request, { ip: '10.0.0.1', port: 1, isTls: true });
        answers.push(`${status} ${headers['retry-after'] ?? ''}@${plane.kernel.loop.now - began}`);
      })(),
    );
  plane.advance(limitMs);
  return answers;
}

const tally = (answers: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
};

function page(plane: TestControlPlane, target: string): string {
  const session = plane.endpoint.http({ method: 'GET', target, headers: {} }, { ip: '10.0.0.1', port: 1, isTls: true });
  const { body } = plane.run(session) as HttpResponse;
  return textOf(body as never);
}

const queuing = (queues: number, queueLengthLimit: number): object => ({
  type: 'Queue',
  queuing: { queues, handSize: 1, queueLengthLimit },
});

describe('more requests than seats', () => {
  test.each([
    { name: 'enough seats', options: {}, level: undefined, count: 56, want: { '200 @2': 56 } },
    { name: 'the level global-default lets wait', options: {}, level: undefined, count: 58, want: { '200 @2': 56, '200 @4': 2 } },
    { name: 'a smaller server has fewer', options: { concurrency: 50 }, level: undefined, count: 7, want: { '200 @2': 4, '200 @4': 3 } },
    {
      name: 'a level without shares is a jail',
      options: {},
      level: { shares: 0, response: { type: 'Reject' } },
      count: 2,
      want: { '429 1@0': 2 },
    },
    {
      name: 'a queue makes wait, and what it has no room for is refused',
      options: { concurrency: 100 },
      level: { shares: 5, response: queuing(1, 4) },
      count: 8,
      want: { '200 @2': 2, '200 @4': 2, '200 @6': 2, '429 1@0': 2 },
    },
  ])('$name', ({ options, level, count, want }) => expect(tally(flood(setUp(options, level), count))).toEqual(want));

  test('what waits for 15 s is refused', () => {
    const plane = setUp({}, { shares: 0, response: queuing(1, 10) });
    expect(flood(plane, 2)).toEqual(['429 1@15000', '429 1@15000']);
  });

  test('a seat that is given back is there again', () => {
    const plane = setUp({});
    for (let round = 0; round < 3; round++) expect(tally(flood(plane, 56, requestMs))).toEqual({ '200 @2': 56 });
  });
});

describe('levels lend seats to one another', () => {
  const limits = (plane: TestControlPlane): Readonly<Record<string, number>> =>
    Object.fromEntries(plane.server.flowControl.levels.map(({ name, limit }) => [name, limit]));

  test('in proportion to what each keeps, while nobody wants any', () => {
    expect(limits(setUp({}))).toEqual({
      'catch-all': 30,
      exempt: 0,
      'global-default': 56,
      'leader-election': 58,
      'node-high': 170,
      system: 117,
      'workload-high': 114,
      'workload-low': 56,
    });
  });

  test('a level without seats of its own gets some once it is seen to want them', () => {
    const plane = setUp({}, { shares: 0, borrowed: null, response: queuing(1, 10) });
    expect(limits(plane).small).toBe(0);
    expect(flood(plane, 2, 11_000)).toEqual(['200 @10002', '200 @10002']);
    expect(limits(plane).small).toBeGreaterThan(0);
  });

  test('a level that is busy gets what others do not need, and gives it back', () => {
    const plane = setUp({});
    const idle = limits(plane);
    for (let second = 0; second < 10; second++) flood(plane, 120, 1000);
    plane.advance(1000);
    expect(limits(plane)['global-default']).toBeGreaterThan(0);
    expect(limits(plane)).not.toEqual(idle);
    plane.advance(7_200_000);
    expect(limits(plane)).toEqual(idle);
  });

  test('what may not be borrowed is not', () => {
    const plane = setUp({}, { shares: 0, response: queuing(1, 10) });
    flood(plane, 2, 12_000);
    expect(limits(plane).small).toBe(0);
  });
});

test('a long list takes more seats than one', () => {
  const plane = setUp({ authorization: { authorizers: [{ type: 'AlwaysAllow' }] } });
  const data = { text: 'x'.repeat(20_000) };
  for (let i = 0; i < 30; i++) {
    const object = { metadata: { name: `m${i}`, namespace: 'default' }, data };
    plane.run(plane.admin.call({ verb: 'create', kind: configMaps as Kind, object } as never));
  }
  const widthOf = (path: string): number => {
    const request = { method: 'GET', target: `/api/v1/namespaces/default/configmaps${path}`, headers: {} };
    plane.kernel.fiber(plane.endpoint.http(request, { ip: '10.0.0.1', port: 1, isTls: true }) as never);
    const level = plane.server.flowControl.levels.find(({ name }) => name === 'global-default')!;
    const { used } = level;
    plane.advance(requestMs);
    expect(level.used).toBe(0);
    return used;
  };
  expect(widthOf('')).toBe(4);
  expect(widthOf('?limit=10')).toBe(2);
  expect(widthOf('/m1')).toBe(1);
});

test('pages and metrics show what happened', () => {
  const plane = setUp({ authorization: { authorizers: [{ type: 'AlwaysAllow' }] } }, { shares: 0, response: { type: 'Reject' } });
  flood(plane, 2);
  page(plane, '/livez');
  const levels = page(plane, '/debug/api_priority_and_fairness/dump_priority_levels').split('\n');
  expect(levels[0]).toMatch(
    /^PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests, DispatchedRequests,/,
  );
  const small = levels.find((line) => line.startsWith('small,'))!;
  expect(small).toMatch(/^small, +0, +true, +false, +0, +0, +0, +2, +0, +0$/);
  // The page itself is being served.
  expect(levels.find((line) => line.startsWith('global-default,'))).toMatch(/^global-default, +0, +false, +false, +0, +1, +1, +0, +0, +0$/);
  expect(page(plane, '/debug/api_priority_and_fairness/dump_requests')).toMatch(
    /\nglobal-default, +global-default, +<none>, +<none>, +system:anonymous, /,
  );
  const metrics = page(plane, '/metrics');
  expect(metrics).toContain('apiserver_flowcontrol_nominal_limit_seats{priority_level="small"} 0');
  expect(metrics).toContain('apiserver_flowcontrol_current_limit_seats{priority_level="global-default"} 5');
  expect(metrics).toContain(
    'apiserver_flowcontrol_rejected_requests_total{flow_schema="small",priority_level="small",reason="concurrency-limit"} 2',
  );
});
