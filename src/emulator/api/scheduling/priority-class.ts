/** PriorityClass: pkg/registry/scheduling/priorityclass/strategy.go. */
import { fieldPath, forbidden } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { age, integer, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { fillNil } from '../fill.ts';
import type { PriorityClass } from '../generated/types.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { oneOf } from '../metadata/rules.ts';

/** The two classes that the API server itself makes: pkg/apis/scheduling/helpers.go. */
const systemValues: Readonly<Record<string, number>> = { 'system-node-critical': 2_000_001_000, 'system-cluster-critical': 2_000_000_000 };
const highestUserValue = 1_000_000_000;

function validateSystemName({ metadata, value }: PriorityClass, errors: FieldError[]): void {
  if (metadata.name?.startsWith('system-')) {
    const known = systemValues[metadata.name];
    const problem =
      known === undefined
        ? `only system-node-critical and system-cluster-critical are allowed as system priority class names`
        : known === value
          ? undefined
          : `value of ${metadata.name} PriorityClass must be ${known}`;
    if (problem)
      errors.push(
        forbidden(
          fieldPath('metadata', 'name'),
          `priority class names with 'system-' prefix are reserved for system use only. error: ${problem}`,
        ),
      );
  } else if (value > highestUserValue) {
    errors.push(forbidden(fieldPath('value'), `maximum allowed value of a user defined priority is ${highestUserValue}`));
  }
}

/** The descriptor of PriorityClass. */
export const priorityClasses = defineKind<PriorityClass>({
  group: 'scheduling.k8s.io',
  kind: 'PriorityClass',
  resource: 'priorityclasses',
  shortNames: ['pc'],
  isNamespaced: false,
  hasGeneration: true,
  setDefaults: (priorityClass) => fillNil(priorityClass, { preemptionPolicy: 'PreemptLowerPriority' }),
  validate(priorityClass) {
    const errors: FieldError[] = [];
    validateObjectMeta(priorityClass.metadata, { isNamespaced: false }, errors);
    validateSystemName(priorityClass, errors);
    if (priorityClass.preemptionPolicy !== undefined)
      oneOf(priorityClass.preemptionPolicy, ['PreemptLowerPriority', 'Never'], fieldPath('preemptionPolicy'), errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    if (next.value !== previous.value) errors.push(forbidden(fieldPath('value'), 'may not be changed in an update.'));
    validateImmutable(next.preemptionPolicy, previous.preemptionPolicy, fieldPath('preemptionPolicy'), errors);
    return errors;
  },
  columns: [
    name(),
    integer('Value', 'The priority of Pods of this class.', (priorityClass) => priorityClass.value),
    {
      name: 'Global-Default',
      type: 'boolean',
      description: 'Whether Pods without a class belong here.',
      priority: 0,
      cell: (priorityClass) => priorityClass.globalDefault ?? false,
    },
    age(),
    text('PreemptionPolicy', 'Whether such Pods may preempt others.', (priorityClass) => priorityClass.preemptionPolicy ?? ''),
  ],
});
