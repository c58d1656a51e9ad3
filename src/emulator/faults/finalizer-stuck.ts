import { kinds } from '../api/kinds.ts';
import { FaultError, defineFault } from './fault.ts';
import { name } from './parameters.ts';
import { asAdministrator, merge } from './site.ts';

export const finalizerStuck = defineFault({
  name: 'finalizer-stuck',
  cause: 'An object bears a finalizer whose controller is not there any more, and has been deleted.',
  symptoms:
    'The object stays, with a `deletionTimestamp` and the finalizer in its metadata; a Pod or a namespace shows `Terminating`, and `kubectl delete` hangs. A namespace that holds it says in its conditions `NamespaceFinalizersRemaining` which finalizer it waits for.',
  mend: 'Take the finalizer off (`kubectl patch … -p \'{"metadata":{"finalizers":null}}\'`). To delete again, `--force` included, changes nothing.',
  parameters: {
    resource: name('what it is, as the API calls it: configmaps, persistentvolumeclaims', 'configmaps'),
    namespace: name('its namespace', 'default'),
    name: name('its name'),
    finalizer: name('the finalizer', 'backup.example.com/keep'),
  },
  showsAfterMs: 5000,
  inject: (cluster, { resource, namespace, name, finalizer }) =>
    asAdministrator(cluster, function* (client) {
      const kind = kinds.find((candidate) => candidate.resource === resource);
      if (!kind) throw new FaultError(`there is no resource ${resource}`);
      const ref = { namespace: kind.isNamespaced ? namespace : undefined, name };
      const { metadata } = yield* client.get(kind, ref);
      yield* merge(client, kind, ref, { metadata: { finalizers: [...(metadata.finalizers ?? []), finalizer] } });
      yield* client.delete(kind, ref);
    }),
});
