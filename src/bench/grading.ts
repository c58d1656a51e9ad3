/** Submissions graded per second and core, and what a grading process keeps of them. */
import { gradeLab } from '../lab/grading/grade-lab.ts';
import { labSummaries, loadLab } from '../lab/generated/labs.ts';
import type { LoadedLab } from '../lab/load.ts';
import { recordSolution } from '../lab/recording.ts';
import type { Submission } from '../lab/submission.ts';
import type { Bench, Figure } from './figure.ts';
import { heapBytes } from './measure.ts';

const warmUp = 10;
const measured = 60;

interface Recorded {
  readonly loaded: LoadedLab;
  readonly submission: Submission;
}

/** Every lab's solution as a learner would have handed it in. */
async function record(): Promise<readonly Recorded[]> {
  const recorded: Recorded[] = [];
  for (const { path } of labSummaries as readonly { path: string }[]) {
    const loaded = await loadLab(path);
    recorded.push({ loaded, submission: (await recordSolution(loaded)).submission });
  }
  return recorded;
}

async function gradeMany(recorded: readonly Recorded[], count: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const { loaded, submission } = recorded[i % recorded.length]!;
    await gradeLab(loaded, { kind: 'submission', file: '', submission });
  }
  return (1000 * count) / (performance.now() - start);
}

async function grading(): Promise<Figure[]> {
  const recorded = await record();
  await gradeMany(recorded, warmUp);
  const before = heapBytes();
  const perSecond = await gradeMany(recorded, measured);
  const kept = Math.max(0, heapBytes() - before) / measured;
  return [
    { name: 'grading', value: 1000 / perSecond, unit: 'ms a submission and core', goal: 20 },
    { name: 'grading-memory', value: kept / 1024, unit: 'KB kept of each', goal: 1 },
  ];
}

export const gradingBenches: readonly Bench[] = [{ name: 'grading', run: grading }];
