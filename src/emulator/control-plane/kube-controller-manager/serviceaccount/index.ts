/** ServiceAccounts: every active Namespace has one called `default` (pkg/controller/serviceaccount). */
import { namespaces } from '../../../api/core/namespace.ts';
import { serviceAccounts } from '../../../api/core/service-account.ts';
import type { Call } from '../../../kernel/index.ts';
import { isAlreadyExists } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';
import { isNamespaceTerminating } from '../pod-control.ts';

const name = 'default';

export const serviceAccountController: Controller = {
  name: 'serviceaccount-controller',
  start(context) {
    const client = context.client('service-account-controller');
    const namespaceInformer = context.informers.for(namespaces);
    const accounts = context.informers.for(serviceAccounts);
    const queue = context.queue({ name: 'serviceaccount', reconcile });
    namespaceInformer.onChange(({ type, object }) => type !== 'DELETED' && queue.add(object.metadata.name));
    accounts.onChange(({ type, object }) => type === 'DELETED' && object.metadata.name === name && queue.add(object.metadata.namespace!));

    function* reconcile(namespace: string): Call<void> {
      const found = namespaceInformer.get(namespace);
      if (!found || found.status?.phase === 'Terminating' || found.metadata.deletionTimestamp || accounts.get(name, namespace)) return;
      try {
        yield* client.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } });
      } catch (error) {
        if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error;
      }
    }
  },
};
