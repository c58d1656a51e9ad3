/**
 * A shell's variables. Each `Variable` is an immutable value, so a subshell's copy costs one map, and restoring a local
 * variable is putting the old value back.
 */

export interface Variable {
  /** The scalar's value; undefined for one that is declared but not set, and for arrays. */
  readonly value: string | undefined;
  /** Elements by index, in the order of their indexes, or by key in order of insertion when associative. */
  readonly elements?: ReadonlyMap<string, string> | undefined;
  readonly isAssociative: boolean;
  readonly isExported: boolean;
  readonly isReadOnly: boolean;
  readonly isInteger: boolean;
}

export type Attributes = Partial<Pick<Variable, 'isAssociative' | 'isExported' | 'isReadOnly' | 'isInteger'>>;

/** A write to a variable that is marked as read-only. */
export class ReadOnlyError extends Error {
  constructor(name: string) {
    super(`${name}: readonly variable`);
  }
}

const unset: Variable = { value: undefined, isAssociative: false, isExported: false, isReadOnly: false, isInteger: false };

function scalarOf(variable: Variable): string | undefined {
  return variable.elements ? variable.elements.get('0') : variable.value;
}

export class Variables {
  readonly #map: Map<string, Variable>;
  #environment: ReadonlyMap<string, string> | undefined;

  constructor(map: ReadonlyMap<string, Variable> = new Map()) {
    this.#map = new Map(map);
  }

  static fromEnvironment(env: ReadonlyMap<string, string>): Variables {
    return new Variables(new Map([...env].map(([name, value]) => [name, { ...unset, value, isExported: true }])));
  }

  copy(): Variables {
    return new Variables(this.#map);
  }

  lookup(name: string): Variable | undefined {
    return this.#map.get(name);
  }

  get(name: string): string | undefined {
    const variable = this.#map.get(name);
    return variable && scalarOf(variable);
  }

  /** The elements of an array; a scalar counts as an array of one. */
  elements(name: string): ReadonlyMap<string, string> {
    const variable = this.#map.get(name);
    if (!variable) return new Map();
    return variable.elements ?? new Map(variable.value === undefined ? [] : [['0', variable.value]]);
  }

  names(prefix = ''): string[] {
    return [...this.#map.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  set(name: string, value: string): void {
    const before = this.#writable(name);
    if (before?.elements) this.#put(name, { ...before, elements: withElement(before, '0', value) });
    else this.#put(name, before ? { ...before, value } : { ...unset, value });
  }

  setElement(name: string, key: string, value: string): void {
    const before = this.#writable(name) ?? unset;
    this.#put(name, { ...before, value: undefined, elements: withElement(before, key, value) });
  }

  setElements(name: string, elements: ReadonlyMap<string, string>): void {
    this.#put(name, { ...(this.#writable(name) ?? unset), value: undefined, elements });
  }

  declare(name: string, attributes: Attributes): void {
    const before = this.#map.get(name) ?? unset;
    if (before.isReadOnly && attributes.isReadOnly === false) throw new ReadOnlyError(name);
    this.#put(name, { ...before, ...attributes, ...(attributes.isAssociative && !before.elements && { elements: new Map() }) });
  }

  unset(name: string, key?: string): void {
    const before = this.#writable(name);
    if (!before) return;
    if (key === undefined) this.#map.delete(name);
    else if (before.elements) this.#map.set(name, { ...before, elements: new Map([...before.elements].filter(([k]) => k !== key)) });
    this.#environment = undefined;
  }

  /** Puts back what `lookup` gave before. */
  restore(name: string, variable: Variable | undefined): void {
    if (variable) this.#map.set(name, variable);
    else this.#map.delete(name);
    this.#environment = undefined;
  }

  /** What an external command gets. */
  environment(): ReadonlyMap<string, string> {
    this.#environment ??= new Map(
      [...this.#map].filter(([, v]) => v.isExported && scalarOf(v) !== undefined).map(([name, v]) => [name, scalarOf(v)!]),
    );
    return this.#environment;
  }

  #writable(name: string): Variable | undefined {
    const before = this.#map.get(name);
    if (before?.isReadOnly) throw new ReadOnlyError(name);
    return before;
  }

  #put(name: string, variable: Variable): void {
    this.#map.set(name, variable);
    if (variable.isExported) this.#environment = undefined;
  }
}

function withElement(before: Variable, key: string, value: string): ReadonlyMap<string, string> {
  const elements = new Map(before.elements ?? (before.value === undefined ? [] : [['0', before.value]]));
  const isAppended = elements.has(key) || before.isAssociative || elements.size === 0 || Number(key) > Number([...elements.keys()].at(-1));
  elements.set(key, value);
  return isAppended ? elements : new Map([...elements].sort(([a], [b]) => Number(a) - Number(b)));
}
