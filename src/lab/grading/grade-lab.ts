/** Grades one attempt at one lab: replays it in a fresh cluster, within limits, and reports what became of each task. */
import { textOf, utf8 } from '../../emulator/kernel/index.ts';
import { rest, runScript } from '../attempt.ts';
import { pointsOf } from '../format.ts';
import type { LabDefinition } from '../format.ts';
import type { LoadedLab } from '../load.ts';
import { LabSession, OverLimit } from '../session.ts';
import { gradable } from '../submission.ts';
import type { Submission } from '../submission.ts';
import { emulatorVersion } from '../version.ts';
import { annotate } from './annotate.ts';
import type { ManifestFile } from './annotate.ts';
import type { LabResult, TaskResult } from './result.ts';
import { earnedOf } from './result.ts';
import { followTrail } from './trail.ts';

export type Attempt =
  | { readonly kind: 'script'; readonly file: string; readonly text: string }
  | { readonly kind: 'submission'; readonly file: string; readonly submission: Submission }
  | { readonly kind: 'manifests'; readonly file: string; readonly manifests: readonly ManifestFile[] };

/** What an attempt may cost. Both are the same on every machine, so that a bound is hit everywhere or nowhere. */
export interface Limits {
  readonly virtualMs: number;
  /** See `LabSession.steps`. */
  readonly steps: number;
}

/** Four hours at a lab of minutes, and some three hundred times the work of the longest solution. */
export const defaultLimits: Limits = { virtualMs: 4 * 3_600_000, steps: 2_000_000 };

/** A clock that went on this long after the last input has seen all that can come of it. */
const tailMs = 3_600_000;

/** A lab, with hidden checks if an instructor has added some. */
export interface GradedLab extends LoadedLab {
  readonly hidden?: ReadonlySet<string> | undefined;
}

/** Throws `Ungradable` when the attempt cannot be run at all. */
export class Ungradable extends Error {}

/** `classSeed`: of the cluster in which the class works, where that is fixed. */
export async function gradeLab(
  graded: GradedLab,
  attempt: Attempt,
  limits: Limits = defaultLimits,
  classSeed?: number,
): Promise<LabResult> {
  const { lab } = graded;
  const notes = attempt.kind === 'submission' ? notesOn(attempt.submission, lab) : [];
  const seed = attempt.kind === 'submission' ? attempt.submission.seed : classSeed;
  if (classSeed !== undefined && seed !== classSeed)
    throw new Ungradable(`it was done in a cluster of seed ${seed}, the class has ${classSeed}`);
  const session = new LabSession({ ...graded, seed });
  session.stepLimit = limits.steps;
  const trail = followTrail(session.cluster.kernel.trace);
  const complaints: string[] = [];
  let stopped: string | undefined;
  let workedMs = 0;
  try {
    stopped = await run(session, attempt, limits.virtualMs, complaints);
    workedMs = lastInputMs(session, attempt);
    await rest(session);
  } catch (error) {
    if (!(error instanceof OverLimit)) throw error;
    stopped = error.message;
  }
  const tasks = taskResults(session, graded);
  return {
    lab: { id: lab.id, path: lab.path, version: lab.version, title: lab.title },
    source: { kind: attempt.kind, file: attempt.file },
    tasks,
    earned: earnedOf(tasks),
    possible: pointsOf(lab),
    notes,
    stopped,
    annotations: attempt.kind === 'manifests' ? annotate(attempt.manifests, tasks, refusalsIn(complaints.join(''), attempt.manifests)) : [],
    workedMs,
    steps: session.steps,
    help: attempt.kind === 'submission' ? helpOf(attempt.submission) : { hints: [], solutionViewed: false },
    trail: trail.value,
  };
}

function notesOn(submission: Submission, lab: LabDefinition): readonly string[] {
  const { problem, notes } = gradable(submission, lab, emulatorVersion);
  if (problem) throw new Ungradable(problem);
  return notes;
}

/** Says why it was ended early, if it was. */
async function run(session: LabSession, attempt: Attempt, virtualMs: number, complaints: string[]): Promise<string | undefined> {
  const tooLong = `more than ${Math.round(virtualMs / 60_000)} minutes of virtual time`;
  if (attempt.kind === 'submission') {
    const { events, endedMs = 0 } = attempt.submission;
    const inTime = events.filter(({ t }) => t <= virtualMs);
    const lastMs = inTime.at(-1)?.t ?? 0;
    await session.replay(inTime, Math.max(lastMs, Math.min(endedMs, virtualMs, lastMs + tailMs)));
    return inTime.length < events.length ? tooLong : undefined;
  }
  const text = attempt.kind === 'script' ? attempt.text : putManifests(session, attempt.manifests);
  const exitCode = await runScript(session, text, virtualMs, (stream, bytes) => {
    if (stream === 'stderr' && complaints.length < maxComplaints) complaints.push(textOf(bytes));
  });
  return exitCode === undefined ? tooLong : undefined;
}

/** Writes to standard error that are kept. */
const maxComplaints = 200;

/** Puts them into the learner's home folder, under names that nobody else chose, and returns the command that applies them. */
function putManifests(session: LabSession, manifests: readonly ManifestFile[]): string {
  const { fs } = session.cluster.machine(session.lab.terminals[0]!)!;
  fs.mkdirs('/root/manifests');
  for (const { path, text } of placed(manifests)) fs.writeFile(path, utf8(text));
  return 'kubectl apply -f /root/manifests\n';
}

/** Numbered in the order of their names, which is kubectl's. */
function placed(manifests: readonly ManifestFile[]): readonly (ManifestFile & { readonly path: string })[] {
  const digits = String(manifests.length).length;
  return manifests.map((manifest, i) => {
    const ending = manifest.name.endsWith('.json') ? 'json' : 'yaml';
    return { ...manifest, path: `/root/manifests/${String(i + 1).padStart(digits, '0')}.${ending}` };
  });
}

/** Lines of kubectl's that name a file: what the API server refused. */
function refusalsIn(stderr: string, manifests: readonly ManifestFile[]): readonly { readonly name: string; readonly message: string }[] {
  const lines = stderr.slice(0, 20_000).split('\n');
  return placed(manifests).flatMap(({ name, path }) =>
    lines.filter((line) => line.includes(path)).map((line) => ({ name, message: line.replaceAll(path, name) })),
  );
}

function lastInputMs(session: LabSession, attempt: Attempt): number {
  return attempt.kind === 'submission' ? (attempt.submission.events.at(-1)?.t ?? 0) : session.nowMs;
}

function taskResults(session: LabSession, { lab, hidden }: GradedLab): readonly TaskResult[] {
  const { states } = session.tasks;
  return lab.tasks.map(({ id, title, points }, i) => {
    const { state, greenAtMs, message } = states[i]!;
    const isGreen = state === 'green';
    return {
      id,
      title,
      points,
      earned: isGreen ? points : 0,
      state,
      greenAtMs,
      message: isGreen ? undefined : cut(message ?? 'not reached: it needs a task that is not green'),
      hidden: hidden?.has(id) || undefined,
    };
  });
}

/** A check may quote what it found, which a stranger made. */
const cut = (text: string): string => (text.length > 4000 ? `${text.slice(0, 4000)}…` : text);

const maxHints = 200;

function helpOf({ help }: Submission): LabResult['help'] {
  const hints = Array.isArray(help?.hints) ? help.hints.filter((hint) => typeof hint === 'string').slice(0, maxHints) : [];
  return { hints: hints.map((hint) => hint.slice(0, 100)), solutionViewed: help?.solutionViewed === true };
}
