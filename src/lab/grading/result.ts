/** What grading found, `labs/result/v1`: one file a learner, from which every other format is made. `static/schemas/result-v1.json` says the same. */
import type { TaskState } from '../tasks.ts';

export interface TaskResult {
  readonly id: string;
  readonly title: string;
  readonly points: number;
  /** `points` or 0. */
  readonly earned: number;
  readonly state: TaskState['state'];
  /** Virtual milliseconds since the lab began. */
  readonly greenAtMs?: number | undefined;
  /** Expected, found and where to look; absent when green. */
  readonly message?: string | undefined;
  /** A check that the instructor added: learners see its title and whether it passed, and no more. */
  readonly hidden?: boolean | undefined;
}

/** Where in a learner's file something is wrong. */
export interface Annotation {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export interface LabRef {
  readonly id: string;
  readonly path: string;
  readonly version: number;
  readonly title: string;
}

export type SourceKind = 'script' | 'submission' | 'manifests' | 'cluster';

export interface LabResult {
  readonly lab: LabRef;
  readonly source: { readonly kind: SourceKind /** Within what was handed in. */; readonly file: string };
  readonly tasks: readonly TaskResult[];
  readonly earned: number;
  readonly possible: number;
  /** What the grader has to know: another version, a second file that was left out. */
  readonly notes: readonly string[];
  /** Why it was ended early; what was green by then counts. */
  readonly stopped?: string | undefined;
  readonly annotations: readonly Annotation[];
  /** Virtual milliseconds from the beginning to the last input. */
  readonly workedMs: number;
  /** Work of the emulator, the same on every machine. */
  readonly steps: number;
  readonly help: { readonly hints: readonly string[]; readonly solutionViewed: boolean };
  /** What the learner asked of the API server; see `trail.ts`. */
  readonly trail: { readonly requests: number; readonly same: string; readonly renamed: string };
}

/** A part of what was handed in that could not be graded, and why. */
export interface Problem {
  readonly file: string;
  readonly reason: string;
}

export interface LearnerResult {
  readonly schema: 'labs/result/v1';
  /** From the roster, or from the name of what was handed in: never from within it. */
  readonly learner: {
    readonly id: string;
    readonly name?: string | undefined;
    readonly email?: string | undefined;
    readonly onRoster: boolean;
  };
  /** Absent when nothing was handed in. */
  readonly handedIn?: { readonly name: string; readonly at: string; readonly sha256: string } | undefined;
  readonly emulator: string;
  readonly gradedAt: string;
  readonly labs: readonly LabResult[];
  readonly problems: readonly Problem[];
  readonly earned: number;
  readonly possible: number;
}

export const earnedOf = (parts: readonly { readonly earned: number }[]): number => parts.reduce((sum, part) => sum + part.earned, 0);
export const possibleOf = (parts: readonly { readonly possible: number }[]): number => parts.reduce((sum, part) => sum + part.possible, 0);
