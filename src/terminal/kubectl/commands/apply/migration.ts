/**
 * What was applied by the client before becomes the property of the server-side manager, so that fields which the manifest no
 * longer names can go. Upstream: kubectl/pkg/cmd/apply/apply.go (saveLastApplyAnnotationIfNecessary, migrateToSSAIfNecessary) and
 * client-go/util/csaupgrade/upgrade.go.
 */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { equal } from '../../../../emulator/machinery/equality.ts';
import { isConflict } from '../../../../emulator/machinery/status-error.ts';
import { fieldManagerOf } from '../../changes/three-way-patch.ts';
import { messageOf } from '../../errors.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { lastAppliedAnnotation } from '../../last-applied.ts';
import type { Target } from '../../resources/target.ts';
import { getTarget, targetPath } from '../../resources/target.ts';
import { writeQuery } from './request.ts';

const attempts = 5;

/** The object after a move to server-side apply, if one was due. `send` applies the manifest once more. */
export function* migrate(invocation: Invocation, target: Target, applied: Json, send: () => Call<Json>): Call<Json> {
  const warn = (what: string, error: unknown): Call<void> =>
    invocation.err(`Warning: ${what}. This is non-fatal and will be retried next time you apply. Error: ${messageOf(error)}\n`);
  let object: Json;
  try {
    object = yield* keepAnnotation(invocation, target, applied);
  } catch (error) {
    yield* warn(`failed to migrate ${lastAppliedAnnotation} for Server-Side Apply`, error);
    return applied;
  }
  let moved: Json | undefined;
  try {
    moved = yield* moveOwnership(invocation, target, object);
  } catch (error) {
    yield* warn('server rejected managed fields migration to Server-Side Apply', error);
    return object;
  }
  if (moved === undefined) return object;
  try {
    return yield* send();
  } catch (error) {
    yield* warn('failed to re-apply configuration after performing Server-Side Apply migration', error);
    return moved;
  }
}

/** A manager of its own keeps the annotation, which only the default manager brings up to date. */
function* keepAnnotation(invocation: Invocation, target: Target, object: Json): Call<Json> {
  const text: string | undefined = object.metadata.annotations?.[lastAppliedAnnotation];
  if (fieldManagerOf(invocation) !== 'kubectl' || text === undefined || owners(object, 'Apply').length > 0) return object;
  const { apiVersion, kind } = object;
  const { name, namespace } = object.metadata;
  return yield* invocation.client.request({
    method: 'PATCH',
    path: targetPath(target),
    query: { ...writeQuery(invocation), fieldManager: 'kubectl-last-applied' },
    contentType: 'application/apply-patch+yaml',
    body: { apiVersion, kind, metadata: { name, namespace, annotations: { [lastAppliedAnnotation]: text } } },
  });
}

/** Undefined if nothing is to be moved. */
function* moveOwnership(invocation: Invocation, target: Target, applied: Json): Call<Json | undefined> {
  const manager = fieldManagerOf(invocation);
  const clients = new Set(owners(applied, 'Update').map((entry) => entry.manager as string));
  let object = applied;
  for (let attempt = 1; ; attempt++) {
    const before: readonly Json[] = object.metadata.managedFields ?? [];
    let after = before;
    for (const client of clients) after = merged(after, client, manager);
    if (equal(before, after)) return undefined;
    try {
      return yield* invocation.client.request({
        method: 'PATCH',
        path: targetPath(target),
        query: writeQuery(invocation),
        contentType: 'application/json-patch+json',
        body: [
          { op: 'replace', path: '/metadata/managedFields', value: after },
          { op: 'replace', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
        ],
      });
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error;
      object = yield* getTarget(invocation, target);
    }
  }
}

function owners(object: Json, operation: 'Apply' | 'Update'): readonly Json[] {
  const entries: readonly Json[] = object.metadata.managedFields ?? [];
  const owns = ({ fieldsV1 }: Json): boolean => fieldsV1?.['f:metadata']?.['f:annotations']?.[`f:${lastAppliedAnnotation}`] !== undefined;
  return entries.filter((entry) => entry.operation === operation && owns(entry));
}

/** The entries with those of a client made part of the manager's, which takes the place of the first of them if it has none. */
function merged(entries: readonly Json[], client: string, manager: string): readonly Json[] {
  const isClient = (entry: Json): boolean => entry.manager === client && entry.operation === 'Update' && !entry.subresource;
  const own = entries.findIndex((entry) => entry.manager === manager && entry.operation === 'Apply' && !entry.subresource);
  const index = own < 0 ? entries.findIndex(isClient) : own;
  if (index < 0) return entries;
  const { apiVersion } = entries[index];
  const sources = entries.filter((entry) => isClient(entry) && entry.apiVersion === apiVersion);
  const fieldsV1 = sources.length === 0 ? entries[index].fieldsV1 : union(entries[index].fieldsV1, sources[0].fieldsV1);
  const result = { ...entries[index], manager, operation: 'Apply', fieldsV1 };
  return entries.flatMap((entry, i) => (i === index ? [result] : isClient(entry) ? [] : [entry]));
}

/** An empty object is a field itself; one with children is the field too only if it has a `.`. */
function union(a: Json, b: Json): Json {
  const [keysOfA, keysOfB] = [Object.keys(a), Object.keys(b)];
  if (keysOfA.length === 0 && keysOfB.length === 0) return {};
  const isSelf = keysOfA.length === 0 || keysOfB.length === 0 || '.' in a || '.' in b;
  const keys = [...new Set([...keysOfA, ...keysOfB])].filter((key) => key !== '.').sort();
  const children = keys.map((key) => [key, key in a && key in b ? union(a[key], b[key]) : (a[key] ?? b[key])]);
  return Object.fromEntries(isSelf ? [['.', {}], ...children] : children);
}
