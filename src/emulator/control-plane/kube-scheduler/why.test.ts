/** What is remembered of an attempt, and the sentence that it comes down to. */
import { expect, test } from 'vitest';
import type { SchedulingAttempt } from './decisions.ts';
import { isSchedulingAttempt } from './decisions.ts';
import type { SchedulerTest, TestNode } from './testing.ts';
import { createSchedulerTest, requests } from './testing.ts';
import { whyWords } from './why.ts';

const roomy: TestNode = { cpu: '8' };
const small: TestNode = { cpu: '2' };

function attemptsOf(t: SchedulerTest, name: string): readonly SchedulingAttempt[] {
  return t.kernel
    .decisions!.about('pods', 'default', name)
    .map(({ data }) => data)
    .filter(isSchedulingAttempt);
}

interface Case {
  readonly name: string;
  readonly nodes: Readonly<Record<string, TestNode>>;
  readonly before?: (t: SchedulerTest) => void;
  readonly spec: object;
  readonly want: string;
}

test.each<Case>([
  {
    name: 'the difference to the next',
    nodes: { a: roomy, b: small },
    spec: requests('500m'),
    want: 'a won because its total of 493 is 19 above that of b: NodeResourcesBalancedAllocation gave it 10 more and NodeResourcesFit 9 more.',
  },
  { name: 'chance', nodes: { b: {} }, spec: {}, want: 'b won because it was the only node left.' },
  {
    name: 'the only one that the filters left',
    nodes: { a: { unschedulable: true }, b: {}, c: { unschedulable: true } },
    spec: {},
    want: 'b won because it was the only node left: the filters rejected 2 others.',
  },
  {
    name: 'none',
    nodes: { a: { unschedulable: true }, b: small, c: small },
    spec: requests('3'),
    want: 'None of 3 nodes will do: NodeResourcesFit rejected 2 and NodeUnschedulable rejected 1.',
  },
  {
    name: 'nodes that do not come into question',
    nodes: { a: small, b: small },
    spec: {
      ...requests('3'),
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }],
          },
        },
      },
    },
    want: 'None of 2 nodes will do: NodeResourcesFit rejected 1 and 1 did not come into question.',
  },
])('$name', ({ nodes, before, spec, want }) => {
  const t = createSchedulerTest(nodes);
  t.kernel.keepDecisions();
  before?.(t);
  t.addPod('p', spec);
  t.settle();
  expect(attemptsOf(t, 'p').map(whyWords)).toEqual([want]);
});

test('among equals chance is named', () => {
  const t = createSchedulerTest({ a: {}, b: {}, c: {} });
  t.kernel.keepDecisions();
  t.addPod('p');
  t.settle();
  const [attempt] = attemptsOf(t, 'p');
  expect(attempt!.tied).toBe(3);
  expect(attempt!.scored[0]!.node).toBe(t.pod('p').spec.nodeName);
  expect(whyWords(attempt!)).toMatch(/^[abc] won by chance: [abc], [abc] and [abc] have the same total of \d+\.$/);
});

test('plugins that gave all nodes the same stand in the table as upstream has them', () => {
  const t = createSchedulerTest({ a: {}, b: {} });
  t.kernel.keepDecisions();
  t.addPod('p', requests('1'));
  t.settle();
  const { plugins, scored } = attemptsOf(t, 'p')[0]!;
  expect(plugins.map(({ name, weight }) => `${name} ${weight}`)).toEqual([
    'TaintToleration 3',
    'NodeResourcesFit 1',
    'NodeResourcesBalancedAllocation 1',
    'ImageLocality 1',
  ]);
  expect(scored.map(({ scores }) => [scores[0], scores[3]])).toEqual([
    [100, 0],
    [100, 0],
  ]);
});

test('every attempt is remembered, and who makes room', () => {
  const t = createSchedulerTest({ a: { cpu: '1' } });
  t.kernel.keepDecisions();
  t.addPod('low', requests('800m'));
  t.settle();
  t.addPriorityClass('high', 1000);
  t.addPod('high', { ...requests('800m'), priorityClassName: 'high' });
  t.settle();
  expect(attemptsOf(t, 'high').map(whyWords)).toEqual([
    'No node will do as it is. Room is made on a: default/low must go from there, since this Pod has the higher priority.',
  ]);
  t.deletePod('low');
  t.settle();
  expect(attemptsOf(t, 'high').map(({ attempt, chosen }) => [attempt, chosen])).toEqual([
    [1, undefined],
    [2, 'a'],
  ]);
});

test('nothing is gathered while nobody listens', () => {
  const t = createSchedulerTest({ a: {} });
  t.addPod('p');
  t.settle();
  t.kernel.keepDecisions();
  expect(attemptsOf(t, 'p')).toEqual([]);
});
