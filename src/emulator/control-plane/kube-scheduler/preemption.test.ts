/** Preemption, from the choice of victims to the Pod that takes their place. */
import { describe, expect, test } from 'vitest';
import { pods } from '../../api/core/pod.ts';
import type { Pod } from '../../api/generated/types.ts';
import { podDisruptionBudgets } from '../../api/policy/pod-disruption-budget.ts';
import { isNotFound } from '../../machinery/status-error.ts';
import type { Candidate } from './plugins/default-preemption/choice.ts';
import { candidate as candidateOf, cheapest } from './plugins/default-preemption/choice.ts';
import type { SchedulerTest, TestNode } from './testing.ts';
import { createSchedulerTest, requests } from './testing.ts';

const victim = (priority: number, startTime = '2025-01-01T00:00:00Z'): Pod =>
  ({ spec: { priority }, status: { startTime } }) as unknown as Pod;
const candidate = (nodeName: string, violated: number, ...victims: Pod[]): Candidate => candidateOf(nodeName, victims, violated);

describe('the node whose victims matter least', () => {
  test.each<{ name: string; candidates: readonly Candidate[]; want: string }>([
    { name: 'fewer broken budgets', candidates: [candidate('a', 1, victim(0)), candidate('b', 0, victim(9), victim(9))], want: 'b' },
    {
      name: 'a less important first victim',
      candidates: [candidate('a', 0, victim(5)), candidate('b', 0, victim(3), victim(3), victim(3))],
      want: 'b',
    },
    {
      name: 'a smaller sum of priorities',
      candidates: [candidate('a', 0, victim(5), victim(4)), candidate('b', 0, victim(5), victim(1))],
      want: 'b',
    },
    {
      name: 'a sum that grows with each Pod, also below zero',
      candidates: [candidate('a', 0, victim(-5), victim(-5)), candidate('b', 0, victim(-5))],
      want: 'b',
    },
    {
      name: 'an important victim that started later',
      candidates: [candidate('a', 0, victim(5)), candidate('b', 0, victim(5, '2025-01-01T00:00:09Z'))],
      want: 'b',
    },
    { name: 'else the first', candidates: [candidate('a', 0, victim(5)), candidate('b', 0, victim(5))], want: 'a' },
  ])('$name', ({ candidates, want }) => expect(cheapest(candidates)!.nodeName).toBe(want));
});

function begin(nodes: Readonly<Record<string, TestNode>>): SchedulerTest {
  const t = createSchedulerTest(nodes);
  t.addPriorityClass('high', 1000);
  t.addPriorityClass('middle', 500);
  return t;
}

const high = (cpu: string, more: object = {}) => ({ ...requests(cpu), priorityClassName: 'high', ...more });
const on = (name: string) => ({ nodeSelector: { 'kubernetes.io/hostname': name } });

/** Pods that are being deleted: no kubelet is there to end them. */
function doomed(t: SchedulerTest): readonly string[] {
  const { items } = t.run(t.client.list(pods, { namespace: 'default' }));
  return items.filter(({ metadata }) => metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
}

test('a disruption budget is spared where another node will do', () => {
  const t = begin({ a: { cpu: '1' }, b: { cpu: '1' } });
  t.addPod('guarded', { ...requests('800m'), ...on('a') }, { labels: { app: 'guarded' } });
  t.addPod('plain', { ...requests('800m'), ...on('b') });
  const metadata = { namespace: 'default', name: 'guard' };
  const spec = { minAvailable: 1, selector: { matchLabels: { app: 'guarded' } } };
  t.run(t.client.create(podDisruptionBudgets, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec }));
  t.settle();
  t.addPod('vip', high('800m'));
  t.settle();
  expect(doomed(t)).toEqual(['plain']);
  expect(t.pod('vip').status?.nominatedNodeName).toBe('b');
});

test('no more victims than needed, the least important first', () => {
  const t = begin({ a: { cpu: '1' } });
  t.addPod('important', { ...requests('400m'), priorityClassName: 'middle' });
  t.addPod('lesser', requests('400m'));
  t.settle();
  t.addPod('vip', high('500m'));
  t.settle();
  expect(doomed(t)).toEqual(['lesser']);
});

test('with preemptionPolicy Never the Pod waits for its turn', () => {
  const t = begin({ a: { cpu: '1' } });
  t.addPod('low', requests('800m'));
  t.settle();
  t.addPriorityClass('polite', 800, 'Never');
  t.addPod('patient', { ...requests('800m'), priorityClassName: 'polite' });
  t.settle();
  expect(doomed(t)).toEqual([]);
  expect(t.verdict('patient')).toBe(
    '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
  );
});

test('while victims end nobody else is chosen, and others leave the room alone', () => {
  const t = begin({ a: { cpu: '1' } });
  t.addPod('low', requests('800m'));
  t.settle();
  t.addPod('vip', high('800m'));
  t.settle();
  // Without a reason of its own to look again it is not tried; a new node would be one.
  t.addNode('small', { cpu: '500m' });
  t.settle();
  expect(doomed(t)).toEqual(['low']);
  t.addPod('greedy', requests('150m'));
  t.settle();
  expect(t.pod('greedy').spec.nodeName).toBe('small');
  t.deletePod('low');
  t.settle();
  expect(t.pod('vip').spec.nodeName).toBe('a');
  expect(t.eventsOf('vip').at(-1)).toBe('Normal Scheduled Successfully assigned default/vip to a');
});

test('a nomination gives way to a Pod of still higher priority', () => {
  const t = begin({ a: { cpu: '1' } });
  t.addPriorityClass('highest', 2000);
  t.addPod('low', requests('800m'));
  t.settle();
  t.addPod('middle', { ...requests('800m'), priorityClassName: 'middle' });
  t.settle();
  expect(t.pod('middle').status?.nominatedNodeName).toBe('a');
  t.addPod('top', { ...requests('800m'), priorityClassName: 'highest' });
  t.settle();
  t.deletePod('low');
  t.settle();
  expect(t.pod('top').spec.nodeName).toBe('a');
  expect(t.pod('middle').spec.nodeName).toBeUndefined();
});

test('a victim that is gone already does not stop the rest', () => {
  const t = begin({ a: { cpu: '1' } });
  for (const name of ['x', 'y']) t.addPod(name, { ...requests('400m'), terminationGracePeriodSeconds: 0 });
  t.settle();
  t.addPod('vip', high('900m'));
  t.settle();
  expect(t.pod('vip').spec.nodeName).toBe('a');
  for (const name of ['x', 'y']) {
    let error: unknown;
    try {
      t.pod(name);
    } catch (thrown) {
      error = thrown;
    }
    expect(isNotFound(error)).toBe(true);
  }
});

test('what was found on a node for one Pod of a template holds for the next, until something changes there', () => {
  const t = begin({ a: {}, b: {} });
  // One object, so that the Pods are of one template.
  const spec = high('3');
  const add = (name: string): void => {
    t.run(t.client.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name }, spec } as never));
  };
  for (const node of ['a', 'b']) t.addPod(`low-${node}`, { ...requests('3'), nodeName: node });
  t.settle();
  add('first');
  add('second');
  t.kernel.loop.run({ untilMs: t.kernel.loop.now + 500 });
  expect([t.pod('first').status?.nominatedNodeName, t.pod('second').status?.nominatedNodeName].sort()).toEqual(['a', 'b']);
  for (const name of ['first', 'second', 'low-a', 'low-b']) t.deletePod(name);
  t.settle();
  for (const node of ['a', 'b']) t.addPod(`peer-${node}`, { ...spec, nodeName: node });
  t.settle();
  add('third');
  t.settle();
  expect(t.pod('third').status?.nominatedNodeName).toBeUndefined();
  expect(t.verdict('third')).toContain('preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.');
});
