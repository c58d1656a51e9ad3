/**
 * ValidatingAdmissionPolicy: judges requests by expressions that stand in the cluster. Upstream:
 * apiserver/pkg/admission/plugin/policy/validating.
 * What it has to say to an audit log stands in the record of the request (`../../audit.ts`).
 */
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../../../api/generated/types.ts';
import type { ApiObject } from '../../../../machinery/objects.ts';
import { selectorFromObject } from '../../../../machinery/labels.ts';
import { failure, groupResourceText, StatusError } from '../../../../machinery/status-error.ts';
import type { ApiServer } from '../../server.ts';
import { isExempt } from '../configurations.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';
import { nameOf, resourcesMatch } from '../request-matching.ts';
import { evaluatePolicy } from './evaluate.ts';
import type { Denial } from './evaluate.ts';

export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  resources: '*',
  operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
  validate(server, attributes) {
    const { configurations } = server;
    if (!configurations.hasPolicies || isExempt(attributes)) return;
    let first: StatusError | undefined;
    for (const policy of configurations.policies()) {
      if (!resourcesMatch(server, policy.spec.matchConstraints, attributes)) continue;
      const noted = new Map<string, readonly string[]>();
      for (const binding of configurations.bindingsOf(policy.metadata.name)) {
        if (!resourcesMatch(server, binding.spec.matchResources, attributes)) continue;
        const refused = judge(server, attributes, { policy, binding, noted });
        first ??= refused;
      }
      for (const [key, values] of noted) annotate(attributes, `${policy.metadata.name}/${key}`, values.join(', '));
    }
    if (first) throw first;
  },
};

interface Judging {
  readonly policy: ValidatingAdmissionPolicy;
  readonly binding: ValidatingAdmissionPolicyBinding;
  /** Values of audit annotations; bindings with parameters of their own may find several for one key. */
  readonly noted: Map<string, readonly string[]>;
}

/** The first value of a key stays. */
function annotate({ request }: AdmissionAttributes, key: string, value: string): void {
  request.auditAnnotations ??= {};
  request.auditAnnotations[key] ??= value;
}

/** What a binding does with what its policy found: warns and notes at once, and returns the first refusal. */
function judge(server: ApiServer, attributes: AdmissionAttributes, { policy, binding, noted }: Judging): StatusError | undefined {
  const params = paramsFor(server, attributes, policy, binding);
  if ('problem' in params) {
    if (policy.spec.failurePolicy === 'Ignore') return undefined;
    return refusal(attributes, policy, binding, { message: `failed to configure binding: ${params.problem}` });
  }
  const { validationActions = [] } = binding.spec;
  let refused: StatusError | undefined;
  for (const param of params.found) {
    const { denials, annotations, failures } = evaluatePolicy(server, policy, attributes, param);
    for (const denial of denials) {
      if (validationActions.includes('Warn'))
        attributes.request.warnings.push(
          `Validation failed for ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}': ${denial.message}`,
        );
      if (validationActions.includes('Deny')) refused ??= refusal(attributes, policy, binding, denial);
      if (validationActions.includes('Audit')) annotate(attributes, failureKey, failureText(binding, denial));
    }
    for (const message of failures) refused ??= refusal(attributes, policy, binding, { message });
    for (const { key, value } of annotations) {
      const values = noted.get(key) ?? [];
      if (!values.includes(value)) noted.set(key, [...values, value]);
    }
  }
  return refused;
}

const failureKey = 'validation.policy.admission.k8s.io/validation_failure';

/** validating/dispatcher.go, ValidationFailureValue. */
function failureText({ spec, metadata }: ValidatingAdmissionPolicyBinding, { message, index }: Denial): string {
  const failure = {
    message,
    policy: spec.policyName,
    binding: metadata.name,
    expressionIndex: index,
    validationActions: spec.validationActions,
  };
  return JSON.stringify([failure]);
}

type Params = { readonly found: readonly (ApiObject | undefined)[] } | { readonly problem: string };

/** policy/generic/policy_dispatcher.go, CollectParams. */
function paramsFor(
  server: ApiServer,
  { request }: AdmissionAttributes,
  { spec: { paramKind } }: ValidatingAdmissionPolicy,
  { spec: { paramRef } }: ValidatingAdmissionPolicyBinding,
): Params {
  if (!paramKind || !paramRef) return { found: [undefined] };
  const resource = server.registry.findKind(paramKind.apiVersion ?? '', paramKind.kind ?? '');
  if (!resource?.store) return { problem: `paramKind kind \`${paramKind.apiVersion}, Kind=${paramKind.kind}\` not known` };
  const { isNamespaced } = resource.descriptor;
  if (!isNamespaced && paramRef.namespace) return { problem: 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`' };
  const namespace = isNamespaced ? paramRef.namespace || request.namespace : '';
  if (isNamespaced && namespace === '')
    return { problem: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' };
  let found: ApiObject[];
  if (paramRef.name) {
    const param = resource.store.get(namespace, paramRef.name);
    found = param ? [param] : [];
  } else {
    const selector = selectorFromObject(paramRef.selector);
    const all = resource.store.list(namespace).map(({ value }) => value as ApiObject);
    found = selector.isNothing ? all : all.filter(({ metadata }) => selector.matches(metadata.labels));
  }
  if (found.length === 0 && paramRef.parameterNotFoundAction === 'Deny')
    return { problem: 'no params found for policy binding with `Deny` parameterNotFoundAction' };
  return { found };
}

const codes: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

/** As a 403 is worded, with the reason and code of the validation (validating/dispatcher.go). */
function refusal(
  attributes: AdmissionAttributes,
  policy: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  { message, reason = 'Invalid' }: { readonly message: string; readonly reason?: string },
): StatusError {
  const said = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}`;
  const { resource } = attributes.request;
  const name = nameOf(attributes);
  const subject = name === '' ? groupResourceText(resource) : `${groupResourceText(resource)} ${JSON.stringify(name)}`;
  const details = { name, group: resource.group, kind: resource.resource, causes: [{ message: said }] };
  return new StatusError(failure(codes[reason] ?? 422, reason, `${subject} is forbidden: ${said}`, details));
}
