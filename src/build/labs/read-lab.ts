/** Reads one lab's folder into data, and says in one line what is wrong with it. */
import fs from 'node:fs';
import path from 'node:path';
import { Validator } from '@cfworker/json-schema';
import { parse } from 'yaml';
import { FaultError, parseSpan, planFault } from '../../emulator/faults/index.ts';
import type { FaultEntry, FaultList } from '../../emulator/faults/index.ts';
import type { LabCluster, LabDefinition, LabHint, LabMistake, LabScript, LabSolutions, LabTask } from '../../lab/format.ts';

const schema = JSON.parse(fs.readFileSync('static/schemas/lab-v1.json', 'utf8'));
const validator = new Validator(schema, '2020-12', false);

const defaultNodes = ['control-plane', 'node-1', 'node-2', 'node-3'];
const unitMs = { ms: 1, s: 1000, m: 60_000 } as const;

export class LabError extends Error {}

export interface ReadLab {
  readonly lab: LabDefinition;
  readonly solutions: LabSolutions;
  /** The lab's folder, relative to the project. */
  readonly folder: string;
}

interface LabYaml
  extends Omit<LabDefinition, 'path' | 'cluster' | 'tasks' | 'start' | 'files' | 'debrief' | 'prerequisites' | 'exam' | 'terminals'> {
  readonly prerequisites?: readonly string[];
  readonly exam?: LabDefinition['exam'];
  readonly terminals?: readonly string[];
  readonly cluster?: Partial<Omit<LabCluster, 'faults' | 'brokenForMs'>> & {
    readonly faults?: readonly FaultYaml[];
    readonly brokenFor?: string;
  };
  readonly tasks: readonly (Omit<LabTask, 'settleMs' | 'hints'> & {
    readonly hints: readonly (string | LabHint)[];
    readonly settle?: string;
  })[];
  readonly debrief?: string;
}

/** `fault`, `at` and `after` beside the fault's own parameters. */
type FaultYaml =
  | Readonly<Record<string, string | number>>
  | { readonly choose: number; readonly of: readonly Readonly<Record<string, string | number>>[] };

export function readLab(folder: string): ReadLab {
  const raw = parseYaml(path.join(folder, 'lab.yaml'));
  const { valid, errors } = validator.validate(raw);
  if (!valid) throw new LabError(`${folder}/lab.yaml: ${errors.map((e) => `${e.instanceLocation} ${e.error}`).join('; ')}`);
  const yaml = raw as LabYaml;
  const { schema: _schema, ...rest } = yaml as LabYaml & { schema: string };
  const lab: LabDefinition = {
    ...rest,
    prerequisites: yaml.prerequisites ?? [],
    exam: yaml.exam ?? [],
    terminals: yaml.terminals ?? ['control-plane'],
    path: path.relative('labs', folder).split(path.sep).join('/'),
    cluster: readCluster(yaml.cluster),
    tasks: yaml.tasks.map(({ settle = '2s', hints, ...task }) => ({
      ...task,
      needs: task.needs ?? [],
      hints: hints.map((hint) => (typeof hint === 'string' ? { text: hint } : hint)),
      settleMs: milliseconds(settle),
    })),
    start: readScripts(path.join(folder, 'start'), '.yaml'),
    files: readFiles(path.join(folder, 'files')),
    debrief: yaml.debrief ? fs.readFileSync(path.join(folder, yaml.debrief), 'utf8') : '',
  };
  const solutions = readSolutions(folder);
  checkReferences(folder, lab, solutions);
  return { lab, solutions, folder };
}

function readCluster({ faults, brokenFor, ...rest }: NonNullable<LabYaml['cluster']> = {}): LabCluster {
  return {
    nodes: defaultNodes,
    seed: 1,
    images: [],
    ...rest,
    ...(faults && { faults: faults.map(readFault) }),
    ...(brokenFor !== undefined && { brokenForMs: parseSpan(brokenFor)! }),
  };
}

function readFault(entry: FaultYaml): FaultList[number] {
  if ('of' in entry && typeof entry.of === 'object') return { choose: Number(entry.choose), of: entry.of.map(readOne) };
  return readOne(entry as Readonly<Record<string, string | number>>);
}

function readOne({ fault, at, after, ...given }: Readonly<Record<string, string | number>>): FaultEntry {
  return {
    fault: String(fault),
    with: Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)])),
    ...(at !== undefined && { atMs: parseSpan(String(at))! }),
    ...(after !== undefined && { after: String(after) }),
  };
}

/** What is wrong with the faults of a lab; undefined if nothing. */
function faultProblem({ cluster, tasks }: LabDefinition): string | undefined {
  const nodes = cluster.nodes.map((node) => (typeof node === 'string' ? node : node.name));
  try {
    for (const entry of cluster.faults ?? []) {
      if ('choose' in entry && entry.choose > entry.of.length) return `${entry.choose} faults cannot be chosen from ${entry.of.length}`;
      for (const { fault, with: given, after } of 'choose' in entry ? entry.of : [entry]) {
        planFault(fault, given, { nodes });
        if (after !== undefined && !tasks.some(({ id }) => id === after))
          return `the fault ${fault} comes after ${after}, which is no task`;
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof FaultError) return error.message;
    throw error;
  }
}

/** Folders of all labs, in the order of chapter and name. */
export function labFolders(root = 'labs'): string[] {
  const directories = (parent: string): string[] =>
    fs.existsSync(parent)
      ? fs
          .readdirSync(parent, { withFileTypes: true })
          .filter((e) => e.isDirectory())
          .map((e) => path.join(parent, e.name))
          .sort()
      : [];
  return directories(root)
    .flatMap(directories)
    .filter((folder) => fs.existsSync(path.join(folder, 'lab.yaml')));
}

function readSolutions(folder: string): LabSolutions {
  return {
    solution: fs.readFileSync(path.join(folder, 'solution.sh'), 'utf8'),
    alternatives: readScripts(path.join(folder, 'alternatives'), '.sh'),
    mistakes: readScripts(path.join(folder, 'mistakes'), '.sh').map((script): LabMistake => {
      const fails = /^# fails: (\S+)\n/.exec(script.text)?.[1];
      if (!fails) throw new LabError(`${folder}/mistakes/${script.name}.sh: the first line must be \`# fails: <task>\``);
      return { ...script, fails };
    }),
  };
}

function checkReferences(folder: string, lab: LabDefinition, { alternatives, mistakes }: LabSolutions): void {
  const { tasks, terminals, cluster } = lab;
  const ids = new Set(tasks.map((task) => task.id));
  const fail = (problem: string): never => {
    throw new LabError(`${folder}: ${problem}`);
  };
  const problem = faultProblem(lab);
  if (problem !== undefined) fail(problem);
  if (ids.size < tasks.length) fail('two tasks have the same id');
  for (const [i, { id, needs }] of tasks.entries()) {
    const earlier = tasks.slice(0, i).map((task) => task.id);
    for (const need of needs) if (!earlier.includes(need)) fail(`task ${id} needs ${need}, which is no task before it`);
  }
  const nodes = cluster.nodes.map((node) => (typeof node === 'string' ? node : node.name));
  const checks = fs.readFileSync(path.join(folder, 'checks.ts'), 'utf8');
  for (const { when } of tasks.flatMap(({ hints }) => hints))
    if (when !== undefined && !checks.includes(`test('${when}',`)) fail(`a hint waits for ${when}, which is no test of checks.ts`);
  for (const terminal of terminals) if (!nodes.includes(terminal)) fail(`terminal ${terminal} is no node of the cluster`);
  if (alternatives.length === 0) fail('a lab has at least one alternative solution');
  for (const { name, fails } of mistakes) if (!ids.has(fails)) fail(`mistakes/${name}.sh names the unknown task ${fails}`);
  for (const id of ids) if (!mistakes.some(({ fails }) => fails === id)) fail(`no mistake fails the task ${id}`);
}

function parseYaml(file: string): unknown {
  try {
    return parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    throw new LabError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readScripts(folder: string, ending: string): LabScript[] {
  if (!fs.existsSync(folder)) return [];
  const names = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort();
  return names.map((name) => ({ name: name.slice(0, -ending.length), text: fs.readFileSync(path.join(folder, name), 'utf8') }));
}

function readFiles(folder: string): Record<string, string> {
  if (!fs.existsSync(folder)) return {};
  const names = (fs.readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => fs.statSync(path.join(folder, name)).isFile())
    .sort();
  return Object.fromEntries(names.map((name) => [name.split(path.sep).join('/'), fs.readFileSync(path.join(folder, name), 'utf8')]));
}

function milliseconds(text: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m)$/.exec(text)!;
  return Number(amount) * unitMs[unit as keyof typeof unitMs];
}
