import { pods } from '../api/core/pod.ts';
import { FaultError, defineFault } from './fault.ts';
import { name, text } from './parameters.ts';
import { asAdministrator } from './site.ts';

export const podsDeleted = defineFault({
  name: 'pods-deleted',
  cause: 'Somebody deletes Pods. Whoever made them makes new ones.',
  symptoms:
    'New Pods of other names, with the age of a moment (`kubectl get pods`), from the templates of their owners; what was changed on the old ones, a label or a file, is gone with them. A Pod without an owner does not come back.',
  mend: 'Nothing is broken by it alone: it shows whether an earlier mend lasts.',
  parameters: {
    namespace: name('their namespace', 'default'),
    selector: text('which, as a label selector'),
  },
  showsAfterMs: 5000,
  inject: (cluster, { namespace, selector }) =>
    asAdministrator(cluster, function* (client) {
      const { items } = yield* client.list(pods, { namespace, labelSelector: selector });
      if (items.length === 0) throw new FaultError(`no Pods match ${selector}`);
      for (const { metadata } of items) yield* client.delete(pods, { namespace, name: metadata.name });
    }),
});
