/** Namespace: pkg/registry/core/namespace/strategy.go. */
import { dns1123Label } from '../../machinery/names.ts';
import { age, name, text } from '../columns.ts';
import { allVerbs, defineKind, keepStatus, statusSubresource } from '../define-kind.ts';
import type { Namespace } from '../generated/types.ts';
import { metaErrors, metaUpdateErrors } from '../metadata/object-meta.ts';

/** The finalizer that the namespace controller removes once a namespace is empty. */
const kubernetesFinalizer = 'kubernetes';

/** Every namespace has its name as a label, so that selectors can pick it: SetDefaults_Namespace of pkg/apis/core/v1/defaults.go. */
function nameLabel(namespace: Namespace): Namespace {
  const { name: value, labels } = namespace.metadata;
  if (!value || labels?.['kubernetes.io/metadata.name'] !== undefined) return namespace;
  return { ...namespace, metadata: { ...namespace.metadata, labels: { ...labels, 'kubernetes.io/metadata.name': value } } };
}

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
  setDefaults: nameLabel,
  prepareForCreate(namespace) {
    const finalizers = namespace.spec?.finalizers ?? [];
    return {
      ...namespace,
      spec: { ...namespace.spec, finalizers: finalizers.includes(kubernetesFinalizer) ? finalizers : [...finalizers, kubernetesFinalizer] },
      status: { phase: 'Active' },
    };
  },
  validate: (namespace) => metaErrors(namespace, { isNamespaced: false, nameRule: dns1123Label }),
  validateUpdate: metaUpdateErrors,
  prepareForUpdate: (next, previous) => ({
    ...next,
    spec: { ...next.spec, finalizers: previous.spec?.finalizers },
    status: previous.status,
  }),
  columns: [name(), text('Status', 'Active, or Terminating.', (namespace) => namespace.status?.phase ?? ''), age()],
  selectableFields: { 'status.phase': (namespace) => namespace.status?.phase ?? '' },
});
