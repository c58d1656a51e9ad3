/**
 * The state of a lab's tasks. A task is green once its check has passed at every look for as long as it must hold
 * (`settle`), and stays green. Looks happen at whole seconds of virtual time at which something had changed, so that a
 * replay comes to the same verdict as the page.
 */
import { collect } from './checks/collect.ts';
import type { Checks, LabContext } from './api.ts';
import type { LabDefinition } from './format.ts';

export interface TaskState {
  readonly id: string;
  readonly state: 'waiting' | 'open' | 'holding' | 'green';
  /** Virtual milliseconds since the lab began at which it turned green. */
  readonly greenAtMs?: number | undefined;
  /** What the last look found wrong: expected, found, where to look. */
  readonly message?: string | undefined;
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

  constructor(lab: LabDefinition, checks: () => Promise<Checks>) {
    this.#lab = lab;
    this.#load = checks;
    for (const { id } of lab.tasks) this.#progress.set(id, { heldSinceMs: undefined, greenAtMs: undefined, message: undefined });
  }

  get states(): readonly TaskState[] {
    return this.#lab.tasks.map(({ id, needs }) => {
      const { heldSinceMs, greenAtMs, message } = this.#progress.get(id)!;
      const isWaiting = needs.some((need) => this.#progress.get(need)!.greenAtMs === undefined);
      const state = greenAtMs !== undefined ? 'green' : isWaiting ? 'waiting' : heldSinceMs !== undefined ? 'holding' : 'open';
      return { id, state, greenAtMs, message };
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
    const checks = (this.#checks ??= await this.#load());
    const tests = new Map(collect(() => checks(context)).map((test) => [test.name, test]));
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
}

/** Undefined when the check passes, else what it found. */
async function messageOf(run: () => void | Promise<void>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
