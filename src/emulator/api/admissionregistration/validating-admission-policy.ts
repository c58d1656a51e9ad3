/** ValidatingAdmissionPolicy and its binding: pkg/registry/admissionregistration, pkg/apis/admissionregistration/validation. */
import { bool, dyn, nullType, string } from '../../machinery/cel/index.ts';
import type { Type } from '../../machinery/cel/index.ts';
import { equal } from '../../machinery/equality.ts';
import { duplicate, fieldPath, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { dns1035Label, dns1123Subdomain, pathSegmentName, qualifiedName } from '../../machinery/names.ts';
import { age, integer, name, text } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import type {
  AuditAnnotation,
  ParamKind,
  ParamRef,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicySpec,
  Validation,
} from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, validateLabelSelector } from '../metadata/rules.ts';
import type { Declared } from './expressions.ts';
import { compileExpression } from './expressions.ts';
import {
  among,
  defaultMatchResources,
  failurePolicies,
  validateExpression,
  validateMatchConditions,
  validateMatchResources,
} from './matching-validation.ts';

const group = 'admissionregistration.k8s.io';
const spec = fieldPath('spec');
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const actions = ['Audit', 'Deny', 'Warn'];
const notFoundActions = ['Deny', 'Allow'];
const mostAnnotations = 20;
const longestValueExpression = 5 * 1024;
const reserved =
  /^(true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)$/;

function validateParamKind({ apiVersion = '', kind = '' }: ParamKind, path: FieldPath, errors: FieldError[]): void {
  if (apiVersion === '') errors.push(required(path.child('apiVersion')));
  else {
    const [first = '', second, more] = apiVersion.split('/');
    const [groupName, version] = second === undefined ? ['', first] : [first, second];
    const at = path.child('apiVersion');
    if (more !== undefined) errors.push(invalid(at, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
    else {
      if (groupName !== '' && dns1123Subdomain(groupName).length > 0)
        errors.push(invalid(at, groupName, dns1123Subdomain(groupName).join(',')));
      if (dns1035Label(version).length > 0) errors.push(invalid(at, version, dns1035Label(version).join(',')));
    }
  }
  if (kind === '') errors.push(required(path.child('kind')));
  else if (dns1035Label(kind.toLowerCase()).length > 0) {
    const detail = `may have mixed case, but should otherwise match: ${dns1035Label(kind.toLowerCase()).join(',')}`;
    errors.push(invalid(path.child('kind'), kind, detail));
  }
}

function validatePolicySpec(own: ValidatingAdmissionPolicySpec, policyName: string, errors: FieldError[]): void {
  const { failurePolicy, paramKind, matchConstraints, validations = [], auditAnnotations = [], variables = [] } = own;
  among(failurePolicy, failurePolicies, spec.child('failurePolicy'), errors);
  if (paramKind) validateParamKind(paramKind, spec.child('paramKind'), errors);
  if (!matchConstraints) errors.push(required(spec.child('matchConstraints')));
  else {
    validateMatchResources(matchConstraints, spec.child('matchConstraints'), errors);
    if (!matchConstraints.resourceRules?.length) errors.push(required(spec.child('matchConstraints', 'resourceRules')));
  }
  const hasParams = paramKind !== undefined;
  validateMatchConditions(own.matchConditions, { hasParams, hasAuthorizer: true }, spec.child('matchConditions'), errors);
  const known = validateVariables(variables, hasParams, errors);
  if (validations.length + auditAnnotations.length === 0) {
    const detail = 'validations or auditAnnotations must contain at least one item';
    errors.push(required(spec.child('validations'), detail), required(spec.child('auditAnnotations'), detail));
  }
  const declared: Declared = { hasParams, hasAuthorizer: true, variables: variables.length > 0 ? known : undefined };
  for (const [i, validation] of validations.entries()) validateValidation(validation, declared, spec.child('validations').index(i), errors);
  if (auditAnnotations.length > mostAnnotations)
    errors.push(invalid(spec.child('auditAnnotations'), auditAnnotations, `must not have more than ${mostAnnotations} auditAnnotations`));
  for (const [i, annotation] of auditAnnotations.entries()) {
    const at = spec.child('auditAnnotations').index(i);
    validateAuditAnnotation(annotation, policyName, declared, at, errors);
    if (auditAnnotations.findIndex(({ key }) => key === annotation.key) < i) errors.push(duplicate(at.child('key'), annotation.key));
  }
}

/** The types of variables, each of which may name those before it. */
function validateVariables(
  variables: NonNullable<ValidatingAdmissionPolicySpec['variables']>,
  hasParams: boolean,
  errors: FieldError[],
): (readonly [string, Type])[] {
  const known: (readonly [string, Type])[] = [];
  for (const [i, { name: own = '', expression = '' }] of variables.entries()) {
    const path = spec.child('variables').index(i);
    if (own.trim() === '') errors.push(required(path.child('name'), 'name is not specified'));
    else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(own) || reserved.test(own))
      errors.push(invalid(path.child('name'), own, 'must be a valid CEL identifier'));
    if (expression.trim() === '') {
      errors.push(required(path.child('expression'), 'expression is not specified'));
      continue;
    }
    const compiled = compileExpression(expression, { hasParams, hasAuthorizer: true, variables: [...known] }, []);
    if ('problem' in compiled) errors.push(invalid(path.child('expression'), expression, compiled.problem));
    // What cannot be read may be anything to those that name it.
    known.push([own, 'problem' in compiled ? dyn : compiled.program.type]);
  }
  return known;
}

function validateValidation(validation: Validation, declared: Declared, path: FieldPath, errors: FieldError[]): void {
  const { expression = '', message = '', messageExpression = '', reason } = validation;
  if (expression.trim() === '') errors.push(required(path.child('expression'), 'expression is not specified'));
  else validateExpression(expression, declared, [bool], path.child('expression'), errors);
  if (messageExpression !== '' && messageExpression.trim() === '')
    errors.push(invalid(path.child('messageExpression'), messageExpression, 'must be non-empty if specified'));
  else if (messageExpression !== '')
    validateExpression(messageExpression, { ...declared, hasAuthorizer: false }, [string], path.child('messageExpression'), errors);
  if (message !== '' && message.trim() === '')
    errors.push(invalid(path.child('message'), message, 'message must be non-empty if specified'));
  else if (/[\n\r]/.test(message.trim())) errors.push(invalid(path.child('message'), message, 'message must not contain line breaks'));
  among(reason, reasons, path.child('reason'), errors);
}

function validateAuditAnnotation(
  { key = '', valueExpression = '' }: AuditAnnotation,
  policyName: string,
  declared: Declared,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (policyName === '') errors.push(invalid(path.child('key'), key, 'requires metadata.name be non-empty'));
  else complain(`${policyName}/${key}`, qualifiedName(`${policyName}/${key}`), path.child('key'), errors);
  const at = path.child('valueExpression');
  if (valueExpression.trim() === '') errors.push(required(at, 'valueExpression is not specified'));
  else if (valueExpression.trim().length > longestValueExpression)
    errors.push(required(at, `must not exceed ${longestValueExpression} bytes in length`));
  else validateExpression(valueExpression.trim(), declared, [string, nullType], at, errors);
}

/** The descriptor of ValidatingAdmissionPolicy. */
export const validatingAdmissionPolicies = defineKind<ValidatingAdmissionPolicy>({
  group,
  kind: 'ValidatingAdmissionPolicy',
  resource: 'validatingadmissionpolicies',
  categories: ['api-extensions'],
  isNamespaced: false,
  hasGeneration: true,
  subresources: { status: statusSubresource() },
  setDefaults(object) {
    if (!object.spec) return object;
    const { failurePolicy = 'Fail', matchConstraints } = object.spec;
    const spec = { ...object.spec, failurePolicy, ...(matchConstraints && { matchConstraints: defaultMatchResources(matchConstraints) }) };
    return equal(spec, object.spec) ? object : { ...object, spec };
  },
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  validate(object) {
    const errors: FieldError[] = [];
    validateObjectMeta(object.metadata, { isNamespaced: false }, errors);
    if (object.spec) validatePolicySpec(object.spec, object.metadata.name, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    if (next.spec !== previous.spec) validatePolicySpec(next.spec, next.metadata.name, errors);
    return errors;
  },
  columns: [
    name(),
    integer('Validations', 'How many validations the policy makes.', ({ spec: own }) => own.validations?.length ?? 0),
    text('ParamKind', 'The kind of its parameters.', ({ spec: { paramKind } }) =>
      paramKind ? `${paramKind.apiVersion}/${paramKind.kind}` : '<unset>',
    ),
    age(),
  ],
});

function validateParamRef(ref: ParamRef | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!ref) return;
  const { name: own = '', selector, parameterNotFoundAction = '' } = ref;
  const both = 'name and selector are mutually exclusive';
  if (own !== '') {
    complain(own, pathSegmentName(own), path.child('name'), errors);
    if (selector) errors.push(forbidden(path.child('name'), both));
  }
  if (selector) {
    validateLabelSelector(selector, path.child('selector'), errors);
    if (own !== '') errors.push(forbidden(path.child('selector'), both));
  }
  if (own === '' && !selector) errors.push(required(path, 'one of name or selector must be specified'));
  const at = path.child('parameterNotFoundAction');
  if (parameterNotFoundAction === '') errors.push(required(at));
  else if (!notFoundActions.includes(parameterNotFoundAction)) errors.push(notSupported(at, parameterNotFoundAction, notFoundActions));
}

function validateBindingSpec(own: ValidatingAdmissionPolicyBinding['spec'], errors: FieldError[]): void {
  const { policyName = '', paramRef, matchResources, validationActions = [] } = own;
  if (policyName === '') errors.push(required(spec.child('policyName')));
  else complain(policyName, dns1123Subdomain(policyName), spec.child('policyName'), errors);
  validateParamRef(paramRef, spec.child('paramRef'), errors);
  validateMatchResources(matchResources, spec.child('matchResources'), errors);
  const path = spec.child('validationActions');
  for (const [i, action] of validationActions.entries()) {
    if (!actions.includes(action)) errors.push(notSupported(path.index(i), action, actions));
    if (validationActions.indexOf(action) < i) errors.push(duplicate(path.index(i), action));
  }
  if (validationActions.includes('Deny') && validationActions.includes('Warn')) {
    const detail =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errors.push(invalid(path, validationActions, detail));
  }
  if (validationActions.length === 0) errors.push(required(path, 'at least one validation action is required'));
}

/** The descriptor of ValidatingAdmissionPolicyBinding. */
export const validatingAdmissionPolicyBindings = defineKind<ValidatingAdmissionPolicyBinding>({
  group,
  kind: 'ValidatingAdmissionPolicyBinding',
  resource: 'validatingadmissionpolicybindings',
  categories: ['api-extensions'],
  isNamespaced: false,
  hasGeneration: true,
  setDefaults(object) {
    if (!object.spec?.matchResources) return object;
    const matchResources = defaultMatchResources(object.spec.matchResources);
    return equal(matchResources, object.spec.matchResources) ? object : { ...object, spec: { ...object.spec, matchResources } };
  },
  validate(object) {
    const errors: FieldError[] = [];
    validateObjectMeta(object.metadata, { isNamespaced: false }, errors);
    if (object.spec) validateBindingSpec(object.spec, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    if (next.spec !== previous.spec) validateBindingSpec(next.spec, errors);
    return errors;
  },
  warnings: ({ spec: { validationActions = [] } }) =>
    validationActions.includes('Audit')
      ? [`spec.validationActions[${validationActions.indexOf('Audit')}]: accepted, but this emulator does not act on it`]
      : [],
  columns: [
    name(),
    text('PolicyName', 'The policy that it puts to work.', ({ spec: { policyName } }) => policyName ?? ''),
    text('ParamRef', 'Its parameters.', ({ spec: { paramRef } }) => {
      if (!paramRef) return '<unset>';
      return paramRef.name ? (paramRef.namespace ? `${paramRef.namespace}/${paramRef.name}` : `*/${paramRef.name}`) : '<selector>';
    }),
    age(),
  ],
});
