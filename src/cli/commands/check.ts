import fs from 'node:fs';
import path from 'node:path';
import { Command, Option } from 'commander';
import { utf8 } from '../../emulator/kernel/index.ts';
import { pointsOf } from '../../lab/format.ts';
import type { LoadedLab } from '../../lab/load.ts';
import { rest, runScript } from '../../lab/attempt.ts';
import type { LabSession } from '../../lab/session.ts';
import { problemWith } from '../../lab/submission.ts';
import type { Submission } from '../../lab/submission.ts';
import { formats } from '../formats/index.ts';
import type { CheckReport, FormatName } from '../formats/index.ts';
import { newSession } from '../new-session.ts';
import { findLab, readText } from '../options.ts';
import { UsageError } from '../usage-error.ts';
import { watchSource } from '../watch-source.ts';

interface CheckOptions {
  readonly script?: string;
  readonly submission?: string;
  readonly manifests?: string;
  readonly watch?: boolean;
  readonly format: readonly FormatName[];
}

export const check = new Command('check')
  .description('Check what a script, a submission or manifests make of a lab; exit with 1 if a task is not green')
  .argument('<lab>', "the lab's path, e.g. architecture/first-look")
  .option('--script <file>', 'run this shell input in a fresh lab')
  .option('--submission <file>', 'replay this submission.json')
  .option('--manifests <dir>', 'apply every manifest of a folder, as `kubectl apply -f DIR` does')
  .option('--watch', 'check again whenever the script, submission or a manifest changes, until Ctrl-C')
  .addOption(new Option('--format <list>', 'comma-separated list of formats').default(['text'], 'text').argParser(parseFormats))
  .action(async (name: string, options: CheckOptions) => {
    const sources = [options.script, options.submission, options.manifests].filter((source) => source !== undefined);
    if (sources.length !== 1) throw new UsageError('give one of --script, --submission and --manifests');
    const loaded = await findLab(name);
    if (!options.watch) return checkOnce(loaded, options);
    const interrupted = new AbortController();
    process.once('SIGINT', () => interrupted.abort());
    await watchSource(sources[0]!, () => checkOnce(loaded, options), interrupted.signal);
  });

async function checkOnce(loaded: LoadedLab, options: CheckOptions): Promise<void> {
  const report = await reportOn(loaded, options);
  for (const format of options.format) process.stdout.write(formats[format](report));
  process.exitCode = report.tasks.every(({ state }) => state === 'green') ? 0 : 1;
}

async function reportOn(loaded: LoadedLab, { script, submission, manifests }: CheckOptions): Promise<CheckReport> {
  const session = submission === undefined ? await newSession(loaded) : await replay(loaded, submission);
  if (script !== undefined) await runScript(session, readText(script));
  if (manifests !== undefined) await runScript(session, applyScript(session, manifests));
  await rest(session);
  const { lab } = loaded;
  const states = session.tasks.states;
  const tasks = lab.tasks.map((task, i) => ({ ...states[i]!, title: task.title, points: task.points }));
  const earned = tasks.reduce((sum, task) => sum + (task.state === 'green' ? task.points : 0), 0);
  return { lab: { id: lab.id, path: lab.path, version: lab.version, title: lab.title }, tasks, earned, possible: pointsOf(lab) };
}

async function replay(loaded: LoadedLab, file: string): Promise<LabSession> {
  let value: unknown;
  try {
    value = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file}: not JSON: ${(error as Error).message}`);
  }
  const problem = problemWith(value, loaded.lab);
  if (problem) throw new UsageError(`${file}: ${problem}`);
  const { seed, events, endedMs } = value as Submission;
  const session = await newSession({ ...loaded, seed });
  await session.replay(events, endedMs);
  return session;
}

function applyScript(session: LabSession, folder: string): string {
  if (!fs.existsSync(folder)) throw new UsageError(`${folder}: no such folder`);
  const names = fs
    .readdirSync(folder)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort();
  if (names.length === 0) throw new UsageError(`${folder}: no manifests (.yaml, .yml or .json)`);
  const { fs: files } = session.cluster.machine(session.lab.terminals[0]!)!;
  for (const name of names) files.writeFile(`/root/manifests/${name}`, utf8(readText(path.join(folder, name))));
  return 'kubectl apply -f /root/manifests\n';
}

function parseFormats(text: string): readonly FormatName[] {
  const names = text.split(',');
  for (const name of names)
    if (!(name in formats)) throw new UsageError(`--format ${name}: unknown; known are ${Object.keys(formats).join(', ')}`);
  return names as FormatName[];
}
