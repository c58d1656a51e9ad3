import fs from 'node:fs';
import process from 'node:process';
import { Command, Option } from 'commander';
import type { CniChoice } from '../../emulator/cluster/index.ts';
import { cniChoices } from '../../emulator/cluster/index.ts';
import { toUint8Array } from '../../emulator/kernel/index.ts';
import type { LoadedLab } from '../../lab/load.ts';
import type { LabSession } from '../../lab/session.ts';
import { emulatorVersion } from '../../lab/version.ts';
import { Guide } from '../guide.ts';
import { interact } from '../interact.ts';
import { newSession } from '../new-session.ts';
import { followDiagnosis } from '../next-step.ts';
import { openLab, parseCount } from '../options.ts';
import { UsageError } from '../usage-error.ts';

interface ShellOptions {
  readonly nodes?: number;
  readonly controlPlanes?: number;
  readonly dualStack?: boolean;
  readonly ipv6?: boolean;
  readonly cni?: CniChoice;
  readonly seed?: number;
  readonly export?: string;
}

export const shell = new Command('shell')
  .description("The learner's terminal, in this terminal (leave it with exit or Ctrl-]; in a lab, Ctrl-G shows the tasks and gives hints)")
  .argument('[lab]', "a lab's path; without it, a cluster without tasks")
  .option('--nodes <n>', 'number of workers', parseCount('--nodes', 0, 5000))
  .option('--control-planes <n>', 'number of control planes, with a member of etcd each', parseCount('--control-planes', 1, 7))
  .option('--dual-stack', 'addresses of IPv4 and IPv6 for machines, Pods and Services')
  .option('--ipv6', 'addresses of IPv6 alone')
  .addOption(new Option('--cni <plugin>', 'network plugin').choices(cniChoices))
  .option('--seed <s>', 'seed of the cluster', parseCount('--seed', 0, 2 ** 31 - 1))
  .option('--export <file>', 'where to write what you did, to hand in (submission.json for a lab)')
  .action(async (name: string | undefined, options: ShellOptions) => {
    if (!process.stdin.isTTY) throw new UsageError('shell needs a terminal; to run a script use `labs run`');
    const loaded = await openLab(name, options);
    const file = options.export ?? (name === undefined ? undefined : 'submission.json');
    if (file !== undefined) checkExportPath(file, loaded);
    const startedAt = new Date().toISOString();
    const session = await newSession({
      ...loaded,
      showsHints: true,
      onOutput: (_terminal, bytes) => process.stdout.write(toUint8Array(bytes)),
    });
    const guide = await guideOf(session, loaded);
    await interact(session, loaded.lab.terminals[0]!, { keyboard: process.stdin, screen: process.stdout, guide });
    for (const { id, state } of session.tasks.states) if (state === 'green') process.stdout.write(`✓ ${id}\n`);
    if (file === undefined) return;
    const submission = session.submission({
      emulator: emulatorVersion,
      startedAt,
      help: { hints: guide?.given ?? [], solutionViewed: false },
    });
    fs.writeFileSync(file, JSON.stringify(submission));
    process.stdout.write(`what you did is in ${file}; see how it is graded with: labs check ${loaded.lab.path} --submission ${file}\n`);
  });

/** Undefined where there are no tasks. */
async function guideOf(session: LabSession, { lab }: LoadedLab): Promise<Guide | undefined> {
  if (lab.tasks.length === 0) return undefined;
  process.stdout.write(`${lab.title}\n${lab.summary}\nCtrl-G shows the tasks and gives hints; exit or Ctrl-] leaves.\n\n`);
  const nextStep = lab.path.startsWith('troubleshooting/') ? await followDiagnosis(session) : undefined;
  return new Guide({ session, write: (text) => void process.stdout.write(text), nextStep });
}

/** An earlier submission for the same lab may be written over, nothing else. */
function checkExportPath(file: string, { lab }: LoadedLab): void {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
  if (!text.includes('"labs/submission/v1"') || !text.includes(JSON.stringify(lab.id)))
    throw new UsageError(`${file}: exists and is no submission for this lab; name another file with --export`);
}
