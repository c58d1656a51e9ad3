import type { Call } from '../../../emulator/kernel/index.ts';
import { CommandError } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { Json } from '../json.ts';
import type { Target } from '../resources/target.ts';
import { targetPath } from '../resources/target.ts';

/** How an object is to be deleted. */
export interface DeleteHow {
  readonly gracePeriod: number;
  readonly propagationPolicy: string;
}

/** Sends the delete; other commands (replace --force, drain) delete in the same way. */
export function* deleteObject(invocation: Invocation, target: Target, how: DeleteHow & { readonly isDryRun?: boolean }): Call<Json> {
  return yield* invocation.client.request({
    method: 'DELETE',
    path: targetPath(target),
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(how.gracePeriod >= 0 && { gracePeriodSeconds: how.gracePeriod }),
      propagationPolicy: how.propagationPolicy,
      ...(how.isDryRun && { dryRun: ['All'] }),
    },
  });
}

/** What --cascade means to the server. */
export function propagationOf(cascade: string): string {
  switch (cascade) {
    case 'true':
    case 'background':
      return 'Background';
    case 'foreground':
      return 'Foreground';
    case 'false':
    case 'orphan':
      return 'Orphan';
    default:
      throw new CommandError(`invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`);
  }
}
