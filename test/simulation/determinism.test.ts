/** The same seed and input give the same cluster; another seed gives another one. (Node against Chromium: test/browser.) */
import { expect, test } from 'vitest';
import { fingerprint } from '../../src/lab/fingerprint.ts';
import { LabSession } from '../../src/lab/session.ts';
import { playground } from '../../src/lab/playground.ts';
import { hashTrace } from '../../src/lab/trace-hash.ts';

test('the same seed and input twice: one trace', () => {
  const [one, two, other] = [fingerprint(7), fingerprint(7), fingerprint(8)];
  expect(one.records).toBeGreaterThan(500);
  expect(two).toEqual(one);
  expect(other.hash).not.toBe(one.hash);
});

test('how the budget of steps is divided changes nothing', async () => {
  const run = (budget: number): string => {
    const session = new LabSession(playground({ seed: 3 }));
    const hash = hashTrace(session.cluster.kernel.trace);
    session.put({ terminal: 'control-plane', open: 'control-plane' });
    session.put({ terminal: 'control-plane', input: 'kubectl create deployment web --image=nginx:1.29 --replicas=3\r' });
    while (session.nowMs < 20_000) session.advance(20_000, budget);
    return hash.value;
  };
  const unbounded = run(Number.POSITIVE_INFINITY);
  expect([run(1), run(7), run(100)]).toEqual([unbounded, unbounded, unbounded]);
});

test('replaying a submission gives the same session', async () => {
  const options = playground({ seed: 5 });
  const lived = new LabSession(options);
  const livedHash = hashTrace(lived.cluster.kernel.trace);
  lived.put({ terminal: 'control-plane', open: 'control-plane' });
  await lived.runTo(700);
  for (const key of 'kubectl run web --image=nginx:1.29\r') {
    lived.put({ terminal: 'control-plane', input: key });
    await lived.runTo(lived.nowMs + 83);
  }
  await lived.runTo(15_000);

  const replayed = new LabSession(options);
  const replayedHash = hashTrace(replayed.cluster.kernel.trace);
  await replayed.replay(lived.events, lived.nowMs);
  expect(replayedHash.records).toBeGreaterThan(100);
  expect(replayedHash.value).toBe(livedHash.value);
});
