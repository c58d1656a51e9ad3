/**
 * JSON merge patches (RFC 7386), applied without touching the original: what does not change is shared.
 * Upstream: `evanphx/json-patch` v4, `apimachinery/pkg/util/jsonmergepatch`.
 */
import { equal } from '../equality.ts';
import { toYaml } from '../yaml.ts';
import { hasKey, isMap, type JsonMap, PatchError } from './patch-error.ts';

/** The object with the patch applied; the object itself when nothing changes. A null removes a field. */
export function applyMergePatch<T>(object: T, patch: unknown): T {
  return merge(object, patch) as T;
}

function merge(original: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return equal(original, patch) ? original : patch;
  const source: JsonMap = isMap(original) ? original : {};
  let copy: Record<string, unknown> | undefined = isMap(original) ? undefined : {};
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === undefined) continue;
    if (value === null) {
      if (!hasKey(source, key)) continue;
      copy ??= { ...source };
      delete copy[key];
      continue;
    }
    const merged = merge(source[key], value);
    if (merged === source[key]) continue;
    copy ??= { ...source };
    copy[key] = merged;
  }
  return copy ?? source;
}

/** The patch that makes `modified` of `original`. */
export function createMergePatch(original: JsonMap, modified: JsonMap): JsonMap {
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(modified)) {
    const [before, after] = [original[key], modified[key]];
    if (after === undefined || equal(before, after)) continue;
    if (isMap(before) && isMap(after)) patch[key] = createMergePatch(before, after);
    else patch[key] = after;
  }
  for (const key of Object.keys(original)) if (hasKey(original, key) && !hasKey(modified, key)) patch[key] = null;
  return patch;
}

/** Keeps only the nulls of a patch, or only the rest. Empty maps are values and not patches. */
function filterNulls(patch: JsonMap, isKeepingNulls: boolean): JsonMap {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      if (isKeepingNulls) out[key] = null;
    } else if (!isMap(value)) {
      if (!isKeepingNulls) out[key] = value;
    } else if (Object.keys(value).length === 0) {
      if (!isKeepingNulls) out[key] = value;
    } else {
      const filtered = filterNulls(value, isKeepingNulls);
      if (Object.keys(filtered).length > 0) out[key] = filtered;
    }
  }
  return out;
}

/**
 * The patch of client-side apply where there is no schema: what `modified` adds or changes of `current`, and nulls for what it no
 * longer has of `original`.
 */
export function createThreeWayJsonMergePatch(original: JsonMap, modified: JsonMap, current: JsonMap): JsonMap {
  const changes = filterNulls(createMergePatch(current, modified), false);
  const deletions = filterNulls(createMergePatch(original, modified), true);
  if (haveConflicts(changes, deletions)) {
    throw new PatchError(`patch:\n${toYaml(changes)}\nconflicts with changes made from original to current:\n${toYaml(deletions)}\n`);
  }
  return mergePatches(deletions, changes);
}

/** Both patches at once; nulls stay. */
function mergePatches(first: JsonMap, second: JsonMap): JsonMap {
  const out: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = out[key];
    out[key] = isMap(before) && isMap(value) ? mergePatches(before, value) : value;
  }
  return out;
}

function haveConflicts(left: unknown, right: unknown): boolean {
  if (isMap(left)) return !isMap(right) || Object.keys(left).some((key) => hasKey(right, key) && haveConflicts(left[key], right[key]));
  if (Array.isArray(left))
    return !Array.isArray(right) || left.length !== right.length || left.some((item, i) => haveConflicts(item, right[i]));
  return !equal(left, right);
}
