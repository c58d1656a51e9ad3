/**
 * The state of a lab's tasks. A task is green once its check has passed at every look for as long as it must hold
 * (`settle`), and stays green. Looks happen at whole seconds of virtual time at which something had changed, so that a
 * replay comes to the same verdict as the page.
 *
 * A test that bears no task's name is a situation: it judges nothing, and hints may wait for it.
 */
import { findingOf } from './finding.ts';
import { collect } from './checks/collect.ts';
import type { CollectedTest } from './checks/collect.ts';
import type { Checks, LabContext } from './api.ts';
import type { LabDefinition } from './format.ts';

export interface TaskState {
  readonly id: string;
  readonly state: 'waiting' | 'open' | 'holding' | 'green';
  /** Virtual milliseconds since the lab began at which it turned green. */
  readonly greenAtMs?: number | undefined;
  /** What the last look found wrong: expected, found, where to look. */
  readonly message?: string | undefined;
  /** Hints that apply, by their place in the task's list: those that wait for nothing, and those whose situation was found last. */
  readonly hints: readonly number[];
}

interface Progress {
  heldSinceMs: number | undefined;
  greenAtMs: number | undefined;
  message: string | undefined;
}

export class TaskBoard {
  readonly #lab: LabDefinition;
  readonly #load: () => Promise<Checks>;
  #checks: Checks | undefined;
  readonly #progress = new Map<string, Progress>();
  #situations: ReadonlySet<string> = new Set();

  constructor(lab: LabDefinition, checks: () => Promise<Checks>) {
    this.#lab = lab;
    this.#load = checks;
    for (const { id } of lab.tasks) this.#progress.set(id, { heldSinceMs: undefined, greenAtMs: undefined, message: undefined });
  }

  get states(): readonly TaskState[] {
    return this.#lab.tasks.map(({ id, needs, hints }) => {
      const { heldSinceMs, greenAtMs, message } = this.#progress.get(id)!;
      const isWaiting = needs.some((need) => this.#progress.get(need)!.greenAtMs === undefined);
      const state = greenAtMs !== undefined ? 'green' : isWaiting ? 'waiting' : heldSinceMs !== undefined ? 'holding' : 'open';
      const applying = [...hints.keys()].filter((i) => hints[i]!.when === undefined || this.#situations.has(hints[i]!.when));
      return { id, state, greenAtMs, message, hints: applying };
    });
  }

  get isDone(): boolean {
    return this.states.every(({ state }) => state === 'green');
  }

  /** Whether a task passes now but has to hold a while: the clock must be looked at again although nothing changes. */
  get isHolding(): boolean {
    return this.states.some(({ state }) => state === 'holding');
  }

  /** Looks at every task that is not green and not waiting for another. Returns the ids that turned green. */
  async look(context: LabContext, nowMs: number, onGreen: (id: string) => void): Promise<readonly string[]> {
    const tests = await this.#tests(context);
    const green: string[] = [];
    // A task may need one that turns green in this very look, so later tasks see it.
    for (const task of this.#lab.tasks) {
      const progress = this.#progress.get(task.id)!;
      if (progress.greenAtMs !== undefined || task.needs.some((need) => this.#progress.get(need)!.greenAtMs === undefined)) continue;
      const test = tests.get(task.id);
      progress.message = test ? await messageOf(test.run) : `the lab has no check named ${task.id}`;
      if (progress.message !== undefined) {
        progress.heldSinceMs = undefined;
        continue;
      }
      progress.heldSinceMs ??= nowMs;
      if (nowMs - progress.heldSinceMs < task.settleMs) continue;
      progress.greenAtMs = nowMs;
      green.push(task.id);
      onGreen(task.id);
    }
    return green;
  }

  /** Finds out which situations hold that hints of unfinished tasks wait for. Only who shows hints needs to. */
  async lookAround(context: LabContext): Promise<void> {
    const unfinished = this.#lab.tasks.filter(({ id }) => this.#progress.get(id)!.greenAtMs === undefined);
    const wanted = new Set(unfinished.flatMap(({ hints }) => hints.flatMap(({ when }) => when ?? [])));
    if (wanted.size === 0) return;
    const tests = await this.#tests(context);
    const found = new Set<string>();
    for (const name of wanted) {
      const test = tests.get(name);
      if (test && (await messageOf(test.run)) === undefined) found.add(name);
    }
    this.#situations = found;
  }

  async #tests(context: LabContext): Promise<ReadonlyMap<string, CollectedTest>> {
    const checks = (this.#checks ??= await this.#load());
    return new Map(collect(() => checks(context)).map((test) => [test.name, test]));
  }
}

/** Undefined when the check passes, else what it found. */
async function messageOf(run: () => void | Promise<void>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return findingOf(error);
  }
}
