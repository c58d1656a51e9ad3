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

/** A selector, which must be there and select something; `kind` is the word of upstream's sentence. */
export function validateWorkloadSelector(selector: LabelSelector | undefined, kind: string, errors: FieldError[]): void {
  const path = spec.child('selector');
  if (!selector) {
    // Of a DaemonSet, upstream only says that the labels do not match.
    if (kind !== 'daemonset') errors.push(required(path));
    return;
  }
  validateLabelSelector(selector, path, errors);
  if (!hasTerms(selector)) errors.push(invalid(path, selector, `empty selector is invalid for ${kind}`));
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

/** Whether a count or percentage is nothing. */
export const isZero = (value: number | string | undefined): boolean =>
  value === undefined || value === 0 || value === '0%' || value === '0';

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
