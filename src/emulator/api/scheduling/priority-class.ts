/** PriorityClass: pkg/registry/scheduling/priorityclass/strategy.go. */
import { age, integer, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { fill } from '../fill.ts';
import type { PriorityClass } from '../generated/types.ts';

/** The descriptor of PriorityClass. */
export const priorityClasses = defineKind<PriorityClass>({
  group: 'scheduling.k8s.io',
  kind: 'PriorityClass',
  resource: 'priorityclasses',
  shortNames: ['pc'],
  isNamespaced: false,
  hasGeneration: true,
  setDefaults: (priorityClass) => fill(priorityClass, { preemptionPolicy: 'PreemptLowerPriority' }),
  columns: [
    name(),
    integer('Value', 'The priority of Pods of this class.', (priorityClass) => priorityClass.value),
    text('Global-Default', 'Whether Pods without a class belong here.', (priorityClass) => String(priorityClass.globalDefault ?? false)),
    age(),
    text('PreemptionPolicy', 'Whether such Pods may preempt others.', (priorityClass) => priorityClass.preemptionPolicy ?? ''),
  ],
});
