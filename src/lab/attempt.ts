/** An attempt at a lab without a person: runs a script in it and waits until the cluster has come to rest. */
import { startScript } from './script.ts';
import type { ScriptOptions } from './script.ts';
import type { LabSession } from './session.ts';

/** How long the cluster may take to come to rest after the last input, in virtual time. */
const restMs = 15 * 60_000;
/** Nothing has changed for this long: nothing more will. */
const quietMs = 30_000;

/** Runs shell input to its end, looking at the tasks as it goes. */
export async function runScript(
  session: LabSession,
  text: string,
  limitMs = 3_600_000,
  onOutput: ScriptOptions['onOutput'] = () => {},
): Promise<number | undefined> {
  const machine = session.cluster.machine(session.lab.terminals[0]!)!;
  const running = startScript(session.cluster.kernel, machine, { text, thinkMs: 1000, onOutput });
  const endMs = session.nowMs + limitMs;
  while (running.exitCode === undefined && session.nowMs < endMs) await session.runTo(session.nowMs + 100);
  return running.exitCode;
}

/** Gives the cluster time until every task is green or nothing happens any more and no task has only to hold. */
export async function rest(session: LabSession): Promise<void> {
  const endMs = session.nowMs + restMs;
  let changes = -1;
  let quietSince = session.nowMs;
  while (session.nowMs < endMs && !session.tasks.isDone && session.nowMs - quietSince < quietMs) {
    // A task that has only to hold may break something when it is green.
    if (session.cluster.changeCount !== changes || session.tasks.isHolding) quietSince = session.nowMs;
    changes = session.cluster.changeCount;
    await session.runTo(session.nowMs + 1000);
  }
}
