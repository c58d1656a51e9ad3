/** Validation of custom resources. Upstream: apiextensions-apiserver/pkg/registry/customresource/{strategy,validator}.go. */
import { validateObjectMeta, validateObjectMetaUpdate } from '../../../api/metadata/object-meta.ts';
import type { FieldError } from '../../../machinery/field-error.ts';
import { qualifiedName } from '../../../machinery/names.ts';
import { validateListTypes } from '../../../machinery/structural-schema/list-types.ts';
import { evaluateRules, hasRules } from '../../../machinery/structural-schema/rules.ts';
import { validateValue } from '../../../machinery/structural-schema/validate-value.ts';
import type { CustomObject, CustomVersion } from './descriptor.ts';
import { validateEmbedded } from './embedded.ts';
import { unlessUnchanged } from './ratcheting.ts';
import { valueAt } from './scale.ts';

const blocking = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

/** What stands for the rules when the object is too wrong for them. */
const notChecked: FieldError = {
  type: 'FieldValueInvalid',
  field: '<nil>',
  badValue: null,
  detail: 'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

/** A new object. */
export function validateCreate(own: CustomVersion, object: CustomObject): FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(object.metadata, { isNamespaced: own.definition.spec.scope === 'Namespaced' }, errors);
  errors.push(...validateValue(object, own.schema, ''));
  validateEmbedded(object, own.schema, '', errors);
  validateScale(own, object, errors);
  validateListTypes(object, own.schema, '', errors);
  addRuleErrors(own, object, undefined, '', errors);
  return errors;
}

/** An update of the object itself. */
export function validateUpdate(own: CustomVersion, next: CustomObject, previous: CustomObject): FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  errors.push(...unlessUnchanged(validateValue(next, own.schema, ''), { next, previous, schema: own.schema, root: '' }));
  validateEmbedded(next, own.schema, '', errors);
  validateScale(own, next, errors);
  const before: FieldError[] = [];
  validateListTypes(previous, own.schema, '', before);
  if (before.length === 0) validateListTypes(next, own.schema, '', errors);
  addRuleErrors(own, next, previous, '', errors);
  return errors;
}

/** An update of the status alone. */
export function validateStatus(own: CustomVersion, next: CustomObject, previous: CustomObject): FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  const schema = own.schema.properties?.status;
  if (!schema || next.status === undefined) return errors;
  errors.push(
    ...unlessUnchanged(validateValue(next.status, schema, 'status'), {
      next: next.status,
      previous: previous.status,
      schema,
      root: 'status',
    }),
  );
  validateListTypes(next.status, schema, 'status', errors);
  addRuleErrors(own, next, previous, 'status', errors);
  return errors;
}

function validateScale({ version }: CustomVersion, object: CustomObject, errors: FieldError[]): void {
  const scale = version.subresources?.scale;
  if (!scale) return;
  for (const path of [scale.specReplicasPath, scale.statusReplicasPath]) {
    const value = valueAt(object, path);
    const wrong = (detail: string): void => void errors.push({ type: 'FieldValueInvalid', field: path, badValue: value, detail });
    if (typeof value !== 'number') continue;
    if (value < 0) wrong('should be a non-negative integer');
    else if (value > 2_147_483_647) wrong('should be less than or equal to 2147483647');
  }
}

function addRuleErrors(
  { schema }: CustomVersion,
  next: CustomObject,
  previous: CustomObject | undefined,
  root: '' | 'status',
  errors: FieldError[],
): void {
  if (!hasRules(schema)) return;
  if (errors.some(({ type }) => blocking.has(type))) {
    errors.push(notChecked);
    return;
  }
  const own = root === '' ? schema : schema.properties?.status;
  if (!own) return;
  const [value, old] = root === '' ? [next, previous] : [next.status, previous?.status];
  errors.push(...evaluateRules(value, old, own, root === '', root));
}

/** Finalizers that may clash with those of others (validateKubeFinalizerName). */
export function finalizerWarnings(object: CustomObject, previous: CustomObject | undefined): readonly string[] {
  const known = new Set(['orphan', 'foregroundDeletion', 'kubernetes', ...(previous?.metadata.finalizers ?? [])]);
  return (object.metadata.finalizers ?? [])
    .filter((finalizer) => !known.has(finalizer))
    .sort()
    .flatMap((finalizer) => {
      const at = `metadata.finalizers: ${JSON.stringify(finalizer)}`;
      const warnings = qualifiedName(finalizer).map((problem) => `${at}: ${problem}`);
      if (finalizer.includes('/')) return warnings;
      const path = finalizer.includes('.') ? ' including a path (/)' : '';
      return [
        ...warnings,
        `${at}: prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`,
      ];
    });
}
