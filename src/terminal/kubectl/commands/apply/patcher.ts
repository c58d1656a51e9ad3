/** The patch of client-side apply: three-way from last applied, manifest and live object, sent again after a conflict. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { isConflict, isInvalid, isNotFound } from '../../../../emulator/machinery/status-error.ts';
import { deleteObject, propagationOf } from '../../changes/delete-object.ts';
import { threeWayPatch } from '../../changes/three-way-patch.ts';
import { withSource } from '../../errors.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import type { Target } from '../../resources/target.ts';
import { collectionPath, getTarget, targetPath } from '../../resources/target.ts';
import { infoText, writeQuery } from './request.ts';

interface Patched {
  readonly object: Json;
  readonly isChanged: boolean;
}

const maxRetries = 5;

export function* patchUntilAccepted(invocation: Invocation, target: Target, live: Json, modified: Json): Call<Patched> {
  let current = live;
  for (let attempt = 0; ; attempt++) {
    const patch = threeWayPatch(target, current, modified, invocation.flags.bool('overwrite'));
    if (Object.keys(patch.body).length === 0) return { object: current, isChanged: false };
    try {
      const object = yield* invocation.client.request({
        method: 'PATCH',
        path: targetPath(target, invocation.flags.string('subresource')),
        query: writeQuery(invocation),
        contentType: patch.type,
        body: patch.body,
      });
      return { object, isChanged: true };
    } catch (error) {
      if (isConflict(error) && attempt < maxRetries) {
        // Upstream waits a second between tries once one has failed twice.
        if (attempt > 0) yield* invocation.sys.sleep(1000);
        current = yield* getTarget(invocation, target);
        continue;
      }
      if (invocation.flags.bool('force') && (isConflict(error) || isInvalid(error)))
        return yield* deleteAndCreate(invocation, target, modified);
      const patching = withSource('patching', target.source, error);
      throw withSource(`applying patch:\n${JSON.stringify(patch.body)}\nto:\n${infoText(target)}\nfor:`, target.source, patching);
    }
  }
}

function* deleteAndCreate(invocation: Invocation, target: Target, modified: Json): Call<Patched> {
  const { flags } = invocation;
  yield* deleteObject(invocation, target, {
    gracePeriod: flags.int('grace-period'),
    propagationPolicy: propagationOf(flags.string('cascade')),
  });
  for (let gone = false; !gone; ) {
    try {
      yield* getTarget(invocation, target);
      yield* invocation.sys.sleep(1000);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      gone = true;
    }
  }
  return {
    object: yield* invocation.client.request({
      method: 'POST',
      path: collectionPath(target),
      query: writeQuery(invocation),
      body: modified,
    }),
    isChanged: true,
  };
}
