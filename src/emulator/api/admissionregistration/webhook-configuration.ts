/** ValidatingWebhookConfiguration and MutatingWebhookConfiguration: pkg/registry/admissionregistration, pkg/apis/admissionregistration. */
import { equal } from '../../machinery/equality.ts';
import { duplicate, fieldPath, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { dns1035Label, dns1123Subdomain, portNumber } from '../../machinery/names.ts';
import { age, integer, name } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { MutatingWebhook, MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from '../generated/types.ts';
import type { Kind } from '../kind.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { validateLabelSelector } from '../metadata/rules.ts';
import { among, defaultRules, failurePolicies, validateMatchConditions, validateMatchPolicy, validateRule } from './matching-validation.ts';

type Configuration = ValidatingWebhookConfiguration | MutatingWebhookConfiguration;
/** A webhook of either kind. */
export type Webhook = Omit<MutatingWebhook, 'reinvocationPolicy'> & { readonly reinvocationPolicy?: string | undefined };

const webhooks = fieldPath('webhooks');
const sideEffects = ['None', 'NoneOnDryRun'];
const reviewVersions = ['v1', 'v1beta1'];
const form = '; desired format: https://host[/path]';

function setWebhookDefaults(webhook: Webhook, isMutating: boolean): Webhook {
  const { service } = webhook.clientConfig ?? {};
  return {
    ...webhook,
    ...(service && service.port === undefined && { clientConfig: { ...webhook.clientConfig, service: { ...service, port: 443 } } }),
    failurePolicy: webhook.failurePolicy ?? 'Fail',
    matchPolicy: webhook.matchPolicy ?? 'Equivalent',
    namespaceSelector: webhook.namespaceSelector ?? {},
    objectSelector: webhook.objectSelector ?? {},
    timeoutSeconds: webhook.timeoutSeconds ?? 10,
    ...(webhook.rules && { rules: defaultRules(webhook.rules) }),
    ...(isMutating && { reinvocationPolicy: webhook.reinvocationPolicy ?? 'Never' }),
  };
}

/** IsFullyQualifiedName of apimachinery. */
function validateName(value: string, path: FieldPath, errors: FieldError[]): void {
  if (value === '') errors.push(required(path));
  else {
    const complaints = dns1123Subdomain(value);
    for (const complaint of complaints) errors.push(invalid(path, value, complaint));
    if (complaints.length === 0 && value.split('.').length < 3)
      errors.push(invalid(path, value, 'should be a domain with at least three segments separated by dots'));
  }
}

function validateService({ service }: Webhook['clientConfig'], path: FieldPath, errors: FieldError[]): void {
  const { name: own = '', namespace = '', path: urlPath = '', port = 443 } = service!;
  // Upstream says `name` of an empty namespace, and the other way round.
  if (namespace === '') errors.push(required(path.child('name')));
  if (own === '') errors.push(required(path.child('namespace')));
  const complaints = portNumber(port);
  if (complaints.length > 0) errors.push(invalid(path.child('port'), port, `port is not valid: ${complaints.join(', ')}`));
  if (urlPath === '' || urlPath === '/') return;
  if (!urlPath.startsWith('/')) errors.push(invalid(path.child('path'), urlPath, "must start with a '/'"));
  for (const [i, step] of urlPath.slice(1).replace(/\/$/, '').split('/').entries()) {
    if (step === '') errors.push(invalid(path.child('path'), urlPath, `segment[${i}] may not be empty`));
    else for (const complaint of dns1123Subdomain(step)) errors.push(invalid(path.child('path'), urlPath, `segment[${i}]: ${complaint}`));
  }
}

function validateUrl(url: string, path: FieldPath, errors: FieldError[]): void {
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:([^@/?#]*)@)?([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/.exec(url);
  if (!match) {
    errors.push(required(path, `url must be a valid URL: parse ${JSON.stringify(url)}: invalid URI for request${form}`));
    return;
  }
  const [, scheme = '', user, host = '', query = '', fragment = ''] = match;
  if (scheme !== 'https') errors.push(invalid(path, scheme, `'https' is the only allowed URL scheme${form}`));
  if (host === '') errors.push(invalid(path, host, `host must be specified${form}`));
  if (user !== undefined) errors.push(invalid(path, user, 'user information is not permitted in the URL'));
  if (fragment !== '') errors.push(invalid(path, fragment, 'fragments are not permitted in the URL'));
  if (query !== '') errors.push(invalid(path, query, 'query parameters are not permitted in the URL'));
}

function validateWebhook(webhook: Webhook, path: FieldPath, errors: FieldError[]): void {
  validateName(webhook.name ?? '', path.child('name'), errors);
  for (const [i, rule] of (webhook.rules ?? []).entries()) validateRule(rule, path.child('rules').index(i), errors);
  among(webhook.failurePolicy, failurePolicies, path.child('failurePolicy'), errors);
  validateMatchPolicy(webhook.matchPolicy, path, errors);
  if (webhook.sideEffects === undefined) errors.push(required(path.child('sideEffects'), `must specify one of ${sideEffects.join(', ')}`));
  else if (!sideEffects.includes(webhook.sideEffects))
    errors.push(notSupported(path.child('sideEffects'), webhook.sideEffects, sideEffects));
  const { timeoutSeconds = 10 } = webhook;
  if (timeoutSeconds < 1 || timeoutSeconds > 30)
    errors.push(invalid(path.child('timeoutSeconds'), timeoutSeconds, 'the timeout value must be between 1 and 30 seconds'));
  validateLabelSelector(webhook.namespaceSelector, path.child('namespaceSelector'), errors);
  validateLabelSelector(webhook.objectSelector, path.child('objectSelector'), errors);
  among(webhook.reinvocationPolicy, ['IfNeeded', 'Never'], path.child('reinvocationPolicy'), errors);
  const client = webhook.clientConfig ?? {};
  const at = path.child('clientConfig');
  if ((client.url === undefined) === (client.service === undefined)) errors.push(required(at, 'exactly one of url or service is required'));
  else if (client.url !== undefined) validateUrl(client.url, at.child('url'), errors);
  else validateService(client, at.child('service'), errors);
  validateMatchConditions(webhook.matchConditions, { hasParams: false, hasAuthorizer: true }, path.child('matchConditions'), errors);
  validateVersions(webhook.admissionReviewVersions ?? [], path.child('admissionReviewVersions'), errors);
}

function validateVersions(versions: readonly string[], path: FieldPath, errors: FieldError[]): void {
  if (versions.length === 0) {
    errors.push(required(path, `must specify one of ${reviewVersions.join(', ')}`));
    return;
  }
  for (const [i, version] of versions.entries()) {
    if (versions.indexOf(version) < i) errors.push(invalid(path.index(i), version, 'duplicate version'));
    else for (const complaint of dns1035Label(version)) errors.push(invalid(path.index(i), version, complaint));
  }
  if (!versions.some((version) => reviewVersions.includes(version)))
    errors.push(invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`));
}

function validateAll(object: Configuration, errors: FieldError[]): void {
  const list = object.webhooks ?? [];
  for (const [i, webhook] of list.entries()) {
    validateWebhook(webhook, webhooks.index(i), errors);
    if (webhook.name && list.findIndex((one) => one.name === webhook.name) < i)
      errors.push(duplicate(webhooks.index(i).child('name'), webhook.name));
  }
}

function configuration<T extends Configuration>(kind: string, resource: string, isMutating: boolean): Kind<T> {
  return defineKind<T>({
    group: 'admissionregistration.k8s.io',
    kind,
    resource,
    categories: ['api-extensions'],
    isNamespaced: false,
    hasGeneration: true,
    desiredState: (object) => object.webhooks,
    setDefaults(object) {
      if (!object.webhooks) return object;
      const next = object.webhooks.map((webhook) => setWebhookDefaults(webhook, isMutating));
      return equal(next, object.webhooks) ? object : { ...object, webhooks: next };
    },
    validate(object) {
      const errors: FieldError[] = [];
      validateObjectMeta(object.metadata, { isNamespaced: false }, errors);
      validateAll(object, errors);
      return errors;
    },
    validateUpdate(next, previous) {
      const errors: FieldError[] = [];
      validateObjectMetaUpdate(next, previous, errors);
      if (next.webhooks !== previous.webhooks) validateAll(next, errors);
      return errors;
    },
    columns: [name(), integer('Webhooks', 'How many webhooks the configuration names.', ({ webhooks: list }) => list?.length ?? 0), age()],
  });
}

/** The descriptor of ValidatingWebhookConfiguration. */
export const validatingWebhookConfigurations = configuration<ValidatingWebhookConfiguration>(
  'ValidatingWebhookConfiguration',
  'validatingwebhookconfigurations',
  false,
);

/** The descriptor of MutatingWebhookConfiguration. */
export const mutatingWebhookConfigurations = configuration<MutatingWebhookConfiguration>(
  'MutatingWebhookConfiguration',
  'mutatingwebhookconfigurations',
  true,
);
