import os from 'node:os';
import process from 'node:process';
import { Command } from 'commander';
import { findLab, parseClass, parseCount, parseDuration } from '../options.ts';
import type { ClassCode } from '../../lab/class-code.ts';
import { UsageError } from '../usage-error.ts';

interface GradeFlags {
  readonly roster?: string;
  readonly column?: string;
  readonly format: string;
  readonly out: string;
  readonly lab: readonly string[];
  readonly overlay?: string;
  readonly class?: ClassCode;
  readonly jobs: number;
  readonly shard?: { readonly index: number; readonly of: number };
  readonly merge?: readonly string[];
  readonly regrade?: boolean;
  readonly timeout: number;
  readonly memory: number;
}

export const grade = new Command('grade')
  .description('Grade a folder of submissions: files, folders, zip and tar archives with submission.json, scripts or manifests')
  .argument('[dir]', 'the folder; each thing in it is what one learner handed in, and its name says whose it is')
  .option('--roster <csv>', "who the learners are: your own CSV (id, name, email), Moodle's worksheet or Canvas's gradebook")
  .option(
    '--format <list>',
    'comma-separated: json, csv, junit, html, exercism, gradescope, prairielearn, classroom50, github-actions, gitlab, moodle, canvas',
    'json,csv,html',
  )
  .option('--out <dir>', 'where results, feedback and formats go', 'grades')
  .option(
    '--lab <lab>',
    'a lab that counts (may be repeated); without it, every lab of the course',
    (value, all: string[]) => [...all, value],
    [],
  )
  .option('--overlay <file>', 'other points and hidden checks (labs/overlay/v1)')
  .option('--class <code>', 'the lab, seed and points that a class code fixes', parseClass)
  .option('--column <title>', "the column of Canvas's gradebook to fill")
  .option('--jobs <n>', 'processes that grade', parseCount('--jobs', 1, 256), os.availableParallelism())
  .option('--shard <i/n>', 'grade every n-th learner, beginning with the i-th from 0; auto/n takes i from JOB_COMPLETION_INDEX', parseShard)
  .option('--merge <dirs...>', 'join what the shards wrote instead of grading')
  .option('--regrade', 'grade again what has not changed; it keeps the time at which it was handed in')
  .option('--timeout <duration>', 'computing time after which a submission is given up', parseDuration, 60_000)
  .option('--memory <mib>', 'heap of a grading process', parseCount('--memory', 128, 65_536), 512)
  .addHelpText('after', '\nA run that was interrupted goes on when it is started again. Exits with 1 if something could not be graded.')
  .action(async (folder: string | undefined, flags: GradeFlags) => {
    const isMerge = flags.merge !== undefined;
    if (isMerge === (folder !== undefined)) throw new UsageError('give a folder of submissions, or --merge and the folders to join');
    if (isMerge && flags.shard) throw new UsageError('--merge joins whole shards: it takes no --shard');
    const [grading, { mergeResults, ResultFolder }, { parseFormats }] = await Promise.all([
      import('../grade/index.ts'),
      import('../grade/results.ts'),
      import('../formats/index.ts'),
    ]);
    const formats = parseFormats(flags.format);
    const withFile = formats.find(({ file }) => file !== undefined);
    if (withFile) throw new UsageError(`--format ${withFile.name}=…: grade writes all files into --out`);
    if (isMerge) {
      const results = new ResultFolder(flags.out);
      mergeResults(flags.merge, results);
      const withProblems = grading.writeFormats(results, formats, { roster: grading.rosterOf(flags.roster), column: flags.column });
      return report(`${results.keys.length} learners merged`, withProblems, flags.out);
    }
    if (flags.class && flags.lab.length > 0) throw new UsageError('--class names the lab already: give no --lab');
    const names = flags.class ? [flags.class.lab] : flags.lab;
    const labs = await Promise.all(names.map(async (name) => (await findLab(name)).lab.path));
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    const { learners, graded, unchanged, withProblems } = await grading.gradeFolder(folder!, {
      out: flags.out,
      formats,
      roster: flags.roster,
      column: flags.column,
      labs,
      overlay: flags.overlay,
      classCode: flags.class,
      processes: flags.jobs,
      shard: flags.shard,
      regrade: flags.regrade ?? false,
      cpuMs: flags.timeout,
      memoryMiB: flags.memory,
      command: grading.workerCommand(),
      stop: stop.signal,
    });
    report(`${learners} learners: ${graded} graded, ${unchanged} unchanged`, withProblems, flags.out);
  });

function report(what: string, withProblems: number, out: string): void {
  process.stdout.write(`${what}${withProblems > 0 ? `, ${withProblems} with problems` : ''}; see ${out}\n`);
  if (withProblems > 0) process.exitCode = 1;
}

function parseShard(text: string): { index: number; of: number } {
  const [, index = '', of = ''] = /^(auto|\d+)\/(\d+)$/.exec(text) ?? [];
  const own = index === 'auto' ? (process.env.JOB_COMPLETION_INDEX ?? '') : index;
  if (index === 'auto' && !/^\d+$/.test(own))
    throw new UsageError('--shard auto: JOB_COMPLETION_INDEX is not set; it is in Pods of an Indexed Job');
  if (own === '' || Number(of) < 1 || Number(own) >= Number(of)) throw new UsageError(`--shard ${text}: not I/N with I from 0 to N-1`);
  return { index: Number(own), of: Number(of) };
}

/** Started by `grade`, never by hand. */
export const gradeWorker = new Command('grade-worker').description('A process of `labs grade`').action(async () => {
  if (!process.send) throw new UsageError('grade-worker is started by labs grade');
  const { serveJobs } = await import('../grade/worker.ts');
  await serveJobs();
});
