/** Deletes bootstrap tokens that have expired (pkg/controller/bootstrap/tokencleaner.go). */
import { secrets } from '../../../api/core/secret.ts';
import type { Call } from '../../../kernel/index.ts';
import { bootstrapTokenType, timeLeftMs } from '../../../machinery/bootstrap-token.ts';
import { isConflict, isNotFound } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';

const namespace = 'kube-system';

export const tokenCleaner: Controller = {
  name: 'token-cleaner-controller',
  alias: 'tokencleaner',
  isOffByDefault: true,
  start(context) {
    const { kernel } = context;
    const client = context.client('token-cleaner');
    const informer = context.informers.for(secrets);
    const queue = context.queue<string>({ name: 'token_cleaner', reconcile });
    informer.onChange(
      ({ type, object }) =>
        type !== 'DELETED' &&
        object.type === bootstrapTokenType &&
        object.metadata.namespace === namespace &&
        queue.add(object.metadata.name),
    );

    function* reconcile(name: string): Call<void> {
      const secret = informer.get(name, namespace);
      if (secret?.type !== bootstrapTokenType) return;
      const leftMs = timeLeftMs(secret, kernel.clock.unixMs);
      if (leftMs === undefined) return;
      if (leftMs > 0) return queue.addAfter(name, leftMs, true);
      try {
        yield* client.delete(secrets, secret.metadata, { preconditions: { uid: secret.metadata.uid } });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }
  },
};
