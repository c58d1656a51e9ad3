/**
 * A submission: what the learner put in, with virtual times, and never a result. Whoever wants to know how it went
 * replays it in a fresh emulator. The same record restores a session after a reload.
 *
 * - `static/schemas/submission-v1.json` says the same for other programs; a test holds the two together.
 * - A submission is a stranger's file: nothing is taken from it that was not looked at, and keys that are not named here count for nothing.
 */
import type { LabDefinition } from './format.ts';

export type SubmissionEvent =
  | { readonly t: number; readonly terminal: string; readonly input: string }
  | { readonly t: number; readonly terminal: string; readonly resize: readonly [columns: number, rows: number] }
  /** A key that sends a signal was pressed: `SIGINT`, `SIGQUIT` or `SIGTSTP`. The page and the shell record the key itself, as input. */
  | { readonly t: number; readonly terminal: string; readonly signal: string }
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
  /** How far the clock had come; the last event's time if it is absent. */
  readonly endedMs?: number | undefined;
  readonly help: { readonly hints: readonly string[]; readonly solutionViewed: boolean };
}

/** Keys by the signal that they send. */
export const signalKeys: Readonly<Record<string, string>> = { SIGINT: '\x03', SIGQUIT: '\x1c', SIGTSTP: '\x1a' };

const maxEvents = 100_000;
/** More than any clipboard that is pasted into a terminal. */
const maxKeys = 65_536;
/** A day of virtual time: nobody sits longer at a lab. */
const maxMs = 86_400_000;
const maxSeed = 2 ** 31 - 1;

/** What is wrong with a value that claims to be a submission, whatever the lab; undefined if nothing. */
export function problemWithShape(value: unknown): string | undefined {
  if (!isRecord(value)) return 'it is not a JSON object';
  const { schema, lab, emulator, seed, startedAt, events, endedMs, help } = value;
  if (schema !== 'labs/submission/v1') return `its schema is ${quote(schema)}, expected "labs/submission/v1"`;
  if (!isRecord(lab) || typeof lab.id !== 'string') return 'it does not say which lab it belongs to';
  if (!isCount(lab.version, 1, maxSeed)) return 'it does not say which version of the lab it was made for';
  if (typeof emulator !== 'string' || !parseVersion(emulator)) return `its emulator is ${quote(emulator)}, not a version such as 0.1.0`;
  if (!isCount(seed, 0, maxSeed)) return 'its seed is not a whole number';
  if (startedAt !== undefined && typeof startedAt !== 'string') return 'startedAt is not a string';
  if (!Array.isArray(events)) return 'it has no list of events';
  if (events.length > maxEvents) return `it has ${events.length} events, more than ${maxEvents}`;
  let last = 0;
  for (const [i, event] of events.entries()) {
    const problem = problemWithEvent(event, last);
    if (problem) return `event ${i}: ${problem}`;
    last = (event as SubmissionEvent).t;
  }
  if (endedMs !== undefined && !(typeof endedMs === 'number' && endedMs >= 0 && endedMs <= maxMs))
    return 'endedMs is not a time within a day';
  if (help !== undefined && !isRecord(help)) return 'help is not an object';
  return undefined;
}

/** What keeps a submission from restoring a session of this lab exactly; undefined if nothing. */
export function problemWith(value: unknown, lab: LabDefinition): string | undefined {
  const problem = problemWithShape(value) ?? problemWithLab(value as Submission, lab);
  if (problem) return problem;
  const { version } = (value as Submission).lab;
  return version === lab.version ? undefined : `it was made for version ${version} of the lab, this is version ${lab.version}`;
}

/** Whether and how a submission of another version can be graded: an older one is replayed, a newer one cannot be known here. */
export function gradable(
  submission: Submission,
  lab: LabDefinition,
  emulator: string,
): { readonly problem?: string; readonly notes: readonly string[] } {
  const problem = problemWithLab(submission, lab) ?? problemWithMachines(submission, lab);
  if (problem) return { problem, notes: [] };
  const { version } = submission.lab;
  if (version > lab.version)
    return { problem: `it was made for version ${version} of the lab, this course has version ${lab.version}`, notes: [] };
  const age = compareVersions(submission.emulator, emulator);
  if (age > 0) return { problem: `it was made by version ${submission.emulator} of the course, this is ${emulator}`, notes: [] };
  const notes: string[] = [];
  if (version < lab.version) notes.push(`made for version ${version} of the lab, graded by version ${lab.version}`);
  if (age < 0) notes.push(`made by version ${submission.emulator} of the course, replayed by ${emulator}`);
  return { notes };
}

function problemWithLab({ lab: { id } }: Submission, lab: LabDefinition): string | undefined {
  return id === lab.id ? undefined : `it belongs to the lab ${quote(id)}, not to ${lab.id}`;
}

/** An older version of a lab may have had other machines: what was typed there has nowhere to go. */
function problemWithMachines({ events }: Submission, { cluster, version }: LabDefinition): string | undefined {
  const names = new Set(cluster.nodes.map((node) => (typeof node === 'string' ? node : node.name)));
  for (const event of events) {
    const machine = 'open' in event ? event.open : 'file' in event ? event.terminal : undefined;
    if (machine !== undefined && !names.has(machine))
      return `it uses the machine ${quote(machine)}, which version ${version} of the lab does not have`;
  }
  return undefined;
}

function problemWithEvent(event: unknown, last: number): string | undefined {
  if (!isRecord(event)) return 'it is not an object';
  const { t, terminal, input, resize, open, file, content, signal } = event;
  if (typeof t !== 'number' || !Number.isFinite(t) || t < last) return 't is not a number, or goes back in time';
  if (t > maxMs) return 't is later than a day';
  if (typeof terminal !== 'string') return 'terminal is not a string';
  if (typeof input === 'string') return input.length > maxKeys ? `more than ${maxKeys} keys at once` : undefined;
  if (typeof open === 'string') return undefined;
  if (typeof file === 'string' && typeof content === 'string') return undefined;
  if (typeof signal === 'string') return Object.hasOwn(signalKeys, signal) ? undefined : `no key sends ${quote(signal)}`;
  if (Array.isArray(resize) && resize.length === 2 && resize.every((n) => isCount(n, 1, 999))) return undefined;
  return 'it is neither input, signal, resize, open nor file';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown, lowest: number, highest: number): boolean {
  return Number.isInteger(value) && (value as number) >= lowest && (value as number) <= highest;
}

/** A stranger's value in a message: short, and on one line. */
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function parseVersion(text: string): readonly number[] | undefined {
  const [, ...parts] = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/.exec(text) ?? [];
  return parts.length === 3 ? parts.map(Number) : undefined;
}

/** Below 0 when `a` is older than `b`. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a)!, parseVersion(b)!];
  const i = left.findIndex((part, at) => part !== right[at]);
  return i < 0 ? 0 : left[i]! - right[i]!;
}
