/** Waiting until objects are gone, as `delete` and `wait --for=delete` do. Upstream: kubectl/pkg/cmd/wait/delete.go. */
import type { Call } from '../../../emulator/kernel/index.ts';
import { isNotFound } from '../../../emulator/machinery/status-error.ts';
import { CommandError } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { Json } from '../json.ts';
import { watchLines } from '../rest/watch.ts';
import type { Target } from './target.ts';
import { collectionPath, getTarget } from './target.ts';

/** Returns once the object (that with `uid`, when given) is gone. Throws when the time is up. */
export function* waitDeleted(
  invocation: Invocation,
  target: Target,
  options: { readonly timeoutMs: number; readonly uid?: string | undefined },
): Call<void> {
  const { sys, client } = invocation;
  const untilMs = sys.nowMs + options.timeoutMs;
  const timedOut = new CommandError(`timed out waiting for the condition on ${target.resource.resource}/${target.name}`);
  for (;;) {
    let found: Json;
    try {
      found = yield* getTarget(invocation, target);
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    if (options.uid !== undefined && found.metadata.uid !== options.uid) return;
    if (options.timeoutMs === 0) throw new CommandError(`condition not met for ${target.resource.resource}/${target.name}`);
    const fieldSelector = `metadata.name=${target.name}`;
    const list: Json = yield* client.request({ method: 'GET', path: collectionPath(target), query: { fieldSelector } });
    if (list.items.length === 0) return;
    const watch = yield* watchLines(sys, client, {
      path: collectionPath(target),
      query: { fieldSelector, resourceVersion: list.metadata.resourceVersion, watch: 'true' },
    });
    for (let event: Json; (event = yield* watch.next(untilMs)) !== undefined; ) {
      if (event.type === 'DELETED') {
        watch.close();
        return;
      }
      if (event.type === 'ERROR') break;
    }
    watch.close();
    if (sys.nowMs >= untilMs) throw timedOut;
  }
}
