import type { Call } from '../../../emulator/kernel/index.ts';
import type { Invocation } from '../invocation.ts';
import type { Json } from '../json.ts';
import { withLastApplied } from '../last-applied.ts';
import { dryRunStrategy } from '../printers/print-flags.ts';
import type { Target } from '../resources/target.ts';
import { collectionPath } from '../resources/target.ts';
import { fieldValidation } from './field-validation.ts';

/** What somebody has read from a cluster can be created as it stands (cli-runtime, resource.Helper.CreateWithOptions). */
export function withoutResourceVersion(object: Json): Json {
  if (!object.metadata?.resourceVersion) return object;
  const { resourceVersion: _old, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Posts the object of a target, unless it is only to be printed. */
export function* createTarget(invocation: Invocation, target: Target): Call<Json> {
  const object = invocation.flags.bool('save-config') ? withLastApplied(target.object) : target.object;
  const dryRun = dryRunStrategy(invocation);
  if (dryRun === 'client') return object;
  return yield* invocation.client.request({
    method: 'POST',
    path: collectionPath(target),
    query: {
      dryRun: dryRun === 'server' ? 'All' : undefined,
      fieldManager: invocation.flags.string('field-manager') || undefined,
      fieldValidation: fieldValidation(invocation),
    },
    body: withoutResourceVersion(object),
  });
}
