/**
 * What an instructor changes about labs without editing them, `labs/overlay/v1`: other points, and hidden checks.
 *
 *     schema: labs/overlay/v1
 *     labs:
 *       architecture/first-look:
 *         points: { hello: 5 }
 *         hidden:
 *           - { id: default-empty, title: Nothing runs in default, points: 2 }
 *         checks: first-look.mjs
 *
 * The module beside it is the instructor's own code and runs as such: `export default (lab, { test, expect }) => { test('default-empty', …) }`.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import type { LabContext } from '../../lab/api.ts';
import type { ClassCode } from '../../lab/class-code.ts';
import type { LabTask } from '../../lab/format.ts';
import type { GradedLab } from '../../lab/grading/grade-lab.ts';
import type { LoadedLab } from '../../lab/load.ts';
import { UsageError } from '../usage-error.ts';

interface Change {
  readonly points: Readonly<Record<string, number>>;
  readonly hidden: readonly LabTask[];
  /** Of the module with the hidden checks. */
  readonly checks: string | undefined;
}

export type Overlay = ReadonlyMap<string, Change>;

type ExtraChecks = (lab: LabContext, vitest: { test: unknown; expect: unknown }) => void;

const maxPoints = 1000;

export function readOverlay(file: string): Overlay {
  let value: unknown;
  try {
    value = parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (error as Error).message}`);
  }
  const wrong = (what: string): never => {
    throw new UsageError(`${file}: ${what}`);
  };
  const { schema, labs } = (value ?? {}) as { schema?: unknown; labs?: unknown };
  if (schema !== 'labs/overlay/v1') wrong('its schema is not labs/overlay/v1');
  if (typeof labs !== 'object' || labs === null) wrong('it names no labs');
  return new Map(Object.entries(labs as object).map(([lab, change]) => [lab, readChange(lab, change, path.dirname(file), wrong)]));
}

function readChange(lab: string, change: unknown, folder: string, wrong: (what: string) => never): Change {
  const { points = {}, hidden = [], checks, ...rest } = (change ?? {}) as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) wrong(`${lab}: unknown key ${unknown}; known are points, hidden and checks`);
  for (const [id, value] of Object.entries(points as object))
    if (!isPoints(value)) wrong(`${lab}: points of ${id} are not a whole number from 0 to ${maxPoints}`);
  if (!Array.isArray(hidden)) wrong(`${lab}: hidden is not a list`);
  const tasks = (hidden as Partial<LabTask>[]).map(({ id, title, points: own, needs = [] }): LabTask => {
    if (typeof id !== 'string' || !/^[a-z0-9-]+$/.test(id)) return wrong(`${lab}: a hidden check has no id of letters, digits and dashes`);
    if (typeof title !== 'string') return wrong(`${lab}: the hidden check ${id} has no title`);
    if (!isPoints(own)) return wrong(`${lab}: points of ${id} are not a whole number from 0 to ${maxPoints}`);
    return { id, title, points: own, needs, hints: [], settleMs: 2000 };
  });
  if (tasks.length > 0 && typeof checks !== 'string') wrong(`${lab}: it has hidden checks and names no module (checks: FILE.mjs)`);
  return {
    points: points as Record<string, number>,
    hidden: tasks,
    checks: typeof checks === 'string' ? path.resolve(folder, checks) : undefined,
  };
}

const isPoints = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maxPoints;

/** A class code as an overlay: its points, under those of the instructor's own file. */
export function withClassPoints(overlay: Overlay | undefined, { lab, points }: ClassCode): Overlay {
  const own = overlay?.get(lab);
  const change: Change = { hidden: [], checks: undefined, ...own, points: { ...points, ...own?.points } };
  return new Map([...(overlay ?? []), [lab, change]]);
}

/** The lab as it is graded. Throws a `UsageError` when the overlay does not fit it. */
export function withOverlay(loaded: LoadedLab, overlay: Overlay | undefined): GradedLab {
  const { lab } = loaded;
  const change = overlay?.get(lab.path);
  if (!change) return loaded;
  const ids = new Set(lab.tasks.map(({ id }) => id));
  for (const id of Object.keys(change.points)) if (!ids.has(id)) throw new UsageError(`overlay: ${lab.path} has no task ${id}`);
  for (const { id, needs } of change.hidden) {
    if (ids.has(id)) throw new UsageError(`overlay: ${lab.path} has a task ${id} already`);
    const missing = needs.find((need) => !ids.has(need));
    if (missing !== undefined) throw new UsageError(`overlay: ${id} needs ${missing}, which is no task before it`);
    ids.add(id);
  }
  const tasks = [...lab.tasks.map((task) => ({ ...task, points: change.points[task.id] ?? task.points })), ...change.hidden];
  return {
    ...loaded,
    lab: { ...lab, tasks },
    hidden: new Set(change.hidden.map(({ id }) => id)),
    checks: async () => {
      const own = await loaded.checks();
      if (change.checks === undefined) return own;
      const [extra, vitest] = await Promise.all([importChecks(change.checks), import('../../lab/checks/vitest-shim.ts')]);
      return (context) => {
        own(context);
        extra(context, { test: vitest.test, expect: vitest.expect });
      };
    },
  };
}

async function importChecks(file: string): Promise<ExtraChecks> {
  let extra: { default?: unknown };
  try {
    extra = await import(/* @vite-ignore */ pathToFileURL(file).href);
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
  if (typeof extra.default !== 'function') throw new UsageError(`${file}: it has no default export that is a function`);
  return extra.default as ExtraChecks;
}
