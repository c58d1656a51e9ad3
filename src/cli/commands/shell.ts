import process from 'node:process';
import { Command } from 'commander';
import { toUint8Array } from '../../emulator/kernel/index.ts';
import type { LabSession } from '../../lab/session.ts';
import { newSession } from '../new-session.ts';
import { openLab, parseCount } from '../options.ts';
import { UsageError } from '../usage-error.ts';

interface ShellOptions {
  readonly nodes?: number;
  readonly seed?: number;
}

const tickMs = 20;
/** Leaves the terminal, whatever runs in it: Ctrl-]. */
const leaveKey = 0x1d;

export const shell = new Command('shell')
  .description("The learner's terminal, in this terminal (leave it with exit or Ctrl-])")
  .argument('[lab]', "a lab's path; without it, a cluster without tasks")
  .option('--nodes <n>', 'number of workers', parseCount('--nodes', 0, 5000))
  .option('--seed <s>', 'seed of the cluster', parseCount('--seed', 0, 2 ** 31 - 1))
  .action(async (name: string | undefined, options: ShellOptions) => {
    if (!process.stdin.isTTY) throw new UsageError('shell needs a terminal; to run a script use `labs run`');
    const { lab, checks } = await openLab(name, options);
    const session = await newSession({ lab, checks, onOutput: (_terminal, bytes) => process.stdout.write(toUint8Array(bytes)) });
    await interact(session, lab.terminals[0]!);
  });

async function interact(session: LabSession, machine: string): Promise<void> {
  const resize = (): void => session.put({ terminal: machine, resize: [process.stdout.columns ?? 80, process.stdout.rows ?? 24] });
  session.put({ terminal: machine, open: machine });
  resize();
  process.stdin.setRawMode(true);
  process.stdout.on('resize', resize);
  let isLeaving = false;
  process.stdin.on('data', (data: Buffer) => {
    if (data.includes(leaveKey)) isLeaving = true;
    else session.put({ terminal: machine, input: data.toString('utf8') });
  });
  try {
    for (let last = performance.now(); !isLeaving && !session.hasEnded(machine); ) {
      await new Promise((resolve) => setTimeout(resolve, tickMs));
      const now = performance.now();
      await session.runTo(session.nowMs + Math.max(1, Math.round(now - last)));
      last = now;
    }
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
  }
  for (const { id, state } of session.tasks.states) if (state === 'green') process.stdout.write(`✓ ${id}\n`);
}
