/**
 * The questions that a client may ask about permissions: pkg/apis/authorization/validation/validation.go. They are
 * created, answered and never stored; the answer is the API server's.
 */
import { fieldPath, forbidden, invalid, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { labelValue, qualifiedName } from '../../machinery/names.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import { defineKind } from '../define-kind.ts';
import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectAccessReviewSpec,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
} from '../generated/types.ts';
import type { Kind } from '../kind.ts';
import { complain } from '../metadata/rules.ts';

const group = 'authorization.k8s.io';
const spec = fieldPath('spec');

function validateQuestion({ resourceAttributes, nonResourceAttributes }: SelfSubjectAccessReviewSpec, errors: FieldError[]): void {
  if (resourceAttributes && nonResourceAttributes) {
    errors.push(
      invalid(spec.child('nonResourceAttributes'), nonResourceAttributes, 'cannot be specified in combination with resourceAttributes'),
    );
  } else if (!resourceAttributes && !nonResourceAttributes) {
    errors.push(
      invalid(
        spec.child('resourceAttributes'),
        resourceAttributes,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    );
  }
}

type Attributes = NonNullable<SelfSubjectAccessReviewSpec['resourceAttributes']>;
type Requirement = { readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined };

/** An operator that is unknown is let pass: a newer client may know it. */
function validateRequirement({ operator, values = [] }: Requirement, path: FieldPath, errors: FieldError[]): void {
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0)
    errors.push(required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"));
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0)
    errors.push(forbidden(path.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
}

function validateSelectors({ fieldSelector, labelSelector }: Attributes, path: FieldPath, errors: FieldError[]): void {
  for (const [name, selector] of Object.entries({ fieldSelector, labelSelector })) {
    if (!selector) continue;
    const at = path.child(name);
    const { rawSelector = '', requirements = [] } = selector;
    if (rawSelector !== '' && requirements.length > 0)
      errors.push(invalid(at.child('rawSelector'), rawSelector, 'may not specified at the same time as requirements'));
    if (rawSelector === '' && requirements.length === 0)
      errors.push(required(at.child('requirements'), `when ${at} is specified, requirements or rawSelector is required`));
    for (const [i, requirement] of requirements.entries()) {
      const own = at.child('requirements').index(i);
      if (name === 'fieldSelector' && !requirement.key) errors.push(required(own.child('key'), 'must be specified'));
      validateRequirement(requirement, own, errors);
      if (name === 'fieldSelector') continue;
      complain(requirement.key, qualifiedName(requirement.key), own.child('key'), errors);
      for (const [j, value] of (requirement.values ?? []).entries())
        complain(value, labelValue(value), own.child('values').index(j), errors);
    }
  }
}

/** A question has no metadata; `but` is what it may have. */
function validateMetadata({ metadata }: ApiObject, but: readonly string[], detail: string, errors: FieldError[]): void {
  const isMore = Object.entries(metadata).some(([key, value]) => value && key !== 'managedFields' && !but.includes(key));
  if (isMore) errors.push(invalid(fieldPath('metadata'), metadata, detail));
}

function validateSubject({ user, groups }: SubjectAccessReviewSpec, errors: FieldError[]): void {
  if (!user && !groups?.length) errors.push(invalid(spec.child('user'), user ?? '', 'at least one of user or group must be specified'));
}

function askOnly<T extends ApiObject>(kind: string, validate: (review: T, errors: FieldError[]) => void, isNamespaced = false): Kind<T> {
  return defineKind<T>({
    group,
    kind,
    resource: `${kind.toLowerCase()}s`,
    isNamespaced,
    verbs: ['create'],
    validate(review) {
      const errors: FieldError[] = [];
      validate(review, errors);
      return errors;
    },
  });
}

/** The descriptor of SubjectAccessReview: may this user do that? */
export const subjectAccessReviews = askOnly<SubjectAccessReview>('SubjectAccessReview', (review, errors) => {
  const own = review.spec ?? {};
  validateQuestion(own, errors);
  validateSubject(own, errors);
  validateSelectors(own.resourceAttributes ?? {}, spec.child('resourceAttributes'), errors);
  validateMetadata(review, [], 'must be empty', errors);
});

/** The descriptor of LocalSubjectAccessReview: the same inside one namespace. */
export const localSubjectAccessReviews = askOnly<LocalSubjectAccessReview>(
  'LocalSubjectAccessReview',
  (review, errors) => {
    const own = review.spec ?? {};
    const { resourceAttributes, nonResourceAttributes } = own;
    validateQuestion(own, errors);
    validateSubject(own, errors);
    validateSelectors(resourceAttributes ?? {}, spec.child('resourceAttributes'), errors);
    validateMetadata(review, ['namespace'], 'must be empty except for namespace', errors);
    const asked = resourceAttributes?.namespace ?? '';
    if (resourceAttributes && asked !== review.metadata.namespace)
      errors.push(invalid(spec.child('resourceAttributes', 'namespace'), asked, 'must match metadata.namespace'));
    if (nonResourceAttributes)
      errors.push(invalid(spec.child('nonResourceAttributes'), nonResourceAttributes, 'disallowed on this kind of request'));
  },
  true,
);

/** The descriptor of SelfSubjectAccessReview: may I do that? */
export const selfSubjectAccessReviews = askOnly<SelfSubjectAccessReview>('SelfSubjectAccessReview', (review, errors) => {
  const own = review.spec ?? {};
  validateQuestion(own, errors);
  validateSelectors(own.resourceAttributes ?? {}, spec.child('resourceAttributes'), errors);
  validateMetadata(review, [], 'must be empty', errors);
});

/** The descriptor of SelfSubjectRulesReview: what may I do? */
export const selfSubjectRulesReviews = askOnly<SelfSubjectRulesReview>('SelfSubjectRulesReview', () => undefined);
