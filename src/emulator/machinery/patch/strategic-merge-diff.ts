/** Makes strategic merge patches: of two versions, and of three as kubectl apply does. */
import { equal } from '../equality.ts';
import type { SchemaType } from '../schema.ts';
import { toYaml } from '../yaml.ts';
import { goText, identityOf, type List, noMergeKey, sortByOrder } from './element-order.ts';
import { hasKey, isMap, type JsonMap, PatchError } from './patch-error.ts';
import { type FieldPatch, fieldPatch, itemType, rootType } from './patch-schema.ts';
import { mergeMap } from './strategic-merge-patch.ts';

interface DiffOptions {
  readonly ignoresDeletions?: boolean;
  readonly ignoresChanges?: boolean;
  readonly setsOrder?: boolean;
  /** Writes `$retainKeys` with all keys of the modified map. */
  readonly retainsKeys?: boolean;
}

/** The patch that makes `modified` of `original`. */
export function createTwoWayStrategicMergePatch(original: JsonMap, modified: JsonMap, model: string): JsonMap {
  return diffMaps(original, modified, rootType(model), { setsOrder: true });
}

export interface ThreeWay {
  /** What was applied last. */
  readonly original: JsonMap;
  /** What is to be applied. */
  readonly modified: JsonMap;
  /** What the server has. */
  readonly current: JsonMap;
  readonly model: string;
  /** Whether changes that others made may be overwritten; else they are an error. */
  readonly overwrite?: boolean | undefined;
}

/** The patch of client-side apply: additions and changes against `current`, deletions against `original`. Throws a PatchError. */
export function createThreeWayStrategicMergePatch({ original, modified, current, model, overwrite = true }: ThreeWay): JsonMap {
  const type = rootType(model);
  const changes = diffMaps(current, modified, type, { ignoresDeletions: true, setsOrder: true });
  const deletions = diffMaps(original, modified, type, { ignoresChanges: true, setsOrder: true });
  const patch = mergeMap(deletions, changes, type, { isPatchOfPatch: true });
  if (!overwrite) {
    const changed = diffMaps(original, current, type, {});
    if (mapsConflict(patch, changed, type)) {
      throw new PatchError(`patch:\n${toYaml(patch)}\nconflicts with changes made from original to current:\n${toYaml(changed)}\n`);
    }
  }
  return patch;
}

function diffMaps(original: JsonMap, modified: JsonMap, type: SchemaType, options: DiffOptions): JsonMap {
  const patch: Record<string, unknown> = {};
  const retained: string[] = [];
  for (const key of Object.keys(modified)) {
    const after = modified[key];
    if (after === undefined) continue;
    if (options.retainsKeys && after !== null) retained.push(key);
    const before = original[key];
    if (before === after && !options.setsOrder) continue;
    if (!hasKey(original, key)) {
      if (!options.ignoresChanges) patch[key] = after;
    } else if (isMap(before) && isMap(after)) diffMapField(patch, key, before, after, type, options);
    else if (Array.isArray(before) && Array.isArray(after)) diffListField(patch, key, before as List, after as List, type, options);
    else if (!options.ignoresChanges && !equal(before, after)) patch[key] = after;
  }
  if (!options.ignoresDeletions)
    for (const key of Object.keys(original)) if (hasKey(original, key) && !hasKey(modified, key)) patch[key] = null;
  if (retained.length > 0 && (Object.keys(patch).length > 0 || losesKey(original, modified))) patch.$retainKeys = retained.sort();
  return patch;
}

const losesKey = (original: JsonMap, modified: JsonMap): boolean =>
  Object.keys(original).some((key) => hasKey(original, key) && original[key] !== null && !hasKey(modified, key));

function diffMapField(
  patch: Record<string, unknown>,
  key: string,
  before: JsonMap,
  after: JsonMap,
  type: SchemaType,
  options: DiffOptions,
): void {
  if (before === after) return;
  const field = fieldPatch(type, key);
  if (field.patch.isReplaced) {
    if (!options.ignoresChanges) patch[key] = after;
    return;
  }
  const inner = diffMaps(before, after, field.type, { ...options, retainsKeys: field.patch.retainsKeys });
  if (Object.keys(inner).length > 0) patch[key] = inner;
}

function diffListField(
  patch: Record<string, unknown>,
  key: string,
  before: List,
  after: List,
  type: SchemaType,
  options: DiffOptions,
): void {
  if (equal(before, after)) return;
  const field = fieldPatch(type, key);
  if (!field.patch.isMerged) {
    if (!options.ignoresChanges) patch[key] = after;
    return;
  }
  const { additions, deletions, order } = diffLists(before, after, field, { ...options, retainsKeys: field.patch.retainsKeys });
  if (additions.length > 0) patch[key] = additions;
  if (deletions.length > 0) patch[`$deleteFromPrimitiveList/${key}`] = deletions;
  if (order.length > 0) patch[`$setElementOrder/${key}`] = order;
}

interface ListDiff {
  readonly additions: List;
  readonly deletions: List;
  readonly order: List;
}

function diffLists(original: List, modified: List, field: FieldPatch, options: DiffOptions): ListDiff {
  if (original.length === 0) return { additions: options.ignoresChanges ? [] : modified, deletions: [], order: [] };
  if (!isMap(original[0] ?? modified[0])) return diffScalars(original, modified, options);
  const { mergeKey } = field.patch;
  if (mergeKey === undefined) throw new PatchError('cannot merge lists without merge key');
  const additions = diffElements(original, modified, itemType(field.type), mergeKey, options);
  const isOrderSame =
    original.length === modified.length && modified.every((item, i) => identityOf(item, mergeKey) === identityOf(original[i], mergeKey));
  const needsOrder =
    (!options.ignoresChanges && (additions.length > 0 || !isOrderSame)) || (!options.ignoresDeletions && additions.length > 0);
  const order = options.setsOrder && needsOrder ? modified.map((item) => ({ [mergeKey]: identityOf(item, mergeKey) })) : [];
  return { additions: sortByOrder(additions, modified, mergeKey), deletions: [], order };
}

function diffScalars(original: List, modified: List, options: DiffOptions): ListDiff {
  const before = new Set(original);
  const after = new Set(modified);
  const additions = options.ignoresChanges ? [] : modified.filter((item) => !before.has(item));
  const deletions = options.ignoresDeletions ? [] : [...before].filter((item) => !after.has(item)).sort();
  const needsOrder = (!options.ignoresDeletions && deletions.length > 0) || (!options.ignoresChanges && !equal(original, modified));
  return { additions, deletions, order: options.setsOrder && needsOrder ? modified : [] };
}

/** Patches of elements in both lists, new elements, and deletions with `$patch: delete`. Elements that share a key are paired in turn. */
function diffElements(original: List, modified: List, type: SchemaType, mergeKey: string, options: DiffOptions): unknown[] {
  const before = byKey(original, mergeKey);
  const after = byKey(modified, mergeKey);
  const out: unknown[] = [];
  for (const [id, items] of after) {
    const olds = before.get(id) ?? [];
    items.forEach((item, i) => {
      const old = olds[i];
      if (old) {
        const patch = diffMaps(old, item, type, options);
        if (Object.keys(patch).length > 0) out.push({ ...patch, [mergeKey]: id });
      } else if (!options.ignoresChanges) out.push(item);
    });
  }
  if (!options.ignoresDeletions) {
    const gone = [...before].flatMap(([id, items]) => items.slice(after.get(id)?.length ?? 0).map(() => id));
    gone.sort((a, b) => (String(a) < String(b) ? -1 : 1));
    for (const id of gone) out.push({ [mergeKey]: id, $patch: 'delete' });
  }
  return out;
}

function byKey(list: List, mergeKey: string): Map<unknown, JsonMap[]> {
  const out = new Map<unknown, JsonMap[]>();
  for (const item of list) {
    if (!isMap(item) || !hasKey(item, mergeKey)) throw noMergeKey(item, mergeKey);
    const items = out.get(item[mergeKey]);
    if (items) items.push(item);
    else out.set(item[mergeKey], [item]);
  }
  return out;
}

function valuesConflict(left: unknown, right: unknown, field: FieldPatch): boolean {
  if (isMap(left)) {
    if (!isMap(right) || left.$patch !== right.$patch) return true;
    return !field.patch.isReplaced && mapsConflict(left, right, field.type);
  }
  if (Array.isArray(left)) return !Array.isArray(right) || listsConflict(left as List, right as List, field);
  return !equal(left, right);
}

function mapsConflict(left: JsonMap, right: JsonMap, type: SchemaType): boolean {
  return Object.keys(left).some((key) => {
    if (key === '$patch' || key === '$retainKeys' || !hasKey(right, key)) return false;
    const isCollection = !key.startsWith('$') && typeof left[key] === 'object' && left[key] !== null;
    return valuesConflict(left[key], right[key], isCollection ? fieldPatch(type, key) : plain);
  });
}

const plain: FieldPatch = {
  type: { kind: 'scalar', scalar: 'any' },
  patch: { isMerged: false, retainsKeys: false, isReplaced: false, mergeKey: undefined },
};

function listsConflict(left: List, right: List, field: FieldPatch): boolean {
  const type = itemType(field.type);
  const { mergeKey } = field.patch;
  if (field.patch.isMerged) {
    if (mergeKey === undefined || !isMap(left[0] ?? right[0])) return false;
    const others = byKey(right, mergeKey);
    return [...byKey(left, mergeKey)].some(([id, items]) => {
      const other = others.get(id)?.at(-1);
      return other !== undefined && valuesConflict(items.at(-1), other, { type, patch: plain.patch });
    });
  }
  if (left.length !== right.length) return true;
  const sorted = (list: List): List => (isMap(list[0]) ? list : [...new Set(list)].sort((a, b) => (goText(a) < goText(b) ? -1 : 1)));
  const [a, b] = [sorted(left), sorted(right)];
  return a.some((item, i) => valuesConflict(item, b[i], { type, patch: plain.patch }));
}
