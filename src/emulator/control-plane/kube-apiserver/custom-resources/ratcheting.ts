/**
 * Ratcheting: what was wrong before and is not touched may stay wrong
 * (apiextensions-apiserver/pkg/apiserver/validation/ratcheting.go, apiserver/pkg/cel/common/equality.go).
 */
import type { JSONSchemaProps } from '../../../api/generated/types.ts';
import { equal } from '../../../machinery/equality.ts';
import type { FieldError } from '../../../machinery/field-error.ts';
import { isMap, itemsOf, valuesOf } from '../../../machinery/structural-schema/schema.ts';

interface Change {
  readonly next: unknown;
  readonly previous: unknown;
  readonly schema: JSONSchemaProps;
  /** The path at which both stand. */
  readonly root: string;
}

/** Errors at places that have changed. */
export function unlessUnchanged(errors: readonly FieldError[], change: Change): readonly FieldError[] {
  return errors.filter(({ field, type }) => {
    if (field === '<nil>' || field === '') return true;
    const steps = stepsOf(field.slice(change.root.length));
    return !isUnchanged(change, type === 'FieldValueRequired' ? steps.slice(0, -1) : steps);
  });
}

/** `['spec', 'parts', 0, 'name']` of `spec.parts[0].name`. */
function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, name]) => (index === undefined ? name! : Number(index)));
}

/** Whether the last place on the way that has a counterpart in what was before is equal to it. */
function isUnchanged({ next, previous, schema }: Change, steps: readonly (string | number)[]): boolean {
  let [now, before, own]: [unknown, unknown, JSONSchemaProps | undefined] = [next, previous, schema];
  let depth = 0;
  for (const step of steps) {
    const inner: Step | undefined = typeof step === 'number' ? elementAt(now, before, own, step) : fieldAt(now, before, own, step);
    if (!inner) break;
    [now, before, own] = inner;
    depth++;
  }
  return depth > 0 && equal(now, before);
}

type Step = [now: unknown, before: unknown, schema: JSONSchemaProps | undefined];

function fieldAt(now: unknown, before: unknown, schema: JSONSchemaProps | undefined, name: string): Step | undefined {
  if (!isMap(now) || !isMap(before) || !Object.hasOwn(now, name) || !Object.hasOwn(before, name)) return undefined;
  const values = schema && valuesOf(schema);
  return [now[name], before[name], schema?.properties?.[name] ?? (values === true ? undefined : values)];
}

/** Elements of a list of type map belong together by their keys; those of other lists have no counterparts. */
function elementAt(now: unknown, before: unknown, schema: JSONSchemaProps | undefined, index: number): Step | undefined {
  if (!Array.isArray(now) || !Array.isArray(before) || schema?.['x-kubernetes-list-type'] !== 'map') return undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const item: unknown = now[index];
  const isSame = (other: unknown): boolean => isMap(item) && isMap(other) && keys.every((key) => equal(item[key], other[key]));
  const found: unknown = before.find(isSame);
  return found === undefined ? undefined : [item, found, itemsOf(schema)];
}
