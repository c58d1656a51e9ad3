/** `vars` (deprecated): `$(NAME)` in certain fields becomes a value of a resource. Upstream: api/filters/refvar, api/internal/accumulator. */
import { parseJsonPath } from '../../../emulator/machinery/jsonpath.ts';
import type { Json } from '../json.ts';
import { KustomizeError } from './error.ts';
import { changeField, type FieldSpec } from './field-path.ts';
import type { Var } from './kustomization.ts';
import { groupVersion, idMatches } from './resource-id.ts';
import type { ResourceList } from './resource-list.ts';

/** Marks the resource that each var takes its value from. */
export function bindVars(resources: ResourceList, vars: readonly Var[]): void {
  for (const { name, objref } of vars) {
    const given = objref.apiVersion ? { ...objref, ...groupVersion(objref.apiVersion) } : objref;
    const exact = { group: '', version: '', kind: '', name: '', ...given };
    const found = resources.byAnyId(
      (id) =>
        id.group === exact.group &&
        id.version === exact.version &&
        id.kind === exact.kind &&
        id.name === exact.name &&
        (!given.namespace || idMatches(id, { namespace: given.namespace })),
    );
    if (found.length > 1) throw new KustomizeError(`found ${found.length} resId matches for var ${name} (unable to disambiguate)`);
    found[0]?.vars.push(name);
  }
}

export function resolveVars(
  resources: ResourceList,
  vars: readonly Var[],
  specs: readonly FieldSpec[],
  warn: (line: string) => void,
): void {
  if (vars.length === 0) return;
  const values = new Map(vars.map((one) => [one.name, varValue(resources, one)]));
  const used = new Set<string>();
  const expand = (value: Json): Json => expanded(value, values, used);
  for (const { object } of resources.items) for (const spec of specs) changeField(object, spec, () => undefined, expand);
  const unused = [...values.keys()].filter((name) => !used.has(name));
  if (unused.length > 0) warn(`well-defined vars that were never replaced: ${unused.join(',')}\n`);
}

function varValue(resources: ResourceList, { name, fieldref }: Var): Json {
  const resource = resources.items.find((one) => one.vars.includes(name));
  if (!resource) throw new KustomizeError(`var '${name}' cannot be mapped to a field in the set of known resources`);
  const path = fieldref?.fieldPath || 'metadata.name';
  const found = parseJsonPath(`{.${path}}`, { allowMissingKeys: true }).findResults(resource.object)[0]?.[0];
  if (found === undefined) throw new KustomizeError(`field specified in var '${name}' not found in corresponding resource`);
  return found;
}

function expanded(value: Json, values: ReadonlyMap<string, Json>, used: Set<string>): Json {
  if (Array.isArray(value)) return value.map((item) => expanded(item, values, used));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [key, typeof child === 'string' ? expanded(child, values, used) : child]),
    );
  if (typeof value !== 'string' || !value.includes('$')) return value;
  const alone = /^\$\(([^)]*)\)$/.exec(value);
  if (alone && values.has(alone[1]!)) {
    used.add(alone[1]!);
    return values.get(alone[1]!);
  }
  // `$$` is one dollar sign that begins nothing.
  return value.replace(/\$\$|\$\(([^)]*)\)/g, (text, name: string | undefined) => {
    if (name === undefined) return '$';
    if (!values.has(name)) return text;
    used.add(name);
    return String(values.get(name));
  });
}
