/** Puts the cluster's CA into every Namespace, where Pods mount it (pkg/controller/certificates/rootcacertpublisher). */
import { configMaps } from '../../../api/core/config-map.ts';
import { namespaces } from '../../../api/core/namespace.ts';
import type { Call } from '../../../kernel/index.ts';
import { equal } from '../../../machinery/equality.ts';
import { isAlreadyExists } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';
import { isNamespaceTerminating } from '../pod-control.ts';

const name = 'kube-root-ca.crt';
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. ' +
  'No other usage is guaranteed across distributions of Kubernetes clusters.';
const annotations = { 'kubernetes.io/description': description };

export const rootCACertificatePublisher: Controller = {
  name: 'root-ca-certificate-publisher-controller',
  start(context) {
    // Without --root-ca-file there is nothing to publish.
    if (context.settings.rootCA === '') return;
    const client = context.client('root-ca-cert-publisher');
    const namespaceInformer = context.informers.for(namespaces);
    const maps = context.informers.for(configMaps);
    const data = { 'ca.crt': context.settings.rootCA };
    const queue = context.queue({ name: 'root-ca-certificate-publisher', reconcile });
    namespaceInformer.onChange(({ type, object }) => type !== 'DELETED' && queue.add(object.metadata.name));
    maps.onChange(({ type, object }) => object.metadata.name === name && type !== 'ADDED' && queue.add(object.metadata.namespace!));

    function* reconcile(namespace: string): Call<void> {
      const found = namespaceInformer.get(namespace);
      if (!found || found.status?.phase === 'Terminating' || found.metadata.deletionTimestamp) return;
      const map = maps.get(name, namespace);
      if (map) {
        const isDescribed = map.metadata.annotations?.['kubernetes.io/description'] === description;
        if (equal(map.data, data) && isDescribed) return;
        yield* client.update(configMaps, {
          ...map,
          metadata: { ...map.metadata, annotations: { ...map.metadata.annotations, ...annotations } },
          data,
        });
        return;
      }
      try {
        yield* client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name, annotations }, data });
      } catch (error) {
        if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error;
      }
    }
  },
};
