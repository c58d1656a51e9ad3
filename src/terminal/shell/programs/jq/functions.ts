/** jq's builtins, by name and number of arguments. */
import { parseTime, utf8 } from '../../../../emulator/kernel/index.ts';
import { formatDate } from '../../date-format.ts';
import type { CallArguments } from './evaluator.ts';
import { needArray, needString, textOfValue } from './formats.ts';
import { computed, iterate } from './located.ts';
import type { Located } from './located.ts';
import { captureObject, matches, regExp, substitute } from './matching.ts';
import { getPath, setPath } from './paths.ts';
import type { Path } from './paths.ts';
import { JqError, add, compare, isObject, isTrue, shortened, toJson, typeOf } from './values.ts';
import type { Json } from './values.ts';

type Builtin = (at: Located, call: CallArguments) => Iterable<Located>;

const simple =
  (compute: (value: Json, call: CallArguments) => Json): Builtin =>
  (at, call) => [computed(compute(at.value, call))];
const numeric = (compute: (value: number) => number): Builtin =>
  simple((value) => {
    if (typeof value !== 'number') throw new JqError(`${typeOf(value)} (${shortened(value)}) number required`);
    return compute(value);
  });
const selectType =
  (test: (value: Json) => boolean): Builtin =>
  (at) =>
    test(at.value) ? [at] : [];

function contains(a: Json, b: Json): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a.includes(b);
  if (Array.isArray(a) && Array.isArray(b)) return b.every((item) => a.some((other) => contains(other as Json, item as Json)));
  if (isObject(a) && isObject(b)) return Object.entries(b).every(([key, item]) => a[key] !== undefined && contains(a[key]!, item));
  if (typeOf(a) === typeOf(b)) return compare(a, b) === 0;
  throw new JqError(`${typeOf(a)} (${shortened(a)}) and ${typeOf(b)} (${shortened(b)}) cannot have their containment checked`);
}

function keyed(call: CallArguments, list: readonly Json[]): { readonly key: Json; readonly item: Json }[] {
  return list.map((item) => ({ key: [...call.values(0, item)], item })).sort((a, b) => compare(a.key, b.key));
}

function grouped(call: CallArguments, list: readonly Json[]): Json[][] {
  const groups: Json[][] = [];
  let last: Json | undefined;
  for (const { key, item } of keyed(call, list)) {
    if (last !== undefined && compare(last, key) === 0) groups.at(-1)!.push(item);
    else groups.push([item]);
    last = key;
  }
  return groups;
}

function keysOf(value: Json): Json[] {
  if (Array.isArray(value)) return value.map((_, i) => i);
  if (isObject(value)) return Object.keys(value);
  throw new JqError(`${typeOf(value)} (${shortened(value)}) has no keys`);
}

function has(value: Json, key: Json): boolean {
  if (isObject(value) && typeof key === 'string') return Object.hasOwn(value, key);
  if (Array.isArray(value) && typeof key === 'number') return key >= 0 && key < value.length;
  throw new JqError(`Cannot check whether ${typeOf(value)} has a ${typeof key === 'string' ? 'string' : typeOf(key)} key`);
}

function entriesOf(value: Json): Json[] {
  return keysOf(value).map((key) => ({ key, value: getPath(value, [key]) }));
}

function fromEntries(list: readonly Json[]): Json {
  const result: Record<string, Json> = {};
  for (const entry of list) {
    const field = (...names: string[]): Json =>
      names.map((name) => (isObject(entry) ? (entry[name] ?? null) : null)).find((found) => found !== null && found !== false) ?? null;
    const key = field('key', 'k', 'name', 'Name', 'K', 'Key');
    result[typeof key === 'string' ? key : key === null ? 'null' : toJson(key)] = isObject(entry)
      ? (entry.value ?? entry.v ?? entry.Value ?? entry.V ?? null)
      : null;
  }
  return result;
}

function flatten(list: readonly Json[], depth: number): Json[] {
  return list.flatMap((item) => (Array.isArray(item) && depth > 0 ? flatten(item as readonly Json[], depth - 1) : [item]));
}

function* recurseWith(at: Located, call: CallArguments, condition?: number): Generator<Located> {
  if (condition !== undefined && !isTrue(call.first(condition, at.value))) return;
  yield at;
  for (const child of call.located(0, at)) yield* recurseWith(child, call, condition);
}

function* allPaths(value: Json, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (!Array.isArray(value) && !isObject(value)) return;
  for (const child of iterate({ value, path })) yield* allPaths(child.value, child.path);
}

function walk(value: Json, call: CallArguments): Json {
  const inner: Json = Array.isArray(value)
    ? value.map((item) => walk(item as Json, call))
    : isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, call)]))
      : value;
  return call.first(0, inner);
}

function best(list: readonly Json[], sign: number, key: (item: Json) => Json = (item) => item): Json {
  return (
    list.reduce<Json | undefined>(
      (found, item) =>
        found === undefined || compare(key(item), key(found)) * sign > 0 || (sign > 0 && compare(key(item), key(found)) === 0)
          ? item
          : found,
      undefined,
    ) ?? null
  );
}

function seconds(value: Json): number {
  if (typeof value === 'number') return value;
  const unix = typeof value === 'string' ? parseTime(value) : undefined;
  if (unix === undefined) throw new JqError(`date "${textOfValue(value)}" does not match format "%Y-%m-%dT%H:%M:%SZ"`);
  return unix / 1000;
}

function removePaths(value: Json, paths: readonly Path[]): Json {
  return [...paths].sort((a, b) => compare(b, a)).reduce<Json>((result, path) => setPath(result, path, undefined), value);
}

export const functions: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['empty/0', () => []],
  ['not/0', simple((value) => !isTrue(value))],
  [
    'error/0',
    simple((value) => {
      throw new JqError(value);
    }),
  ],
  [
    'error/1',
    simple((_, call) => {
      throw new JqError(call.first(0));
    }),
  ],
  [
    'length/0',
    simple((value) => {
      if (typeof value === 'boolean') throw new JqError(`boolean (${value}) has no length`);
      return value === null
        ? 0
        : typeof value === 'number'
          ? Math.abs(value)
          : typeof value === 'string'
            ? [...value].length
            : Array.isArray(value)
              ? value.length
              : Object.keys(value).length;
    }),
  ],
  ['utf8bytelength/0', simple((value) => utf8(needString(value, 'utf8bytelength')).length)],
  ['keys/0', simple((value) => (isObject(value) ? keysOf(value).sort(compare) : keysOf(value)))],
  ['keys_unsorted/0', simple(keysOf)],
  ['values/0', selectType((value) => value !== null)],
  ['nulls/0', selectType((value) => value === null)],
  ['booleans/0', selectType((value) => typeof value === 'boolean')],
  ['numbers/0', selectType((value) => typeof value === 'number')],
  ['strings/0', selectType((value) => typeof value === 'string')],
  ['arrays/0', selectType((value) => Array.isArray(value))],
  ['objects/0', selectType((value) => isObject(value))],
  ['iterables/0', selectType((value) => Array.isArray(value) || isObject(value))],
  ['scalars/0', selectType((value) => !Array.isArray(value) && !isObject(value))],
  ['has/1', simple((value, call) => has(value, call.first(0)))],
  ['in/1', simple((value, call) => has(call.first(0), value))],
  ['contains/1', simple((value, call) => contains(value, call.first(0)))],
  ['inside/1', simple((value, call) => contains(call.first(0), value))],
  [
    'select/1',
    function* (at, call) {
      for (const test of call.values(0)) if (isTrue(test)) yield at;
    },
  ],
  ['map/1', simple((value, call) => [...iterate(computed(value))].flatMap((item) => [...call.values(0, item.value)]))],
  [
    'map_values/1',
    simple((value, call) => {
      const kept = [...iterate({ value, path: [] })].flatMap(({ value: item, path }) =>
        [...call.values(0, item)].slice(0, 1).map((next) => [path![0]!, next] as const),
      );
      return Array.isArray(value) ? kept.map(([, next]) => next) : Object.fromEntries(kept.map(([key, next]) => [key as string, next]));
    }),
  ],
  [
    'recurse/0',
    function* (at, call) {
      yield at;
      if (Array.isArray(at.value) || isObject(at.value)) for (const child of iterate(at)) yield* functions.get('recurse/0')!(child, call);
    },
  ],
  ['recurse/1', (at, call) => recurseWith(at, call)],
  ['recurse/2', (at, call) => recurseWith(at, call, 1)],
  [
    'path/1',
    function* (_, call) {
      for (const path of call.paths(0)) yield computed(path);
    },
  ],
  [
    'paths/0',
    function* (at) {
      for (const path of allPaths(at.value)) yield computed(path);
    },
  ],
  [
    'paths/1',
    function* (at, call) {
      for (const path of allPaths(at.value)) if (isTrue(call.first(0, getPath(at.value, path)))) yield computed(path);
    },
  ],
  [
    'leaf_paths/0',
    function* (at) {
      for (const path of allPaths(at.value)) {
        const leaf = getPath(at.value, path);
        if (!Array.isArray(leaf) && !isObject(leaf)) yield computed(path);
      }
    },
  ],
  [
    'getpath/1',
    function* (at, call) {
      for (const path of call.values(0)) {
        const keys = needArray(path, 'Path must be specified as an array');
        yield { value: getPath(at.value, keys), path: at.path && [...at.path, ...keys] };
      }
    },
  ],
  ['setpath/2', simple((value, call) => setPath(value, needArray(call.first(0), 'Path must be specified as an array'), call.first(1)))],
  [
    'delpaths/1',
    simple((value, call) => removePaths(value, needArray(call.first(0), 'Paths must be specified as an array') as readonly Path[])),
  ],
  ['del/1', simple((value, call) => removePaths(value, [...call.paths(0)]))],
  ['to_entries/0', simple(entriesOf)],
  ['from_entries/0', simple((value) => fromEntries(needArray(value, `Cannot iterate over ${typeOf(value)}`)))],
  ['with_entries/1', simple((value, call) => fromEntries(entriesOf(value).flatMap((entry) => [...call.values(0, entry)])))],
  ['add/0', simple((value) => [...iterate(computed(value))].reduce<Json>((sum, item) => add(sum, item.value), null))],
  ['add/1', simple((_, call) => [...call.values(0)].reduce<Json>(add, null))],
  ['any/0', simple((value) => [...iterate(computed(value))].some((item) => isTrue(item.value)))],
  ['any/1', simple((value, call) => [...iterate(computed(value))].some((item) => [...call.values(0, item.value)].some(isTrue)))],
  ['any/2', simple((_, call) => [...call.values(0)].some((item) => [...call.values(1, item)].some(isTrue)))],
  ['all/0', simple((value) => [...iterate(computed(value))].every((item) => isTrue(item.value)))],
  ['all/1', simple((value, call) => [...iterate(computed(value))].every((item) => [...call.values(0, item.value)].every(isTrue)))],
  ['all/2', simple((_, call) => [...call.values(0)].every((item) => [...call.values(1, item)].every(isTrue)))],
  ['flatten/0', simple((value) => flatten(needArray(value, `Cannot iterate over ${typeOf(value)}`), Number.POSITIVE_INFINITY))],
  ['flatten/1', simple((value, call) => flatten(needArray(value, `Cannot iterate over ${typeOf(value)}`), call.first(0) as number))],
  [
    'range/1',
    function* (_, call) {
      for (const to of call.values(0)) for (let i = 0; i < (to as number); i++) yield computed(i);
    },
  ],
  [
    'range/2',
    function* (_, call) {
      for (const from of call.values(0))
        for (const to of call.values(1)) for (let i = from as number; i < (to as number); i++) yield computed(i);
    },
  ],
  [
    'range/3',
    function* (_, call) {
      const [from, to, step] = [call.first(0), call.first(1), call.first(2)] as [number, number, number];
      if (step !== 0) for (let i = from; step > 0 ? i < to : i > to; i += step) yield computed(i);
    },
  ],
  ['floor/0', numeric(Math.floor)],
  ['ceil/0', numeric(Math.ceil)],
  ['round/0', numeric((value) => Math.sign(value) * Math.round(Math.abs(value)))],
  ['sqrt/0', numeric(Math.sqrt)],
  ['fabs/0', numeric(Math.abs)],
  ['abs/0', numeric(Math.abs)],
  ['log/0', numeric(Math.log)],
  ['log2/0', numeric(Math.log2)],
  ['log10/0', numeric(Math.log10)],
  ['exp/0', numeric(Math.exp)],
  ['pow/2', simple((_, call) => (call.first(0) as number) ** (call.first(1) as number))],
  ['infinite/0', simple(() => Number.POSITIVE_INFINITY)],
  ['nan/0', simple(() => Number.NaN)],
  ['isnan/0', simple((value) => Number.isNaN(value))],
  ['isinfinite/0', simple((value) => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)],
  ['min/0', simple((value) => best(needArray(value, `${typeOf(value)} cannot be searched`), -1))],
  ['max/0', simple((value) => best(needArray(value, `${typeOf(value)} cannot be searched`), 1))],
  ['min_by/1', simple((value, call) => best(needArray(value, 'not an array'), -1, (item) => [...call.values(0, item)]))],
  ['max_by/1', simple((value, call) => best(needArray(value, 'not an array'), 1, (item) => [...call.values(0, item)]))],
  [
    'sort/0',
    simple((value) =>
      [...needArray(value, `${typeOf(value)} (${shortened(value)}) cannot be sorted, as it is not an array`)].sort(compare),
    ),
  ],
  [
    'sort_by/1',
    simple((value, call) =>
      keyed(call, needArray(value, `${typeOf(value)} (${shortened(value)}) cannot be sorted, as it is not an array`)).map(
        ({ item }) => item,
      ),
    ),
  ],
  [
    'group_by/1',
    simple((value, call) =>
      grouped(call, needArray(value, `${typeOf(value)} (${shortened(value)}) cannot be grouped, as it is not an array`)),
    ),
  ],
  [
    'unique/0',
    simple((value) =>
      [...needArray(value, `${typeOf(value)} cannot be sorted, as it is not an array`)]
        .sort(compare)
        .filter((item, i, list) => i === 0 || compare(item, list[i - 1]!) !== 0),
    ),
  ],
  ['unique_by/1', simple((value, call) => grouped(call, needArray(value, 'not an array')).map(([first]) => first!))],
  [
    'reverse/0',
    simple((value) =>
      typeof value === 'string'
        ? [...value].reverse().join('')
        : value === null
          ? []
          : [...needArray(value, `Cannot reverse ${typeOf(value)}`)].reverse(),
    ),
  ],
  ['first/0', (at) => [{ value: getPath(at.value, [0]), path: at.path && [...at.path, 0] }]],
  ['last/0', (at) => [{ value: getPath(at.value, [-1]), path: at.path && [...at.path, -1] }]],
  [
    'first/1',
    function* (_, call) {
      for (const found of call.located(0)) return yield found;
    },
  ],
  [
    'last/1',
    function* (_, call) {
      const found = [...call.located(0)].at(-1);
      if (found) yield found;
    },
  ],
  ['nth/1', (at, call) => [computed(getPath(at.value, [call.first(0)]))]],
  [
    'limit/2',
    function* (_, call) {
      let left = call.first(0) as number;
      if (left > 0)
        for (const found of call.located(1)) {
          yield found;
          if (--left <= 0) return;
        }
    },
  ],
  [
    'until/2',
    simple((value, call) => {
      let state = value;
      while (!isTrue(call.first(0, state))) state = call.first(1, state);
      return state;
    }),
  ],
  [
    'while/2',
    function* (at, call) {
      for (let state = at.value; isTrue(call.first(0, state)); state = call.first(1, state)) yield computed(state);
    },
  ],
  [
    'repeat/1',
    function* (at, call) {
      for (let state = at.value; ; state = call.first(0, state)) yield computed(state);
    },
  ],
  [
    'isempty/1',
    function* (_, call) {
      for (const _found of call.values(0)) return yield computed(false);
      yield computed(true);
    },
  ],
  ['type/0', simple((value) => typeOf(value))],
  ['tostring/0', simple(textOfValue)],
  ['tojson/0', simple(toJson)],
  [
    'fromjson/0',
    simple((value) => {
      try {
        return JSON.parse(needString(value, 'fromjson')) as Json;
      } catch {
        throw new JqError(`${textOfValue(value)} (while parsing '${textOfValue(value)}')`);
      }
    }),
  ],
  [
    'tonumber/0',
    simple((value) => {
      const number = typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
      if (Number.isNaN(number)) throw new JqError(`${typeOf(value)} (${shortened(value)}) cannot be parsed as a number`);
      return number;
    }),
  ],
  ['ascii_downcase/0', simple((value) => needString(value, 'ascii_downcase').replace(/[A-Z]/g, (char) => char.toLowerCase()))],
  ['ascii_upcase/0', simple((value) => needString(value, 'ascii_upcase').replace(/[a-z]/g, (char) => char.toUpperCase()))],
  ['explode/0', simple((value) => [...needString(value, 'explode')].map((char) => char.codePointAt(0)!))],
  [
    'implode/0',
    simple((value) =>
      needArray(value, 'implode input must be an array')
        .map((code) => String.fromCodePoint(code as number))
        .join(''),
    ),
  ],
  ['trim/0', simple((value) => needString(value, 'trim').trim())],
  ['ltrim/0', simple((value) => needString(value, 'ltrim').trimStart())],
  ['rtrim/0', simple((value) => needString(value, 'rtrim').trimEnd())],
  [
    'ltrimstr/1',
    simple((value, call) => {
      const part = call.first(0);
      return typeof value === 'string' && typeof part === 'string' && value.startsWith(part) ? value.slice(part.length) : value;
    }),
  ],
  [
    'rtrimstr/1',
    simple((value, call) => {
      const part = call.first(0);
      return typeof value === 'string' && typeof part === 'string' && part !== '' && value.endsWith(part)
        ? value.slice(0, -part.length)
        : value;
    }),
  ],
  ['startswith/1', simple((value, call) => needString(value, 'startswith()').startsWith(needString(call.first(0), 'startswith()')))],
  ['endswith/1', simple((value, call) => needString(value, 'endswith()').endsWith(needString(call.first(0), 'endswith()')))],
  [
    'split/1',
    simple((value, call) => {
      const text = needString(value, 'split');
      return text === '' ? [] : text.split(needString(call.first(0), 'split'));
    }),
  ],
  ['split/2', simple((value, call) => needString(value, 'split').split(regExp(call.first(0), call.first(1), true)))],
  [
    'join/1',
    simple((value, call) => {
      const glue = textOfValue(call.first(0));
      return needArray(value, `Cannot iterate over ${typeOf(value)}`)
        .map((item) => {
          if (Array.isArray(item) || isObject(item))
            throw new JqError(`string ("${glue}") and ${typeOf(item)} (${shortened(item)}) cannot be added`);
          return item === null ? '' : textOfValue(item);
        })
        .join(glue);
    }),
  ],
  [
    'index/1',
    simple((value, call) => {
      const part = call.first(0);
      const found =
        typeof value === 'string'
          ? value.indexOf(part as string)
          : needArray(value, 'Cannot determine index').findIndex((item) => compare(item, part) === 0);
      return found < 0 ? null : found;
    }),
  ],
  [
    'rindex/1',
    simple((value, call) => {
      const part = call.first(0);
      const found =
        typeof value === 'string'
          ? value.lastIndexOf(part as string)
          : needArray(value, 'Cannot determine index').findLastIndex((item) => compare(item, part) === 0);
      return found < 0 ? null : found;
    }),
  ],
  [
    'indices/1',
    simple((value, call) => {
      const part = call.first(0);
      if (typeof value === 'string') {
        const found: number[] = [];
        for (let i = value.indexOf(part as string); i >= 0; i = value.indexOf(part as string, i + 1)) found.push(i);
        return found;
      }
      return Array.isArray(part)
        ? getPath(value, [part])
        : needArray(value, 'Cannot determine indices').flatMap((item, i) => (compare(item, part) === 0 ? [i] : []));
    }),
  ],
  ['test/1', simple((value, call) => matches(value, call.first(0), null).length > 0)],
  ['test/2', simple((value, call) => matches(value, call.first(0), call.first(1)).length > 0)],
  ['match/1', (at, call) => matches(at.value, call.first(0), null).map(computed)],
  ['match/2', (at, call) => matches(at.value, call.first(0), call.first(1)).map(computed)],
  ['capture/1', (at, call) => matches(at.value, call.first(0), null).map((match) => computed(captureObject(match)))],
  [
    'scan/1',
    (at, call) =>
      matches(at.value, call.first(0), null, true).map((match) => {
        const { captures, string } = match as { readonly captures: readonly { readonly string: Json }[]; readonly string: Json };
        return computed(captures.length > 0 ? captures.map((capture) => capture.string) : string);
      }),
  ],
  ['sub/2', (at, call) => substitute(at, call, false, null)],
  ['sub/3', (at, call) => substitute(at, call, false, call.first(2))],
  ['gsub/2', (at, call) => substitute(at, call, true, null)],
  ['gsub/3', (at, call) => substitute(at, call, true, call.first(2))],
  [
    'splits/1',
    (at, call) =>
      needString(at.value, 'splits')
        .split(regExp(call.first(0), null, true))
        .map(computed),
  ],
  [
    'splits/2',
    (at, call) =>
      needString(at.value, 'splits')
        .split(regExp(call.first(0), call.first(1), true))
        .map(computed),
  ],
  ['ascii/0', simple((value) => String.fromCharCode(value as number))],
  ['walk/1', simple((value, call) => walk(value, call))],
  [
    'transpose/0',
    simple((value) => {
      const rows = needArray(value, 'not an array') as readonly (readonly Json[])[];
      return Array.from({ length: Math.max(0, ...rows.map((row) => row.length)) }, (_, i) => rows.map((row) => row[i] ?? null));
    }),
  ],
  ['env/0', (_, call) => [computed(call.evaluator.env)]],
  [
    'input/0',
    (_, call) => {
      const next = call.evaluator.nextInput();
      if (next === undefined) throw new JqError('No more inputs');
      return [computed(next)];
    },
  ],
  [
    'inputs/0',
    function* (_, call) {
      for (let next = call.evaluator.nextInput(); next !== undefined; next = call.evaluator.nextInput()) yield computed(next);
    },
  ],
  ['now/0', (_, call) => [computed(call.evaluator.nowSeconds)]],
  ['todate/0', simple((value) => formatDate(Math.floor(seconds(value)) * 1000, '%Y-%m-%dT%H:%M:%SZ'))],
  ['fromdate/0', simple((value) => seconds(needString(value, 'fromdate')))],
  ['fromdateiso8601/0', simple((value) => seconds(needString(value, 'fromdateiso8601')))],
  ['todateiso8601/0', simple((value) => formatDate(Math.floor(seconds(value)) * 1000, '%Y-%m-%dT%H:%M:%SZ'))],
  ['strftime/1', simple((value, call) => formatDate(seconds(value) * 1000, needString(call.first(0), 'strftime/1')))],
  ['builtins/0', simple(() => [...functions.keys()])],
]);
