/** Proves every lab: its start fails every task, its solutions pass them all, each mistake fails what it says, and hints come when they apply. */
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

/** What became of the situations that hints wait for, over attempts that left tasks open. */
class Situations {
  readonly #seen = new Map<string, Set<boolean>>();
  attempts = 0;

  async note({ lab, tasks, context }: LabSession): Promise<void> {
    this.attempts++;
    await tasks.lookAround(context);
    for (const [i, { hints }] of lab.tasks.entries()) {
      const { state, hints: applying } = tasks.states[i]!;
      if (state === 'green') continue;
      for (const [at, { when }] of hints.entries())
        if (when !== undefined) this.#seen.set(when, (this.#seen.get(when) ?? new Set()).add(applying.includes(at)));
    }
  }

  /** Those that always held or never did. */
  get idle(): readonly string[] {
    return [...this.#seen].filter(([, verdicts]) => verdicts.size < 2).map(([when]) => when);
  }
}

const greenIn = (session: LabSession): readonly string[] =>
  session.tasks.states.filter(({ state }) => state === 'green').map(({ id }) => id);

describe.each(labs)('$path', ({ loaded, solution, alternatives, mistakes }) => {
  const ids = loaded.lab.tasks.map(({ id }) => id);
  const situations = new Situations();

  test('its start fails every task', async () => {
    const session = await attempt(loaded, '');
    expect(greenIn(session)).toEqual([]);
    await situations.note(session);
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
    // In the learner's words, with a place to look.
    expect(state.message ?? '`waits for another task`').toMatch(/`/);
    expect(state.message ?? '').not.toMatch(/Object\.is|deeply equal| to be (true|false)|…\(/);
    await situations.note(session);
  });

  const hasSituations = loaded.lab.tasks.some(({ hints }) => hints.some(({ when }) => when !== undefined));
  if (hasSituations) {
    test('each hint that waits for a situation is offered after some attempt and not after another', () => {
      if (situations.attempts === 1 + mistakes.length) expect(situations.idle).toEqual([]);
    });
  }
});
