import process from 'node:process';
import { Command } from 'commander';
import { encodeClass } from '../../lab/class-code.ts';
import { findLab, parseCount } from '../options.ts';
import { UsageError } from '../usage-error.ts';

export const classCode = new Command('class')
  .description('Make a class code, which fixes lab, seed and points; the page takes it from its address')
  .argument('<lab>', "the lab's path")
  .option('--seed <s>', "seed of everybody's cluster (the lab's own)", parseCount('--seed', 0, 2 ** 31 - 1))
  .option('--points <list>', 'other points, e.g. hello=5,visited=0', parsePoints, {})
  .addHelpText(
    'after',
    '\nGive learners the address of the page with the lab and ?class=CODE behind it; grade with `labs grade DIR --class CODE`.',
  )
  .action(async (name: string, { seed, points }: { seed?: number; points: Readonly<Record<string, number>> }) => {
    const { lab } = await findLab(name);
    for (const id of Object.keys(points))
      if (!lab.tasks.some((task) => task.id === id))
        throw new UsageError(`--points: ${lab.path} has no task ${id}; it has ${lab.tasks.map((task) => task.id).join(', ')}`);
    process.stdout.write(`${encodeClass({ lab: lab.path, seed: seed ?? lab.cluster.seed, points })}\n`);
  });

function parsePoints(list: string): Record<string, number> {
  return Object.fromEntries(
    list.split(',').map((part) => {
      const [, id, points] = /^([a-z0-9-]+)=(\d{1,4})$/.exec(part) ?? [];
      if (id === undefined || Number(points) > 1000) throw new UsageError(`--points ${part}: not TASK=POINTS with up to 1000 points`);
      return [id, Number(points)];
    }),
  );
}
