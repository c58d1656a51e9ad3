/** ControllerRevision: pkg/registry/apps/controllerrevision/strategy.go. */
import { fieldPath, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { ControllerRevision } from '../generated/types.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { nonNegative } from '../metadata/rules.ts';

function controllerName(revision: ControllerRevision): string {
  const owner = revision.metadata.ownerReferences?.find((reference) => reference.controller);
  if (!owner) return '<none>';
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

function validateData(data: unknown, errors: FieldError[]): void {
  if (data === undefined || data === null) errors.push(required(fieldPath('data'), 'data is mandatory'));
  else if (typeof data !== 'object' || Array.isArray(data)) errors.push(required(fieldPath('data'), 'data must be a valid JSON object'));
}

/** The descriptor of ControllerRevision. */
export const controllerRevisions = defineKind<ControllerRevision>({
  group: 'apps',
  kind: 'ControllerRevision',
  resource: 'controllerrevisions',
  validate(revision) {
    const errors: FieldError[] = [];
    validateObjectMeta(revision.metadata, { isNamespaced: true }, errors);
    nonNegative(revision.revision, fieldPath('revision'), errors);
    validateData(revision.data, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    nonNegative(next.revision, fieldPath('revision'), errors);
    validateImmutable(next.data, previous.data, fieldPath('data'), errors);
    return errors;
  },
  columns: [
    name(),
    text('Controller', 'The object whose template this is.', controllerName),
    text('Revision', 'The number of the revision.', (revision) => revision.revision),
    age(),
  ],
});
