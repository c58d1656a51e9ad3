/** Results to try formats with. */
import type { LabResult, LearnerResult } from '../../lab/grading/result.ts';

export function labResult({
  path = 'architecture/first-look',
  title = 'First look',
  green = ['a'],
  message = 'expected a, found b',
  same = 'x',
  renamed = 'x',
} = {}): LabResult {
  const tasks = ['a', 'b'].map((id, i): LabResult['tasks'][number] => {
    const isGreen = green.includes(id);
    const points = i + 2;
    return {
      id,
      title: `Task ${id}`,
      points,
      earned: isGreen ? points : 0,
      state: isGreen ? 'green' : 'open',
      greenAtMs: isGreen ? 1000 : undefined,
      message: isGreen ? undefined : message,
    };
  });
  return {
    lab: { id: '0', path, version: 1, title },
    source: { kind: 'script', file: 'solution.sh' },
    tasks,
    earned: tasks.reduce((sum, task) => sum + task.earned, 0),
    possible: 5,
    notes: [],
    annotations: [],
    workedMs: 90_000,
    steps: 10,
    help: { hints: [], solutionViewed: false },
    trail: { requests: 9, same, renamed },
  };
}

export function learnerResult(change: Partial<LearnerResult> = {}): LearnerResult {
  const labs = change.labs ?? [labResult()];
  return {
    schema: 'labs/result/v1',
    learner: { id: 'ann', name: 'Ann Ames', onRoster: true },
    handedIn: { name: 'ann.sh', at: '2026-11-01T10:00:00.000Z', sha256: '0'.repeat(64) },
    emulator: '0.1.0',
    gradedAt: '2026-11-02T10:00:00.000Z',
    problems: [],
    earned: labs.reduce((sum, lab) => sum + lab.earned, 0),
    possible: labs.reduce((sum, lab) => sum + lab.possible, 0),
    ...change,
    labs,
  };
}
