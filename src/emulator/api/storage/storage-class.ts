/** StorageClass: pkg/registry/storage/storageclass/strategy.go. */
import { duplicate, fieldPath, forbidden, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { qualifiedName } from '../../machinery/names.ts';
import { equal, semanticEqual } from '../../machinery/equality.ts';
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { fillNil } from '../fill.ts';
import type { StorageClass, TopologySelectorTerm } from '../generated/types.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain } from '../metadata/rules.ts';
import { validateParameters, validateProvisioner } from './rules.ts';

/** The annotation of the class that claims without one get, and its older form: pkg/apis/storage/util/helpers.go. */
const defaultAnnotations = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];

/** Whether claims without a class get this one. */
export const isDefaultClass = ({ metadata }: StorageClass): boolean =>
  defaultAnnotations.some((annotation) => metadata.annotations?.[annotation] === 'true');

const reclaimPolicies: readonly string[] = ['Delete', 'Retain'];
const bindingModes: readonly string[] = ['Immediate', 'WaitForFirstConsumer'];

/** ValidateTopologySelectorTerm of pkg/apis/core/validation/validation.go. */
function validateTopologyTerm({ matchLabelExpressions = [] }: TopologySelectorTerm, path: FieldPath, errors: FieldError[]): void {
  const keys = new Set<string>();
  matchLabelExpressions.forEach(({ key, values }, i) => {
    const at = path.child('matchLabelExpressions').index(i);
    if (values.length === 0) errors.push(required(at.child('values')));
    const seen = new Set<string>();
    values.forEach((value, j) => {
      if (seen.has(value)) errors.push(duplicate(at.child('values').index(j), value));
      seen.add(value);
    });
    complain(key, qualifiedName(key), at.child('key'), errors);
    if (keys.has(key)) errors.push(duplicate(at.child('key'), key));
    keys.add(key);
  });
}

function validateTopologies(terms: readonly TopologySelectorTerm[], path: FieldPath, errors: FieldError[]): void {
  terms.forEach((term, i) => {
    validateTopologyTerm(term, path.index(i), errors);
    // Upstream's list of the terms before begins with as many empty ones as there are terms.
    const isEmpty = (term.matchLabelExpressions ?? []).length === 0;
    const same = terms.slice(0, i).filter((other) => equal(other, term)).length + (isEmpty ? terms.length : 0);
    for (let n = 0; n < same; n++) errors.push(duplicate(path.index(i).child('matchLabelExpressions'), ''));
  });
}

/** The descriptor of StorageClass. */
export const storageClasses = defineKind<StorageClass>({
  group: 'storage.k8s.io',
  kind: 'StorageClass',
  resource: 'storageclasses',
  shortNames: ['sc'],
  isNamespaced: false,
  setDefaults: (storageClass) => fillNil(storageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  validate(storageClass) {
    const errors: FieldError[] = [];
    const { reclaimPolicy = '', volumeBindingMode } = storageClass;
    validateObjectMeta(storageClass.metadata, { isNamespaced: false }, errors);
    validateProvisioner(storageClass.provisioner, fieldPath('provisioner'), errors);
    validateParameters(storageClass.parameters, fieldPath('parameters'), errors);
    if (reclaimPolicy && !reclaimPolicies.includes(reclaimPolicy))
      errors.push(notSupported(fieldPath('reclaimPolicy'), reclaimPolicy, reclaimPolicies));
    if (volumeBindingMode === undefined) errors.push(required(fieldPath('volumeBindingMode')));
    else if (!bindingModes.includes(volumeBindingMode))
      errors.push(notSupported(fieldPath('volumeBindingMode'), volumeBindingMode, bindingModes));
    validateTopologies(storageClass.allowedTopologies ?? [], fieldPath('allowedTopologies'), errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    if (!semanticEqual(next.parameters, previous.parameters))
      errors.push(forbidden(fieldPath('parameters'), 'updates to parameters are forbidden.'));
    for (const field of ['provisioner', 'reclaimPolicy'] as const)
      if (next[field] !== previous[field]) errors.push(forbidden(fieldPath(field), `updates to ${field} are forbidden.`));
    validateImmutable(next.volumeBindingMode, previous.volumeBindingMode, fieldPath('volumeBindingMode'), errors);
    return errors;
  },
  columns: [
    {
      ...name<StorageClass>(),
      cell: (storageClass) => (isDefaultClass(storageClass) ? `${storageClass.metadata.name} (default)` : storageClass.metadata.name),
    },
    text('Provisioner', 'Who makes volumes of this class.', (storageClass) => storageClass.provisioner),
    text('ReclaimPolicy', 'What becomes of a volume when its claim goes.', (storageClass) => storageClass.reclaimPolicy ?? 'Delete'),
    text(
      'VolumeBindingMode',
      'Whether a claim is bound at once or for its first Pod.',
      (storageClass) => storageClass.volumeBindingMode ?? '<unset>',
    ),
    {
      name: 'AllowVolumeExpansion',
      type: 'string',
      description: 'Whether claims may grow.',
      priority: 0,
      cell: (storageClass) => storageClass.allowVolumeExpansion ?? false,
    },
    age(),
  ],
});
