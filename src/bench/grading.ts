/** Submissions graded per second and core, and what a grading process keeps of them. */
import { gradeLab } from '../lab/grading/grade-lab.ts';
import { labSummaries, loadLab } from '../lab/generated/labs.ts';
import type { LoadedLab } from '../lab/load.ts';
import { recordSolution } from '../lab/recording.ts';
import type { Submission } from '../lab/submission.ts';
import type { Bench, Figure } from './figure.ts';
import { dataBytes } from './measure.ts';

/** Rounds over every lab: until the engine has compiled what there is, and while it is measured. */
const rounds = { warmUp: 3, measured: 5 } as const;

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

/** Milliseconds of one core that each takes: of the processor's time, so that what else runs on the machine does not count. */
async function gradeMany(recorded: readonly Recorded[], count: number): Promise<number> {
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const { loaded, submission } = recorded[i % recorded.length]!;
    await gradeLab(loaded, { kind: 'submission', file: '', submission });
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / count;
}

async function grading(): Promise<Figure[]> {
  const recorded = await record();
  await gradeMany(recorded, rounds.warmUp * recorded.length);
  const before = dataBytes();
  const measured = rounds.measured * recorded.length;
  const eachMs = await gradeMany(recorded, measured);
  const kept = Math.max(0, dataBytes() - before) / measured;
  return [
    { name: 'grading', value: eachMs, unit: 'ms a submission and core', goal: 20 },
    { name: 'grading-memory', value: kept / 1024, unit: 'KB kept of each', goal: 1 },
  ];
}

export const gradingBenches: readonly Bench[] = [{ name: 'grading', run: grading }];
