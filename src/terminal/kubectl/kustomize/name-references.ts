/** Names of one resource in the fields of another, corrected after renames. Upstream: api/filters/nameref/nameref.go. */
import type { Json } from '../json.ts';
import { KustomizeError } from './error.ts';
import { changeField, type FieldSpec } from './field-path.ts';
import type { NameReference } from './field-specs.ts';
import { type Resource, sameContext } from './resource.ts';
import { effectiveNamespace, gvkMatches, idText, isClusterScoped } from './resource-id.ts';
import type { ResourceList } from './resource-list.ts';

export function fixNameReferences(resources: ResourceList, references: readonly NameReference[]): void {
  for (const referrer of resources.items) {
    const { originalId } = referrer;
    const candidates = resources.referableBy(referrer);
    for (const target of references) {
      for (const spec of target.fieldSpecs) {
        if (gvkMatches(originalId, spec)) fixField({ referrer, target, spec, candidates });
      }
    }
  }
}

interface Fix {
  readonly referrer: Resource;
  readonly target: NameReference;
  readonly spec: FieldSpec;
  readonly candidates: readonly Resource[];
}

function fixField(fix: Fix): void {
  const { referrer, spec } = fix;
  try {
    // The specs name kinds as they were; the object may have another one by now.
    const path = { path: spec.path };
    changeField(
      referrer.object,
      path,
      () => undefined,
      (value) => corrected(fix, value),
    );
  } catch (error) {
    if (!(error instanceof KustomizeError)) throw error;
    throw new KustomizeError(`updating name reference in '${spec.path}' field of '${idText(referrer.id)}': ${error.message}`);
  }
}

function corrected(fix: Fix, value: Json): Json {
  if (value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => corrected(fix, item));
  if (typeof value === 'object') return correctedMap(fix, value);
  const found = referral(fix, String(value), fix.candidates, (a, b) => a.name === b.name);
  return found ? found.name : value;
}

/** A map with a name and a namespace, such as a subject of a RoleBinding. */
function correctedMap(fix: Fix, value: Json): Json {
  if (value.name === undefined) throw new KustomizeError("path config error; no 'name' field in node");
  const { candidates } = fix;
  const of = (namespace: string, pick: (resource: Resource) => string): readonly Resource[] =>
    candidates.filter((one) => pick(one) === namespace);
  let fitting = candidates;
  if (value.namespace !== undefined) {
    const original = of(value.namespace, (one) => effectiveNamespace(one.originalId));
    fitting = original.length > 0 ? original : of(value.namespace, (one) => effectiveNamespace(one.id));
  }
  const found = referral(fix, value.name, fitting, (a, b) => a.name === b.name && a.id.namespace === b.id.namespace);
  if (!found) return value;
  const { name, namespace } = found.id;
  return { ...value, name, ...(namespace !== '' && { namespace }) };
}

/** The resource that a name means, undefined if none does. */
function referral(
  { referrer, target, spec }: Fix,
  name: string,
  candidates: readonly Resource[],
  areAlike: (a: Resource, b: Resource) => boolean,
): Resource | undefined {
  const role = spec.path.endsWith('roleRef/name') ? referrer.object.roleRef : undefined;
  const found = candidates.filter(
    (one) =>
      // A resource that was never renamed has nothing to correct.
      one.previousIds.some((id) => id.name === name) &&
      previousIds(one).some((id) => gvkMatches(id, target)) &&
      (!role?.apiGroup || !role.kind || previousIds(one).some((id) => gvkMatches(id, { group: role.apiGroup, kind: role.kind }))) &&
      isInReach(referrer, one),
  );
  if (found.length <= 1) return found[0];
  const near = found.filter((one) => sameContext(one, referrer, true));
  const nearest = near.length > 1 ? near.filter((one) => sameContext(one, referrer, false)) : near;
  if (nearest.length <= 1 || nearest.every((one) => areAlike(one, nearest[0]!))) return nearest[0];
  throw new KustomizeError(`found multiple possible referrals: ${nearest.map((one) => idText(one.id)).join(', ')}`);
}

const previousIds = (resource: Resource) => resource.ids.slice(0, -1);

function isInReach(referrer: Resource, { id, object }: Resource): boolean {
  if (isClusterScoped(referrer.id) || isClusterScoped(id) || object.kind === 'ServiceAccount') return true;
  return effectiveNamespace(referrer.id) === effectiveNamespace(id);
}
