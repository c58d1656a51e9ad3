/**
 * `labs init DIR`: a repository whose exercises CI checks on every push.
 *
 * - One folder an exercise, for a lab each. Learners put manifests, a script or a `submission.json` into it.
 * - `ci/check.sh` is what GitHub Actions, GitLab CI and a person at a terminal run; it knows nothing that `labs check` does not.
 * - `overlay.yaml` is the instructor's: other points and hidden checks. Keep it out of what learners get if it holds secrets.
 * - Only a folder that is empty or not there is written to.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { LabDefinition } from '../../lab/format.ts';
import { UsageError } from '../usage-error.ts';
import { autograderZip } from './gradescope.ts';
import { checkScript, exerciseReadme, githubWorkflow, gitlabPipeline, overlayFile, packageJson, readme } from './templates.ts';

export interface InitOptions {
  readonly labs: readonly LabDefinition[];
  /** How npm gets the course: a version, an address or a folder. */
  readonly course: string;
}

/** Writes the repository and returns the names of its files. */
export function writeCourse(folder: string, { labs, course }: InitOptions): readonly string[] {
  const stat = fs.statSync(folder, { throwIfNoEntry: false });
  if (stat && (!stat.isDirectory() || fs.readdirSync(folder).length > 0))
    throw new UsageError(`${folder}: exists and is not an empty folder`);
  const files: Record<string, string | Uint8Array> = {
    'README.md': readme(labs),
    'package.json': packageJson(path.basename(path.resolve(folder)), course),
    '.gitignore': 'node_modules/\nreports/\n',
    'overlay.yaml': overlayFile(labs),
    'ci/check.sh': checkScript,
    '.github/workflows/labs.yml': githubWorkflow,
    '.gitlab-ci.yml': gitlabPipeline,
    'gradescope/autograder.zip': autograderZip(labs, course),
  };
  for (const lab of labs) {
    const exercise = `exercises/${exerciseName(lab)}`;
    files[`${exercise}/README.md`] = exerciseReadme(lab);
    files[`${exercise}/lab`] = `${lab.path}\n`;
    files[`${exercise}/manifests/.gitkeep`] = '';
  }
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
  }
  return Object.keys(files).sort();
}

const exerciseName = ({ path: lab }: LabDefinition): string => lab.replace('/', '-');
