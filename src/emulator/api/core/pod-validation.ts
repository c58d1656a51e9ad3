/** Validation of Pods and of what an update may change: ValidatePodCreate and ValidatePodUpdate of pkg/apis/core/validation/validation.go. */
import { equal } from '../../machinery/equality.ts';
import { fieldPath, forbidden, invalid, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { quote } from '../../machinery/go-quote.ts';
import { inRange } from '../../machinery/names.ts';
import type { Container, Pod, PodSpec, Toleration } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { validateAppArmorAnnotations } from './pod-spec/apparmor.ts';
import { validateTolerations } from './pod-spec/scheduling-validation.ts';
import { validatePodSpec } from './pod-spec/validation.ts';
import { specDiff } from './spec-diff.ts';

const spec = fieldPath('spec');

const updatable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

/** Errors of a new Pod. */
export function validatePod(pod: Pod): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(pod.metadata, { isNamespaced: true }, errors);
  const specErrors = validatePodSpec(pod.spec, 'pod', pod.metadata.name);
  const extra: FieldError[] = [];
  if (pod.metadata.annotations)
    validateAppArmorAnnotations(pod.metadata.annotations, pod.spec, fieldPath('metadata', 'annotations'), extra);
  if (pod.spec.ephemeralContainers?.length) extra.push(forbidden(spec.child('ephemeralContainers'), 'cannot be set on create'));
  return errors.length + extra.length === 0 ? specErrors : [...errors, ...specErrors, ...extra];
}

type ContainerList = 'containers' | 'initContainers';

function validateContainerCount(next: PodSpec, previous: PodSpec, list: ContainerList, errors: FieldError[]): boolean {
  if ((next[list]?.length ?? 0) !== (previous[list]?.length ?? 0)) {
    errors.push(forbidden(spec.child(list), 'pod updates may not add or remove containers'));
    return false;
  }
  (next[list] ?? []).forEach((container, i) => {
    if (!container.image) errors.push(required(spec.child(list).index(i).child('image')));
  });
  return true;
}

function validateDeadline(next: number | undefined, previous: number | undefined, errors: FieldError[]): boolean {
  const path = spec.child('activeDeadlineSeconds');
  if (next === undefined) {
    if (previous !== undefined) errors.push(invalid(path, undefined, 'must not update from a positive integer to nil value'));
    return previous === undefined;
  }
  const complaints = inRange(next, 0, 2_147_483_647);
  if (complaints.length > 0) errors.push(invalid(path, next, complaints[0]!));
  else if (previous !== undefined && previous < next) errors.push(invalid(path, next, 'must be less than or equal to previous value'));
  else return true;
  return false;
}

function validateAddedTolerations(next: readonly Toleration[], previous: readonly Toleration[], errors: FieldError[]): void {
  const path = spec.child('tolerations');
  const isKept = (old: Toleration): boolean =>
    next.some((toleration) => equal({ ...toleration, tolerationSeconds: undefined }, { ...old, tolerationSeconds: undefined }));
  if (!previous.every(isKept)) errors.push(forbidden(path, 'existing toleration can not be modified except its tolerationSeconds'));
  else validateTolerations(next, path, errors);
}

function validateRemovedGates(next: PodSpec, previous: PodSpec, errors: FieldError[]): void {
  const known = new Set((previous.schedulingGates ?? []).map(({ name }) => name));
  (next.schedulingGates ?? []).forEach(({ name }, i) => {
    if (!known.has(name))
      errors.push(
        forbidden(
          spec.child('schedulingGates').index(i).child('name'),
          `only deletion is allowed, but found new scheduling gate '${name}'`,
        ),
      );
  });
}

function withImages(
  containers: readonly Container[] | undefined,
  from: readonly Container[] | undefined,
): readonly Container[] | undefined {
  return containers?.map((container, i) => ({ ...container, image: from?.[i]?.image }));
}

/** The new spec as it would be without the changes that are allowed. */
function withoutAllowedChanges(next: PodSpec, previous: PodSpec): PodSpec {
  const isGated = (previous.schedulingGates?.length ?? 0) > 0;
  const onlyAdds = Object.entries(previous.nodeSelector ?? {}).every(([key, value]) => next.nodeSelector?.[key] === value);
  const graceCured = (previous.terminationGracePeriodSeconds ?? 0) < 0 && next.terminationGracePeriodSeconds === 1;
  return {
    ...next,
    containers: withImages(next.containers, previous.containers)!,
    initContainers: withImages(next.initContainers, previous.initContainers),
    activeDeadlineSeconds: previous.activeDeadlineSeconds,
    tolerations: previous.tolerations,
    schedulingGates: previous.schedulingGates,
    nodeSelector: isGated && onlyAdds ? previous.nodeSelector : next.nodeSelector,
    terminationGracePeriodSeconds: graceCured ? previous.terminationGracePeriodSeconds : next.terminationGracePeriodSeconds,
  };
}

/** Errors of an update of a Pod's main resource. */
export function validatePodUpdate(next: Pod, previous: Pod): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  if (next.spec === previous.spec) return errors;
  errors.push(...validatePodSpec(next.spec, 'pod'));
  if (!validateContainerCount(next.spec, previous.spec, 'containers', errors)) return errors;
  if (!validateContainerCount(next.spec, previous.spec, 'initContainers', errors)) return errors;
  if (!validateDeadline(next.spec.activeDeadlineSeconds, previous.spec.activeDeadlineSeconds, errors)) return errors;
  validateAddedTolerations(next.spec.tolerations ?? [], previous.spec.tolerations ?? [], errors);
  validateRemovedGates(next.spec, previous.spec, errors);
  const rest = withoutAllowedChanges(next.spec, previous.spec);
  if (!equal(rest, previous.spec)) {
    errors.push(forbidden(spec, `pod updates may not change fields other than ${updatable}\n${specDiff(previous.spec, rest)}`));
  }
  return errors;
}

/** Errors of an update of the subresource ephemeralcontainers: containers may be added, never changed or removed. */
export function validateEphemeralContainersUpdate(next: Pod, previous: Pod): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  if (next.spec.ephemeralContainers === previous.spec.ephemeralContainers) return errors;
  errors.push(...validatePodSpec(next.spec, 'pod'));
  const path = spec.child('ephemeralContainers');
  if (next.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined)
    errors.push(forbidden(spec, 'static pods do not support ephemeral containers'));
  const list = next.spec.ephemeralContainers ?? [];
  for (const old of previous.spec.ephemeralContainers ?? []) {
    const i = list.findIndex(({ name }) => name === old.name);
    if (i < 0) errors.push(forbidden(path, `existing ephemeral containers ${quote(old.name)} may not be removed\n`));
    else if (!equal(list[i], old))
      errors.push(forbidden(path.index(i), `existing ephemeral containers ${quote(old.name)} may not be changed\n`));
  }
  return errors;
}
