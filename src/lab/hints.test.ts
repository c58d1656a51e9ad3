import { expect, test } from 'vitest';
import { runScript } from './attempt.ts';
import { test as check } from './checks/collect.ts';
import { playground } from './playground.ts';
import { LabSession } from './session.ts';

/** A lab with one task that is never done, and a hint for whoever has cordoned node-1. */
function sessionThat(showsHints: boolean): LabSession {
  const { lab } = playground({ workers: 1 });
  const hints = [{ text: 'always' }, { text: 'uncordon it', when: 'cordoned' }];
  const task = { id: 'never', title: 'Never', points: 1, needs: [], hints, settleMs: 2000 };
  return new LabSession({
    lab: { ...lab, tasks: [task] },
    showsHints,
    checks: async () => (context) => {
      check('never', () => {
        throw new Error('not yet');
      });
      check('cordoned', async () => {
        if (!(await context.get('nodes', 'node-1'))?.spec?.unschedulable) throw new Error('it takes Pods');
      });
    },
  });
}

const hintsOf = (session: LabSession): readonly number[] => session.tasks.states[0]!.hints;

test('a hint comes and goes with its situation, for who shows hints', async () => {
  const [page, grader] = [sessionThat(true), sessionThat(false)];
  expect(hintsOf(page)).toEqual([0]);
  for (const session of [page, grader]) await runScript(session, 'kubectl cordon node-1\nsleep 2\n');
  expect(hintsOf(page)).toEqual([0, 1]);
  expect(hintsOf(grader)).toEqual([0]);
  await runScript(page, 'kubectl uncordon node-1\nsleep 2\n');
  expect(hintsOf(page)).toEqual([0]);
});

test('a situation is no task: the board has one', () => {
  expect(sessionThat(true).tasks.states.map(({ id }) => id)).toEqual(['never']);
});
