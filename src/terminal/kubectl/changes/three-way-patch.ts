/** What client-side apply sends: the difference between what was applied last, the manifest and the live object. */
import { createThreeWayJsonMergePatch } from '../../../emulator/machinery/patch/merge-patch.ts';
import { createThreeWayStrategicMergePatch } from '../../../emulator/machinery/patch/strategic-merge-diff.ts';
import { CommandError } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { Json } from '../json.ts';
import { lastAppliedAnnotation } from '../last-applied.ts';
import { modelOf } from '../models.ts';
import type { Target } from '../resources/target.ts';

/** The difference that takes the live object to the manifest, removing what was applied before and is no longer named. */
export function threeWayPatch(
  target: Target,
  current: Json,
  modified: Json,
  overwrite: boolean,
): { readonly type: string; readonly body: Json } {
  const text: string | undefined = current.metadata.annotations?.[lastAppliedAnnotation];
  const original: Json = text === undefined ? {} : JSON.parse(text);
  const model = modelOf(target.resource);
  try {
    if (model !== undefined)
      return {
        type: 'application/strategic-merge-patch+json',
        body: createThreeWayStrategicMergePatch({ original, modified, current, model, overwrite }),
      };
    return { type: 'application/merge-patch+json', body: createThreeWayJsonMergePatch(original, modified, current) };
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
}

/** The field manager that the flags name, or the default of the way to apply. */
export function fieldManagerOf(invocation: Invocation): string {
  const { flags } = invocation;
  if (flags.bool('server-side') && !flags.changed('field-manager')) return 'kubectl';
  return flags.string('field-manager') || 'kubectl-client-side-apply';
}
