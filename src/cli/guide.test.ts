import { expect, test } from 'vitest';
import { runScript } from '../lab/attempt.ts';
import { loadLab } from '../lab/generated/labs.ts';
import { LabSession } from '../lab/session.ts';
import { Guide, guideKey } from './guide.ts';
import { followDiagnosis } from './next-step.ts';

/** A guide beside a lab whose learner has typed something, and what each key shows. */
async function guideOf(path: string, script: string, withMethod = false) {
  const loaded = await loadLab(path);
  const session = new LabSession({ ...loaded, showsHints: true });
  let shown = '';
  const nextStep = withMethod ? await followDiagnosis(session) : undefined;
  await runScript(session, script);
  const guide = new Guide({ session, write: (text) => (shown += text), nextStep });
  const press = (keys: string): string | false => {
    shown = '';
    return guide.takes(keys) && shown.replaceAll('\r\n', '\n');
  };
  return { guide, press, lab: loaded.lab };
}

test('the tasks with what was found, and hints one after the other', async () => {
  const { guide, press, lab } = await guideOf('rbac/least-privilege', 'sleep 3\n');
  expect(press('h')).toBe(false);
  const board = press(guideKey);
  expect(board).toContain(`1 ○ ${lab.tasks[0]!.title} (2)\n      expected no rule of stars for pipeline (that is not so); see`);
  expect(board).toContain(`2 · ${lab.tasks[1]!.title} (3)\n3 ·`);
  const [first, second] = lab.tasks[0]!.hints;
  expect([press('h'), press('h'), press('1')]).toEqual([
    `\nhint for 1: ${first!.text}\n`,
    `\nhint for 1: ${second!.text}\n`,
    '\nNo hint is left for task 1.\n',
  ]);
  expect(press('h')).toBe('\nNo hint is left.\n');
  expect(press('3')).toBe(`\nhint for 3: ${lab.tasks[2]!.hints[0]!.text}\n`);
  expect(guide.given).toEqual(['dethroned/1', 'dethroned/2', 'no-more/1']);
  expect(press('q')).toContain('back in the terminal');
  expect(press('ls\r')).toBe(false);
  expect(press(guideKey)).toContain(`      hint: ${first!.text}\n      hint: ${second!.text}\n`);
});

test('a hint that waits for a situation comes when it is there', async () => {
  const { press, lab } = await guideOf('troubleshooting/locked-out', 'sleep 3\n');
  const texts = lab.tasks[0]!.hints;
  press(guideKey);
  expect([press('1'), press('1'), press('1')]).toEqual([
    `\nhint for 1: ${texts[0]!.text}\n`,
    `\nhint for 1: ${texts.find(({ when }) => when === 'nobody-there')!.text}\n`,
    '\nNo hint is left for task 1.\n',
  ]);
});

test('the method says where to look next', async () => {
  const looked = 'kubectl get nodes\nkubectl get pods -n kube-system\nkubectl get pods -A\nkubectl events -A --types=Warning\nsleep 2\n';
  const [fresh, later] = [
    await guideOf('troubleshooting/crash-loop', 'sleep 30\n', true),
    await guideOf('troubleshooting/crash-loop', looked, true),
  ];
  for (const { press } of [fresh, later]) press(guideKey);
  expect(fresh.press('d')).toBe('\nAre all nodes Ready?\n  kubectl get nodes\n');
  expect(later.press('d')).toMatch(/^\nA container .*\n {2}kubectl .* -n newsroom/);
});
