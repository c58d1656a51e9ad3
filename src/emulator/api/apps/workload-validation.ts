/** Validation that workloads share: pkg/apis/apps/validation/validation.go. */
import { fieldPath, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { selectorFromObject } from '../../machinery/labels.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import type { LabelSelector, PodTemplateSpec } from '../generated/types.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { validateLabelSelector } from '../metadata/rules.ts';
import { validateTemplate } from '../core/pod-spec/validation.ts';

/** `spec`, where all of these fields stand. */
export const spec = fieldPath('spec');

/** Whether a selector asks for anything at all. */
export function hasTerms(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) > 0;
}

/** What upstream says of a selector that cannot be read; of a DaemonSet nothing more than what is wrong in it. */
const unreadable: Readonly<Record<string, string>> = { deployment: 'invalid label selector', statefulset: '' };

/**
 * A selector, which must be there and select something; `kind` is the word of upstream's sentence. Whether it can be read: where it
 * cannot, the template is not looked at.
 */
export function validateWorkloadSelector(selector: LabelSelector | undefined, kind: string, errors: FieldError[]): boolean {
  const path = spec.child('selector');
  if (!selector) {
    // Of a DaemonSet, upstream only says that the labels do not match.
    if (kind !== 'daemonset') errors.push(required(path));
    return true;
  }
  const before = errors.length;
  validateLabelSelector(selector, path, errors);
  const isReadable = errors.length === before;
  if (!hasTerms(selector)) errors.push(invalid(path, selector, `empty selector is invalid for ${kind}`));
  const detail = unreadable[kind];
  if (!isReadable && detail !== undefined) errors.push(invalid(path, selector, detail));
  return isReadable;
}

/** Whether the selector finds the Pods of a template. */
export function selectsTemplate(selector: LabelSelector, template: Partial<PodTemplateSpec> | undefined): boolean {
  try {
    return selectorFromObject(selector).matches(template?.metadata?.labels ?? {});
  } catch {
    // An operator that does not exist was reported with the selector.
    return true;
  }
}

/** The template: labels that the selector finds, and a Pod that runs for ever. `kind` is the word of upstream's sentence. */
export function validateWorkloadTemplate(
  template: PodTemplateSpec | undefined,
  selector: LabelSelector | undefined,
  kind: string,
  errors: FieldError[],
): void {
  const path = spec.child('template');
  const own: Partial<PodTemplateSpec> = template ?? {};
  // No selector selects nothing, not everything: the labels miss it too.
  if (!selector || (hasTerms(selector) && !selectsTemplate(selector, own))) {
    errors.push(invalid(path.child('metadata', 'labels'), own.metadata?.labels, '`selector` does not match template `labels`'));
  }
  if (own.spec === undefined) errors.push(required(path.child('spec', 'containers')));
  if (template?.spec) validateTemplate(template, errors);
  validateForever(template, kind, errors);
}

/** A Pod of such a template runs until somebody deletes it. */
export function validateForever(template: PodTemplateSpec | undefined, kind: string, errors: FieldError[]): void {
  const path = spec.child('template', 'spec');
  const restartPolicy = template?.spec?.restartPolicy;
  if (restartPolicy !== undefined && restartPolicy !== 'Always')
    errors.push(notSupported(path.child('restartPolicy'), restartPolicy, ['Always']));
  if (template?.spec?.activeDeadlineSeconds !== undefined)
    errors.push(forbidden(path.child('activeDeadlineSeconds'), `activeDeadlineSeconds in ${kind} is not Supported`));
}

/** A percentage above 100 makes no sense for what may be missing. */
export function validateAtMostAll(value: number | string | undefined, name: string, path = spec, errors: FieldError[] = []): void {
  if (typeof value === 'string' && /^\d+%$/.test(value) && parseInt(value, 10) > 100)
    errors.push(invalid(path.child(name), value, 'must not be greater than 100%'));
}

/** Whether a count or percentage is nothing, as text that is neither is too (getIntOrPercentValue). */
export function isZero(value: number | string | undefined): boolean {
  if (typeof value !== 'string') return !value;
  return !/^([0-9]+%|[+-]?[0-9]+)$/.test(value) || parseInt(value, 10) === 0;
}

interface Strategy {
  readonly type?: string;
  readonly rollingUpdate?: { readonly maxUnavailable?: number | string; readonly maxSurge?: number | string };
}

/** A strategy by the names of its Go struct, by which upstream shows one of a type that does not exist. */
export function goStrategy({ type = '', rollingUpdate }: Strategy = {}): unknown {
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {};
  return { Type: type, RollingUpdate: rollingUpdate ? { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge } : null };
}

interface Workload extends ApiObject {
  readonly spec: { readonly selector: LabelSelector };
}

/** Validation of a kind with a selector and a template, from that of its spec. The selector never changes. */
export function workloadValidation<T extends Workload>(validateSpec: (own: T['spec'], errors: FieldError[]) => void) {
  return {
    validate(workload: T): readonly FieldError[] {
      const errors: FieldError[] = [];
      validateObjectMeta(workload.metadata, { isNamespaced: true }, errors);
      validateSpec(workload.spec, errors);
      return errors;
    },
    validateUpdate(next: T, previous: T): readonly FieldError[] {
      const errors: FieldError[] = [];
      validateObjectMetaUpdate(next, previous, errors);
      if (next.spec === previous.spec) return errors;
      validateSpec(next.spec, errors);
      validateImmutable(next.spec.selector, previous.spec.selector, spec.child('selector'), errors);
      return errors;
    },
  };
}
