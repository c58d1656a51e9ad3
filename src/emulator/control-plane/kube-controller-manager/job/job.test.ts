import { describe, expect, test } from 'vitest';
import { jobs } from '../../../api/batch/job.ts';
import { pods } from '../../../api/core/pod.ts';
import type { Job, Pod } from '../../../api/generated/types.ts';
import { garbageCollector } from '../garbage-collector/index.ts';
import type { ControllerTest } from '../testing.ts';
import { createControllerTest } from '../testing.ts';
import { ttlAfterFinishedController } from '../ttl-after-finished/index.ts';
import { jobController } from './index.ts';

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } };

function begin(spec: object = {}): ControllerTest {
  const plane = createControllerTest([jobController]);
  plane.create(jobs, { metadata: { name: 'work' }, spec: { template, ...spec } });
  plane.settle();
  return plane;
}

/** Pods that have not ended, in the order of their names. */
const active = (plane: ControllerTest): Pod[] =>
  plane.list(pods).filter(({ status, metadata }) => !['Succeeded', 'Failed'].includes(status?.phase ?? '') && !metadata.deletionTimestamp);
const indexOf = ({ metadata }: Pod): string | undefined => metadata.labels?.['batch.kubernetes.io/job-completion-index'];
const activeIndexes = (plane: ControllerTest): (string | undefined)[] => active(plane).map(indexOf).sort();
const job = (plane: ControllerTest): Job => plane.get(jobs, 'work');
const status = (plane: ControllerTest) => job(plane).status!;
const held = (plane: ControllerTest): string[] =>
  (status(plane).conditions ?? []).filter(({ status: is }) => is === 'True').map(({ type, reason }) => `${type} ${reason}`);

/** Ends a Pod with an exit code, as the kubelet says it. */
function end(plane: ControllerTest, pod: Pod, exitCode: number): void {
  const finishedAt = plane.kernel.clock.timestamp();
  const terminated = { exitCode, finishedAt, reason: exitCode === 0 ? 'Completed' : 'Error' };
  const state = { name: 'main', image: 'busybox', imageID: '', ready: false, restartCount: 0, state: { terminated } };
  const phase = exitCode === 0 ? 'Succeeded' : 'Failed';
  const next = { phase, containerStatuses: [state] };
  plane.change(pods, pod.metadata.name, (one) => ({ ...one, status: { ...one.status, ...next } }), { subresource: 'status' });
  plane.settle();
}

const noPods = { ready: 0, terminating: 0, uncountedTerminatedPods: {} };

test('one Pod that succeeds', () => {
  const plane = begin();
  const [pod] = plane.list(pods);
  const uid = job(plane).metadata.uid;
  expect(pod!.metadata).toMatchObject({
    generateName: 'work-',
    finalizers: ['batch.kubernetes.io/job-tracking'],
    labels: {
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': 'work',
      'controller-uid': uid,
      'job-name': 'work',
    },
    ownerReferences: [{ kind: 'Job', name: 'work', controller: true, blockOwnerDeletion: true }],
  });
  plane.setReady(pod!);
  plane.settle();
  expect(status(plane)).toEqual({ ...noPods, active: 1, ready: 1, startTime: job(plane).metadata.creationTimestamp });
  end(plane, plane.get(pods, pod!.metadata.name), 0);
  expect(status(plane)).toMatchObject({ ...noPods, succeeded: 1, active: undefined });
  expect(status(plane).completionTime).toBeDefined();
  expect(status(plane).conditions!.map(({ type, status: is, reason, message }) => [type, is, reason, message])).toEqual([
    ['SuccessCriteriaMet', 'True', 'CompletionsReached', 'Reached expected number of succeeded pods'],
    ['Complete', 'True', 'CompletionsReached', 'Reached expected number of succeeded pods'],
  ]);
  expect(plane.get(pods, pod!.metadata.name).metadata.finalizers ?? []).toEqual([]);
  expect(plane.eventsOf('work')).toEqual([`Normal SuccessfulCreate Created pod: ${pod!.metadata.name}`, 'Normal Completed Job completed']);
});

test('as many at once as parallelism allows, until enough have succeeded', () => {
  const plane = begin({ completions: 5, parallelism: 2 });
  for (let done = 0; done < 5; done++) {
    expect(active(plane)).toHaveLength(Math.min(2, 5 - done));
    end(plane, active(plane)[0]!, 0);
  }
  expect([held(plane).at(-1), status(plane).succeeded, plane.list(pods).length]).toEqual(['Complete CompletionsReached', 5, 5]);
});

test('a work queue is done when one has succeeded and all have ended', () => {
  const plane = begin({ parallelism: 3 });
  end(plane, active(plane)[0]!, 0);
  expect([active(plane).length, held(plane)]).toEqual([2, []]);
  end(plane, active(plane)[0]!, 1);
  expect([active(plane).length, held(plane)]).toEqual([1, []]);
  end(plane, active(plane)[0]!, 0);
  expect([held(plane).at(-1), status(plane).succeeded, status(plane).failed]).toEqual(['Complete CompletionsReached', 2, 1]);
});

test('failures are tried again after 10 s, 20 s, 40 s, and then no more', () => {
  const plane = begin({ backoffLimit: 2 });
  const waits: number[] = [];
  for (let failure = 0; failure < 2; failure++) {
    const before = plane.kernel.loop.now;
    end(plane, active(plane)[0]!, 1);
    while (active(plane).length === 0) plane.advance(500);
    waits.push(Math.round((plane.kernel.loop.now - before) / 1000));
  }
  expect(waits).toEqual([10, 20]);
  end(plane, active(plane)[0]!, 1);
  expect([held(plane), status(plane).failed, status(plane).completionTime]).toEqual([
    ['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded'],
    3,
    undefined,
  ]);
  expect(plane.eventsOf('work').at(-1)).toBe('Warning BackoffLimitExceeded Job has reached the specified backoff limit');
});

test('restarts inside a Pod count as failures with OnFailure', () => {
  const plane = begin({ backoffLimit: 1, template: { spec: { ...template.spec, restartPolicy: 'OnFailure' } } });
  const [pod] = active(plane);
  const state = { name: 'main', image: 'busybox', imageID: '', ready: false, restartCount: 1 };
  plane.change(pods, pod!.metadata.name, (one) => ({ ...one, status: { ...one.status, phase: 'Running', containerStatuses: [state] } }), {
    subresource: 'status',
  });
  plane.settle();
  expect(held(plane)).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']);
  expect(plane.list(pods)).toEqual([]);
});

test('activeDeadlineSeconds ends it, and its Pods', () => {
  const plane = begin({ activeDeadlineSeconds: 30 });
  plane.advance(25_000);
  expect(active(plane)).toHaveLength(1);
  plane.advance(10_000);
  expect([held(plane), plane.list(pods), status(plane).failed]).toEqual([
    ['FailureTarget DeadlineExceeded', 'Failed DeadlineExceeded'],
    [],
    1,
  ]);
  expect(plane.eventsOf('work').at(-1)).toBe('Warning DeadlineExceeded Job was active longer than specified deadline');
});

test('suspended and resumed', () => {
  const plane = begin({ suspend: true, parallelism: 2, completions: 2 });
  expect([plane.list(pods), held(plane), status(plane).startTime]).toEqual([[], ['Suspended JobSuspended'], undefined]);
  const suspend = (value: boolean) => {
    plane.change(jobs, 'work', (one) => ({ ...one, spec: { ...one.spec, suspend: value } }));
    plane.settle();
  };
  suspend(false);
  expect([active(plane).length, held(plane)]).toEqual([2, []]);
  suspend(true);
  expect([plane.list(pods), held(plane), status(plane).failed]).toEqual([[], ['Suspended JobSuspended'], undefined]);
  expect(plane.eventsOf('work').filter((text) => !text.includes('pod:'))).toEqual([
    'Normal Suspended Job suspended',
    'Normal Resumed Job resumed',
  ]);
});

test('fewer at once: the surplus goes and counts as nothing', () => {
  const plane = begin({ completions: 5, parallelism: 3 });
  plane.change(jobs, 'work', (one) => ({ ...one, spec: { ...one.spec, parallelism: 1 } }));
  plane.settle();
  expect([active(plane).length, status(plane).failed]).toEqual([1, undefined]);
});

test('a Pod that is deleted has failed', () => {
  const plane = begin();
  plane.delete(pods, active(plane)[0]!.metadata.name, { gracePeriodSeconds: 0 });
  plane.settle();
  expect([plane.list(pods).length, status(plane).failed]).toEqual([0, 1]);
  plane.advance(11_000);
  expect(active(plane)).toHaveLength(1);
});

describe('Indexed', () => {
  const indexed = { completionMode: 'Indexed', completions: 4, parallelism: 2 };

  test('each index succeeds once', () => {
    const plane = begin(indexed);
    expect(activeIndexes(plane)).toEqual(['0', '1']);
    const [pod] = active(plane).filter((one) => indexOf(one) === '1');
    expect(pod).toMatchObject({
      metadata: { generateName: 'work-1-', annotations: { 'batch.kubernetes.io/job-completion-index': '1' } },
      spec: {
        hostname: 'work-1',
        containers: [
          {
            env: [
              {
                name: 'JOB_COMPLETION_INDEX',
                valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" } },
              },
            ],
          },
        ],
      },
    });
    end(plane, pod!, 0);
    expect([activeIndexes(plane), status(plane).completedIndexes]).toEqual([['0', '2'], '1']);
    while (active(plane).length > 0) end(plane, active(plane)[0]!, 0);
    expect([held(plane).at(-1), status(plane).completedIndexes, status(plane).succeeded]).toEqual([
      'Complete CompletionsReached',
      '0-3',
      4,
    ]);
  });

  test('an elastic Job grows', () => {
    const plane = begin({ ...indexed, completions: 2 });
    plane.change(jobs, 'work', (one) => ({ ...one, spec: { ...one.spec, completions: 3, parallelism: 3 } }));
    plane.settle();
    expect(activeIndexes(plane)).toEqual(['0', '1', '2']);
  });

  test('backoffLimitPerIndex: an index fails alone, others go on', () => {
    const plane = begin({ ...indexed, completions: 2, backoffLimitPerIndex: 1 });
    const failZero = (): void => end(plane, active(plane).find((pod) => indexOf(pod) === '0')!, 1);
    failZero();
    expect([activeIndexes(plane), status(plane).failedIndexes, status(plane).failed]).toEqual([['1'], '', undefined]);
    plane.advance(12_000);
    expect(active(plane).find((pod) => indexOf(pod) === '0')!.metadata.annotations).toMatchObject({
      'batch.kubernetes.io/job-index-failure-count': '1',
    });
    failZero();
    expect([activeIndexes(plane), status(plane).failedIndexes, status(plane).failed]).toEqual([['1'], '0', 2]);
    end(plane, active(plane)[0]!, 0);
    expect([held(plane), status(plane).completedIndexes]).toEqual([['FailureTarget FailedIndexes', 'Failed FailedIndexes'], '1']);
  });

  test('maxFailedIndexes ends it early', () => {
    const plane = begin({ ...indexed, backoffLimitPerIndex: 0, maxFailedIndexes: 1 });
    end(plane, active(plane)[0]!, 1);
    expect(held(plane)).toEqual([]);
    end(plane, active(plane)[0]!, 1);
    expect(held(plane)).toEqual(['FailureTarget MaxFailedIndexesExceeded', 'Failed MaxFailedIndexesExceeded']);
  });

  test('successPolicy: the leader is enough', () => {
    const plane = begin({ ...indexed, successPolicy: { rules: [{ succeededIndexes: '0' }] } });
    end(plane, active(plane).find((pod) => indexOf(pod) === '0')!, 0);
    expect([held(plane), active(plane)]).toEqual([['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy'], []]);
    expect(status(plane).conditions![0]!.message).toBe('Matched rules at index 0');
  });
});

describe('podFailurePolicy', () => {
  const policy = {
    podFailurePolicy: {
      rules: [
        { action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'In', values: [42] } },
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
      ],
    },
  };

  test('an exit code that ends the Job', () => {
    const plane = begin({ ...policy, completions: 2, parallelism: 2 });
    const [pod] = active(plane);
    end(plane, pod!, 42);
    expect(held(plane)).toEqual(['FailureTarget PodFailurePolicy', 'Failed PodFailurePolicy']);
    expect(status(plane).conditions![0]!.message).toBe(
      `Container main for pod default/${pod!.metadata.name} failed with exit code 42 matching FailJob rule at index 0`,
    );
  });

  test('a disruption that counts for nothing', () => {
    const plane = begin({ ...policy, backoffLimit: 0 });
    const [pod] = active(plane);
    const conditions = [{ type: 'DisruptionTarget', status: 'True' }];
    plane.change(pods, pod!.metadata.name, (one) => ({ ...one, status: { ...one.status, phase: 'Failed', conditions } }), {
      subresource: 'status',
    });
    plane.advance(15_000);
    expect([held(plane), status(plane).failed, active(plane).length]).toEqual([[], undefined, 1]);
  });
});

test('a Job that goes takes its Pods along, finalizers and all', () => {
  const plane = createControllerTest([jobController, garbageCollector]);
  plane.create(jobs, { metadata: { name: 'work' }, spec: { completions: 3, parallelism: 3, template } });
  plane.settle();
  end(plane, active(plane)[0]!, 0);
  plane.delete(jobs, 'work', { propagationPolicy: 'Background' });
  plane.settle();
  expect([plane.list(jobs), plane.list(pods)]).toEqual([[], []]);
});

test('ttlSecondsAfterFinished', () => {
  const plane = createControllerTest([jobController, garbageCollector, ttlAfterFinishedController]);
  plane.create(jobs, { metadata: { name: 'work' }, spec: { ttlSecondsAfterFinished: 60, template } });
  plane.settle();
  end(plane, active(plane)[0]!, 0);
  plane.advance(50_000);
  expect(plane.list(jobs)).toHaveLength(1);
  plane.advance(15_000);
  expect([plane.list(jobs), plane.list(pods)]).toEqual([[], []]);
});

test('a Job of another controller is left alone', () => {
  const plane = begin({ managedBy: 'example.com/queue' });
  expect([plane.list(pods), job(plane).status]).toEqual([[], {}]);
});

test('a controller that restarts counts nothing twice', () => {
  const plane = begin({ completions: 3, parallelism: 3 });
  end(plane, active(plane)[0]!, 0);
  plane.restart();
  end(plane, active(plane)[0]!, 0);
  plane.restart();
  end(plane, active(plane)[0]!, 0);
  expect([status(plane).succeeded, held(plane).at(-1), plane.list(pods).length]).toEqual([3, 'Complete CompletionsReached', 3]);
  const version = job(plane).metadata.resourceVersion;
  plane.restart();
  expect(job(plane).metadata.resourceVersion).toBe(version);
});
