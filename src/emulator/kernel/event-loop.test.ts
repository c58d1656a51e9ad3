import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventLoop } from './event-loop.ts';

/** A task that schedules further tasks when it runs. */
interface Tree {
  readonly delay: number;
  readonly children: readonly Tree[];
}

const treeOf: (depth?: number) => fc.Arbitrary<Tree> = fc.memo((depth) =>
  fc.record({
    delay: fc.integer({ min: 0, max: 4 }),
    children: depth > 1 ? fc.array(treeOf(depth - 1), { maxLength: 3 }) : fc.constant([]),
  }),
);
const tree = treeOf(4);

function trace(trees: readonly Tree[], budget: number): string[] {
  const loop = new EventLoop();
  const ran: string[] = [];
  const schedule = (node: Tree, name: string): void =>
    loop.after(
      node.delay,
      () => {
        ran.push(`${loop.now} ${name}`);
        node.children.forEach((child, i) => void schedule(child, `${name}.${i}`));
      },
      undefined,
    );
  trees.forEach((node, i) => void schedule(node, String(i)));
  while (loop.run({ budget }) === 'budget');
  return ran;
}

describe('order', () => {
  test('is by time, then by insertion, as a naive model has it', () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 6 }), (trees) => {
        const queue: { at: number; seq: number; name: string; node: Tree }[] = [];
        let seq = 0;
        trees.forEach((node, i) => void queue.push({ at: node.delay, seq: seq++, name: String(i), node }));
        const want: string[] = [];
        while (queue.length > 0) {
          queue.sort((a, b) => a.at - b.at || a.seq - b.seq);
          const { at, name, node } = queue.shift()!;
          want.push(`${at} ${name}`);
          for (const [i, child] of node.children.entries())
            queue.push({ at: at + child.delay, seq: seq++, name: `${name}.${i}`, node: child });
        }
        expect(trace(trees, Number.POSITIVE_INFINITY)).toEqual(want);
      }),
    );
  });

  test('does not depend on the budget', () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 6 }), fc.integer({ min: 1, max: 5 }), (trees, budget) => {
        expect(trace(trees, budget)).toEqual(trace(trees, Number.POSITIVE_INFINITY));
      }),
    );
  });
});

describe('run', () => {
  test('comes back at a time, with the clock there', () => {
    const loop = new EventLoop();
    const seen: number[] = [];
    for (const delay of [5, 10, 15]) loop.after(delay, () => seen.push(loop.now), undefined);
    expect(loop.run({ untilMs: 10 })).toBe('time');
    expect([seen, loop.now, loop.nextDueMs]).toEqual([[5, 10], 10, 15]);
    expect(loop.run()).toBe('idle');
  });

  test('settles although background tasks go on', () => {
    const loop = new EventLoop();
    const beat = (): void => loop.after(10, beat, undefined, true);
    beat();
    let done = 0;
    loop.after(35, () => (done = loop.now), undefined);
    expect(loop.run({ untilSettled: true })).toBe('settled');
    expect([done, loop.now, loop.foreground]).toEqual([35, 35, 0]);
    expect(loop.run({ untilSettled: true })).toBe('settled');
  });

  test('a cancelled timer neither fires nor keeps the loop from settling', () => {
    const loop = new EventLoop();
    let fired = false;
    const timer = loop.timer(100, () => (fired = true));
    expect(loop.foreground).toBe(1);
    timer.cancel();
    timer.cancel();
    expect([loop.foreground, loop.run({ untilSettled: true }), loop.run(), fired]).toEqual([0, 'settled', 'idle', false]);
  });

  test('stands still while the host fetches something', () => {
    const loop = new EventLoop();
    loop.after(1, () => (loop.stalled = true), undefined);
    loop.after(2, () => {}, undefined);
    expect([loop.run(), loop.now]).toEqual(['stalled', 1]);
    expect(loop.run({ untilMs: 50 })).toBe('stalled');
    loop.stalled = false;
    expect([loop.run(), loop.now]).toEqual(['idle', 2]);
  });

  test('work counts for the budget', () => {
    const loop = new EventLoop();
    for (let i = 0; i < 10; i++) loop.after(0, () => loop.spend(5), undefined);
    expect(loop.run({ budget: 12 })).toBe('budget');
    expect(loop.executed).toBe(2);
  });
});
