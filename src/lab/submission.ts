/**
 * A submission: what the learner put in, with virtual times, and never a result. Whoever wants to know how it went
 * replays it in a fresh emulator. The same record restores a session after a reload.
 */
import type { LabDefinition } from './format.ts';

export type SubmissionEvent =
  | { readonly t: number; readonly terminal: string; readonly input: string }
  | { readonly t: number; readonly terminal: string; readonly resize: readonly [columns: number, rows: number] }
  /** A tab was opened on a machine. */
  | { readonly t: number; readonly terminal: string; readonly open: string }
  /** The page's editor saved a file of a machine. */
  | { readonly t: number; readonly terminal: string; readonly file: string; readonly content: string };

export interface Submission {
  readonly schema: 'labs/submission/v1';
  readonly lab: { readonly id: string; readonly version: number };
  /** The emulator's version: another one may behave differently. */
  readonly emulator: string;
  readonly seed: number;
  /** When the learner began, in their own time: RFC 3339. */
  readonly startedAt: string;
  /** In order; `t` is virtual milliseconds since the lab began. */
  readonly events: readonly SubmissionEvent[];
  /** How far the clock had come. */
  readonly endedMs: number;
  readonly help: { readonly hints: readonly string[]; readonly solutionViewed: boolean };
}

/** What is wrong with a value that claims to be a submission for a lab; undefined if nothing. */
export function problemWith(value: unknown, lab: LabDefinition): string | undefined {
  if (typeof value !== 'object' || value === null) return 'it is not a JSON object';
  const submission = value as Partial<Submission>;
  if (submission.schema !== 'labs/submission/v1')
    return `its schema is ${JSON.stringify(submission.schema)}, expected "labs/submission/v1"`;
  if (submission.lab?.id !== lab.id) return `it belongs to the lab ${JSON.stringify(submission.lab?.id)}, not to ${lab.id}`;
  if (submission.lab.version !== lab.version)
    return `it was made for version ${submission.lab.version} of the lab, this is version ${lab.version}`;
  if (!Number.isInteger(submission.seed)) return 'its seed is not an integer';
  if (!Array.isArray(submission.events)) return 'it has no list of events';
  let last = 0;
  for (const [i, event] of submission.events.entries()) {
    const problem = problemWithEvent(event, last);
    if (problem) return `event ${i}: ${problem}`;
    last = event.t;
  }
  return undefined;
}

function problemWithEvent(event: unknown, last: number): string | undefined {
  if (typeof event !== 'object' || event === null) return 'it is not an object';
  const { t, terminal, input, resize, open, file, content } = event as Record<string, unknown>;
  if (typeof t !== 'number' || !Number.isFinite(t) || t < last) return 't is not a number, or goes back in time';
  if (typeof terminal !== 'string') return 'terminal is not a string';
  if (typeof input === 'string' || typeof open === 'string') return undefined;
  if (typeof file === 'string' && typeof content === 'string') return undefined;
  if (Array.isArray(resize) && resize.length === 2 && resize.every((n) => Number.isInteger(n) && n > 0 && n < 1000)) return undefined;
  return 'it is neither input, resize, open nor file';
}
