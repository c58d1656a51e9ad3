import { expect, test } from 'vitest';
import { barsOf } from './scheduling-bars.ts';

test('bars are to one scale, and a plugin without points has no segment', () => {
  const bars = barsOf({
    plugins: [
      { name: 'NodeResourcesFit', weight: 1 },
      { name: 'TaintToleration', weight: 3 },
    ],
    scored: [
      { node: 'a', total: 350, points: [50, 300] },
      { node: 'b', total: 300, points: [0, 300] },
    ],
    chosen: 'a',
  });
  expect(bars.map(({ node, isChosen, segments }) => [node, isChosen, segments.map(({ name, share }) => `${name} ${share}`)])).toEqual([
    ['a', true, ['NodeResourcesFit 12.5', 'TaintToleration 75']],
    ['b', false, ['TaintToleration 75']],
  ]);
});
