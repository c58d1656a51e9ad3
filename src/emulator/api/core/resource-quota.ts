/** ResourceQuota: pkg/registry/core/resourcequota/strategy.go, ValidateResourceQuota of pkg/apis/core/validation/validation.go. */
import { fieldPath, invalid, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { age, name, text } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource } from '../define-kind.ts';
import { change } from '../fill.ts';
import type { ResourceQuota, ResourceQuotaSpec, ResourceQuotaStatus } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { canonicalQuantities } from './pod-spec/container-defaults.ts';
import { validateResourceAmount, validateResourceName } from './pod-spec/resource-validation.ts';

const spec = fieldPath('spec');
const computing = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];
const standard = [
  ...computing,
  'ephemeral-storage',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
];
const isStandard = (name: string): boolean =>
  standard.includes(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-');

const existing = ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'CrossNamespacePodAffinity'];
const scopes = [...existing, 'PriorityClass', 'VolumeAttributesClass'];
const rivals = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

/** IsResourceQuotaScopeValidForResource of pkg/apis/core/helper/helpers.go. */
function isValidFor(scope: string, name: string): boolean {
  if (scope === 'BestEffort') return name === 'pods';
  if (scope === 'VolumeAttributesClass') return name === 'persistentvolumeclaims' || name === 'requests.storage';
  return !scopes.includes(scope) || name === 'pods' || computing.includes(name);
}

function validateNames(hard: Readonly<Record<string, string>> | undefined, path: FieldPath, errors: FieldError[]): void {
  for (const name in hard) {
    const at = path.key(name);
    validateResourceName(name, at, errors);
    if (!name.includes('/') && !isStandard(name)) errors.push(invalid(at, name, 'must be a standard resource for quota'));
    validateResourceAmount(name, hard[name]!, at, errors);
  }
}

function validateScopes(own: ResourceQuotaSpec, errors: FieldError[]): void {
  const path = spec.child('scopes');
  const names = Object.keys(own.hard ?? {})
    .filter(isStandard)
    .sort();
  for (const scope of own.scopes ?? []) {
    if (!scopes.includes(scope)) errors.push(invalid(path, own.scopes, 'unsupported scope'));
    for (const name of names) if (!isValidFor(scope, name)) errors.push(invalid(path, own.scopes, 'unsupported scope applied to resource'));
  }
  if (rivals.some((pair) => pair.every((scope) => own.scopes?.includes(scope))))
    errors.push(invalid(path, own.scopes, 'conflicting scopes'));
}

function validateSelector(own: ResourceQuotaSpec, errors: FieldError[]): void {
  const terms = own.scopeSelector?.matchExpressions ?? [];
  const path = spec.child('scopeSelector', 'matchExpressions');
  const names = Object.keys(own.hard ?? {})
    .filter(isStandard)
    .sort();
  for (const { scopeName, operator, values } of terms) {
    if (!scopes.includes(scopeName)) errors.push(invalid(path.child('scopeName'), scopeName, 'unsupported scope'));
    for (const name of names)
      if (!isValidFor(scopeName, name)) errors.push(invalid(path, own.scopeSelector, 'unsupported scope applied to resource'));
    if (existing.includes(scopeName) && operator !== 'Exists') {
      errors.push(
        invalid(
          path.child('operator'),
          operator,
          "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
        ),
      );
    }
    const hasValues = (values?.length ?? 0) > 0;
    if (operator === 'In' || operator === 'NotIn') {
      if (!hasValues)
        errors.push(required(path.child('values'), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (hasValues)
        errors.push(
          invalid(path.child('values'), values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"),
        );
    } else errors.push(invalid(path.child('operator'), operator, 'not a valid selector operator'));
  }
  const named = terms.map(({ scopeName }) => scopeName);
  if (rivals.some((pair) => pair.every((scope) => named.includes(scope)))) errors.push(invalid(path, own.scopes, 'conflicting scopes'));
}

function validateSpec(own: ResourceQuotaSpec | undefined, errors: FieldError[]): void {
  if (!own) return;
  validateNames(own.hard, spec.child('hard'), errors);
  validateScopes(own, errors);
  validateSelector(own, errors);
}

function validateStatus(status: ResourceQuotaStatus | undefined, errors: FieldError[]): void {
  validateNames(status?.hard, fieldPath('status', 'hard'), errors);
  validateNames(status?.used, fieldPath('status', 'used'), errors);
}

/** `used/hard` of each resource: those of limits in one column, the rest in the other. */
function amounts({ status }: ResourceQuota, ofLimits: boolean): string {
  return Object.keys(status?.hard ?? {})
    .filter((name) => name.startsWith('limits.') === ofLimits)
    .sort()
    .map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${status!.hard![name]}`)
    .join(', ');
}

/** The descriptor of ResourceQuota. */
export const resourceQuotas = defineKind<ResourceQuota>({
  kind: 'ResourceQuota',
  resource: 'resourcequotas',
  shortNames: ['quota'],
  subresources: {
    status: statusSubresource({
      validateUpdate(next, previous) {
        const errors: FieldError[] = [];
        validateObjectMetaUpdate(next, previous, errors);
        validateStatus(next.status, errors);
        return errors;
      },
    }),
  },
  setDefaults: (quota) => change(quota, 'spec', (own) => change(own, 'hard', canonicalQuantities)),
  prepareForCreate: (quota) => ({ ...quota, status: {} }),
  prepareForUpdate: keepStatus,
  validate(quota) {
    const errors: FieldError[] = [];
    validateObjectMeta(quota.metadata, { isNamespaced: true }, errors);
    validateSpec(quota.spec, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    validateSpec(next.spec, errors);
    const [now, before] = [next.spec?.scopes ?? [], previous.spec?.scopes ?? []];
    if (now.length !== before.length || now.some((scope) => !before.includes(scope)))
      errors.push(invalid(spec.child('scopes'), next.spec?.scopes, 'field is immutable'));
    return errors;
  },
  columns: [
    name(),
    text('Request', 'What is used of what may be, but for limits.', (quota) => amounts(quota, false)),
    text('Limit', 'What is used of the limits that may be set.', (quota) => amounts(quota, true)),
    age(),
  ],
});
