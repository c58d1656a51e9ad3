/** Lease: pkg/registry/coordination/lease/strategy.go. */
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { Lease } from '../generated/types.ts';

/** The descriptor of Lease. */
export const leases = defineKind<Lease>({
  group: 'coordination.k8s.io',
  kind: 'Lease',
  resource: 'leases',
  columns: [name(), text('Holder', 'Who holds the lease.', (lease) => lease.spec?.holderIdentity ?? ''), age()],
});
