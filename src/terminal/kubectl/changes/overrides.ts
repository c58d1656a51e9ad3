/** --overrides of run and expose: JSON laid over what was generated. */
import { applyJsonPatch } from '../../../emulator/machinery/patch/json-patch.ts';
import { applyMergePatch } from '../../../emulator/machinery/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../../emulator/machinery/patch/strategic-merge-patch.ts';
import { CommandError, messageOf } from '../errors.ts';
import type { Json } from '../json.ts';

export function withOverrides(object: Json, text: string, type: string): Json {
  if (text === '') return object;
  let patch: Json;
  try {
    patch = JSON.parse(text);
  } catch (error) {
    throw new CommandError(`Invalid JSON: ${messageOf(error)}`);
  }
  if (type === 'json') return applyJsonPatch(object, patch);
  if (type === 'merge') return applyMergePatch(object, patch);
  if (type === 'strategic') return applyStrategicMergePatch(object, patch, object.kind);
  throw new CommandError(`invalid argument ${JSON.stringify(type)} for "--override-type" flag: allowed values: json, merge, strategic`);
}
