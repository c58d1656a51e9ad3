/** Validation of a CustomResourceDefinition beside its schemas: apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go. */
import { fieldPath, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { dns1035Label, dns1123Subdomain } from '../../machinery/names.ts';
import type { CustomResourceConversion, CustomResourceDefinition, CustomResourceDefinitionVersion } from '../generated/types.ts';
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
  const { group = '', scope = '', versions = [], names, conversion, preserveUnknownFields } = object.spec ?? {};
  if (group === '') errors.push(required(spec.child('group')));
  else if (dns1123Subdomain(group).length > 0) errors.push(invalid(spec.child('group'), group, dns1123Subdomain(group).join(',')));
  else if (!group.includes('.')) errors.push(invalid(spec.child('group'), group, 'should be a domain with at least one dot'));
  if (scope === '') errors.push(required(spec.child('scope')));
  else if (!scopes.includes(scope)) errors.push(notSupported(spec.child('scope'), scope, scopes));
  const versionsPath = spec.child('versions');
  for (const [i, version] of versions.entries())
    if (!version.schema?.openAPIV3Schema) errors.push(required(versionsPath.index(i).child('schema', 'openAPIV3Schema')));
  for (const [i, version] of versions.entries()) validateVersion(version, versionsPath.index(i), errors);
  if (new Set(versions.map(({ name }) => name)).size !== versions.length)
    errors.push(invalid(versionsPath, versions, 'must contain unique version names'));
  if (versions.filter(({ storage }) => storage).length !== 1)
    errors.push(invalid(versionsPath, versions, 'must have exactly one version marked as storage version'));
  validateNames(names, spec.child('names'), errors);
  validateConversion(conversion, spec.child('conversion'), errors);
  if (preserveUnknownFields)
    errors.push(
      invalid(
        spec.child('preserveUnknownFields'),
        true,
        'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ),
    );
  const stored = object.status?.storedVersions ?? [];
  stored.forEach((name, i) => {
    if (!versions.some((version) => version.name === name)) {
      const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
      errors.push(invalid(fieldPath('status', 'storedVersions').index(i), name, detail));
    }
  });
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

function validateVersion(version: Version, path: FieldPath, errors: FieldError[]): void {
  const { name = '', deprecated, deprecationWarning, schema, subresources, additionalPrinterColumns = [], selectableFields = [] } = version;
  joined(name || ' ', dns1035Label(name), path.child('name'), errors);
  if (deprecationWarning !== undefined) {
    const warn = (detail: string): void => void errors.push(invalid(path.child('deprecationWarning'), deprecationWarning, detail));
    if (!deprecated) warn('can only be set for deprecated versions');
    else if (deprecationWarning.length > 256) warn('must be <= 256 characters long');
    else if (deprecationWarning === '') warn('must not be an empty string');
  }
  const hasStatus = subresources?.status !== undefined;
  const root = schema?.openAPIV3Schema;
  if (root) validateSchema(root, path.child('schema', 'openAPIV3Schema'), hasStatus, errors);
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
  for (const [i, one] of shortNames.entries()) joined(one, dns1035Label(one), path.child('shortNames').index(i), errors);
  if (kind !== '' && kind === listKind) errors.push(invalid(path.child('listKind'), listKind, 'kind and listKind may not be the same'));
  for (const [i, one] of categories.entries()) joined(one, dns1035Label(one), path.child('categories').index(i), errors);
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
