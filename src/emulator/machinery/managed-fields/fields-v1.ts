/** Sets as they stand in `metadata.managedFields[].fieldsV1`. Upstream: structured-merge-diff, `fieldpath/serialize.go`. */
import { emptySet, type FieldSet, leaf, node } from './field-set.ts';

const decoded = new WeakMap<object, FieldSet>();
const nothing: object = {};

/** The FieldsV1 object of a set; equal sets share it. */
export function encodeFieldsV1(set: FieldSet): object {
  if (set.fieldsV1 === undefined) decoded.set(fieldsOf(set), set);
  return set.fieldsV1!;
}

function fieldsOf(set: FieldSet): object {
  if (set.children.size === 0) return (set.fieldsV1 = nothing);
  const fields: Record<string, object> = {};
  if (set.isMember) fields['.'] = nothing;
  for (const [name, child] of set.children) fields[name] = child.fieldsV1 ?? fieldsOf(child);
  return (set.fieldsV1 = fields);
}

/** The set of a FieldsV1 object, of which a client may have sent anything: what is no path is left out. */
export function decodeFieldsV1(fields: object | undefined): FieldSet {
  if (!fields) return emptySet;
  let set = decoded.get(fields);
  if (!set) {
    set = read(fields, true);
    decoded.set(fields, set);
  }
  return set;
}

function read(fields: object, isRoot: boolean): FieldSet {
  const known = decoded.get(fields);
  if (known) return known;
  const entries = Object.entries(fields as Record<string, unknown>);
  if (entries.length === 0) return isRoot ? emptySet : leaf;
  const children = entries
    .filter(([name, value]) => /^[fkvi]:/.test(name) && typeof value === 'object' && value !== null)
    .map(([name, value]) => [name, read(value as object, false)] as const);
  return node('.' in fields, children);
}
