/** Validation of Jobs and of the Job in a CronJob: pkg/apis/batch/validation/validation.go. */
import { equal } from '../../machinery/equality.ts';
import { fieldPath, invalid, notSupported, required, tooLong } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { selectorFromObject } from '../../machinery/labels.ts';
import { dns1123Label, dns1123Subdomain } from '../../machinery/names.ts';
import type { Labels } from '../../machinery/objects.ts';
import type { TemplatePlace } from '../core/pod-spec/validation.ts';
import { validateTemplate } from '../core/pod-spec/validation.ts';
import type { Job, JobSpec, LabelSelector, PodTemplateSpec, SuccessPolicy } from '../generated/types.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, nonNegative, validateLabelSelector } from '../metadata/rules.ts';
import { generatedLabels } from './job-labels.ts';
import { validateFailurePolicy, validateReplacementPolicy, validateSuccessPolicy } from './pod-policy-validation.ts';

const most = { indexes: 100_000, indexesWhenMany: 10_000, managedBy: 63 };

function validateIndexed(own: JobSpec, path: FieldPath, errors: FieldError[]): void {
  const { completions, parallelism = 0, maxFailedIndexes } = own;
  if (completions === undefined) errors.push(required(path.child('completions'), 'when completion mode is Indexed'));
  const atMost = (field: 'parallelism' | 'maxFailedIndexes', limit: number, when = ''): void => {
    const value = own[field] ?? 0;
    if (value > limit) errors.push(invalid(path.child(field), value, `must be less than or equal to ${limit}${when}`));
  };
  atMost('parallelism', most.indexes, ' when completion mode is Indexed');
  if (completions !== undefined && (maxFailedIndexes ?? 0) > completions)
    errors.push(invalid(path.child('maxFailedIndexes'), maxFailedIndexes, 'must be less than or equal to completions'));
  atMost('maxFailedIndexes', most.indexes);
  if ((completions ?? 0) <= most.indexes || own.backoffLimitPerIndex === undefined) return;
  if (maxFailedIndexes === undefined)
    errors.push(required(path.child('maxFailedIndexes'), `must be specified when completions is above ${most.indexes}`));
  const when = ` when completions are above ${most.indexes} and used with backoff limit per index`;
  if (parallelism > most.indexesWhenMany) atMost('parallelism', most.indexesWhenMany, when);
  atMost('maxFailedIndexes', most.indexesWhenMany, when);
}

function validateCompletionMode(own: JobSpec, path: FieldPath, errors: FieldError[]): void {
  const { completionMode = 'NonIndexed' } = own;
  if (completionMode !== 'NonIndexed' && completionMode !== 'Indexed')
    errors.push(notSupported(path.child('completionMode'), completionMode, ['NonIndexed', 'Indexed']));
  if (completionMode === 'Indexed') validateIndexed(own, path, errors);
  if (completionMode !== 'NonIndexed') return;
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
    if (own[field] !== undefined) errors.push(invalid(path.child(field), own[field], 'requires indexed completion mode'));
}

/** IsDomainPrefixedPath: who looks after the Job, `example.com/name`. */
function validateManagedBy(managedBy: string, path: FieldPath, errors: FieldError[]): void {
  const [, host, rest] = /^([^/]*)\/(.*)$/s.exec(managedBy) ?? [];
  if (managedBy === '') errors.push(required(path));
  else if (!host || !rest) errors.push(invalid(path, managedBy, 'must be a domain-prefixed path (such as "acme.io/foo")'));
  else complain(host, dns1123Subdomain(host), path, errors);
  if (managedBy.length > most.managedBy) errors.push(tooLong(path, most.managedBy));
}

function validateRestartPolicy(own: JobSpec, path: FieldPath, errors: FieldError[]): void {
  const policy = own.template?.spec?.restartPolicy;
  if (!policy || policy === 'Always') errors.push(required(path, 'valid values: "OnFailure", "Never"'));
  else if (policy !== 'OnFailure' && policy !== 'Never') errors.push(notSupported(path, policy, ['OnFailure', 'Never']));
  else if (own.podFailurePolicy && policy !== 'Never')
    errors.push(invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified'));
}

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;

/** A policy by the names of its Go struct, by which upstream shows it. */
const goSuccessPolicy = ({ rules }: SuccessPolicy): unknown => ({
  Rules:
    rules?.map(({ succeededIndexes = null, succeededCount = null }) => ({
      SucceededIndexes: succeededIndexes,
      SucceededCount: succeededCount,
    })) ?? null,
});

/** What holds for the spec of a Job wherever it stands: its selector apart. */
export function validateJobSpec(own: JobSpec, path: FieldPath, place: TemplatePlace, errors: FieldError[]): void {
  for (const field of counts) nonNegative(own[field], path.child(field), errors);
  if (own.maxFailedIndexes !== undefined && own.backoffLimitPerIndex === undefined)
    errors.push(required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'));
  if (own.managedBy !== undefined) validateManagedBy(own.managedBy, path.child('managedBy'), errors);
  validateCompletionMode(own, path, errors);
  if (own.podFailurePolicy) validateFailurePolicy(own, path.child('podFailurePolicy'), errors);
  if (own.successPolicy && own.completionMode !== 'Indexed')
    errors.push(invalid(path.child('successPolicy'), goSuccessPolicy(own.successPolicy), 'requires indexed completion mode'));
  else if (own.successPolicy) validateSuccessPolicy(own, path.child('successPolicy'), errors);
  validateReplacementPolicy(own, path.child('podReplacementPolicy'), errors);
  validateTemplate(own.template, errors, place);
  validateRestartPolicy(own, path.child('template', 'spec', 'restartPolicy'), errors);
}

function validateGenerated({ metadata, spec }: Job, errors: FieldError[]): void {
  if (spec.manualSelector || !spec.selector) return;
  const at = fieldPath('spec', 'template', 'metadata');
  const expected = generatedLabels(metadata);
  const labels: Labels = spec.template?.metadata?.labels ?? {};
  for (const key of ['controller-uid', 'job-name', 'batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name']) {
    if (labels[key] === undefined) errors.push(required(at.child('labels').key(key), `must be '${expected[key]}'`));
    else if (labels[key] !== expected[key]) errors.push(invalid(at.child('labels').key(key), labels, `must be '${expected[key]}'`));
  }
  if (!selects(spec.selector, expected))
    errors.push(invalid(fieldPath('spec', 'selector'), spec.selector, '`selector` not auto-generated'));
}

function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  try {
    return selectorFromObject(selector).matches(labels);
  } catch {
    // An operator that does not exist was reported with the selector.
    return true;
  }
}

/** Labels that a Job without its own has from a template without its own: upstream sees them only when it reads the stored Job. */
function hasGeneratedLabels({ metadata, spec }: Job): boolean {
  const labels = spec.template?.metadata?.labels;
  return labels !== undefined && metadata.labels === labels && Object.keys(labels).length === Object.keys(generatedLabels(metadata)).length;
}

export function validateJob(job: Job): FieldError[] {
  const errors: FieldError[] = [];
  const path = fieldPath('spec');
  const { metadata, spec } = job;
  validateObjectMeta(hasGeneratedLabels(job) ? { ...metadata, labels: {} } : metadata, { isNamespaced: true }, errors);
  validateGenerated(job, errors);
  validateJobSpec(spec, path, 'template', errors);
  if (!spec.selector) errors.push(required(path.child('selector')));
  else validateLabelSelector(spec.selector, path.child('selector'), errors);
  const labels = spec.template?.metadata?.labels;
  if (!selects(spec.selector, labels ?? {}))
    errors.push(invalid(path.child('template', 'metadata', 'labels'), labels, '`selector` does not match template `labels`'));
  if (spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 0) {
    const longest = `${metadata.name}-${spec.completions! - 1}`;
    if (dns1123Label(longest).length > 0) {
      const detail = `will not able to create pod with invalid DNS label: ${longest}`;
      errors.push(invalid(fieldPath('metadata', 'name'), metadata.name, detail));
    }
  }
  return errors;
}

/** The template as it would be without what may change while the Job has not begun. */
function fixedTemplate(next: PodTemplateSpec, previous: PodTemplateSpec): PodTemplateSpec {
  const { affinity } = previous.spec;
  const { nodeAffinity: _, ...otherAffinity } = { ...next.spec.affinity };
  const hadOnlyNodes = affinity === undefined || Object.keys(affinity).every((key) => key === 'nodeAffinity');
  return {
    ...next,
    metadata: { ...next.metadata, labels: previous.metadata?.labels, annotations: previous.metadata?.annotations },
    spec: {
      ...next.spec,
      nodeSelector: previous.spec.nodeSelector,
      tolerations: previous.spec.tolerations,
      schedulingGates: previous.spec.schedulingGates,
      affinity:
        next.spec.affinity === undefined && hadOnlyNodes
          ? affinity
          : affinity === undefined && Object.keys(otherAffinity).length === 0
            ? undefined
            : { ...next.spec.affinity, nodeAffinity: affinity?.nodeAffinity },
    },
  };
}

const immutable = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const;

export function validateJobUpdate(next: Job, previous: Job): FieldError[] {
  const errors: FieldError[] = next.spec === previous.spec ? [] : validateJob(next);
  validateObjectMetaUpdate(next, previous, errors);
  if (next.spec === previous.spec) return errors;
  const path = fieldPath('spec');
  const { completions, parallelism } = next.spec;
  if (next.spec.completionMode !== 'Indexed') validateImmutable(completions, previous.spec.completions, path.child('completions'), errors);
  else if (completions !== previous.spec.completions && completions !== undefined && completions !== parallelism)
    errors.push(invalid(path.child('completions'), completions, 'can only be modified in tandem with spec.parallelism'));
  validateImmutable(next.spec.selector, previous.spec.selector, path.child('selector'), errors);
  const isMutable = previous.spec.suspend === true && previous.status?.startTime === undefined;
  const fixed = isMutable ? fixedTemplate(next.spec.template, previous.spec.template) : next.spec.template;
  if (!equal(fixed, previous.spec.template)) errors.push(invalid(path.child('template'), next.spec.template, 'field is immutable'));
  for (const field of immutable) validateImmutable(next.spec[field], previous.spec[field], path.child(field), errors);
  return errors;
}
