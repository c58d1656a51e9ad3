/** The scheduling queue alone, on a clock of its own. */
import { describe, expect, test } from 'vitest';
import type { Pod } from '../../api/generated/types.ts';
import { EventLoop } from '../../kernel/index.ts';
import type { ClusterEvent } from './events.ts';
import type { Plugin } from './framework.ts';
import type { QueueProfile } from './queue.ts';
import { SchedulingQueue } from './queue.ts';

const pod = (name: string, priority = 0, spec: object = {}): Pod =>
  ({
    metadata: { name, uid: name, namespace: 'default' },
    spec: { priority, schedulerName: 'default-scheduler', containers: [], ...spec },
  }) as unknown as Pod;

const happening = (kind: ClusterEvent['kind'], name = ''): ClusterEvent => ({ kind, before: undefined, after: { metadata: { name } } });
const nameIn = ({ after }: ClusterEvent): string => (after as Pod).metadata.name;

const sorts: Plugin = { name: 'Sort', less: (a, b) => (a.priority === b.priority ? a.queuedMs < b.queuedMs : a.priority > b.priority) };
const picky: Plugin = { name: 'Picky', wakes: { 'Node/Add': (_, event) => nameIn(event) === 'good' } };
const easy: Plugin = { name: 'Easy', wakes: { 'Node/Add': true } };
const gates: Plugin = {
  name: 'Gates',
  preEnqueue: ({ spec }) => (spec.schedulingGates?.length ? { plugin: 'Gates', reasons: [], isUnresolvable: true } : undefined),
  wakes: { 'UnscheduledPod/UpdatePodSchedulingGatesEliminated': true },
};
const plugins = [sorts, picky, easy, gates];
const profile: QueueProfile = { name: 'default-scheduler', less: sorts.less!, preEnqueue: [gates], plugins };

function createQueue(): { readonly loop: EventLoop; readonly queue: SchedulingQueue; pop(): string | undefined } {
  const loop = new EventLoop();
  const queue = new SchedulingQueue(loop, [profile]);
  return { loop, queue, pop: () => queue.pop()?.uid };
}

const advance = (loop: EventLoop, ms: number): void => void loop.run({ untilMs: loop.now + ms });

describe('the scheduling queue', () => {
  test('the highest priority goes first, then who came first', () => {
    const { queue, pop } = createQueue();
    queue.add(pod('late'));
    queue.add(pod('low', -1));
    queue.add(pod('high', 10));
    queue.add(pod('later'));
    expect([pop(), pop(), pop(), pop(), pop()]).toEqual(['high', 'late', 'later', 'low', undefined]);
  });

  test('Pods of a scheduler that is not here are left alone', () => {
    const { queue, pop } = createQueue();
    const other = pod('a', 0, { schedulerName: 'mine' });
    expect(queue.isResponsibleFor(other)).toBe(false);
    queue.add(other);
    expect(pop()).toBeUndefined();
  });

  test('only what a plugin that rejected it waits for wakes a Pod', () => {
    const { queue, pop } = createQueue();
    queue.add(pod('a'));
    queue.unschedulable(queue.pop()!, new Set(['Picky']));
    queue.happened(happening('AssignedPod/Delete'));
    queue.happened(happening('Node/Add', 'bad'));
    expect(pop()).toBeUndefined();
    queue.happened(happening('Node/Add', 'good'));
    expect(pop()).toBe('a');
  });

  test('what happens during an attempt is not missed', () => {
    const { queue, pop } = createQueue();
    queue.add(pod('a'));
    const attempt = queue.pop()!;
    queue.happened(happening('Node/Add', 'good'));
    queue.unschedulable(attempt, new Set(['Picky']));
    expect(pop()).toBe('a');
  });

  test('an idle scheduler does not wait for the end of a backoff, a busy one does', () => {
    const { loop, queue, pop } = createQueue();
    queue.add(pod('a'));
    queue.unschedulable(queue.pop()!, new Set(['Easy']));
    queue.add(pod('b'));
    queue.happened(happening('Node/Add'));
    expect([pop(), pop(), pop()]).toEqual(['b', 'a', undefined]);
    expect(loop.now).toBe(0);
  });

  test('among those whose backoff ends in the same second the highest priority goes first', () => {
    const { loop, queue, pop } = createQueue();
    for (const [name, priority] of [
      ['low', 0],
      ['high', 10],
      ['late', 100],
    ] as const) {
      if (name === 'late') advance(loop, 600);
      queue.add(pod(name, priority));
      queue.unschedulable(queue.pop()!, new Set(['Easy']));
      advance(loop, 200);
    }
    queue.happened(happening('Node/Add'));
    expect([pop(), pop(), pop()]).toEqual(['high', 'low', 'late']);
  });

  test('after an error the backoff grows from 1 s to 10 s, and ends with a whole second', () => {
    const { loop, queue } = createQueue();
    queue.add(pod('a'));
    const backoffs: number[] = [];
    advance(loop, 300);
    let attempt = queue.pop();
    for (let i = 0; i < 6; i++) {
      const since = loop.now;
      queue.failed(attempt!);
      while (!(attempt = queue.pop())) advance(loop, 100);
      backoffs.push(loop.now - since);
    }
    expect(backoffs).toEqual([1700, 3000, 5000, 9000, 11_000, 11_000]);
  });

  test('a Pod that nothing happens for is tried again after five minutes', () => {
    const { loop, queue, pop } = createQueue();
    queue.add(pod('a'));
    queue.unschedulable(queue.pop()!, new Set(['Picky']));
    advance(loop, 299_000);
    expect(pop()).toBeUndefined();
    advance(loop, 32_000);
    expect(pop()).toBe('a');
  });

  test('a Pod with gates waits outside until they are gone', () => {
    const { loop, queue, pop } = createQueue();
    const gated = pod('a', 0, { schedulingGates: [{ name: 'x' }] });
    queue.add(gated);
    queue.happened(happening('Node/Add', 'good'));
    advance(loop, 600_000);
    expect(pop()).toBeUndefined();
    queue.add(pod('a'));
    expect(pop()).toBe('a');
  });

  test('a deleted Pod is not tried', () => {
    const { queue, pop } = createQueue();
    queue.add(pod('a'));
    queue.delete('a');
    expect(pop()).toBeUndefined();
  });
});
