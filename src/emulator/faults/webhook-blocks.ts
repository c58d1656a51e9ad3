import { validatingWebhookConfigurations } from '../api/admissionregistration/webhook-configuration.ts';
import { namespaces } from '../api/core/namespace.ts';
import { services } from '../api/core/service.ts';
import { defineFault } from './fault.ts';
import { name } from './parameters.ts';
import { asAdministrator, put } from './site.ts';

export const webhookBlocks = defineFault({
  name: 'webhook-blocks',
  cause: 'A validating webhook with `failurePolicy: Fail` asks a Service that no Pod stands behind.',
  symptoms:
    'Whatever the webhook is asked about is refused: `Internal error occurred: failed calling webhook "…": failed to call webhook: Post "https://….svc:443/…": dial tcp …:443: connect: connection refused`. For Pods that shows as `FailedCreate` at ReplicaSets; running Pods go on.',
  mend: "Bring the webhook's Pods back, or delete its ValidatingWebhookConfiguration. To restart workloads makes it worse.",
  parameters: {
    webhook: name('what the configuration is called', 'image-policy'),
    namespace: name('where its Service is', 'policy-system'),
    resource: name('what it is asked about', 'pods'),
    group: name('the API group of that; core for the legacy one', 'core'),
  },
  showsAfterMs: 5000,
  inject: (cluster, { webhook, namespace, resource, group }) =>
    asAdministrator(cluster, function* (client) {
      yield* put(client, namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace }, spec: {} });
      const selector = { app: webhook };
      yield* put(client, services, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { namespace, name: webhook, labels: selector },
        spec: { selector, ports: [{ port: 443, targetPort: 8443 }] },
      });
      yield* put(client, validatingWebhookConfigurations, {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: webhook },
        webhooks: [
          {
            name: `${webhook}.example.com`,
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            failurePolicy: 'Fail',
            clientConfig: { service: { namespace, name: webhook, path: '/validate' } },
            rules: [
              {
                apiGroups: [group === 'core' ? '' : group],
                apiVersions: ['*'],
                operations: ['CREATE', 'UPDATE'],
                resources: [resource],
                scope: '*',
              },
            ],
          },
        ],
      });
    }),
});
