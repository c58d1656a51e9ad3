/**
 * Validation of metadata: apimachinery/pkg/api/validation/objectmeta.go. A resourceVersion that an update lacks is the
 * business of the API server, and so are the fields that it sets itself when a client leaves them out.
 */
import { duplicate, fieldPath, forbidden, invalid, required, tooLong } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { quote } from '../../machinery/go-quote.ts';
import type { Complaints } from '../../machinery/names.ts';
import { asPrefix, dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from '../../machinery/names.ts';
import type { ApiObject, DraftMeta, Labels, OwnerReference } from '../../machinery/objects.ts';
import { equal } from '../../machinery/equality.ts';

/** A rule for names, as machinery/names.ts has them. */
export type NameRule = (value: string) => Complaints;

/** What upstream says of any field that may not change. */
const immutableMessage = 'field is immutable';

const metadata = fieldPath('metadata');
const annotationsLimit = 256 * 1024;
const finalizersOfCore = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** Labels and annotations that were found good: all Pods of a template share them. */
const good = new WeakSet<object>();

function remember(value: object, errors: readonly FieldError[], before: number): void {
  if (errors.length === before) good.add(value);
}

/** Keys and values of labels. */
export function validateLabels(labels: Labels | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!labels || good.has(labels)) return;
  const before = errors.length;
  for (const key in labels) {
    for (const complaint of qualifiedName(key)) errors.push(invalid(path, key, complaint));
    for (const complaint of labelValue(labels[key]!)) errors.push(invalid(path, labels[key], complaint));
  }
  remember(labels, errors, before);
}

/** Keys and the total size of annotations. */
export function validateAnnotations(annotations: Labels | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!annotations || good.has(annotations)) return;
  const before = errors.length;
  let size = 0;
  for (const key in annotations) {
    size += key.length + annotations[key]!.length;
    for (const complaint of qualifiedName(key.toLowerCase())) errors.push(invalid(path, key, complaint));
  }
  if (size > annotationsLimit) errors.push(tooLong(path, annotationsLimit));
  remember(annotations, errors, before);
}

function validateOwnerReferences(references: readonly OwnerReference[], path: FieldPath, errors: FieldError[]): void {
  if (good.has(references)) return;
  const before = errors.length;
  let controller: string | undefined;
  for (const reference of references) {
    if (reference.apiVersion === '') errors.push(invalid(path.child('apiVersion'), '', 'version must not be empty'));
    if (reference.kind === '') errors.push(invalid(path.child('kind'), '', 'must not be empty'));
    if (reference.name === '') errors.push(invalid(path.child('name'), '', 'must not be empty'));
    if (reference.uid === '') errors.push(invalid(path.child('uid'), '', 'must not be empty'));
    if (reference.kind === 'Event' && reference.apiVersion === 'v1')
      errors.push(invalid(path, reference, '/v1, Kind=Event is disallowed from being an owner'));
    if (!reference.controller) continue;
    if (controller === undefined) controller = reference.name;
    else {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${reference.name}`;
      errors.push(invalid(path, references, detail));
    }
  }
  remember(references, errors, before);
}

function validateFinalizers(finalizers: readonly string[], path: FieldPath, errors: FieldError[]): void {
  for (const finalizer of finalizers) for (const complaint of qualifiedName(finalizer)) errors.push(invalid(path, finalizer, complaint));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  finalizers.forEach((finalizer, i) => {
    if (finalizer.includes('/') || finalizersOfCore.includes(finalizer)) return;
    errors.push(invalid(path.index(i), finalizer, 'name is neither a standard finalizer name nor is it fully qualified'));
  });
}

/** Metadata of a new object. */
export function validateObjectMeta(
  meta: DraftMeta,
  options: { readonly isNamespaced: boolean; readonly nameRule?: NameRule },
  errors: FieldError[],
): void {
  const nameRule = options.nameRule ?? dns1123Subdomain;
  const { name, namespace, generateName, generation, ownerReferences, finalizers } = meta;
  if (generateName)
    for (const complaint of asPrefix(nameRule)(generateName)) errors.push(invalid(metadata.child('generateName'), generateName, complaint));
  if (!name) errors.push(required(metadata.child('name'), 'name or generateName is required'));
  else for (const complaint of nameRule(name)) errors.push(invalid(metadata.child('name'), name, complaint));
  if (options.isNamespaced) {
    if (!namespace) errors.push(required(metadata.child('namespace')));
    else for (const complaint of dns1123Label(namespace)) errors.push(invalid(metadata.child('namespace'), namespace, complaint));
  } else if (namespace) errors.push(forbidden(metadata.child('namespace'), 'not allowed on this type'));
  if ((generation ?? 0) < 0) errors.push(invalid(metadata.child('generation'), generation, 'must be greater than or equal to 0'));
  validateLabels(meta.labels, metadata.child('labels'), errors);
  validateAnnotations(meta.annotations, metadata.child('annotations'), errors);
  if (ownerReferences?.length) validateOwnerReferences(ownerReferences, metadata.child('ownerReferences'), errors);
  if (finalizers?.length) validateFinalizers(finalizers, metadata.child('finalizers'), errors);
}

const immutableFields = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const;

/** Metadata of an update. */
export function validateObjectMetaUpdate({ metadata: next }: ApiObject, { metadata: previous }: ApiObject, errors: FieldError[]): void {
  if (next === previous) return;
  const { finalizers, ownerReferences } = next;
  if (previous.deletionTimestamp && finalizers !== previous.finalizers) {
    const added = (finalizers ?? []).filter((finalizer) => !previous.finalizers?.includes(finalizer)).sort();
    if (added.length > 0) {
      const list = `[]string{${added.map(quote).join(', ')}}`;
      errors.push(
        forbidden(
          metadata.child('finalizers'),
          `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`,
        ),
      );
    }
  }
  for (const name of immutableFields) {
    const value = next[name];
    if (value !== undefined && value !== previous[name]) errors.push(invalid(metadata.child(name), value, immutableMessage));
  }
  if (next.labels !== previous.labels) validateLabels(next.labels, metadata.child('labels'), errors);
  if (next.annotations !== previous.annotations) validateAnnotations(next.annotations, metadata.child('annotations'), errors);
  if (ownerReferences !== previous.ownerReferences && ownerReferences?.length)
    validateOwnerReferences(ownerReferences, metadata.child('ownerReferences'), errors);
  if (finalizers !== previous.finalizers && finalizers?.length) validateFinalizers(finalizers, metadata.child('finalizers'), errors);
}

/** Errors of a new object of which only the metadata has rules. */
export function metaErrors(
  object: ApiObject,
  options: { readonly isNamespaced: boolean; readonly nameRule?: NameRule },
): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(object.metadata, options, errors);
  return errors;
}

/** Errors of an update of which only the metadata has rules. */
export function metaUpdateErrors(next: ApiObject, previous: ApiObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  return errors;
}

/** A field that may not change. */
export function validateImmutable(next: unknown, previous: unknown, path: FieldPath, errors: FieldError[]): void {
  if (!equal(next, previous)) errors.push(invalid(path, next, immutableMessage));
}

/** Adds a complaint for each value that was there before. */
export function validateUnique(values: readonly string[], pathOf: (index: number) => FieldPath, errors: FieldError[]): void {
  const seen = new Set<string>();
  values.forEach((value, i) => {
    if (seen.has(value)) errors.push(duplicate(pathOf(i), value));
    seen.add(value);
  });
}
