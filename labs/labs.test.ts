/** Proves every lab: its start fails every task, its solutions pass them all, and each mistake fails what it says. */
import { describe, expect, test } from 'vitest';
import { rest, runScript } from '../src/lab/attempt.ts';
import { labSummaries, loadLab } from '../src/lab/generated/labs.ts';
import { LabSession } from '../src/lab/session.ts';
import type { LoadedLab } from '../src/lab/load.ts';

const labs = await Promise.all(
  (labSummaries as readonly { path: string }[]).map(async ({ path }) => {
    const loaded = await loadLab(path);
    return { path, loaded, ...(await loaded.solutions()) };
  }),
);

async function attempt(loaded: LoadedLab, script: string): Promise<LabSession> {
  const session = new LabSession(loaded);
  await runScript(session, script);
  await rest(session);
  return session;
}

const greenIn = (session: LabSession): readonly string[] =>
  session.tasks.states.filter(({ state }) => state === 'green').map(({ id }) => id);

describe.each(labs)('$path', ({ loaded, solution, alternatives, mistakes }) => {
  const ids = loaded.lab.tasks.map(({ id }) => id);

  test('its start fails every task', async () => {
    expect(greenIn(await attempt(loaded, ''))).toEqual([]);
  });

  test.each([{ name: 'the solution', text: solution }, ...alternatives])('passes: $name', async ({ text }) => {
    const session = await attempt(loaded, text);
    expect(session.tasks.states.filter(({ state }) => state !== 'green')).toEqual([]);
    expect(greenIn(session)).toEqual(ids);
  });

  test.each(mistakes)('fails $fails: $name', async ({ text, fails }) => {
    const session = await attempt(loaded, text);
    const state = session.tasks.states.find(({ id }) => id === fails)!;
    expect(state.state).not.toBe('green');
    expect(state.message ?? 'waiting for another task').not.toBe('');
  });
});
