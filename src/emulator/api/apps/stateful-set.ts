/** StatefulSet: pkg/registry/apps/statefulset/strategy.go. */
import { equal } from '../../machinery/equality.ts';
import { fieldPath, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { selectorFromObject, selectorText } from '../../machinery/labels.ts';
import { dns1123Label } from '../../machinery/names.ts';
import { scaleSubresource } from '../autoscaling/scale.ts';
import { age, name, text, workloadColumns } from '../columns.ts';
import { validateClaimSpec } from '../core/persistent-volume-claim-validation.ts';
import { claimSpecWarnings, defaultClaimSpec } from '../core/persistent-volume-claim.ts';
import { defaultTemplate } from '../core/pod-spec/defaults.ts';
import { validateTemplate as validatePodTemplate } from '../core/pod-spec/validation.ts';
import { hostnameWarnings, podWarnings } from '../core/pod-spec/warnings.ts';
import { defineKind, keepStatus, statusSubresource } from '../define-kind.ts';
import { change, fill, fillZero, mapSame, without } from '../fill.ts';
import type {
  PersistentVolumeClaim,
  PodSpec,
  PodTemplateSpec,
  RollingUpdateStatefulSetStrategy,
  StatefulSet,
  StatefulSetSpec,
} from '../generated/types.ts';
import { validateAnnotations, validateLabels, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, nonNegative } from '../metadata/rules.ts';
import { hasTerms, selectsTemplate, spec, validateForever, validateWorkloadSelector } from './workload-validation.ts';

/** SetDefaults_StatefulSet of pkg/apis/apps/v1/defaults.go. */
function defaultSpec(own: StatefulSetSpec): StatefulSetSpec {
  let result = fill(own, {
    podManagementPolicy: 'OrderedReady',
    replicas: 1,
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: {},
    updateStrategy: {},
  });
  result = change(result, 'persistentVolumeClaimRetentionPolicy', (policy) =>
    fill(policy, { whenDeleted: 'Retain', whenScaled: 'Retain' }),
  );
  result = change(result, 'updateStrategy', (strategy) => {
    const typed = strategy.type ? strategy : { rollingUpdate: {}, ...strategy, type: 'RollingUpdate' };
    // MaxUnavailableStatefulSet is off in v1.34 (dropStatefulSetDisabledFields).
    const kept = change(typed, 'rollingUpdate', (update) => without(update, 'maxUnavailable'));
    return kept.type === 'RollingUpdate' ? change(kept, 'rollingUpdate', (update) => fill(update, { partition: 0 })) : kept;
  });
  result = change(result, 'volumeClaimTemplates', (claims) => mapSame(claims, defaultClaimTemplate));
  return change(result, 'template', defaultTemplate);
}

/** A claim template says what it is once it has been through the conversion of apps/v1, and has the status of a new claim. */
function defaultClaimTemplate(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  const filled = fill(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: {} });
  const pending = change(filled, 'status', (status) => fill(status, { phase: 'Pending' }));
  return change(pending, 'spec', defaultClaimSpec);
}

/** By the names of its Go struct, by which upstream shows it. */
function goRollingUpdate(update: RollingUpdateStatefulSetStrategy | undefined): unknown {
  return update ? { Partition: update.partition ?? 0, MaxUnavailable: update.maxUnavailable ?? null } : null;
}

function validateUpdateStrategy({ updateStrategy }: StatefulSetSpec, errors: FieldError[]): void {
  const path = spec.child('updateStrategy');
  const rollingUpdate = updateStrategy?.rollingUpdate;
  if (!updateStrategy?.type) errors.push(required(path));
  else if (updateStrategy.type === 'OnDelete') {
    if (rollingUpdate)
      errors.push(invalid(path.child('rollingUpdate'), goRollingUpdate(rollingUpdate), "only allowed for updateStrategy 'RollingUpdate'"));
  } else if (updateStrategy.type === 'RollingUpdate')
    nonNegative(rollingUpdate?.partition, path.child('rollingUpdate', 'partition'), errors);
  else {
    const shown = { Type: updateStrategy.type, RollingUpdate: goRollingUpdate(rollingUpdate) };
    errors.push(invalid(path, shown, "must be 'RollingUpdate' or 'OnDelete'"));
  }
}

/** The template as its Pods are made of it: with a volume for each claim, and names that the controller gives. */
function templateOfPods({ template, volumeClaimTemplates: claims = [] }: StatefulSetSpec): PodTemplateSpec {
  const { hostname, subdomain, ...rest } = template?.spec ?? {};
  if (!template?.spec || (claims.length === 0 && !hostname && !subdomain)) return template;
  const names = new Set(claims.map(({ metadata }) => metadata?.name ?? ''));
  const ofClaims = [...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  const volumes = [...ofClaims, ...(template.spec.volumes ?? []).filter(({ name }) => !names.has(name))];
  return { ...template, spec: { ...(rest as PodSpec), volumes } };
}

/** ValidatePodTemplateSpecForStatefulSet, which looks at labels and annotations twice. */
function validateTemplate(own: StatefulSetSpec, isChecked: boolean, errors: FieldError[]): void {
  const { template, selector } = own;
  const path = spec.child('template');
  // No selector selects nothing, not everything: the labels miss it too.
  if (!selector || (hasTerms(selector) && !selectsTemplate(selector, template)))
    errors.push(invalid(path.child('metadata', 'labels'), template?.metadata?.labels, '`selector` does not match template `labels`'));
  if (isChecked) validatePodTemplate(templateOfPods(own), errors);
  validateLabels(template?.metadata?.labels, path.child('labels'), errors);
  validateAnnotations(template?.metadata?.annotations, path.child('annotations'), errors);
}

/** What of a spec need not be looked at: what cannot change when it is stored, and a template that never was good. */
interface Regard {
  readonly isNew: boolean;
  readonly hasGoodTemplate: boolean;
}

/** ValidateStatefulSetSpec of pkg/apis/apps/validation/validation.go. */
function validateSpec(own: StatefulSetSpec, { isNew, hasGoodTemplate }: Regard, errors: FieldError[]): void {
  const policy = own.podManagementPolicy;
  if (!policy) errors.push(required(spec.child('podManagementPolicy')));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel')
    errors.push(invalid(spec.child('podManagementPolicy'), policy, "must be 'OrderedReady' or 'Parallel'"));
  validateUpdateStrategy(own, errors);
  const retention = spec.child('persistentVolumeClaimRetentionPolicy');
  for (const when of ['whenDeleted', 'whenScaled'] as const) {
    const value = own.persistentVolumeClaimRetentionPolicy?.[when];
    if (value !== undefined && value !== 'Retain' && value !== 'Delete')
      errors.push(notSupported(retention.child(when), value, ['Retain', 'Delete']));
  }
  if (isNew) validateClaimTemplates(own, errors);
  nonNegative(own.replicas, spec.child('replicas'), errors);
  nonNegative(own.minReadySeconds, spec.child('minReadySeconds'), errors);
  nonNegative(own.ordinals?.start, spec.child('ordinals.start'), errors);
  if (isNew && own.serviceName) complain(own.serviceName, dns1123Label(own.serviceName), spec.child('serviceName'), errors);
  if (validateWorkloadSelector(own.selector, 'statefulset', errors)) validateTemplate(own, hasGoodTemplate, errors);
  validateForever(own.template, 'StatefulSet', errors);
}

function isGood(stored: StatefulSetSpec): boolean {
  const errors: FieldError[] = [];
  validateSpec(stored, { isNew: false, hasGoodTemplate: true }, errors);
  return errors.length === 0;
}

function validateClaimTemplates({ volumeClaimTemplates = [] }: StatefulSetSpec, errors: FieldError[]): void {
  volumeClaimTemplates.forEach((claim, i) => {
    validateClaimSpec(claim.spec ?? {}, spec.child('volumeClaimTemplates').index(i).child('spec'), errors);
  });
}

function validate(statefulSet: StatefulSet): FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(statefulSet.metadata, { isNamespaced: true, nameRule: dns1123Label }, errors);
  validateSpec(statefulSet.spec, { isNew: true, hasGoodTemplate: true }, errors);
  return errors;
}

const mutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

/** What may not change: who the Pods are and what they keep. */
function fixedPart(own: StatefulSetSpec): StatefulSetSpec {
  const fixed: Record<string, unknown> = { ...own };
  for (const field of mutable) delete fixed[field];
  return fixed as unknown as StatefulSetSpec;
}

const names = mutable.map((field) => `'${field}'`);
const onlyMutable = `updates to statefulset spec for fields other than ${names.slice(0, -1).join(', ')} and ${names.at(-1)} are forbidden`;

function validateUpdate(next: StatefulSet, previous: StatefulSet): FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  if (next.spec === previous.spec) return errors;
  validateSpec(next.spec, { isNew: false, hasGoodTemplate: isGood(previous.spec) }, errors);
  if (!equal(fixedPart(next.spec), fixedPart(previous.spec))) errors.push(forbidden(spec, onlyMutable));
  return errors;
}

function warnings(object: StatefulSet, previous: StatefulSet | undefined): readonly string[] {
  const { revisionHistoryLimit = 0, template } = object.spec;
  const own: string[] = [];
  if (!previous && object.metadata.name) own.push(...hostnameWarnings(dns1123Label(object.metadata.name), 'Pod names and hostnames'));
  own.push(...podWarnings(template, previous?.spec.template, 'template'));
  (object.spec.volumeClaimTemplates ?? []).forEach((claim, i) => {
    own.push(...claimSpecWarnings(claim.spec, spec.child('volumeClaimTemplates').index(i)));
  });
  if (revisionHistoryLimit < 0)
    own.push('spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended');
  return own;
}

/** The descriptor of StatefulSet. */
export const statefulSets = defineKind<StatefulSet>({
  group: 'apps',
  kind: 'StatefulSet',
  resource: 'statefulsets',
  shortNames: ['sts'],
  categories: ['all'],
  hasGeneration: true,
  subresources: {
    scale: scaleSubresource<StatefulSet>((statefulSet) => selectorText(selectorFromObject(statefulSet.spec.selector))),
    status: statusSubresource({ validateUpdate: validateStatusUpdate }),
  },
  setDefaults: (statefulSet) => change(statefulSet, 'spec', defaultSpec),
  prepareForCreate: (statefulSet) => ({ ...statefulSet, status: { replicas: 0, availableReplicas: 0 } }),
  prepareForUpdate: keepStatus,
  validate,
  validateUpdate,
  warnings,
  columns: [
    name(),
    text('Ready', 'Pods that are ready, of those desired.', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
    age(),
    ...workloadColumns<StatefulSet>().filter((column) => column.name !== 'Selector'),
  ],
});

/** ValidateStatefulSetStatus: counts that cannot be. */
function validateStatusUpdate({ status }: StatefulSet, previous: StatefulSet): readonly FieldError[] {
  const errors: FieldError[] = [];
  const path = fieldPath('status');
  const counts = fillZero(status ?? { replicas: 0 }, { replicas: 0 });
  for (const count of ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const) {
    nonNegative(counts[count], path.child(count), errors);
    if (count !== 'replicas' && (counts[count] ?? 0) > counts.replicas)
      errors.push(invalid(path.child(count), counts[count], 'cannot be greater than status.replicas'));
  }
  if ((counts.collisionCount ?? 0) < (previous.status?.collisionCount ?? 0))
    errors.push(invalid(path.child('collisionCount'), counts.collisionCount ?? 0, 'cannot be decremented'));
  return errors;
}
