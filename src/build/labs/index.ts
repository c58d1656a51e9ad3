/**
 * Writes `src/lab/generated/`: each lab as a module that loads on demand, and `labs.ts`, which lists them. Run by
 * `npm run generate`; the folder is ignored by git.
 */
import fs from 'node:fs';
import { LabError, labFolders, readLab } from './read-lab.ts';
import type { ReadLab } from './read-lab.ts';

const output = 'src/lab/generated';

function moduleName({ lab }: ReadLab): string {
  return lab.path.replace('/', '-');
}

function writeLab(read: ReadLab): void {
  const name = moduleName(read);
  const header = "// Generated from the lab's folder by src/build/labs.\n";
  fs.writeFileSync(
    `${output}/${name}.ts`,
    `${header}import type { LoadedLab } from '../load.ts';

export const loaded: LoadedLab = {
  lab: ${JSON.stringify(read.lab)},
  checks: async () => (await import('../../../${read.folder}/checks.ts')).default,
  solutions: async () => (await import('./${name}.solutions.ts')).solutions,
};
`,
  );
  fs.writeFileSync(
    `${output}/${name}.solutions.ts`,
    `${header}import type { LabSolutions } from '../format.ts';\n\nexport const solutions: LabSolutions = ${JSON.stringify(read.solutions)};\n`,
  );
}

function writeIndex(labs: readonly ReadLab[]): void {
  const summaries = labs.map(({ lab }) => {
    const { id, path, version, title, summary, minutes, difficulty, tasks } = lab;
    return {
      id,
      path,
      version,
      title,
      summary,
      minutes,
      difficulty,
      tasks: tasks.map((task) => ({ id: task.id, title: task.title, points: task.points })),
    };
  });
  fs.writeFileSync(
    `${output}/labs.ts`,
    `// Generated from labs/ by src/build/labs.
import type { LoadedLab } from '../load.ts';

/** What lists of labs show, without loading any. */
export const labSummaries = ${JSON.stringify(summaries)} as const;

const loaders: Readonly<Record<string, () => Promise<{ readonly loaded: LoadedLab }>>> = {
${labs.map((read) => `  '${read.lab.path}': () => import('./${moduleName(read)}.ts'),`).join('\n')}
};

/** Throws when there is no such lab. */
export async function loadLab(path: string): Promise<LoadedLab> {
  const load = loaders[path];
  if (!load) throw new Error(\`there is no lab \${path}\`);
  return (await load()).loaded;
}
`,
  );
}

try {
  const labs = labFolders().map(readLab);
  fs.rmSync(output, { recursive: true, force: true });
  fs.mkdirSync(output, { recursive: true });
  for (const lab of labs) writeLab(lab);
  writeIndex(labs);
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  console.error(error.message);
  process.exit(2);
}
