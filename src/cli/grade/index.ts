/**
 * `labs grade`: a folder of submissions becomes results, feedback and the files of every format asked for.
 *
 * - The main process looks at names, sizes and the roster; what learners wrote is opened and replayed in other processes (`pool.ts`).
 * - A learner's result is written as soon as it is there. A run that was interrupted goes on, and what has not changed is not graded
 *   again; what is graded again keeps the time at which it was handed in.
 * - Nothing is written outside of the results' folder, and one bad submission never stops the rest.
 * - Absent: any network, any time limit that depends on how fast this machine is, but for the one that ends a hang.
 */
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { ClassCode } from '../../lab/class-code.ts';
import type { LearnerResult } from '../../lab/grading/result.ts';
import { earnedOf, possibleOf } from '../../lab/grading/result.ts';
import { defaultLimits } from '../../lab/grading/grade-lab.ts';
import { labSummaries } from '../../lab/generated/labs.ts';
import { emulatorVersion } from '../../lab/version.ts';
import { classInfo } from '../formats/format.ts';
import type { ClassInfo } from '../formats/format.ts';
import { feedback } from '../formats/feedback.ts';
import type { WantedFormat } from '../formats/index.ts';
import { readText } from '../options.ts';
import { UsageError } from '../usage-error.ts';
import { digestOf, readClass } from './entries.ts';
import type { Case, ReadRoster } from './entries.ts';
import { gradedLab } from './grade-entry.ts';
import type { Job, Outcome } from './grade-entry.ts';
import { GradingPool } from './pool.ts';
import { Progress } from './progress.ts';
import { ResultFolder } from './results.ts';
import { readRoster } from './roster.ts';

export interface GradeOptions {
  readonly out: string;
  readonly formats: readonly WantedFormat[];
  readonly roster?: string | undefined;
  readonly column?: string | undefined;
  /** Paths; without any, every lab of the course. */
  readonly labs: readonly string[];
  readonly overlay?: string | undefined;
  readonly classCode?: ClassCode | undefined;
  readonly processes: number;
  readonly shard?: { readonly index: number; readonly of: number } | undefined;
  readonly regrade: boolean;
  readonly cpuMs: number;
  readonly memoryMiB: number;
  /** The bundled command as a worker. */
  readonly command: readonly [file: string, ...args: string[]];
  /** Stops taking new submissions. */
  readonly stop: AbortSignal;
}

export interface GradeSummary {
  readonly learners: number;
  readonly graded: number;
  readonly unchanged: number;
  readonly withProblems: number;
}

export async function gradeFolder(folder: string, options: GradeOptions): Promise<GradeSummary> {
  const [inside, outside] = [path.resolve(folder), path.resolve(options.out)];
  if (`${outside}/`.startsWith(`${inside}/`)) throw new UsageError(`--out ${options.out}: lies in the folder of submissions`);
  const roster = rosterOf(options.roster);
  const cases = shardOf(readClass(folder, roster), options.shard);
  const results = new ResultFolder(options.out);
  const setup = setupOf(options);
  // What does not fit is a mistake of whoever grades, not of who is graded.
  for (const lab of options.labs) await gradedLab(lab, options);
  const todo: (readonly [Case, Job])[] = [];
  let unchanged = 0;
  for (const own of cases) {
    if (!own.entry) results.write(own.key, resultOf(own, undefined, [], setup));
    else if (!options.regrade && isUnchanged(results.read(own.key), own, setup)) unchanged++;
    else todo.push([own, jobOf(own.entry, options)]);
  }
  await gradeAll(todo, options, results, setup);
  if (options.stop.aborted) throw new UsageError('interrupted; the same command goes on from here');
  const keys = new Set(cases.map(({ key }) => key));
  const withProblems = writeFormats(results, options.formats, { roster, column: options.column }, keys);
  return { learners: cases.length, graded: todo.length, unchanged, withProblems };
}

/** Writes feedback and every format from the results that are there. Returns how many of them have problems. */
export function writeFormats(
  results: ResultFolder,
  formats: readonly WantedFormat[],
  more: Pick<ClassInfo, 'roster' | 'column'>,
  keys: ReadonlySet<string> = new Set(results.keys),
): number {
  // Of learners who are no longer in the class, results stay and do not count.
  const all: Iterable<LearnerResult> = {
    *[Symbol.iterator]() {
      for (const key of results.keys) {
        const result = keys.has(key) ? results.read(key) : undefined;
        if (result) yield result;
      }
    },
  };
  const info = classInfo(all, more);
  for (const { format } of formats) for (const { name, text } of format.group?.(all, info) ?? []) results.put(name, text);
  let withProblems = 0;
  for (const key of keys) {
    const result = results.read(key);
    if (!result) continue;
    if (result.problems.length > 0) withProblems++;
    results.put(`feedback/${key}.md`, feedback(result, info));
    for (const {
      name: format,
      format: { learner, group },
    } of formats) {
      if (group && format !== 'gitlab') continue;
      for (const { name, text } of learner?.(result, info) ?? []) results.put(`${format}/${key}/${name}`, text);
    }
  }
  return withProblems;
}

export function rosterOf(file: string | undefined): ReadRoster | undefined {
  return file === undefined ? undefined : readRoster(readText(file), file);
}

/** The same learners in the same shard on every machine. */
function shardOf(cases: readonly Case[], shard: GradeOptions['shard']): readonly Case[] {
  return shard ? cases.filter((_, i) => i % shard.of === shard.index) : cases;
}

/** What a result depends on besides what was handed in. */
function setupOf({ labs, overlay, classCode }: GradeOptions): string {
  const versions = (labSummaries as readonly { path: string; version: number }[]).filter(
    ({ path: lab }) => labs.length === 0 || labs.includes(lab),
  );
  const text = overlay === undefined ? '' : readText(overlay);
  return JSON.stringify([versions.map(({ path: lab, version }) => `${lab}@${version}`), text, classCode]);
}

interface StoredResult extends LearnerResult {
  readonly setup?: string | undefined;
}

function isUnchanged(before: StoredResult | undefined, { entry, notes }: Case, setup: string): boolean {
  return (
    before?.handedIn !== undefined &&
    before.emulator === emulatorVersion &&
    before.setup === setup &&
    before.handedIn.name === entry!.name &&
    notes.every((note) => before.problems.some(({ reason }) => reason === note.reason)) &&
    before.handedIn.sha256 === digestOf(entry!)
  );
}

function jobOf({ file, kind }: NonNullable<Case['entry']>, { labs, overlay, classCode }: GradeOptions): Job {
  const all = (labSummaries as readonly { path: string }[]).map((lab) => lab.path);
  return {
    file: path.resolve(file),
    kind,
    labs: labs.length === 0 ? all : labs,
    isOnlyOne: labs.length === 1,
    overlay: overlay === undefined ? undefined : path.resolve(overlay),
    classCode,
    limits: defaultLimits,
  };
}

async function gradeAll(
  todo: readonly (readonly [Case, Job])[],
  options: GradeOptions,
  results: ResultFolder,
  setup: string,
): Promise<void> {
  const { processes, command, cpuMs, memoryMiB, stop } = options;
  const pool = new GradingPool({ processes: Math.min(processes, Math.max(1, todo.length)), command, cpuMs, memoryMiB });
  const progress = new Progress(todo.length, process.stderr);
  try {
    const done = (own: Case, outcomes: readonly Outcome[]): void => {
      results.write(own.key, resultOf(own, results.read(own.key), outcomes, setup));
      progress.tick();
    };
    await pool.run(todo, done, () => stop.aborted);
  } finally {
    pool.close();
    progress.end();
  }
}

function resultOf(
  { learner, entry, notes }: Case,
  before: LearnerResult | undefined,
  outcomes: readonly Outcome[],
  setup: string,
): StoredResult {
  const { id, name, email, onRoster } = learner;
  const labs = outcomes.flatMap((outcome) => ('lab' in outcome ? [outcome.lab] : []));
  const problems = outcomes.flatMap((outcome) => ('problem' in outcome ? [outcome.problem] : []));
  return {
    schema: 'labs/result/v1',
    learner: { id, name, email, onRoster },
    handedIn: entry && handedIn(entry, before),
    emulator: emulatorVersion,
    gradedAt: new Date().toISOString(),
    labs,
    problems: [...notes, ...problems],
    earned: earnedOf(labs),
    possible: possibleOf(labs),
    setup,
  };
}

/** What has not changed was handed in when it was first seen, whatever has happened to the file's time since. */
function handedIn(entry: NonNullable<Case['entry']>, before: LearnerResult | undefined): NonNullable<LearnerResult['handedIn']> {
  const sha256 = digestOf(entry);
  const at = before?.handedIn?.sha256 === sha256 && before.handedIn.at < entry.at ? before.handedIn.at : entry.at;
  return { name: entry.name, at, sha256 };
}

/** The bundle that runs now, as a worker. */
export function workerCommand(): readonly [string, ...string[]] {
  return [fs.realpathSync(process.argv[1]!), 'grade-worker'];
}
