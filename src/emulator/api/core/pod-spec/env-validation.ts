/** Validation of environment variables and of references to fields: ValidateEnv of pkg/apis/core/validation/validation.go. */
import { invalid, notSupported, required } from '../../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import { configMapKey, dns1123Subdomain, envVarName, qualifiedName } from '../../../machinery/names.ts';
import { canonicalQuantity, quantityComplaint } from '../../../machinery/quantity.ts';
import { complain } from '../../metadata/rules.ts';
import type { EnvFromSource, EnvVar, ObjectFieldSelector, ResourceFieldSelector } from '../../generated/types.ts';

const envFieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** Fields that a downward API volume can show. */
export const volumeFieldPaths: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

const knownFieldPaths = new Set([...envFieldPaths, ...volumeFieldPaths, 'spec.restartPolicy', 'status.phase']);
const resourceNames = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const byteDivisors = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** A reference to a field of the Pod. */
export function validateFieldRef(
  reference: ObjectFieldSelector,
  supported: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!reference.apiVersion) {
    errors.push(required(path.child('apiVersion')));
    return;
  }
  if (!reference.fieldPath) {
    errors.push(required(path.child('fieldPath')));
    return;
  }
  if (reference.apiVersion !== 'v1') {
    const detail = `error converting fieldPath: unsupported pod version: ${reference.apiVersion}`;
    errors.push(invalid(path.child('fieldPath'), reference.fieldPath, detail));
    return;
  }
  const subscripted = /^(.*)\['([^']*)'\]$/.exec(reference.fieldPath);
  const own = subscripted ? subscripted[1]! : reference.fieldPath === 'spec.host' ? 'spec.nodeName' : reference.fieldPath;
  if (!knownFieldPaths.has(own)) {
    errors.push(
      invalid(
        path.child('fieldPath'),
        reference.fieldPath,
        `error converting fieldPath: field label not supported: ${reference.fieldPath}`,
      ),
    );
  } else if (subscripted) {
    const key = subscripted[2]!;
    if (own === 'metadata.annotations') complain(key.toLowerCase(), qualifiedName(key.toLowerCase()), path, errors);
    else if (own === 'metadata.labels') complain(key, qualifiedName(key), path, errors);
    else errors.push(invalid(path, own, 'does not support subscript'));
  } else if (!supported.includes(own)) errors.push(notSupported(path.child('fieldPath'), own, supported));
}

/** A reference to a request or limit of a container. */
export function validateResourceFieldRef(reference: ResourceFieldSelector, path: FieldPath, isVolume: boolean, errors: FieldError[]): void {
  const { containerName, resource, divisor } = reference;
  if (isVolume && !containerName) errors.push(required(path.child('containerName')));
  else if (!resource) errors.push(required(path.child('resource')));
  else if (!resourceNames.includes(resource) && !/^(limits|requests)\.hugepages-/.test(resource))
    errors.push(notSupported(path.child('resource'), resource, resourceNames));
  if (divisor === undefined || quantityComplaint(divisor) !== undefined || canonicalQuantity(divisor) === '0') return;
  const text = canonicalQuantity(divisor);
  if (/\.cpu$/.test(resource)) {
    if (text !== '1' && text !== '1m')
      errors.push(invalid(path.child('divisor'), resource, "only divisor's values 1m and 1 are supported with the cpu resource"));
  } else if (!byteDivisors.includes(text)) {
    const name = resource.endsWith('.memory')
      ? 'memory'
      : resource.endsWith('.ephemeral-storage')
        ? 'local ephemeral storage'
        : 'hugepages';
    errors.push(
      invalid(path.child('divisor'), resource, `only divisor's values ${byteDivisors.join(', ')} are supported with the ${name} resource`),
    );
  }
}

function validateKeyRef(
  reference: { readonly name?: string | undefined; readonly key: string },
  path: FieldPath,
  errors: FieldError[],
): void {
  complain(reference.name ?? '', dns1123Subdomain(reference.name ?? ''), path.child('name'), errors);
  if (!reference.key) errors.push(required(path.child('key')));
  else complain(reference.key, configMapKey(reference.key), path.child('key'), errors);
}

function validateValueFrom({ value, valueFrom }: EnvVar, path: FieldPath, errors: FieldError[]): void {
  if (!valueFrom) return;
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef) validateFieldRef(fieldRef, envFieldPaths, path.child('fieldRef'), errors);
  if (resourceFieldRef) validateResourceFieldRef(resourceFieldRef, path.child('resourceFieldRef'), false, errors);
  if (configMapKeyRef) validateKeyRef(configMapKeyRef, path.child('configMapKeyRef'), errors);
  if (secretKeyRef) validateKeyRef(secretKeyRef, path.child('secretKeyRef'), errors);
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter(Boolean).length;
  if (count === 0)
    errors.push(invalid(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'));
  else if (value) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  else if (count > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
}

/** Variables one by one. */
export function validateEnv(variables: readonly EnvVar[], path: FieldPath, errors: FieldError[]): void {
  variables.forEach((variable, i) => {
    const at = path.index(i);
    if (!variable.name) errors.push(required(at.child('name')));
    else complain(variable.name, envVarName(variable.name), at.child('name'), errors);
    validateValueFrom(variable, at.child('valueFrom'), errors);
  });
}

/** Whole ConfigMaps and Secrets as variables. */
export function validateEnvFrom(sources: readonly EnvFromSource[], path: FieldPath, errors: FieldError[]): void {
  sources.forEach(({ prefix, configMapRef, secretRef }, i) => {
    const at = path.index(i);
    if (prefix) complain(prefix, envVarName(prefix), at.child('prefix'), errors);
    for (const [reference, name] of [
      [configMapRef, 'configMapRef'],
      [secretRef, 'secretRef'],
    ] as const) {
      if (!reference) continue;
      if (!reference.name) errors.push(required(at.child(name, 'name')));
      else complain(reference.name, dns1123Subdomain(reference.name), at.child(name, 'name'), errors);
    }
    if (!configMapRef && !secretRef) errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (configMapRef && secretRef) errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
  });
}
