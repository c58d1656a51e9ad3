import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import type { ClassCode } from '../../lab/class-code.ts';
import type { Attempt, GradedLab } from '../../lab/grading/grade-lab.ts';
import type { LabResult, LearnerResult } from '../../lab/grading/result.ts';
import { problemWithShape } from '../../lab/submission.ts';
import type { Submission } from '../../lab/submission.ts';
import { emulatorVersion } from '../../lab/version.ts';
import type { WantedFormat } from '../formats/index.ts';
import { findLab, parseClass, parseDuration, readText } from '../options.ts';
import { UsageError } from '../usage-error.ts';
import { watchSource } from '../watch-source.ts';
import { writeOutput } from '../write-output.ts';

interface CheckOptions {
  readonly script?: string;
  readonly submission?: string;
  readonly manifests?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly allowProduction?: boolean;
  readonly wait: number;
  readonly watch?: boolean;
  readonly overlay?: string;
  readonly class?: ClassCode;
  readonly format: string;
}

export const check = new Command('check')
  .description('Check what a script, a submission or manifests make of a lab; exit with 1 if a task is not green')
  .argument('<lab>', "the lab's path, e.g. architecture/first-look")
  .option('--script <file>', 'run this shell input in a fresh lab')
  .option('--submission <file>', 'replay this submission.json')
  .option('--manifests <dir>', 'apply every manifest of a folder, as `kubectl apply -f DIR` does')
  .option('--kubeconfig <file>', 'do it on this real cluster, in namespaces that are made for it and deleted at the end')
  .option('--context <name>', 'a context of the kubeconfig other than its current one')
  .option('--allow-production', 'even if its names look like production')
  .option('--wait <duration>', 'how long a real cluster is watched until every task is green', parseDuration, 3_600_000)
  .option('--watch', 'check again whenever the script, submission or a manifest changes, until Ctrl-C')
  .option('--overlay <file>', 'other points and hidden checks (labs/overlay/v1)')
  .option('--class <code>', 'the seed and points that a class code fixes', parseClass)
  .option(
    '--format <list>',
    'comma-separated, each NAME or NAME=FILE: text, json, junit, csv, html, github-actions, gitlab, gradescope, …',
    'text',
  )
  .action(async (name: string, options: CheckOptions) => {
    const sources = [options.script, options.submission, options.manifests, options.kubeconfig].filter((source) => source !== undefined);
    if (sources.length !== 1) throw new UsageError('give one of --script, --submission, --manifests and --kubeconfig');
    if (options.kubeconfig !== undefined && options.watch) throw new UsageError('--watch is for files: a real cluster is watched anyway');
    if (options.kubeconfig === undefined && options.context !== undefined) throw new UsageError('--context needs --kubeconfig');
    const [{ parseFormats }, { readOverlay, withClassPoints, withOverlay }] = await Promise.all([
      import('../formats/index.ts'),
      import('../grade/overlay.ts'),
    ]);
    const formats = parseFormats(options.format);
    const overlay = options.overlay === undefined ? undefined : readOverlay(options.overlay);
    const loaded = await findLab(name);
    if (options.class && options.class.lab !== loaded.lab.path) throw new UsageError(`--class: it is for the lab ${options.class.lab}`);
    const graded = withOverlay(loaded, options.class ? withClassPoints(overlay, options.class) : overlay);
    const once = async (): Promise<void> => report(await checkOnce(graded, options), formats);
    if (!options.watch) return once();
    const interrupted = new AbortController();
    process.once('SIGINT', () => interrupted.abort());
    await watchSource(sources[0]!, once, interrupted.signal);
  });

async function checkOnce(graded: GradedLab, options: CheckOptions): Promise<LabResult> {
  if (options.kubeconfig !== undefined) return onRealCluster(graded, options.kubeconfig, options);
  // Read only now: `labs --help` needs none of it.
  const { defaultLimits, gradeLab, Ungradable } = await import('../../lab/grading/grade-lab.ts');
  const attempt = attemptOf(options);
  try {
    return await gradeLab(graded, attempt, defaultLimits, options.class?.seed);
  } catch (error) {
    if (error instanceof Ungradable) throw new UsageError(`${attempt.file}: ${error.message}`);
    throw error;
  }
}

async function onRealCluster(
  graded: GradedLab,
  file: string,
  { context, allowProduction = false, wait }: CheckOptions,
): Promise<LabResult> {
  const kubeconfig = readText(file);
  const { checkOnRealCluster } = await import('../real/index.ts');
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const say = (text: string): void => writeOutput(2, Buffer.from(`${text}\n`));
  return checkOnRealCluster(graded, {
    kubeconfig,
    context,
    allowProduction,
    waitMs: wait,
    stop: stop.signal,
    onReady: (namespaces) => {
      for (const [name, real] of namespaces) say(`where the lab says ${name}, use the namespace ${real}`);
      say('checking every second; ends when every task is green, or with Ctrl-C');
    },
    onGreen: (id) => say(`✓ ${id}`),
  });
}

function attemptOf({ script, submission, manifests }: CheckOptions): Attempt {
  if (script !== undefined) return { kind: 'script', file: script, text: readText(script) };
  if (submission !== undefined) return { kind: 'submission', file: submission, submission: readSubmission(submission) };
  return { kind: 'manifests', file: manifests!, manifests: readManifests(manifests!) };
}

function readSubmission(file: string): Submission {
  let value: unknown;
  try {
    value = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file}: not JSON: ${(error as Error).message}`);
  }
  const problem = problemWithShape(value);
  if (problem) throw new UsageError(`${file}: ${problem}`);
  return value as Submission;
}

function readManifests(folder: string): { readonly name: string; readonly text: string }[] {
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`${folder}: no such folder`);
  const names = fs
    .readdirSync(folder)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort();
  if (names.length === 0) throw new UsageError(`${folder}: no manifests (.yaml, .yml or .json)`);
  return names.map((name) => path.join(folder, name)).map((name) => ({ name, text: readText(name) }));
}

async function report(lab: LabResult, formats: readonly WantedFormat[]): Promise<void> {
  const { classInfo } = await import('../formats/format.ts');
  const { earned, possible } = lab;
  const now = new Date().toISOString();
  const result: LearnerResult = {
    schema: 'labs/result/v1',
    learner: { id: 'you', onRoster: false },
    emulator: emulatorVersion,
    gradedAt: now,
    labs: [lab],
    problems: [],
    earned,
    possible,
  };
  const info = classInfo([result]);
  for (const { format, file } of formats) {
    const [first, ...others] = format.learner?.(result, info) ?? format.group!([result], info);
    if (file === undefined) writeOutput(1, Buffer.from(first!.text));
    else fs.writeFileSync(file, first!.text);
    const summary = process.env.GITHUB_STEP_SUMMARY;
    const markdown = others.find(({ name }) => name.endsWith('.md'));
    if (markdown && summary) fs.appendFileSync(summary, markdown.text);
  }
  process.exitCode = lab.tasks.every(({ state }) => state === 'green') ? 0 : 1;
}
