/**
 * NamespaceLifecycle: nothing is created in a namespace that does not exist or is going away, and three namespaces stay.
 * Upstream: apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go.
 */
import type { Namespace } from '../../../../api/generated/types.ts';
import { forbidden, notFound, StatusError } from '../../../../machinery/status-error.ts';
import type { ApiServer } from '../../server.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';

const immortal = new Set(['default', 'kube-system', 'kube-public']);
/** Access checks work in a namespace that does not exist. */
const exempt = new Set(['localsubjectaccessreviews']);

function check(server: ApiServer, { operation, request, object }: AdmissionAttributes): void {
  const { resource, namespace } = request;
  if (operation === 'DELETE') {
    if (resource.resource === 'namespaces' && resource.group === '' && immortal.has(request.name))
      throw forbidden(resource, request.name, 'this namespace may not be deleted');
    return;
  }
  if (operation !== 'CREATE' || namespace === '' || exempt.has(resource.resource)) return;
  const found = server.store('namespaces').get('', namespace) as Namespace | undefined;
  if (!found) throw notFound({ group: '', resource: 'namespaces' }, namespace);
  if (found.status?.phase !== 'Terminating') return;
  const refused = forbidden(
    resource,
    object.metadata.name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  const cause = { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' };
  throw new StatusError({ ...refused.status, details: { ...refused.status.details, causes: [cause] } });
}

export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  resources: '*',
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  admit(server, attributes) {
    check(server, attributes);
    return attributes.object;
  },
};
