/** IngressClass: pkg/registry/networking/ingressclass/strategy.go. */
import { fieldPath, forbidden, invalid, notSupported, required, tooLong } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { dns1123Label, dns1123Subdomain, regexError } from '../../machinery/names.ts';
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { change, fillNil } from '../fill.ts';
import type { IngressClass, IngressClassParametersReference, IngressClassSpec } from '../generated/types.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain } from '../metadata/rules.ts';
import { validateSegment } from './ingress-validation.ts';

const spec = fieldPath('spec');
const maxController = 250;
const scopes = ['Cluster', 'Namespace'];
const pathPattern = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** IsDomainPrefixedPath of apimachinery/pkg/util/validation/validation.go. */
function validateController(controller: string | undefined, errors: FieldError[]): void {
  const path = spec.child('controller');
  if (!controller) {
    errors.push(required(path));
    return;
  }
  if (controller.length > maxController) errors.push(tooLong(path, maxController));
  const slash = controller.indexOf('/');
  const [domain, rest] = [controller.slice(0, slash), controller.slice(slash + 1)];
  if (slash < 1 || rest === '') {
    errors.push(invalid(path, controller, 'must be a domain-prefixed path (such as "acme.io/foo")'));
    return;
  }
  complain(domain, dns1123Subdomain(domain), path, errors);
  if (!new RegExp(`^${pathPattern}$`).test(rest)) errors.push(invalid(path, rest, regexError('Invalid path', pathPattern)));
}

function validateParameters(parameters: IngressClassParametersReference | undefined, errors: FieldError[]): void {
  if (!parameters) return;
  const { apiGroup, kind, name: own, scope, namespace } = parameters;
  const path = spec.child('parameters');
  if (apiGroup !== undefined) complain(apiGroup, dns1123Subdomain(apiGroup), path.child('apiGroup'), errors);
  validateSegment(kind, path.child('kind'), errors);
  validateSegment(own, path.child('name'), errors);
  if (scope === undefined) errors.push(required(path.child('scope')));
  else if (!scopes.includes(scope)) errors.push(notSupported(path.child('scope'), scope, scopes));
  else if (scope === 'Cluster') {
    if (namespace !== undefined) errors.push(forbidden(path.child('namespace'), "`parameters.scope` is set to 'Cluster'"));
  } else if (namespace === undefined) errors.push(required(path.child('namespace'), "`parameters.scope` is set to 'Namespace'"));
  else complain(namespace, dns1123Label(namespace), path.child('namespace'), errors);
}

function validateSpec(own: IngressClassSpec, errors: FieldError[]): void {
  validateController(own.controller, errors);
  validateParameters(own.parameters, errors);
}

function parametersText({ kind, apiGroup, name: own }: IngressClassParametersReference): string {
  return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${own}`;
}

/** The descriptor of IngressClass. */
export const ingressClasses = defineKind<IngressClass>({
  group: 'networking.k8s.io',
  kind: 'IngressClass',
  resource: 'ingressclasses',
  isNamespaced: false,
  hasGeneration: true,
  setDefaults: (own) =>
    change(own, 'spec', (value) => change(value, 'parameters', (parameters) => fillNil(parameters, { scope: 'Cluster' }))),
  validate({ metadata, spec: own = {} }) {
    const errors: FieldError[] = [];
    validateObjectMeta(metadata, { isNamespaced: false }, errors);
    validateSpec(own, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    validateImmutable(next.spec?.controller, previous.spec?.controller, spec.child('controller'), errors);
    validateSpec(next.spec ?? {}, errors);
    return errors;
  },
  columns: [
    name(),
    text('Controller', 'Who serves Ingresses of the class.', (own) => own.spec?.controller ?? ''),
    text('Parameters', 'The object that configures the class.', (own) =>
      own.spec?.parameters ? parametersText(own.spec.parameters) : '<none>',
    ),
    age(),
  ],
});
