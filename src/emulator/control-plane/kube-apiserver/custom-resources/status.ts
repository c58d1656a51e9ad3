/** Which names a definition may have, and its conditions. Upstream: apiextensions-apiserver/pkg/controller/status/naming_controller.go. */
import { approvalOf, conditionOf } from '../../../api/apiextensions/custom-resource-definition.ts';
import type { CustomResourceDefinition } from '../../../api/generated/types.ts';
import { equal } from '../../../machinery/equality.ts';
import { aggregateText } from '../../../machinery/field-error.ts';
import { quote } from '../../../machinery/go-quote.ts';

type Definition = CustomResourceDefinition;
type Status = NonNullable<Definition['status']>;
type Names = Definition['spec']['names'];

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** The definition with a condition; the time changes with the status only. */
export function withCondition(definition: Definition, condition: Condition, now: string): Definition {
  const before = conditionOf(definition, condition.type);
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : now;
  const next = { lastTransitionTime, message: condition.message, reason: condition.reason, status: condition.status, type: condition.type };
  const conditions = definition.status?.conditions ?? [];
  const replaced = before ? conditions.map((one) => (one === before ? next : one)) : [...conditions, next];
  return { ...definition, status: { ...definition.status, conditions: replaced } as Status };
}

/** The status with what is said of the approval, in a group of Kubernetes' own (pkg/controller/apiapproval). */
export function withApproval(definition: Definition, now: string): Status | undefined {
  const approval = approvalOf(definition);
  if (!approval) return definition.status;
  const type = 'KubernetesAPIApprovalPolicyConformant';
  const before = conditionOf(definition, type);
  if (before?.reason === approval.reason && before.message === approval.message) return definition.status;
  const status = approval.reason === 'ApprovedAnnotation' ? 'True' : 'False';
  return withCondition(definition, { type, status, ...approval }, now).status;
}

/** The status once names are looked at; the same when nothing changes. `others` are all definitions. */
export function acceptNames(definition: Definition, others: readonly Definition[], now: string): Status | undefined {
  const { spec, status } = definition;
  const isSettled = equal(spec.names, status?.acceptedNames) && conditionOf(definition, 'Established')?.status === 'True';
  if (isSettled) return status;
  const group = others.filter((other) => other.spec.group === spec.group && other.metadata.name !== definition.metadata.name);
  const { names, condition } = chooseNames(spec.names, status?.acceptedNames, group);
  let next: Definition = { ...definition, status: { ...status, acceptedNames: names } as Status };
  next = withCondition(next, condition, now);
  const established = conditionOf(next, 'Established');
  if (condition.status === 'True') {
    const message = 'the initial names have been accepted';
    if (established?.status !== 'True')
      next = withCondition(next, { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message }, now);
  } else if (!established) {
    const message = 'not all names are accepted';
    next = withCondition(next, { type: 'Established', status: 'False', reason: 'NotAccepted', message }, now);
  }
  return equal(next.status, status) ? status : next.status;
}

function chooseNames(
  wanted: Names,
  accepted: Names | undefined,
  others: readonly Definition[],
): { readonly names: Names; readonly condition: Condition } {
  const taken = others.map(({ status }) => status?.acceptedNames).filter((names) => names !== undefined);
  const resources = new Set(taken.flatMap(({ plural, singular = '', shortNames = [] }) => [plural, singular, ...shortNames]));
  const kinds = new Set(taken.flatMap(({ kind, listKind = '' }) => [kind, listKind]));
  let condition: Condition = { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  const refuse = (reason: string, message: string): void => void (condition = { type: 'NamesAccepted', status: 'False', reason, message });
  const names: Record<string, unknown> = { ...accepted };
  const single = (key: 'plural' | 'singular' | 'kind' | 'listKind', reason: string, used: ReadonlySet<string>): void => {
    const name = wanted[key] ?? '';
    if (name !== accepted?.[key] && used.has(name)) refuse(reason, `${quote(name)} is already in use`);
    else names[key] = wanted[key];
  };
  single('plural', 'PluralConflict', resources);
  single('singular', 'SingularConflict', resources);
  const conflicts = (wanted.shortNames ?? []).filter((name) => !accepted?.shortNames?.includes(name) && resources.has(name));
  if (conflicts.length > 0) refuse('ShortNamesConflict', aggregateText(conflicts.map((name) => `${quote(name)} is already in use`)));
  else names.shortNames = wanted.shortNames;
  single('kind', 'KindConflict', kinds);
  single('listKind', 'ListKindConflict', kinds);
  names.categories = wanted.categories;
  return { names: { kind: '', plural: '', ...names } as Names, condition };
}
