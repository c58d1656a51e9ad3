/**
 * Sets of field paths, as trees of shared nodes: two sets with the same paths are one object, so that a hundred thousand Pods of a
 * template have one set, and union or difference of known sets is a look-up. The tables are bounded: when full they begin anew, and
 * sets of before stay valid but are compared by their structure (`sameSet`).
 *
 * A path's elements are written as FieldsV1 has them: `f:name`, `k:{"name":"a"}`, `v:"x"`.
 */
import { flat } from '../flat-text.ts';
import type { ManagedFieldsEntry } from '../objects.ts';

export interface FieldSet {
  readonly id: number;
  /** Whether the path of this node itself is in the set. */
  readonly isMember: boolean;
  readonly children: Children;
  /** The set as FieldsV1 has it, once it was asked for; equal sets share it. */
  fieldsV1: object | undefined;
  /** The last entry made of the set: Pods made in one second by one controller share theirs. */
  entry: ManagedFieldsEntry | undefined;
}

/**
 * The nodes below a node by element, in the order of FieldsV1. Each Pod has a few sets of its own, since the elements of
 * `podIPs` carry the address; a sorted list of one or two takes a quarter of a Map's room.
 */
export class Children implements Iterable<readonly [string, FieldSet]> {
  /** Elements and their nodes in turn. */
  readonly #flat: readonly (string | FieldSet)[];

  constructor(sorted: readonly (readonly [string, FieldSet])[]) {
    const flat = new Array<string | FieldSet>(sorted.length * 2);
    for (let i = 0; i < sorted.length; i++) [flat[2 * i], flat[2 * i + 1]] = sorted[i]!;
    this.#flat = flat;
  }

  get size(): number {
    return this.#flat.length / 2;
  }

  get(element: string): FieldSet | undefined {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#flat[2 * middle] as string) < element) low = middle + 1;
      else high = middle;
    }
    return this.#flat[2 * low] === element ? (this.#flat[2 * low + 1] as FieldSet) : undefined;
  }

  *[Symbol.iterator](): Generator<readonly [string, FieldSet]> {
    for (let i = 0; i < this.#flat.length; i += 2) yield [this.#flat[i] as string, this.#flat[i + 1] as FieldSet];
  }

  map(change: (child: FieldSet, element: string) => FieldSet): (readonly [string, FieldSet])[] {
    const changed: (readonly [string, FieldSet])[] = [];
    for (let i = 0; i < this.#flat.length; i += 2) {
      const element = this.#flat[i] as string;
      changed.push([element, change(this.#flat[i + 1] as FieldSet, element)]);
    }
    return changed;
  }
}

const maxNodes = 16_384;
const maxResults = 16_384;

const noChildren = new Children([]);
export const emptySet: FieldSet = { id: 0, isMember: false, children: noChildren, fieldsV1: undefined, entry: undefined };
/** A path without any below it. */
export const leaf: FieldSet = { id: 1, isMember: true, children: noChildren, fieldsV1: undefined, entry: undefined };

let nextId = 2;
const nodes = new Map<string, FieldSet>();
const results = new Map<number, FieldSet>();

/** The shared node with these children; empty ones are left out. */
export function node(isMember: boolean, children: readonly (readonly [string, FieldSet])[]): FieldSet {
  const kept = children.filter(([, child]) => child !== emptySet);
  if (kept.length === 0) return isMember ? leaf : emptySet;
  if (kept.length > 1) kept.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  let key = isMember ? '.' : '';
  for (const [name, child] of kept) key += `${name}\n${child.id}\n`;
  let found = nodes.get(key);
  if (!found) {
    if (nodes.size >= maxNodes) {
      nodes.clear();
      results.clear();
    }
    found = { id: nextId++, isMember, children: new Children(kept), fieldsV1: undefined, entry: undefined };
    nodes.set(flat(key), found);
  }
  return found;
}

/**
 * Builds a set path element by path element without making text or lists: a state of the builder is a node of a tree of all
 * sequences seen so far, and knows the set that it stands for. Begin with `start()`.
 */
export class SetBuilder {
  readonly #parent: SetBuilder | undefined;
  readonly #name: string;
  readonly #child: FieldSet;
  #fields: Map<string, Map<FieldSet, SetBuilder>> | undefined;
  #items: Map<string, Map<FieldSet, SetBuilder>> | undefined;
  #inner: FieldSet | undefined;
  #member: FieldSet | undefined;

  constructor(parent?: SetBuilder, name = '', child: FieldSet = emptySet) {
    this.#parent = parent;
    this.#name = name;
    this.#child = child;
  }

  field(name: string, child: FieldSet): SetBuilder {
    if (child === emptySet) return this;
    this.#fields ??= new Map();
    return this.#next(this.#fields, name, child, 'f:');
  }

  /** An element of a list, with its prefix. */
  item(element: string, child: FieldSet): SetBuilder {
    if (child === emptySet) return this;
    this.#items ??= new Map();
    return this.#next(this.#items, element, child, '');
  }

  #next(edges: Map<string, Map<FieldSet, SetBuilder>>, name: string, child: FieldSet, prefix: string): SetBuilder {
    let byChild = edges.get(name);
    if (!byChild) {
      byChild = new Map();
      edges.set(name, byChild);
    }
    let next = byChild.get(child);
    if (!next) {
      next = new SetBuilder(this, prefix + name, child);
      byChild.set(child, next);
      states++;
    }
    return next;
  }

  /** The set built so far; `isMember` adds the path itself. */
  set(isMember: boolean): FieldSet {
    if (isMember) return (this.#member ??= node(true, this.#children()));
    return (this.#inner ??= node(false, this.#children()));
  }

  #children(): [string, FieldSet][] {
    const children: [string, FieldSet][] = [];
    for (let state: SetBuilder = this; state.#parent; state = state.#parent) children.push([state.#name, state.#child]);
    return children;
  }
}

let states = 0;
let root = new SetBuilder();

/** The builder of an empty set. */
export function start(): SetBuilder {
  if (states > maxNodes) {
    states = 0;
    root = new SetBuilder();
  }
  return root;
}

/** Whether two sets have the same paths. */
export function sameSet(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (a.isMember !== b.isMember || a.children.size !== b.children.size) return false;
  for (const [name, child] of a.children) {
    const other = b.children.get(name);
    if (!other || !sameSet(child, other)) return false;
  }
  return true;
}

/** Results by operation and operands; identifiers stay below 2^24 for as long as a session lives. */
function remembered(operation: 0 | 1 | 2, a: FieldSet, b: FieldSet, compute: () => FieldSet): FieldSet {
  const key = (a.id * 0x100_0000 + b.id) * 4 + operation;
  if (!Number.isSafeInteger(key)) return compute();
  let result = results.get(key);
  if (!result) {
    result = compute();
    if (results.size >= maxResults) results.clear();
    results.set(key, result);
  }
  return result;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || b === emptySet) return a;
  if (a === emptySet) return b;
  return remembered(0, a, b, () => {
    const children = new Map(a.children);
    for (const [name, child] of b.children) children.set(name, union(children.get(name) ?? emptySet, child));
    return node(a.isMember || b.isMember, [...children]);
  });
}

/** The paths of `a` that are not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || a === emptySet) return emptySet;
  if (b === emptySet) return a;
  return remembered(1, a, b, () =>
    node(
      a.isMember && !b.isMember,
      a.children.map((child, name) => difference(child, b.children.get(name) ?? emptySet)),
    ),
  );
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  if (a === emptySet || b === emptySet) return emptySet;
  return remembered(2, a, b, () =>
    node(
      a.isMember && b.isMember,
      a.children.map((child, name) => intersection(child, b.children.get(name) ?? emptySet)),
    ),
  );
}

/** The set with every struct field on the way to a path added. Upstream: `EnsureNamedFieldsAreMembers`. */
export function withParents(set: FieldSet): FieldSet {
  return node(
    set.isMember,
    set.children.map((child, name) => {
      const inner = withParents(child);
      return name.startsWith('f:') && !inner.isMember ? node(true, [...inner.children]) : inner;
    }),
  );
}

/** All paths, each as its elements. */
export function pathsOf(set: FieldSet): string[][] {
  const out: string[][] = [];
  const visit = (one: FieldSet, path: readonly string[]): void => {
    if (one.isMember && path.length > 0) out.push([...path]);
    for (const [name, child] of one.children) visit(child, [...path, name]);
  };
  visit(set, []);
  return out;
}

/** A set of paths of field names. */
export function setOfPaths(paths: readonly (readonly string[])[]): FieldSet {
  return paths.reduce<FieldSet>(
    (set, path) =>
      union(
        set,
        path.reduceRight<FieldSet>((child, name) => node(false, [[`f:${name}`, child]]), leaf),
      ),
    emptySet,
  );
}
