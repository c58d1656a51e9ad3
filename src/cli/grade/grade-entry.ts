/** What a worker does with one submission: opens it, finds the attempts, and grades one after the other. */
import path from 'node:path';
import { gradeLab, Ungradable } from '../../lab/grading/grade-lab.ts';
import type { GradedLab, Limits } from '../../lab/grading/grade-lab.ts';
import type { ClassCode } from '../../lab/class-code.ts';
import type { LabResult, Problem } from '../../lab/grading/result.ts';
import { labSummaries, loadLab } from '../../lab/generated/labs.ts';
import { findAttempts } from './attempts.ts';
import type { LabName } from './attempts.ts';
import { readOverlay, withClassPoints, withOverlay } from './overlay.ts';
import type { Overlay } from './overlay.ts';
import { Refused, unpack } from './unpack/index.ts';
import type { EntryKind } from './unpack/index.ts';

export interface Job {
  readonly file: string;
  readonly kind: EntryKind;
  /** Paths of the labs that count. */
  readonly labs: readonly string[];
  /** Scripts and manifests that name no lab are for the only one. */
  readonly isOnlyOne: boolean;
  /** A file. */
  readonly overlay?: string | undefined;
  /** What was done in a cluster of another seed than the class's does not count; a script is run in one of that seed. */
  readonly classCode?: ClassCode | undefined;
  readonly limits: Limits;
}

export type Outcome = { readonly lab: LabResult } | { readonly problem: Problem };

const overlays = new Map<string, Overlay>();

export async function gradeEntry(job: Job, tell: (outcome: Outcome) => void): Promise<void> {
  const problem = (file: string, reason: string): void => tell({ problem: { file, reason } });
  const name = path.basename(job.file);
  try {
    const labs = (labSummaries as readonly LabName[]).filter((lab) => job.labs.includes(lab.path));
    const { attempts, problems } = findAttempts(await unpack(job.file, job.kind), labs, job.isOnlyOne ? labs[0] : undefined);
    for (const found of problems) problem(found.file, found.reason);
    if (attempts.length === 0 && problems.length === 0) problem(name, 'there is nothing in it to grade');
    for (const { lab, attempt, notes } of attempts) {
      try {
        const result = await gradeLab(await gradedLab(lab.path, job), attempt, job.limits, job.classCode?.seed);
        tell({ lab: { ...result, notes: [...result.notes, ...notes] } });
      } catch (error) {
        if (error instanceof Ungradable) problem(attempt.file, error.message);
        else problem(attempt.file, `the emulator broke on it: ${wordsOf(error)}`);
      }
    }
  } catch (error) {
    if (error instanceof Refused) problem(name, error.message);
    else problem(name, `the grader broke on it: ${wordsOf(error)}`);
  }
}

/** Throws a `UsageError` when overlay or class code do not fit the lab, which `labs grade` has looked at before. */
export async function gradedLab(path_: string, { overlay, classCode }: Pick<Job, 'overlay' | 'classCode'>): Promise<GradedLab> {
  const own = overlayOf(overlay);
  return withOverlay(await loadLab(path_), classCode ? withClassPoints(own, classCode) : own);
}

function overlayOf(file: string | undefined): Overlay | undefined {
  if (file === undefined) return undefined;
  if (!overlays.has(file)) overlays.set(file, readOverlay(file));
  return overlays.get(file);
}

function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 500);
}
