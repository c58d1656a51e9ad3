/** Finds in what was handed in the attempts at labs: one a lab, and why the rest is left out. */
import type { Attempt } from '../../lab/grading/grade-lab.ts';
import type { ManifestFile } from '../../lab/grading/annotate.ts';
import type { Problem } from '../../lab/grading/result.ts';
import { problemWithShape } from '../../lab/submission.ts';
import type { Submission } from '../../lab/submission.ts';
import type { HandedInFile } from './unpack/index.ts';

/** What `labs list` knows of a lab. */
export interface LabName {
  readonly id: string;
  readonly path: string;
}

export interface FoundAttempt {
  readonly lab: LabName;
  readonly attempt: Attempt;
  readonly notes: readonly string[];
}

export interface Found {
  readonly attempts: readonly FoundAttempt[];
  readonly problems: readonly Problem[];
}

/** A record of the session says more than a script, and a script more than manifests. */
const order: readonly Attempt['kind'][] = ['submission', 'script', 'manifests'];

/**
 * - A submission names its lab. A script or a folder of manifests is for the lab whose name it bears (`first-look.sh`,
 *   `first-look/pod.yaml`, `architecture/first-look/solution.sh`), else for `only`, when one lab alone is graded.
 * - `labs` are those that count; attempts at others are passed over with a word.
 */
export function findAttempts(files: readonly HandedInFile[], labs: readonly LabName[], only?: LabName): Found {
  const problems: Problem[] = [];
  const candidates: { readonly lab: LabName; readonly attempt: Attempt }[] = [];
  const manifests = new Map<LabName, ManifestFile[]>();
  const lost = (file: string, reason: string): void => void problems.push({ file, reason });
  for (const { name, bytes } of files) {
    const sort = sortOf(name);
    if (sort === undefined) {
      lost(name, 'not a submission.json, a script (.sh) or a manifest (.yaml, .yml, .json)');
      continue;
    }
    const text = decode(bytes);
    if (text === undefined) {
      lost(name, 'not text in UTF-8');
      continue;
    }
    const record = sort === 'json' ? recordIn(text) : undefined;
    if (record) {
      if ('problem' in record) lost(name, record.problem);
      else candidates.push(...forLab(record.submission, name, labs, lost));
      continue;
    }
    const lab = labOf(name, labs) ?? only;
    if (!lab) lost(name, 'which lab it is for is not clear: name it (or its folder) after the lab');
    else if (sort === 'script') candidates.push({ lab, attempt: { kind: 'script', file: name, text } });
    else put(manifests, lab, { name, text });
  }
  for (const [lab, list] of manifests) candidates.push({ lab, attempt: { kind: 'manifests', file: folderOf(list), manifests: list } });
  return { attempts: oneEach(candidates), problems };
}

function sortOf(name: string): 'script' | 'json' | 'manifest' | undefined {
  if (/\.(sh|bash|txt)$/i.test(name)) return 'script';
  if (/\.json$/i.test(name)) return 'json';
  return /\.ya?ml$/i.test(name) ? 'manifest' : undefined;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Undefined when it does not claim to be a record: then it is a manifest in JSON. */
function recordIn(text: string): { readonly submission: Submission } | { readonly problem: string } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `not JSON: ${(error as Error).message.slice(0, 200)}` };
  }
  const isManifest = typeof value === 'object' && value !== null && 'kind' in value && 'apiVersion' in value;
  if (isManifest) return undefined;
  const problem = problemWithShape(value);
  return problem ? { problem } : { submission: value as Submission };
}

function forLab(
  submission: Submission,
  file: string,
  labs: readonly LabName[],
  lost: (file: string, reason: string) => void,
): { readonly lab: LabName; readonly attempt: Attempt }[] {
  const lab = labs.find(({ id }) => id === submission.lab.id);
  if (lab) return [{ lab, attempt: { kind: 'submission', file, submission } }];
  lost(file, `it belongs to the lab ${JSON.stringify(submission.lab.id.slice(0, 80))}, which is not graded here`);
  return [];
}

/** The lab whose name the file or the nearest folder bears. */
function labOf(name: string, labs: readonly LabName[]): LabName | undefined {
  const parts = name.toLowerCase().split('/');
  parts[parts.length - 1] = parts.at(-1)!.replace(/\.[a-z]+$/, '');
  for (const part of parts.reverse()) {
    const found = labs.find(({ path }) => path.split('/')[1] === part || path.replace('/', '-') === part);
    if (found) return found;
  }
  return undefined;
}

function put(manifests: Map<LabName, ManifestFile[]>, lab: LabName, file: ManifestFile): void {
  const list = manifests.get(lab);
  if (list) list.push(file);
  else manifests.set(lab, [file]);
}

function folderOf([first]: readonly ManifestFile[]): string {
  const at = first!.name.lastIndexOf('/');
  return at < 0 ? first!.name : first!.name.slice(0, at);
}

function oneEach(candidates: readonly { readonly lab: LabName; readonly attempt: Attempt }[]): readonly FoundAttempt[] {
  const labs = [...new Set(candidates.map(({ lab }) => lab))].sort((a, b) => (a.path < b.path ? -1 : 1));
  return labs.map((lab) => {
    const own = candidates
      .filter((candidate) => candidate.lab === lab)
      .sort((a, b) => order.indexOf(a.attempt.kind) - order.indexOf(b.attempt.kind) || (a.attempt.file < b.attempt.file ? -1 : 1));
    const notes = own.slice(1).map(({ attempt }) => `left out, since there is ${own[0]!.attempt.file}: ${attempt.file}`);
    return { lab, attempt: own[0]!.attempt, notes: notes.slice(0, 10) };
  });
}
