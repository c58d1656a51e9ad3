import path from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import { labSummaries } from '../../lab/generated/labs.ts';
import { findLab } from '../options.ts';

interface InitFlags {
  readonly lab: readonly string[];
  readonly course?: string;
}

export const init = new Command('init')
  .description('Make a repository of exercises that GitHub Actions, GitLab CI and Gradescope check')
  .argument('<dir>', 'a folder that is empty or not there')
  .option(
    '--lab <lab>',
    'a lab to make an exercise of (may be repeated); without it, every lab',
    (value, all: string[]) => [...all, value],
    [],
  )
  .option('--course <spec>', 'how npm gets the course, for package.json (this checkout)')
  .action(async (folder: string, { lab: names, course }: InitFlags) => {
    const paths = names.length > 0 ? names : (labSummaries as readonly { path: string }[]).map((lab) => lab.path);
    const labs = await Promise.all(paths.map(async (name) => (await findLab(name)).lab));
    const { writeCourse } = await import('../init/index.ts');
    const checkout = path.resolve(process.argv[1]!, '../..');
    const files = writeCourse(folder, { labs, course: course ?? `file:${checkout}` });
    process.stdout.write(`${files.map((file) => `${path.join(folder, file)}\n`).join('')}next: cd ${folder} && npm install && npm test\n`);
  });
