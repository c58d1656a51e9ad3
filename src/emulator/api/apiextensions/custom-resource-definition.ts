/** CustomResourceDefinition: apiextensions-apiserver/pkg/registry/customresourcedefinition/strategy.go. */
import type { FieldError } from '../../machinery/field-error.ts';
import { equal } from '../../machinery/equality.ts';
import { name } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import type { CustomResourceDefinition } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { dns1123Subdomain } from '../../machinery/names.ts';
import { decodeDefinition } from './decode.ts';
import { isEstablished, validateDefinition, validateDefinitionUpdate, validatePreserved } from './validation.ts';

type Condition = NonNullable<NonNullable<CustomResourceDefinition['status']>['conditions']>[number];

/** SetDefaults_CustomResourceDefinition: the names that follow from the kind, no conversion, and the stored version. */
function setDefaults(object: CustomResourceDefinition): CustomResourceDefinition {
  const { spec, status } = object;
  if (!spec?.names) return object;
  const { names } = spec;
  const conversion = spec.conversion ?? { strategy: 'None' };
  const client = conversion.webhook?.clientConfig;
  const withPort =
    client?.service && client.service.port === undefined
      ? { ...conversion, webhook: { ...conversion.webhook!, clientConfig: { ...client, service: { ...client.service, port: 443 } } } }
      : conversion;
  const next = {
    ...spec,
    names: {
      ...names,
      singular: names.singular || (names.kind ?? '').toLowerCase(),
      listKind: names.listKind || (names.kind ? `${names.kind}List` : ''),
    },
    conversion: withPort,
  };
  const storage = spec.versions?.find((version) => version.storage)?.name;
  const storedVersions = status?.storedVersions?.length || storage === undefined ? status?.storedVersions : [storage];
  if (equal(next, spec) && storedVersions === status?.storedVersions) return object;
  return { ...object, spec: next, status: { ...status, storedVersions } as CustomResourceDefinition['status'] };
}

/** Every version that was ever stored is remembered (strategy.go, PrepareForUpdate). */
function rememberStored(next: CustomResourceDefinition): CustomResourceDefinition {
  const storage = next.spec.versions?.find((version) => version.storage)?.name;
  const stored = next.status?.storedVersions ?? [];
  if (storage === undefined || stored.includes(storage)) return next;
  return { ...next, status: { ...next.status, storedVersions: [...stored, storage] } as CustomResourceDefinition['status'] };
}

const approvalKey = 'api-approved.kubernetes.io';
const approvalAdvice = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** What the annotation says of the approval by the community; undefined in a group that needs none (apihelpers.GetAPIApprovalState). */
export function approvalOf({
  spec,
  metadata,
}: CustomResourceDefinition):
  | { readonly reason: 'MissingAnnotation' | 'UnapprovedAnnotation' | 'ApprovedAnnotation' | 'InvalidAnnotation'; readonly message: string }
  | undefined {
  if (!/(^|\.)(k8s\.io|kubernetes\.io)$/.test(spec.group ?? '')) return undefined;
  const annotation = metadata.annotations?.[approvalKey] ?? '';
  const rule = `protected groups must have approval annotation "${approvalKey}"`;
  if (annotation === '') return { reason: 'MissingAnnotation', message: `${rule}, ${approvalAdvice}` };
  if (annotation.startsWith('unapproved'))
    return { reason: 'UnapprovedAnnotation', message: `not approved: ${JSON.stringify(annotation)}` };
  if (/^[a-z][a-z0-9+.-]*:\/\/[^\s/]\S*$/i.test(annotation)) return { reason: 'ApprovedAnnotation', message: `approved in ${annotation}` };
  return { reason: 'InvalidAnnotation', message: `${rule} with either a URL or a reason starting with "unapproved", ${approvalAdvice}` };
}

function approval(definition: CustomResourceDefinition): FieldError[] {
  const state = approvalOf(definition);
  if (!state) return [];
  const { reason, message: detail } = state;
  const field = `metadata.annotations[${approvalKey}]`;
  if (reason === 'MissingAnnotation') return [{ type: 'FieldValueRequired', field, badValue: undefined, detail }];
  if (reason !== 'InvalidAnnotation') return [];
  return [{ type: 'FieldValueInvalid', field, badValue: definition.metadata.annotations?.[approvalKey], detail }];
}

/** The descriptor of CustomResourceDefinition. */
export const customResourceDefinitions = defineKind<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  resource: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  isNamespaced: false,
  hasGeneration: true,
  deletionFinalizer: 'customresourcecleanup.apiextensions.k8s.io',
  storagePrefix: 'apiextensions.k8s.io/customresourcedefinitions',
  subresources: { status: statusSubresource() },
  decode: decodeDefinition,
  setDefaults,
  prepareForCreate: (object) => rememberStored(withoutStatus(object)),
  prepareForUpdate: (next, previous) => rememberStored(keepStatus(next, previous)),
  validate(object) {
    const errors: FieldError[] = [];
    const wanted = `${object.spec?.names?.plural ?? ''}.${object.spec?.group ?? ''}`;
    const nameRule = (given: string): readonly string[] => [
      ...dns1123Subdomain(given),
      ...(given === wanted ? [] : ['must be spec.names.plural+"."+spec.group']),
    ];
    validateObjectMeta(object.metadata, { isNamespaced: false, nameRule }, errors);
    validateDefinition(object, errors);
    errors.push(...approval(object));
    validatePreserved(object, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    if (next.spec === previous.spec) return errors;
    validateDefinitionUpdate(next, previous, errors);
    if (!previous.spec.preserveUnknownFields) validatePreserved(next, errors);
    return errors;
  },
  columns: [
    name(),
    {
      name: 'Created At',
      type: 'date',
      description: 'When the object was created.',
      priority: 0,
      cell: ({ metadata }) => metadata.creationTimestamp,
    },
  ],
});

/** One condition of a definition. */
export const conditionOf = ({ status }: CustomResourceDefinition, type: string): Condition | undefined =>
  status?.conditions?.find((condition) => condition.type === type);

export { isEstablished };
