import { kinds } from '../api/kinds.ts';
import { FaultError, defineFault } from './fault.ts';
import { name, text } from './parameters.ts';
import { asAdministrator } from './site.ts';

export const labelDrift = defineFault({
  name: 'label-drift',
  cause:
    'Labels on what a selector is meant to match are not what the selector says any more: somebody changed one on each of the objects.',
  symptoms:
    "For Pods: the Service has no endpoints (`kubectl get endpointslices`, `kubectl describe service`) although Pods are Ready, and a ReplicaSet that has lost Pods makes new ones. For nodes: Pods with a nodeSelector are `Pending`, `FailedScheduling`: `didn't match Pod's node affinity/selector`.",
  mend: 'Put the label, or the selector, right.',
  parameters: {
    resource: name('what bears the label, as the API calls it: services, nodes, pods', 'pods'),
    namespace: name('its namespace', 'default'),
    selector: text('which objects, as a label selector'),
    label: name('the label'),
    value: text('its new value'),
  },
  showsAfterMs: 10_000,
  inject: (cluster, { resource, namespace, selector, label, value }) =>
    asAdministrator(cluster, function* (client) {
      const kind = kinds.find((candidate) => candidate.resource === resource);
      if (!kind) throw new FaultError(`there is no resource ${resource}`);
      const where = kind.isNamespaced ? { namespace } : {};
      const { items } = yield* client.list(kind, { ...where, labelSelector: selector });
      if (items.length === 0) throw new FaultError(`no ${resource} match ${selector}`);
      for (const { metadata } of items)
        yield* client.patch(
          kind,
          { ...where, name: metadata.name },
          {
            type: 'application/merge-patch+json',
            body: { metadata: { labels: { [label]: value } } },
          },
        );
    }),
});
