/** Walks data along the nodes of a JSONPath template. Upstream: `client-go/util/jsonpath/jsonpath.go`. */
import { compareBytes, marshalCompact, sortKeys } from '../json.ts';
import { type Bound, JsonPathError, type Node } from './parse.ts';

type Values = readonly unknown[];

export function evaluate(nodes: readonly Node[], data: unknown, allowMissing: boolean): unknown[][] {
  const results: unknown[][] = [];
  runBlock({ nodes, allowMissing }, 0, nodes.length, data, 0, results);
  return results;
}

interface Program {
  readonly nodes: readonly Node[];
  readonly allowMissing: boolean;
}

/** Runs the nodes from `start` up to `end`; `depth` counts the ranges around them. */
function runBlock(program: Program, start: number, end: number, data: unknown, depth: number, results: unknown[][]): void {
  for (let i = start; i < end; i++) {
    const node = program.nodes[i]!;
    const values = walk([data], node, program.allowMissing);
    if (isKeyword(node, 'end')) {
      if (depth === 0) throw new JsonPathError('not in range, nothing to end');
      return;
    }
    if (!isKeyword(node, 'range')) {
      results.push([...values]);
      continue;
    }
    const last = matchingEnd(program.nodes, i + 1, end);
    // An empty range runs once on nothing, as upstream does, so that mistakes in it show.
    if (values.length === 0) runBlock(program, i + 1, last, undefined, depth + 1, []);
    for (const value of values) runBlock(program, i + 1, last, value, depth + 1, results);
    i = last;
  }
}

const isKeyword = (node: Node, name: string): boolean =>
  node.type === 'list' && node.nodes.some((part) => part.type === 'identifier' && part.name === name);

function matchingEnd(nodes: readonly Node[], start: number, end: number): number {
  let depth = 1;
  for (let i = start; i < end; i++) {
    if (isKeyword(nodes[i]!, 'range')) depth++;
    else if (isKeyword(nodes[i]!, 'end') && --depth === 0) return i;
  }
  return end;
}

function walkAll(values: Values, nodes: readonly Node[], allowMissing: boolean): Values {
  return nodes.reduce((current, node) => walk(current, node, allowMissing), values);
}

function walk(values: Values, node: Node, allowMissing: boolean): Values {
  switch (node.type) {
    case 'list':
      return walkAll(values, node.nodes, allowMissing);
    case 'text':
      return [node.text];
    case 'literal':
      return values.map(() => node.value);
    case 'field':
      return fields(values, node.name, allowMissing);
    case 'slice':
      return values.flatMap((value) => slice(value, node.bounds));
    case 'wildcard':
      return values.flatMap(children);
    case 'recursive':
      return values.flatMap(descend);
    case 'union':
      return node.lists.flatMap((list) => walkAll(values, list, allowMissing));
    case 'filter':
      return values.flatMap((value) => filter(value, node, allowMissing));
    case 'identifier':
      if (node.name === 'range') return values;
      if (node.name === 'end') return [];
      throw new JsonPathError(`unrecognized identifier ${node.name}`);
  }
}

const isNil = (value: unknown): value is null | undefined => value === null || value === undefined;
const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fields(values: Values, name: string, allowMissing: boolean): Values {
  if (values.length === 0) return values;
  const found = values
    .filter((value) => isMap(value) && Object.hasOwn(value, name) && value[name] !== undefined)
    .map((value) => (value as Record<string, unknown>)[name]);
  if (found.length === 0 && !allowMissing) throw new JsonPathError(`${name} is not found`);
  return found;
}

function slice(value: unknown, [first, last, stride]: readonly [Bound, Bound, Bound]): Values {
  if (isNil(value)) return [];
  if (!Array.isArray(value)) throw new JsonPathError(`${typeName(value)} is not array or slice`);
  const { length } = value;
  let start = first.isKnown ? first.value : 0;
  if (start < 0) start += length;
  let end = last.isKnown ? last.value : length;
  if (end < 0 || (end === 0 && last.isDerived)) end += length;
  if (start === end) return [];
  if (start >= length || start < 0) throw new JsonPathError(`array index out of bounds: index ${start}, length ${length}`);
  if (end > length || end < 0) throw new JsonPathError(`array index out of bounds: index ${end - 1}, length ${length}`);
  if (start > end) throw new JsonPathError(`starting index ${start} is greater than ending index ${end}`);
  if (stride.isKnown && stride.value <= 0) throw new JsonPathError('step must be > 0');
  const step = stride.isKnown ? stride.value : 1;
  return (value as unknown[]).slice(start, end).filter((_, i) => i % step === 0);
}

function children(value: unknown): Values {
  if (Array.isArray(value)) return value as unknown[];
  if (typeof value === 'string') return [...value].map((char) => char.codePointAt(0));
  if (!isMap(value)) return [];
  return sortKeys(Object.keys(value))
    .filter((key) => value[key] !== undefined)
    .map((key) => value[key]);
}

function descend(value: unknown): Values {
  const below = children(value);
  return below.length === 0 ? [] : [value, ...below.flatMap(descend)];
}

function filter(value: unknown, node: Extract<Node, { type: 'filter' }>, allowMissing: boolean): Values {
  if (!Array.isArray(value)) throw new JsonPathError(`${goText(value)} is not array or slice and cannot be filtered`);
  return (value as unknown[]).filter((item) => {
    if (node.operator === 'exists') return exists(item, node.left, allowMissing);
    const left = single(walkAll([item], node.left, allowMissing));
    if (!left) return false;
    const right = single(walkAll([item], node.right, allowMissing));
    return right !== undefined && compare(left.value, right.value, node.operator);
  });
}

function exists(item: unknown, path: readonly Node[], allowMissing: boolean): boolean {
  try {
    return walkAll([item], path, allowMissing).length > 0;
  } catch (error) {
    if (error instanceof JsonPathError) return false;
    throw error;
  }
}

function single(values: Values): { readonly value: unknown } | undefined {
  if (values.length > 1) throw new JsonPathError('can only compare one element at a time');
  return values.length === 0 ? undefined : { value: values[0] };
}

function compare(left: unknown, right: unknown, operator: string): boolean {
  const [leftKind, rightKind] = [basicKind(left), basicKind(right)];
  if (!['<', '>', '==', '!=', '<=', '>='].includes(operator)) throw new JsonPathError(`unrecognized filter operator ${operator}`);
  if (leftKind !== rightKind) throw new JsonPathError('incompatible types for comparison');
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (leftKind === 'bool') throw new JsonPathError('invalid type for comparison');
  const order = leftKind === 'string' ? compareBytes(left as string, right as string) : (left as number) - (right as number);
  if (operator === '<') return order < 0;
  if (operator === '>') return order > 0;
  return operator === '<=' ? order <= 0 : order >= 0;
}

function basicKind(value: unknown): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  throw new JsonPathError('invalid type for comparison');
}

function typeName(value: unknown): string {
  if (isMap(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

/** A value as Go's fmt prints it. */
function goText(value: unknown): string {
  if (isNil(value)) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isMap(value)) return String(value);
  return `map[${sortKeys(Object.keys(value))
    .map((key) => `${key}:${goText(value[key])}`)
    .join(' ')}]`;
}

/** The values of one action as they stand in the output: maps and lists as JSON, parted by spaces. */
export function printResults(values: Values): string {
  return values.map((value) => (isNil(value) ? 'null' : typeof value === 'object' ? marshalCompact(value) : String(value))).join(' ');
}
