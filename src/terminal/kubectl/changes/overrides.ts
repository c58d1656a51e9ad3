/** --overrides of run and expose: JSON laid over what was generated. */
import { applyJsonPatch } from '../../../emulator/machinery/patch/json-patch.ts';
import { applyMergePatch } from '../../../emulator/machinery/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../../emulator/machinery/patch/strategic-merge-patch.ts';
import { CommandError } from '../errors.ts';
import type { Json } from '../json.ts';

export function withOverrides(object: Json, text: string, type: string): Json {
  if (text === '') return object;
  let patch: Json;
  try {
    patch = JSON.parse(text);
  } catch {
    throw new CommandError('Invalid JSON Patch');
  }
  if (type === 'json') return applyJsonPatch(object, patch);
  if (type === 'merge') return applyMergePatch(object, patch);
  if (type === 'strategic') return applyStrategicMergePatch(object, patch, object.kind);
  throw new CommandError(`invalid override type: ${type}`);
}
