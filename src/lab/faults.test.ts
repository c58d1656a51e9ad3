import { describe, expect, test } from 'vitest';
import type { FaultEntry, FaultList } from '../emulator/faults/index.ts';
import { runScript } from './attempt.ts';
import { test as check } from './checks/collect.ts';
import { playground } from './playground.ts';
import { LabSession } from './session.ts';
import { hashTrace } from './trace-hash.ts';

/** A lab that breaks as the list says. Its one task is green once node-1 has taken Pods for two seconds. */
function sessionWith(faults: FaultList, seed = 1, brokenForMs?: number): LabSession {
  const { lab } = playground({ workers: 2 });
  const task = { id: 'open', title: 'node-1 takes Pods', points: 1, needs: [], hints: [], settleMs: 2000 };
  return new LabSession({
    lab: { ...lab, tasks: [task], cluster: { ...lab.cluster, faults, brokenForMs } },
    checks: async () => (context) =>
      check('open', async () => {
        if ((await context.get('nodes', 'node-1'))?.spec?.unschedulable) throw new Error('node-1 is cordoned');
      }),
    seed,
  });
}

const cordon = (node: string, more: Omit<Partial<FaultEntry>, 'fault' | 'with'> = {}): FaultEntry => ({
  fault: 'cordoned',
  with: { node },
  ...more,
});

const cordonedIn = (session: LabSession): string =>
  session.cluster
    .list('nodes')
    .filter(({ spec }) => spec?.unschedulable)
    .map(({ metadata }) => metadata.name)
    .join(' ');

describe('when a lab breaks its cluster', () => {
  test('before the learner arrives, who finds the symptoms', () => {
    const session = sessionWith([{ fault: 'kubelet-stopped', with: { node: 'node-1' } }]);
    const node = session.cluster.list('nodes').find(({ metadata }) => metadata.name === 'node-1');
    expect(node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('Unknown');
    expect(session.nowMs).toBe(0);
  });

  test('some time before, if the lab says so', () => {
    const unbrokenMs = sessionWith([]).cluster.emulated.nowMs;
    const ageMs = (brokenForMs?: number): number => sessionWith([cordon('node-1')], 1, brokenForMs).cluster.emulated.nowMs - unbrokenMs;
    expect([ageMs(), ageMs(600_000)]).toEqual([5000, 600_000]);
  });

  test('at a time after the arrival', async () => {
    const session = sessionWith([cordon('node-2', { atMs: 60_000 })]);
    await session.runTo(59_000);
    expect(cordonedIn(session)).toBe('');
    await session.runTo(61_000);
    expect(cordonedIn(session)).toBe('node-2');
  });

  test('once a task is green, and not before', async () => {
    const session = sessionWith([cordon('node-1'), cordon('node-2', { after: 'open' })]);
    await session.runTo(10_000);
    expect(cordonedIn(session)).toBe('node-1');
    await runScript(session, 'kubectl uncordon node-1\n');
    await session.runTo(session.nowMs + 5000);
    expect(session.tasks.isDone).toBe(true);
    expect(cordonedIn(session)).toBe('node-2');
  });

  test('as the seed decides', () => {
    const list = [{ choose: 1, of: [cordon('node-1'), cordon('node-2')] }];
    expect([0, 1].map((seed) => cordonedIn(sessionWith(list, seed)))).toEqual(['node-1', 'node-2']);
  });

  test('a fault that cannot come about is the author’s mistake', () => {
    expect(() => sessionWith([{ fault: 'finalizer-stuck', with: { name: 'nobody' } }])).toThrow(
      'playground: finalizer-stuck: configmaps "nobody" not found',
    );
  });

  test('a replay comes to the same', async () => {
    const list = [cordon('node-1'), cordon('node-2', { after: 'open' }), cordon('control-plane', { atMs: 20_000 })];
    const lived = sessionWith(list, 5);
    const livedHash = hashTrace(lived.cluster.kernel.trace);
    lived.put({ terminal: 'control-plane', open: 'control-plane' });
    await lived.runTo(3000);
    lived.put({ terminal: 'control-plane', input: 'kubectl uncordon node-1\r' });
    await lived.runTo(40_000);
    expect(cordonedIn(lived)).toBe('control-plane node-2');

    const replayed = sessionWith(list, 5);
    const replayedHash = hashTrace(replayed.cluster.kernel.trace);
    await replayed.replay(lived.events, lived.nowMs);
    expect(replayedHash.value).toBe(livedHash.value);
  });
});
