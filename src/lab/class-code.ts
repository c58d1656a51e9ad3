/**
 * A class code: the lab, the seed and the points that an instructor has fixed, in a few letters that stand in a URL. The page does the
 * lab so and makes a file to hand in; nothing is sent anywhere, and nobody is named in it.
 */
import type { LabDefinition } from './format.ts';

export interface ClassCode {
  /** A lab's path. */
  readonly lab: string;
  readonly seed: number;
  /** By task id; others keep the lab's own. */
  readonly points: Readonly<Record<string, number>>;
}

const maxPoints = 1000;
const maxSeed = 2 ** 31 - 1;

/** Letters, digits, `-` and `_`. */
export function encodeClass({ lab, seed, points }: ClassCode): string {
  const text = JSON.stringify([1, lab, seed, points]);
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/** Undefined when it is not one: somebody may have typed it. */
export function decodeClass(code: string): ClassCode | undefined {
  if (!/^[A-Za-z0-9_-]{8,4000}$/.test(code)) return undefined;
  let value: unknown;
  try {
    const bytes = Uint8Array.from(atob(code.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const [version, lab, seed, points] = value as unknown[];
  const isWhole = version === 1 && typeof lab === 'string' && isCount(seed, maxSeed) && isPoints(points);
  return isWhole ? { lab, seed, points: { ...points } } : undefined;
}

/** The lab as the class does it. Points of tasks that the lab does not have count for nothing. */
export function withClass(lab: LabDefinition, { seed, points }: ClassCode): LabDefinition {
  const tasks = lab.tasks.map((task) => ({ ...task, points: Object.hasOwn(points, task.id) ? points[task.id]! : task.points }));
  return { ...lab, tasks, cluster: { ...lab.cluster, seed } };
}

function isPoints(value: unknown): value is Record<string, number> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((points) => isCount(points, maxPoints))
  );
}

function isCount(value: unknown, highest: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= highest;
}
