/** ServiceAccount: pkg/registry/core/serviceaccount/strategy.go. */
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { ServiceAccount } from '../generated/types.ts';
import { metaErrors, metaUpdateErrors } from '../metadata/object-meta.ts';

/** The descriptor of ServiceAccount. */
export const serviceAccounts = defineKind<ServiceAccount>({
  kind: 'ServiceAccount',
  resource: 'serviceaccounts',
  shortNames: ['sa'],
  subresources: { token: { verbs: ['create'], kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1' } },
  validate: (account) => metaErrors(account, { isNamespaced: true }),
  validateUpdate: metaUpdateErrors,
  columns: [name(), text('Secrets', 'Number of Secrets listed.', (account) => account.secrets?.length ?? 0), age()],
});
