/**
 * The questions that a client may ask about permissions: pkg/apis/authorization/validation/validation.go. They are
 * created, answered and never stored; the answer is the API server's.
 */
import { defineKind } from '../define-kind.ts';
import type { LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview } from '../generated/types.ts';

const group = 'authorization.k8s.io';

/** The descriptor of SubjectAccessReview: may this user do that? */
export const subjectAccessReviews = defineKind<SubjectAccessReview>({ group, kind: 'SubjectAccessReview', resource: 'subjectaccessreviews', isNamespaced: false, verbs: ['create'] });

/** The descriptor of LocalSubjectAccessReview: the same inside one namespace. */
export const localSubjectAccessReviews = defineKind<LocalSubjectAccessReview>({ group, kind: 'LocalSubjectAccessReview', resource: 'localsubjectaccessreviews', verbs: ['create'] });

/** The descriptor of SelfSubjectAccessReview: may I do that? */
export const selfSubjectAccessReviews = defineKind<SelfSubjectAccessReview>({ group, kind: 'SelfSubjectAccessReview', resource: 'selfsubjectaccessreviews', isNamespaced: false, verbs: ['create'] });

/** The descriptor of SelfSubjectRulesReview: what may I do? */
export const selfSubjectRulesReviews = defineKind<SelfSubjectRulesReview>({ group, kind: 'SelfSubjectRulesReview', resource: 'selfsubjectrulesreviews', isNamespaced: false, verbs: ['create'] });
