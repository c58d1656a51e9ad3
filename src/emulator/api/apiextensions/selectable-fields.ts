/** Paths into a schema that fields of a definition name: selectableFields, fieldPath of a rule (schema/cel/validation.go, ValidFieldPath). */
import { duplicate, invalid, required, tooMany } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { valuesOf } from '../../machinery/structural-schema/schema.ts';
import type { JSONSchemaProps } from '../generated/types.ts';

const mostFields = 8;

/** The schema that a path (`.spec.color`) leads to, or why it leads nowhere. */
export function schemaAt(
  path: string,
  schema: JSONSchemaProps,
  allowsBrackets = true,
): { readonly schema: JSONSchemaProps } | { readonly problem: string } {
  if (!allowsBrackets && path.includes('[')) return { problem: 'array notation is not allowed' };
  const [, known = '', rest = ''] = /^((?:\.[^.[\]]+|\['(?:[^'\\]|\\.)*'\])*)(.*)$/s.exec(path)!;
  if (rest === '.') return { problem: 'unexpected end of JSON path' };
  if (rest !== '') return { problem: `expected [ or . but got: ${/^(?:[.[\]]|[^.[\]]+)/.exec(rest)![0]}` };
  const steps = known.match(/\.[^.[\]]+|\['(?:[^'\\]|\\.)*'\]/g) ?? [];
  let at = schema;
  for (const step of steps) {
    const name = step.startsWith('.') ? step.slice(1) : step.slice(2, -2);
    const values = valuesOf(at);
    const next = at.properties && Object.hasOwn(at.properties, name) ? at.properties[name] : values === true ? undefined : values;
    if (!next) return { problem: 'does not refer to a valid field' };
    at = next;
  }
  return { schema: at };
}

export function validateSelectableFields(
  fields: readonly { readonly jsonPath: string }[],
  schema: JSONSchemaProps,
  path: FieldPath,
  errors: FieldError[],
): void {
  const seen = new Set<string>();
  fields.forEach(({ jsonPath }, i) => {
    const at = path.index(i).child('jsonPath');
    if (!jsonPath) {
      errors.push(required(at));
      return;
    }
    const found = schemaAt(jsonPath, schema, false);
    if ('problem' in found) {
      errors.push(invalid(at, jsonPath, `is an invalid path: ${found.problem}`));
      return;
    }
    if (jsonPath.startsWith('.metadata')) errors.push(invalid(at, jsonPath, 'must not point to fields in metadata'));
    if (!['string', 'boolean', 'integer'].includes(found.schema.type ?? ''))
      errors.push(
        invalid(
          at,
          jsonPath,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      );
    if (seen.has(jsonPath)) errors.push(duplicate(at, jsonPath));
    seen.add(jsonPath);
  });
  if (seen.size > mostFields) errors.push(tooMany(path, seen.size, mostFields));
}
