/** Binding: the body of pods/binding, which a scheduler sends; also a resource of its own that does the same. */
import { fieldPath, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { defineKind } from '../define-kind.ts';
import type { Binding } from '../generated/types.ts';

/** ValidatePodBinding of pkg/apis/core/validation/validation.go. */
function validate({ target }: Binding): readonly FieldError[] {
  const errors: FieldError[] = [];
  const path = fieldPath('target');
  if (target?.kind && target.kind !== 'Node') errors.push(notSupported(path.child('kind'), target.kind, ['Node', '<empty>']));
  if (!target?.name) errors.push(required(path.child('name')));
  return errors;
}

/** The descriptor of Binding. */
export const bindings = defineKind<Binding>({ kind: 'Binding', resource: 'bindings', verbs: ['create'], validate });
