import { describe, expect, test } from 'vitest';
import type { Job } from '../generated/types.ts';
import { createErrors, finished, row, strategyContext, updateErrors } from '../testing.ts';
import { cronJobs } from './cron-job.ts';
import { countIndexes, IndexIntervals } from './index-intervals.ts';
import { jobs } from './job.ts';

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1.36' }] } };

/** A Job as the API server has it before it is validated. */
function prepared(body: object): Job {
  return jobs.prepareForCreate(finished(jobs, body), strategyContext);
}

const errorsOf = (body: object): readonly string[] => createErrors({ ...jobs, setDefaults: () => prepared(body) }, body);

describe('Job', () => {
  test('defaults, and the selector that is made', () => {
    const labels = {
      'batch.kubernetes.io/controller-uid': 'u',
      'batch.kubernetes.io/job-name': 'x',
      'controller-uid': 'u',
      'job-name': 'x',
    };
    expect(prepared({ spec: { template } })).toMatchObject({
      metadata: { labels },
      spec: {
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        suspend: false,
        manualSelector: false,
        podReplacementPolicy: 'TerminatingOrFailed',
        selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } },
        template: { metadata: { labels } },
      },
    });
    const own = prepared({ spec: { parallelism: 3, template: { ...template, metadata: { labels: { app: 'a' } } } } });
    expect([own.spec.completions, own.metadata.labels]).toEqual([undefined, { app: 'a', ...labels }]);
    expect(prepared({ metadata: { labels: { app: 'b' } }, spec: { template } }).metadata.labels).toEqual({ app: 'b' });
    expect(prepared({ spec: { completionMode: 'Indexed', completions: 2, backoffLimitPerIndex: 1, template } }).spec.backoffLimit).toBe(
      2_147_483_647,
    );
  });

  test.each<{ name: string; spec: object; want: readonly string[] }>([
    { name: 'good', spec: { template }, want: [] },
    {
      name: 'a template that says nothing of restarts: it would restart always',
      spec: { template: { spec: { containers: template.spec.containers } } },
      want: ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    },
    {
      name: 'a template that restarts always',
      spec: { template: { spec: { ...template.spec, restartPolicy: 'Always' } } },
      want: ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    },
    {
      name: 'numbers below none',
      spec: { parallelism: -1, completions: -2, backoffLimit: -3, activeDeadlineSeconds: -4, ttlSecondsAfterFinished: -5, template },
      want: ['parallelism: Invalid value: -1', 'completions: Invalid value: -2', 'activeDeadlineSeconds: Invalid value: -4']
        .concat(['backoffLimit: Invalid value: -3', 'ttlSecondsAfterFinished: Invalid value: -5'])
        .map((text) => `spec.${text}: must be greater than or equal to 0`),
    },
    {
      name: 'a selector of its own',
      spec: { selector: { matchLabels: { app: 'a' } }, template: { ...template, metadata: { labels: { app: 'a' } } } },
      want: [
        'spec.selector: Invalid value: {"matchLabels":{"app":"a","batch.kubernetes.io/controller-uid":"u"}}: `selector` not auto-generated',
      ],
    },
    { name: 'a selector by hand', spec: { manualSelector: true, template }, want: ['spec.selector: Required value', mismatch('null')] },
    {
      name: 'Indexed without completions',
      spec: { completionMode: 'Indexed', parallelism: 2, template },
      want: ['spec.completions: Required value: when completion mode is Indexed'],
    },
    {
      name: 'limits per index without indexes',
      spec: { backoffLimitPerIndex: 1, maxFailedIndexes: 2, template },
      want: [
        'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
        'spec.maxFailedIndexes: Invalid value: 2: requires indexed completion mode',
      ],
    },
    {
      name: 'failed indexes without a limit',
      spec: { completionMode: 'Indexed', completions: 1, maxFailedIndexes: 2, template },
      want: [
        'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
        'spec.maxFailedIndexes: Invalid value: 2: must be less than or equal to completions',
      ],
    },
    {
      name: 'a manager without a domain',
      spec: { managedBy: 'me', template },
      want: ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
    },
    {
      name: 'a policy for failures',
      spec: {
        podFailurePolicy: {
          rules: [
            { action: 'FailJob', onExitCodes: { containerName: 'none', operator: 'In', values: [3, 0, 3] } },
            { action: 'FailIndex', onPodConditions: [{ type: 'DisruptionTarget' }] },
            { action: 'Perhaps' },
          ],
        },
        podReplacementPolicy: 'TerminatingOrFailed',
        template: { spec: { ...template.spec, restartPolicy: 'OnFailure' } },
      },
      want: [
        'spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "none": must be one of the container or initContainer names in the pod template',
        'spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator',
        'spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 3',
        'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [3,0,3]: must be ordered',
        'spec.podFailurePolicy.rules[1].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
        'spec.podFailurePolicy.rules[2].action: Unsupported value: "Perhaps": supported values: "Count", "FailIndex", "FailJob", "Ignore"',
        'spec.podFailurePolicy.rules[2]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
        'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
        'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
      ],
    },
    {
      name: 'a policy for success',
      spec: {
        completionMode: 'Indexed',
        completions: 4,
        successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 3 }, { succeededIndexes: '3-9' }, {}] },
        template,
      },
      want: [
        'spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
        'spec.successPolicy.rules[1].succeededIndexes: Invalid value: "3-9": error parsing succeededIndexes: too large index: "9"',
        'spec.successPolicy.rules[2]: Required value: at least one of succeededCount or succeededIndexes must be specified',
      ],
    },
  ])('$name', ({ spec, want }) => expect(errorsOf({ spec })).toEqual(want));

  test.each<{ name: string; from: object; to: object; want: readonly string[] }>([
    { name: 'parallelism', from: {}, to: { parallelism: 5, completions: 1 }, want: [] },
    { name: 'completions', from: {}, to: { completions: 5 }, want: ['spec.completions: Invalid value: 5: field is immutable'] },
    {
      name: 'completions of an Indexed Job, with its parallelism',
      from: { completionMode: 'Indexed', completions: 2, parallelism: 2 },
      to: { completionMode: 'Indexed', completions: 5, parallelism: 5 },
      want: [],
    },
    {
      name: 'completions of an Indexed Job alone',
      from: { completionMode: 'Indexed', completions: 2, parallelism: 2 },
      to: { completionMode: 'Indexed', completions: 5, parallelism: 2 },
      want: ['spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism'],
    },
    {
      name: 'where a suspended Job runs',
      from: { suspend: true },
      to: { suspend: false, template: { ...template, spec: { ...template.spec, nodeSelector: { a: 'b' } } } },
      want: [],
    },
  ])('an update of $name', ({ from, to, want }) => {
    const manual = { manualSelector: true, selector: { matchLabels: { app: 'a' } } };
    const own = { ...template, metadata: { labels: { app: 'a' } } };
    const body = (spec: { readonly template?: object }) => ({
      spec: { ...manual, ...spec, template: { ...own, ...spec.template, metadata: own.metadata } },
    });
    expect(updateErrors(jobs, body(from), body(to))).toEqual(want);
  });

  test('the template stays', () => {
    const [error] = updateErrors(
      jobs,
      { spec: { template } },
      { spec: { template: { spec: { ...template.spec, hostNetwork: true } } } },
    ).filter((text) => text.includes('immutable'));
    expect(error).toMatch(/^spec\.template: Invalid value: \{.*\}: field is immutable$/);
  });

  test.each<{ name: string; body: object; want: object }>([
    { name: 'new', body: { spec: { template } }, want: { Status: 'Running', Completions: '0/1', Duration: '' } },
    {
      name: 'done',
      body: {
        spec: { completions: 3, template },
        status: {
          succeeded: 3,
          startTime: '2026-01-01T00:00:00Z',
          completionTime: '2026-01-01T00:00:42Z',
          conditions: [{ type: 'Complete', status: 'True' }],
        },
      },
      want: { Status: 'Complete', Completions: '3/3', Duration: '42s' },
    },
    {
      name: 'a work queue that is going to fail',
      body: {
        spec: { parallelism: 2, template },
        status: { startTime: '2026-01-01T00:00:00Z', conditions: [{ type: 'FailureTarget', status: 'True' }] },
      },
      want: { Status: 'FailureTarget', Completions: '0/1 of 2', Duration: '5m' },
    },
  ])('a row: $name', ({ body, want }) => expect(row(jobs, body)).toMatchObject(want));
});

function mismatch(labels: string): string {
  return `spec.template.metadata.labels: Invalid value: ${labels}: \`selector\` does not match template \`labels\``;
}

describe('CronJob', () => {
  const jobTemplate = { spec: { template } };

  test('defaults and row', () => {
    expect(finished(cronJobs, { spec: { schedule: '@hourly', jobTemplate } }).spec).toMatchObject({
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
    expect(row(cronJobs, { spec: { schedule: '@hourly', jobTemplate } })).toEqual({
      Name: 'x',
      Schedule: '@hourly',
      Timezone: '<none>',
      Suspend: 'False',
      Active: 0,
      'Last Schedule': '<none>',
      Age: '5m',
      Containers: 'main',
      Images: 'busybox:1.36',
      Selector: '<none>',
    });
  });

  test.each<{ name: string; body: object; want: readonly string[] }>([
    { name: 'good', body: { spec: { schedule: '*/5 * * * *', timeZone: 'Europe/Berlin', jobTemplate } }, want: [] },
    {
      name: 'one that never fires is accepted: the controller will say so',
      body: { spec: { schedule: '0 0 31 2 *', jobTemplate } },
      want: [],
    },
    {
      name: 'a schedule that cannot be read',
      body: { spec: { schedule: 'every now and then', jobTemplate } },
      want: ['spec.schedule: Invalid value: "every now and then": expected exactly 5 fields, found 4: [every now and then]'],
    },
    {
      name: 'a zone in the schedule',
      body: { spec: { schedule: 'TZ=Europe/Berlin 0 0 * * *', jobTemplate } },
      want: [
        'spec.schedule: Invalid value: "TZ=Europe/Berlin 0 0 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
      ],
    },
    {
      name: 'a zone that nobody knows',
      body: { spec: { schedule: '@daily', timeZone: 'Mars/Olympus', jobTemplate } },
      want: ['spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus'],
    },
    {
      name: 'Pods that restart always',
      body: {
        spec: {
          schedule: '@daily',
          concurrencyPolicy: 'Maybe',
          jobTemplate: { spec: { template: { spec: { containers: [{ name: 'a' }] } } } },
        },
      },
      want: [
        'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
        'spec.jobTemplate.spec.template.spec.containers[0].image: Required value',
        'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
      ],
    },
    {
      name: 'a name that leaves no room',
      body: { metadata: { name: 'x'.repeat(53) }, spec: { schedule: '@daily', jobTemplate } },
      want: [`metadata.name: Invalid value: "${'x'.repeat(53)}": must be no more than 52 characters`],
    },
  ])('$name', ({ body, want }) => expect(createErrors(cronJobs, body)).toEqual(want));
});

describe('sets of indexes', () => {
  test.each([
    ['', 0],
    ['0', 1],
    ['1,3-5,7', 5],
    ['1-2-3', 'the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\''],
    ['a', 'cannot convert string to integer for index: "a"'],
    ['9-10', 'too large index: "10"'],
    ['3,2', 'non-increasing order, previous: 3, current: 2'],
    ['3-3', 'non-increasing order, previous: 3, current: 3'],
  ] as const)('%j counts as %j', (text, want) => expect(countIndexes(text, 10)).toBe(want));

  test('read, joined and written', () => {
    const some = IndexIntervals.parse('1,3-5,7,20', 10);
    expect([some.total, `${some}`, some.has(4), some.has(6)]).toEqual([5, '1,3-5,7', true, false]);
    expect(`${some.with([0, 6, 9])}`).toBe('0,1,3-7,9');
    expect(some.countCommon(IndexIntervals.parse('0-3,7', 10))).toBe(3);
  });
});
