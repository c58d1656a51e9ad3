/** Does a lab's solution as a learner would, in the lab's first terminal, and records it: a submission to try graders and engines with. */
import { rest } from './attempt.ts';
import type { LoadedLab } from './load.ts';
import { LabSession } from './session.ts';
import type { Submission } from './submission.ts';
import { hashTrace } from './trace-hash.ts';
import { emulatorVersion } from './version.ts';

export interface Recording {
  readonly submission: Submission;
  /** Of all that happened; a replay has the same. */
  readonly trace: { readonly value: string; readonly records: number };
  /** Ids of the tasks that turned green. */
  readonly green: readonly string[];
}

/** A shell that does not ask for the next line within this much virtual time never will. */
const patienceMs = 900_000;

/** Types a script line by line, each when the shell asks for it. Without one, the lab's own solution. */
export async function recordSolution(
  loaded: LoadedLab,
  { script, seed }: { readonly script?: string; readonly seed?: number } = {},
): Promise<Recording> {
  const text = script ?? (await loaded.solutions()).solution;
  const session = new LabSession({ ...loaded, seed });
  const trace = hashTrace(session.cluster.kernel.trace);
  const terminal = loaded.lab.terminals[0]!;
  session.put({ terminal, open: terminal });
  session.put({ terminal, resize: [80, 24] });
  for (const line of text.split('\n')) {
    await untilPrompt(session, terminal);
    session.put({ terminal, input: `${line}\r` });
    await session.runTo(session.nowMs + 10);
  }
  await untilPrompt(session, terminal);
  await rest(session);
  return {
    submission: session.submission({
      emulator: emulatorVersion,
      startedAt: '2026-01-01T00:00:00Z',
      help: { hints: [], solutionViewed: false },
    }),
    trace: { value: trace.value, records: trace.records },
    green: session.tasks.states.filter(({ state }) => state === 'green').map(({ id }) => id),
  };
}

async function untilPrompt(session: LabSession, terminal: string): Promise<void> {
  const endMs = session.nowMs + patienceMs;
  while (!session.isAtPrompt(terminal) && session.nowMs < endMs) await session.runTo(session.nowMs + 100);
}
