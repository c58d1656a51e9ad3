import { expect, test } from 'vitest';
import { cronJobs } from '../../../api/batch/cron-job.ts';
import { jobs } from '../../../api/batch/job.ts';
import type { CronJob } from '../../../api/generated/types.ts';
import { garbageCollector } from '../garbage-collector/index.ts';
import type { ControllerTest } from '../testing.ts';
import { createControllerTest } from '../testing.ts';
import { cronJobController } from './index.ts';

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } };
const minute = 60_000;

function begin(spec: object): ControllerTest {
  const plane = createControllerTest([cronJobController, garbageCollector]);
  plane.create(cronJobs, { metadata: { name: 'tick' }, spec: { schedule: '* * * * *', jobTemplate: { spec: { template } }, ...spec } });
  plane.settle();
  return plane;
}

const names = (plane: ControllerTest): string[] => plane.list(jobs).map(({ metadata }) => metadata.name);
const tick = (plane: ControllerTest): CronJob => plane.get(cronJobs, 'tick');

/** Lets minutes go by, and the moment after which the controller looks. */
const pass = (plane: ControllerTest, minutes: number): void => plane.advance(minutes * minute + 500);

function finish(plane: ControllerTest, name: string, type: 'Complete' | 'Failed' = 'Complete'): void {
  const now = plane.kernel.clock.timestamp();
  const status = {
    startTime: now,
    conditions: [{ type, status: 'True', lastTransitionTime: now }],
    ...(type === 'Complete' && { completionTime: now }),
  };
  plane.change(jobs, name, (job) => ({ ...job, status: { ...job.status, ...status } }), { subresource: 'status' });
  plane.settle();
}

test('a Job each minute, named after it, listed while it runs', () => {
  const plane = begin({ jobTemplate: { metadata: { labels: { app: 'tick' } }, spec: { template } } });
  expect(names(plane)).toEqual([]);
  pass(plane, 1);
  const [job] = plane.list(jobs);
  const started = Math.floor(plane.kernel.clock.unixMs / minute);
  expect(job!.metadata).toMatchObject({
    name: `tick-${started}`,
    labels: { app: 'tick' },
    annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': tick(plane).status!.lastScheduleTime },
    ownerReferences: [{ kind: 'CronJob', name: 'tick', controller: true }],
  });
  expect(tick(plane).status!.active).toMatchObject([
    { apiVersion: 'batch/v1', kind: 'Job', name: `tick-${started}`, uid: job!.metadata.uid },
  ]);
  finish(plane, `tick-${started}`);
  expect(tick(plane).status).toMatchObject({
    active: undefined,
    lastSuccessfulTime: plane.get(jobs, `tick-${started}`).status!.completionTime,
  });
  pass(plane, 1);
  expect(names(plane)).toEqual([`tick-${started}`, `tick-${started + 1}`]);
  expect(plane.eventsOf('tick')).toEqual([
    `Normal SuccessfulCreate Created job tick-${started}`,
    `Normal SawCompletedJob Saw completed job: tick-${started}, condition: Complete`,
    `Normal SuccessfulCreate Created job tick-${started + 1}`,
  ]);
});

test('the history keeps three that succeeded and one that failed', () => {
  const plane = begin({});
  for (let i = 0; i < 7; i++) {
    pass(plane, 1);
    finish(plane, names(plane).at(-1)!, i % 3 === 2 ? 'Failed' : 'Complete');
  }
  expect(
    plane
      .list(jobs)
      .map(({ status }) => status!.conditions![0]!.type)
      .sort(),
  ).toEqual(['Complete', 'Complete', 'Complete', 'Failed']);
});

test.each<{ name: string; policy: string; want: (names: readonly string[]) => readonly string[] }>([
  { name: 'Allow lets them run side by side', policy: 'Allow', want: (all) => all },
  { name: 'Forbid waits for the one before', policy: 'Forbid', want: (all) => all.slice(0, 1) },
  { name: 'Replace ends the one before', policy: 'Replace', want: (all) => all.slice(-1) },
])('$name', ({ policy, want }) => {
  const plane = begin({ concurrencyPolicy: policy });
  pass(plane, 3);
  const last = Math.floor(plane.kernel.clock.unixMs / minute);
  expect(names(plane)).toEqual(want([last - 2, last - 1, last].map((at) => `tick-${at}`)));
  const text = 'Normal JobAlreadyActive Not starting job because prior execution is running and concurrency policy is Forbid';
  expect(plane.eventsOf('tick').includes(text)).toBe(policy === 'Forbid');
});

test('while it is suspended nothing is made; afterwards the last start that was missed', () => {
  const plane = begin({ suspend: true });
  pass(plane, 10);
  expect(names(plane)).toEqual([]);
  plane.change(cronJobs, 'tick', (one) => ({ ...one, spec: { ...one.spec, suspend: false } }));
  plane.settle();
  expect(names(plane)).toEqual([`tick-${Math.floor(plane.kernel.clock.unixMs / minute)}`]);
});

test('more than a hundred missed starts are complained about', () => {
  const plane = begin({ suspend: true });
  pass(plane, 200);
  plane.change(cronJobs, 'tick', (one) => ({ ...one, spec: { ...one.spec, suspend: false } }));
  plane.settle();
  expect(plane.eventsOf('tick')).toContain(
    'Warning TooManyMissedTimes too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
  );
  expect(names(plane)).toHaveLength(1);
});

test('a start that is too late is missed', () => {
  const plane = begin({ schedule: '0 * * * *', suspend: true, startingDeadlineSeconds: 4_000 });
  pass(plane, 65);
  plane.change(cronJobs, 'tick', (one) => ({ ...one, spec: { ...one.spec, suspend: false, startingDeadlineSeconds: 10 } }));
  plane.settle();
  expect(names(plane)).toEqual([]);
});

test('a line that never fires is said to be so, and then nothing', () => {
  const plane = begin({ schedule: '59 23 31 2 *' });
  pass(plane, 30);
  const events = plane.eventsOf('tick');
  pass(plane, 24 * 60);
  expect(events).toEqual([
    'Warning InvalidSchedule invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second',
  ]);
  expect(names(plane)).toEqual([]);
});

test('a new schedule holds from its next start on', () => {
  const plane = begin({ schedule: '0 0 1 1 *' });
  pass(plane, 30);
  plane.change(cronJobs, 'tick', (one) => ({ ...one, spec: { ...one.spec, schedule: '*/5 * * * *' } }));
  plane.settle();
  expect(names(plane)).toEqual([]);
  pass(plane, 5);
  expect(names(plane)).toHaveLength(1);
});

test('the time of a start is told in its zone', () => {
  const plane = begin({ schedule: '@hourly', timeZone: 'Asia/Kolkata' });
  pass(plane, 60);
  expect(plane.list(jobs)[0]!.metadata.annotations!['batch.kubernetes.io/cronjob-scheduled-timestamp']).toMatch(/:00:00\+05:30$/);
});

test('a Job that goes missing is forgotten', () => {
  const plane = begin({});
  pass(plane, 1);
  const [name] = names(plane);
  plane.delete(jobs, name!, { propagationPolicy: 'Background' });
  plane.settle();
  expect([tick(plane).status!.active, plane.eventsOf('tick').at(-1)]).toEqual([
    undefined,
    `Normal MissingJob Active job went missing: ${name}`,
  ]);
});
