/** FlowSchema: pkg/registry/flowcontrol/flowschema/strategy.go, pkg/apis/flowcontrol/validation/validation.go. */
import { semanticEqual } from '../../machinery/equality.ts';
import { fieldPath, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { dns1123Label, dns1123Subdomain } from '../../machinery/names.ts';
import { age, name, text } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource } from '../define-kind.ts';
import { change, fillZero } from '../fill.ts';
import type { FlowSchema, FlowSchemaSpec } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain } from '../metadata/rules.ts';
import { flowSchemaSpecs, isMandatory } from './bootstrap.ts';

type Rule = NonNullable<FlowSchemaSpec['rules']>[number];

const spec = fieldPath('spec');
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const maxPrecedence = 10_000;
/** Of what kind a subject is, and under which name it says who. */
const subjectFields = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const;

/** A list where `*` stands alone. */
function validateWildcard(
  values: readonly string[] | null | undefined,
  path: FieldPath,
  what: string,
  empty: string,
  errors: FieldError[],
): boolean {
  if (!values?.length) errors.push(required(path, empty));
  else if (values.includes('*') && values.length > 1)
    errors.push(invalid(path, values, `if '*' is present, must not specify other ${what}`));
  return (values?.length ?? 0) > 0 && !values!.includes('*');
}

function validateVerbs(own: readonly string[] | undefined, path: FieldPath, errors: FieldError[]): void {
  if (validateWildcard(own, path, 'verbs', 'verbs must contain at least one value', errors) && own!.some((verb) => !verbs.includes(verb)))
    errors.push(notSupported(path, own, verbs));
}

function validateSubject(subject: NonNullable<Rule['subjects']>[number], path: FieldPath, errors: FieldError[]): void {
  const own = subjectFields[subject.kind as keyof typeof subjectFields];
  if (!own) {
    errors.push(notSupported(path.child('kind'), subject.kind, Object.keys(subjectFields)));
    return;
  }
  const found = subject[own] as { readonly name: string; readonly namespace?: string } | undefined;
  if (!found) errors.push(required(path.child(own), `${own} is required when subject kind is '${subject.kind}'`));
  else if (!found.name) errors.push(required(path.child(own, 'name')));
  if (found && own === 'serviceAccount') {
    if (found.name && found.name !== '*') complain(found.name, dns1123Subdomain(found.name), path.child(own, 'name'), errors);
    if (!found.namespace) errors.push(required(path.child(own, 'namespace'), 'must specify namespace for service account'));
    else complain(found.namespace, dns1123Label(found.namespace), path.child(own, 'namespace'), errors);
  }
  for (const [kind, other] of Object.entries(subjectFields))
    if (other !== own && subject[other])
      errors.push(forbidden(path.child(other), `${other} is forbidden when subject kind is not '${kind}'`));
}

function validateUrl(url: string, path: FieldPath, errors: FieldError[]): void {
  const stars = url.split('*').length - 1;
  const problem =
    url === '/'
      ? undefined
      : url === ''
        ? 'must not be empty'
        : !url.startsWith('/')
          ? 'must start with slash'
          : url.includes(' ')
            ? 'must not contain white-space'
            : url.includes('//')
              ? 'must not contain double slash'
              : stars > 1 || (stars === 1 && !url.endsWith('/*'))
                ? 'wildcard can only do suffix matching'
                : undefined;
  if (problem) errors.push(invalid(path, url, problem));
}

function validateRule(rule: Rule, path: FieldPath, errors: FieldError[]): void {
  if (!rule.subjects?.length) errors.push(required(path.child('subjects'), 'subjects must contain at least one value'));
  (rule.subjects ?? []).forEach((subject, i) => {
    validateSubject(subject, path.child('subjects').index(i), errors);
  });
  if (!rule.resourceRules?.length && !rule.nonResourceRules?.length)
    errors.push(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  (rule.resourceRules ?? []).forEach((one, i) => {
    const at = path.child('resourceRules').index(i);
    validateVerbs(one.verbs, at.child('verbs'), errors);
    validateWildcard(one.apiGroups, at.child('apiGroups'), 'api groups', 'resource rules must supply at least one api group', errors);
    validateWildcard(one.resources, at.child('resources'), 'resources', 'resource rules must supply at least one resource', errors);
    const namespaces = at.child('namespaces');
    const empty = 'resource rules that are not cluster scoped must supply at least one namespace';
    if (one.namespaces?.length || !one.clusterScope) validateWildcard(one.namespaces, namespaces, 'namespaces', empty, errors);
    (one.namespaces ?? []).forEach((namespace, j) => {
      if (namespace === '*') return;
      const complaints = dns1123Label(namespace).map((text) => `each member of this list must be '*' or a DNS-1123 label; ${text}`);
      complain(namespace, complaints, namespaces.index(j), errors);
    });
  });
  (rule.nonResourceRules ?? []).forEach((one, i) => {
    const at = path.child('nonResourceRules').index(i);
    validateVerbs(one.verbs, at.child('verbs'), errors);
    const urls = at.child('nonResourceURLs');
    const isListed = validateWildcard(
      one.nonResourceURLs,
      urls,
      'non-resource URLs',
      'nonResourceURLs must contain at least one value',
      errors,
    );
    if (isListed)
      one.nonResourceURLs.forEach((url, j) => {
        validateUrl(url, urls.index(j), errors);
      });
  });
}

function validateSpec({ metadata, spec: own }: FlowSchema, errors: FieldError[]): void {
  const {
    matchingPrecedence = 0,
    distinguisherMethod,
    priorityLevelConfiguration,
    rules,
  } = own ?? { priorityLevelConfiguration: undefined };
  const path = spec.child('matchingPrecedence');
  if (matchingPrecedence <= 0) errors.push(invalid(path, matchingPrecedence, 'must be a positive value'));
  if (matchingPrecedence > maxPrecedence) errors.push(invalid(path, matchingPrecedence, `must not be greater than ${maxPrecedence}`));
  if (matchingPrecedence === 1 && metadata.name !== 'exempt')
    errors.push(invalid(path, 1, "only the schema named 'exempt' may have matchingPrecedence 1"));
  if (distinguisherMethod && !['ByNamespace', 'ByUser'].includes(distinguisherMethod.type))
    errors.push(
      notSupported(spec.child('distinguisherMethod', 'type'), { Type: distinguisherMethod.type ?? '' }, ['ByNamespace', 'ByUser']),
    );
  const level = priorityLevelConfiguration?.name;
  const levelPath = spec.child('priorityLevelConfiguration', 'name');
  if (!level) errors.push(required(levelPath, 'must reference a priority level'));
  else complain(level, dns1123Subdomain(level), levelPath, errors);
  (rules ?? []).forEach((rule, i) => {
    validateRule(rule, spec.child('rules').index(i), errors);
  });
  if (isMandatory(metadata.name) && !semanticEqual(own, flowSchemaSpecs[metadata.name]))
    errors.push(invalid(spec, own, `spec of '${metadata.name}' must equal the fixed value`));
}

/** The descriptor of FlowSchema. */
export const flowSchemas = defineKind<FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io',
  kind: 'FlowSchema',
  resource: 'flowschemas',
  isNamespaced: false,
  hasGeneration: true,
  subresources: { status: statusSubresource() },
  setDefaults: (schema) => change(schema, 'spec', (own) => fillZero(own, { matchingPrecedence: 1000 })),
  prepareForCreate: (schema) => ({ ...schema, status: {} }),
  prepareForUpdate: keepStatus,
  validate(schema) {
    const errors: FieldError[] = [];
    validateObjectMeta(schema.metadata, { isNamespaced: false }, errors);
    validateSpec(schema, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    validateSpec(next, errors);
    return errors;
  },
  tableOrder: (a, b) => (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0),
  columns: [
    name(),
    text('PriorityLevel', 'The level of its requests.', ({ spec: own }) => own?.priorityLevelConfiguration.name ?? ''),
    text('MatchingPrecedence', 'The lowest that matches a request counts.', ({ spec: own }) => own?.matchingPrecedence ?? 0),
    text('DistinguisherMethod', 'What makes requests different flows.', ({ spec: own }) => own?.distinguisherMethod?.type ?? '<none>'),
    age(),
    text(
      'MissingPL',
      'Whether its level does not exist.',
      ({ status }) => status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
    ),
  ],
});
