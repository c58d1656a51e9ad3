/** The questions that a client may ask about identities: created, answered and never stored. */
import { defineKind } from '../define-kind.ts';
import type { SelfSubjectReview, TokenReview } from '../generated/types.ts';

const group = 'authentication.k8s.io';

/** The descriptor of TokenReview: whose token is this? */
export const tokenReviews = defineKind<TokenReview>({
  group,
  kind: 'TokenReview',
  resource: 'tokenreviews',
  isNamespaced: false,
  verbs: ['create'],
});

/** The descriptor of SelfSubjectReview: who am I? */
export const selfSubjectReviews = defineKind<SelfSubjectReview>({
  group,
  kind: 'SelfSubjectReview',
  resource: 'selfsubjectreviews',
  isNamespaced: false,
  verbs: ['create'],
});
