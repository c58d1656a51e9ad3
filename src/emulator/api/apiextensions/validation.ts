/** Validation of a CustomResourceDefinition beside its schemas: apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go. */
import { equal } from '../../machinery/equality.ts';
import { fieldPath, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { dns1035Label, dns1123Subdomain } from '../../machinery/names.ts';
import { hasDefaults } from '../../machinery/structural-schema/default-values.ts';
import type { CustomResourceConversion, CustomResourceDefinition, CustomResourceDefinitionVersion } from '../generated/types.ts';
import { versionInGo } from './internal-form.ts';
import { validateSchema } from './schema-validation.ts';
import { validateSelectableFields } from './selectable-fields.ts';

type Version = CustomResourceDefinitionVersion;

const spec = fieldPath('spec');
const scopes = ['Cluster', 'Namespaced'];
const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

/** Whether the definition is served. */
export const isEstablished = ({ status }: CustomResourceDefinition): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') ?? false;

const joined = (value: string, complaints: readonly string[], path: FieldPath, errors: FieldError[], before = ''): void => {
  if (value !== '' && complaints.length > 0) errors.push(invalid(path, value, before + complaints.join(',')));
};

/** The spec and stored versions of a new definition. */
export function validateDefinition(object: CustomResourceDefinition, errors: FieldError[]): void {
  const { group = '', scope = '', versions: sent, names, conversion, preserveUnknownFields } = object.spec ?? {};
  const versions = sent ?? [];
  if (group === '') errors.push(required(spec.child('group')));
  else if (dns1123Subdomain(group).length > 0) errors.push(invalid(spec.child('group'), group, dns1123Subdomain(group).join(',')));
  else if (!group.includes('.')) errors.push(invalid(spec.child('group'), group, 'should be a domain with at least one dot'));
  if (scope === '') errors.push(required(spec.child('scope')));
  else if (!scopes.includes(scope)) errors.push(notSupported(spec.child('scope'), scope, scopes));
  for (const [i, { schema }] of versions.entries())
    if (!schema?.openAPIV3Schema) errors.push(required(spec.child('versions').index(i).child('schema', 'openAPIV3Schema')));
  if (preserveUnknownFields && versions.some(({ schema }) => schema?.openAPIV3Schema && hasDefaults(schema.openAPIV3Schema)))
    errors.push(invalid(spec.child('preserveUnknownFields'), true, 'must be false in order to use defaults in the schema'));
  validateVersions(sent, errors);
  validateNames(names, spec.child('names'), errors);
  validateShared(versions, errors);
  validateConversion(conversion, spec.child('conversion'), errors);
  validateStored(object, versions, errors);
}

function validateStored({ status }: CustomResourceDefinition, versions: readonly Version[], errors: FieldError[]): void {
  const path = fieldPath('status', 'storedVersions');
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) {
    errors.push(invalid(path, null, 'must have at least one stored version'));
    return;
  }
  const left = new Set(stored);
  for (const { name, storage } of versions)
    if (!left.delete(name) && storage) errors.push(invalid(path, stored, `must have the storage version ${name}`));
  stored.forEach((name, i) => {
    if (left.has(name)) {
      const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
      errors.push(invalid(path.index(i), name, detail));
    }
  });
}

/** Fields that are unknown are kept where the schema says so, and no more for the whole of a resource. */
export function validatePreserved({ spec: own }: CustomResourceDefinition, errors: FieldError[]): void {
  if (!own?.preserveUnknownFields) return;
  const detail = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  errors.push(invalid(spec.child('preserveUnknownFields'), true, detail));
}

/** What may not change any more, and the spec as of a new one. */
export function validateDefinitionUpdate(next: CustomResourceDefinition, previous: CustomResourceDefinition, errors: FieldError[]): void {
  validateDefinition(next, errors);
  const fixed = (path: FieldPath, value: unknown, before: unknown): void => {
    if (value !== before) errors.push(invalid(path, value, 'field is immutable'));
  };
  if (isEstablished(previous)) {
    fixed(spec.child('scope'), next.spec.scope, previous.spec.scope);
    fixed(spec.child('names', 'kind'), next.spec.names.kind, previous.spec.names.kind);
  }
  fixed(spec.child('group'), next.spec.group, previous.spec.group);
  fixed(spec.child('names', 'plural'), next.spec.names.plural, previous.spec.names.plural);
}

/** What the versions of a definition may say each for itself. */
const perVersion = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const;
type PerVersion = Pick<Version, (typeof perVersion)[number]>;

/**
 * What all versions say alike, which upstream's internal type has once and beside them (v1/conversion.go): of a definition with one
 * version that is all.
 */
function sharedBy(versions: readonly Version[]): PerVersion {
  const shared: Record<string, unknown> = {};
  for (const key of perVersion)
    if (versions.length > 0 && versions.every((version) => equal(version[key], versions[0]![key]))) shared[key] = versions[0]![key];
  return shared;
}

/** A version without what all say alike. */
const apartFrom = (shared: PerVersion, version: Version): Version =>
  ({ ...version, ...Object.fromEntries(Object.keys(shared).map((key) => [key, undefined])) }) as Version;

function validateVersions(sent: readonly Version[] | null | undefined, errors: FieldError[]): void {
  const versions = sent ?? [];
  const shared = sharedBy(versions);
  const own = versions.map((version) => apartFrom(shared, version));
  const path = spec.child('versions');
  for (const [i, version] of own.entries()) {
    validateVersionName(version, path.index(i), errors);
    validateParts(version, versions[i]!.subresources?.status !== undefined, path.index(i), 'schema', errors);
    if (version.selectableFields?.length && !version.schema?.openAPIV3Schema) {
      const detail = 'may only be set when `version.schema.openAPIV3Schema` is not included';
      errors.push(invalid(path.index(i).child('selectableFields'), '', detail));
    }
  }
  const all = (): unknown => sent && own.map(versionInGo);
  if (new Set(versions.map(({ name }) => name)).size !== versions.length)
    errors.push(invalid(path, all(), 'must contain unique version names'));
  if (versions.filter(({ storage }) => storage).length !== 1)
    errors.push(invalid(path, all(), 'must have exactly one version marked as storage version'));
  // Upstream's internal type has the name of the first version once more.
  const first = versions[0]?.name ?? '';
  joined(first, dns1035Label(first), spec.child('version'), errors);
}

/** What all versions say alike is told as of the spec itself. */
function validateShared(versions: readonly Version[], errors: FieldError[]): void {
  const shared = sharedBy(versions);
  const hasStatus = versions.some(({ subresources }) => subresources?.status !== undefined);
  validateParts(shared, hasStatus, spec, 'validation', errors);
  if (shared.selectableFields?.length && !shared.schema)
    errors.push(invalid(spec.child('selectableFields'), '', 'may only be set when validations.schema is included'));
}

function validateVersionName({ name = '', deprecated, deprecationWarning }: Version, path: FieldPath, errors: FieldError[]): void {
  const complaints = dns1035Label(name);
  if (complaints.length > 0) errors.push(invalid(path.child('name'), name, complaints.join(',')));
  if (deprecationWarning === undefined) return;
  const warn = (detail: string): void => void errors.push(invalid(path.child('deprecationWarning'), deprecationWarning, detail));
  if (!deprecated) warn('can only be set for deprecated versions');
  else if (deprecationWarning.length > 256) warn('must be <= 256 characters long');
  else if (deprecationWarning === '') warn('must not be an empty string');
}

function validateParts(parts: PerVersion, hasStatus: boolean, path: FieldPath, schemaName: string, errors: FieldError[]): void {
  const { schema, subresources, additionalPrinterColumns = [], selectableFields = [] } = parts;
  const root = schema?.openAPIV3Schema;
  if (root) validateSchema(root, path.child(schemaName, 'openAPIV3Schema'), hasStatus, errors);
  validateScale(subresources?.scale, path.child('subresources'), errors);
  for (const [i, column] of additionalPrinterColumns.entries())
    validateColumn(column, path.child('additionalPrinterColumns').index(i), errors);
  if (root) validateSelectableFields(selectableFields, root, path.child('selectableFields'), errors);
}

function simplePath(value: string, path: FieldPath, errors: FieldError[]): boolean {
  if (value.startsWith('.')) return true;
  errors.push(invalid(path, value, 'must be a simple json path starting with .'));
  return false;
}

function validateColumn(
  { name, type, format, jsonPath }: NonNullable<Version['additionalPrinterColumns']>[number],
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!name) errors.push(required(path.child('name')));
  const types = `must be one of ${columnTypes.join(',')}`;
  if (!type) errors.push(required(path.child('type'), types));
  else if (!columnTypes.includes(type)) errors.push(invalid(path.child('type'), type, types));
  if (format && !columnFormats.includes(format))
    errors.push(invalid(path.child('format'), format, `must be one of ${columnFormats.join(',')}`));
  // Upstream tells the path with the field's name in its internal version.
  if (!jsonPath) errors.push(required(path.child('JSONPath')));
  else simplePath(jsonPath, path.child('JSONPath'), errors);
}

function validateScale(scale: NonNullable<Version['subresources']>['scale'], path: FieldPath, errors: FieldError[]): void {
  if (!scale) return;
  const under = (name: string, value: string | undefined, prefix: string): void => {
    const at = path.child(`scale.${name}`);
    if (!value) errors.push(required(at));
    else if (simplePath(value, at, errors) && !value.startsWith(`${prefix}.`))
      errors.push(invalid(at, value, `should be a json path under ${prefix}`));
  };
  under('specReplicasPath', scale.specReplicasPath, '.spec');
  under('statusReplicasPath', scale.statusReplicasPath, '.status');
  const { labelSelectorPath } = scale;
  const at = path.child('scale.labelSelectorPath');
  if (labelSelectorPath && simplePath(labelSelectorPath, at, errors) && !/^\.(spec|status)\./.test(labelSelectorPath))
    errors.push(invalid(at, labelSelectorPath, 'should be a json path under either .spec or .status'));
}

function validateNames(names: CustomResourceDefinition['spec']['names'] | undefined, path: FieldPath, errors: FieldError[]): void {
  const { plural = '', singular = '', kind = '', listKind = '', shortNames = [], categories = [] } = names ?? {};
  const given = { plural, singular, kind, listKind };
  for (const [key, value] of Object.entries(given)) if (value === '') errors.push(required(path.child(key)));
  joined(plural, dns1035Label(plural), path.child('plural'), errors);
  joined(singular, dns1035Label(singular), path.child('singular'), errors);
  const mixed = 'may have mixed case, but should otherwise match: ';
  joined(kind, dns1035Label(kind.toLowerCase()), path.child('kind'), errors, mixed);
  joined(listKind, dns1035Label(listKind.toLowerCase()), path.child('listKind'), errors, mixed);
  validateLabels(shortNames, path.child('shortNames'), errors);
  if (kind !== '' && kind === listKind) errors.push(invalid(path.child('listKind'), listKind, 'kind and listKind may not be the same'));
  validateLabels(categories, path.child('categories'), errors);
}

function validateLabels(labels: readonly string[], path: FieldPath, errors: FieldError[]): void {
  for (const [i, one] of labels.entries()) {
    const complaints = dns1035Label(one);
    if (complaints.length > 0) errors.push(invalid(path.index(i), one, complaints.join(',')));
  }
}

function validateConversion(conversion: CustomResourceConversion | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!conversion) return;
  const { strategy, webhook } = conversion;
  if (!strategy) errors.push(required(path.child('strategy')));
  else if (strategy !== 'None' && strategy !== 'Webhook') errors.push(notSupported(path.child('strategy'), strategy, ['None', 'Webhook']));
  const client = webhook?.clientConfig;
  const clientPath = path.child('webhookClientConfig');
  const versionsPath = path.child('conversionReviewVersions');
  if (strategy !== 'Webhook') {
    if (client) errors.push(forbidden(clientPath, 'should not be set when strategy is not set to Webhook'));
    if (webhook?.conversionReviewVersions?.length)
      errors.push(forbidden(versionsPath, 'should not be set when strategy is not set to Webhook'));
    return;
  }
  if (!client) errors.push(required(clientPath, 'required when strategy is set to Webhook'));
  else if ((client.url === undefined) === (client.service === undefined))
    errors.push(required(clientPath, 'exactly one of url or service is required'));
  const reviews = webhook?.conversionReviewVersions ?? [];
  if (reviews.length === 0) errors.push(required(versionsPath));
  else if (!reviews.some((version) => version === 'v1' || version === 'v1beta1'))
    errors.push(invalid(versionsPath, reviews, 'must include at least one of v1, v1beta1'));
}
