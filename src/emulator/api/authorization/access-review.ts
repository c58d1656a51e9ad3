/**
 * The questions that a client may ask about permissions: pkg/apis/authorization/validation/validation.go. They are
 * created, answered and never stored; the answer is the API server's.
 */
import { fieldPath, invalid } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
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
  validateQuestion(review.spec, errors);
  validateSubject(review.spec, errors);
});

/** The descriptor of LocalSubjectAccessReview: the same inside one namespace. */
export const localSubjectAccessReviews = askOnly<LocalSubjectAccessReview>(
  'LocalSubjectAccessReview',
  (review, errors) => {
    validateQuestion(review.spec, errors);
    validateSubject(review.spec, errors);
    const asked = review.spec.resourceAttributes?.namespace;
    if (asked !== undefined && asked !== review.metadata.namespace) {
      errors.push(invalid(spec.child('resourceAttributes', 'namespace'), asked, 'must match metadata.namespace'));
    }
    if (review.spec.nonResourceAttributes) {
      errors.push(invalid(spec.child('nonResourceAttributes'), review.spec.nonResourceAttributes, 'disallowed on this kind of request'));
    }
  },
  true,
);

/** The descriptor of SelfSubjectAccessReview: may I do that? */
export const selfSubjectAccessReviews = askOnly<SelfSubjectAccessReview>('SelfSubjectAccessReview', (review, errors) =>
  validateQuestion(review.spec, errors),
);

/** The descriptor of SelfSubjectRulesReview: what may I do? */
export const selfSubjectRulesReviews = askOnly<SelfSubjectRulesReview>('SelfSubjectRulesReview', () => undefined);
