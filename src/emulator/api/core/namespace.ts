/** Namespace: pkg/registry/core/namespace/strategy.go. */
import { age, name, text } from '../columns.ts';
import { allVerbs, defineKind, keepStatus, statusSubresource } from '../define-kind.ts';
import type { Namespace } from '../generated/types.ts';

/** The finalizer that the namespace controller removes once a namespace is empty. */
const kubernetesFinalizer = 'kubernetes';

/** The descriptor of Namespace. */
export const namespaces = defineKind<Namespace>({
  kind: 'Namespace',
  resource: 'namespaces',
  shortNames: ['ns'],
  isNamespaced: false,
  verbs: allVerbs.filter((verb) => verb !== 'deletecollection'),
  subresources: {
    finalize: { verbs: ['update'], prepareForUpdate: (next, previous) => keepStatus(next, previous) },
    status: statusSubresource(),
  },
  prepareForCreate(namespace) {
    const finalizers = namespace.spec?.finalizers ?? [];
    return {
      ...namespace,
      spec: { ...namespace.spec, finalizers: finalizers.includes(kubernetesFinalizer) ? finalizers : [...finalizers, kubernetesFinalizer] },
      status: { phase: 'Active' },
    };
  },
  prepareForUpdate: (next, previous) => ({ ...next, spec: { ...next.spec, finalizers: previous.spec?.finalizers }, status: previous.status }),
  columns: [name(), text('Status', 'Active, or Terminating.', (namespace) => namespace.status?.phase ?? ''), age()],
  selectableFields: { 'status.phase': (namespace) => namespace.status?.phase ?? '' },
});
