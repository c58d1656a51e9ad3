import { Command } from 'commander';
import { pointsOf } from '../../lab/format.ts';
import { loadLab, labSummaries } from '../../lab/generated/labs.ts';

export const list = new Command('list')
  .description('List the labs of the course')
  .option('--json', 'one JSON object a line: id, chapter, title, path, points, solution, alternatives, mistakes')
  .action(async ({ json = false }: { json?: boolean }) => {
    for (const { path } of labSummaries as readonly { path: string }[]) {
      const { lab, solutions } = await loadLab(path);
      const [chapter = ''] = path.split('/');
      if (!json) {
        process.stdout.write(
          `${path.padEnd(36)} ${String(pointsOf(lab)).padStart(3)} points  ${String(lab.minutes).padStart(3)} min  ${lab.title}\n`,
        );
        continue;
      }
      const { alternatives, mistakes } = await solutions();
      const folder = `labs/${path}`;
      const row = {
        id: lab.id,
        chapter,
        title: lab.title,
        path: folder,
        points: pointsOf(lab),
        solution: `${folder}/solution.sh`,
        alternatives: alternatives.map(({ name }) => `${folder}/alternatives/${name}.sh`),
        mistakes: mistakes.map(({ name, fails }) => ({ path: `${folder}/mistakes/${name}.sh`, fails })),
      };
      process.stdout.write(`${JSON.stringify(row)}\n`);
    }
  });
