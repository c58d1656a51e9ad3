/** Reads what an author wrote, checks it, and chooses where the seed decides. */
import type { Fault } from './fault.ts';
import { FaultError } from './fault.ts';
import { faults } from './list.ts';
import type { Place } from './parameters.ts';

/** A fault as a lab names it. */
export interface FaultEntry {
  readonly fault: string;
  /** Its parameters as text. */
  readonly with: Readonly<Record<string, string>>;
  /** Virtual milliseconds after the learner's arrival; before it if neither this nor `after` is given. */
  readonly atMs?: number | undefined;
  /** The task after which it comes, once that is green. */
  readonly after?: string | undefined;
}

/** So many of them, which the seed decides. */
export interface FaultChoice {
  readonly choose: number;
  readonly of: readonly FaultEntry[];
}

export type FaultList = readonly (FaultEntry | FaultChoice)[];

/** A fault that was read and can be injected. */
export interface PlannedFault {
  readonly fault: Fault;
  readonly values: Readonly<Record<string, unknown>>;
}

const byName = new Map(faults.map((fault) => [fault.name, fault]));

/** Throws a `FaultError` that says what is known when the name, a parameter or a value is not. */
export function planFault(name: string, given: Readonly<Record<string, string>>, place: Place): PlannedFault {
  const fault = byName.get(name);
  if (!fault) throw new FaultError(`there is no fault ${JSON.stringify(name)}; known are ${[...byName.keys()].join(', ')}`);
  const { parameters } = fault;
  const known = Object.keys(parameters);
  for (const key of Object.keys(given))
    if (!Object.hasOwn(parameters, key))
      throw new FaultError(
        `${name} has no parameter ${JSON.stringify(key)}; ${known.length > 0 ? `it takes ${known.join(', ')}` : 'it takes none'}`,
      );
  const values: Record<string, unknown> = {};
  for (const key of known) {
    const parameter = parameters[key]!;
    const text = Object.hasOwn(given, key) ? given[key]! : parameter.fallback;
    if (text === undefined) throw new FaultError(`${name} needs ${key}: ${parameter.about}`);
    const parsed = parameter.parse(text, place);
    if ('problem' in parsed) throw new FaultError(`${name}: ${key}: ${parsed.problem}`);
    values[key] = parsed.value;
  }
  return { fault, values };
}

/** Reads `NAME key=value …`: what the directive `fault` takes. */
export function parseFaultLine(words: readonly string[], place: Place): PlannedFault {
  const [name = '', ...rest] = words;
  const given: Record<string, string> = {};
  for (const word of rest) {
    const [, key, value] = /^([A-Za-z]\w*)=(.+)$/.exec(word) ?? [];
    if (key === undefined) throw new FaultError(`${JSON.stringify(word)} is not key=value`);
    if (Object.hasOwn(given, key)) throw new FaultError(`${key} is given twice`);
    given[key] = value!;
  }
  return planFault(name, given, place);
}

/**
 * What a seed makes of a list. Seeds that follow one another choose differently, and go through all combinations before one
 * comes again, so that a class whose seeds are numbered gets as many different clusters as there are.
 */
export function chooseFaults(list: FaultList, seed: number): readonly FaultEntry[] {
  let rest = seed;
  return list.flatMap((entry) => {
    if (!('choose' in entry)) return [entry];
    const { choose, of } = entry;
    const count = combinations(of.length, choose);
    const index = rest % count;
    rest = Math.floor(rest / count);
    return combination(of, choose, index);
  });
}

/** How many different clusters the seeds of a list make: seeds from 0 up to it show each once. */
export function variantsOf(list: FaultList): number {
  return list.reduce((product, entry) => ('choose' in entry ? product * combinations(entry.of.length, entry.choose) : product), 1);
}

function combinations(n: number, k: number): number {
  let count = 1;
  for (let i = 1; i <= k; i++) count = (count * (n - k + i)) / i;
  return count;
}

/** The combination with a number, in the order of the list. */
function combination<T>(of: readonly T[], choose: number, index: number): readonly T[] {
  if (choose === 0) return [];
  const [first, ...rest] = of;
  const withFirst = combinations(rest.length, choose - 1);
  return index < withFirst ? [first!, ...combination(rest, choose - 1, index)] : combination(rest, choose, index - withFirst);
}
