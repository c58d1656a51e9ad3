/** kubectl auth reconcile. Upstream: kubectl/pkg/cmd/auth/reconcile.go, component-helpers/auth/rbac/reconciliation and validation. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { equal } from '../../../../emulator/machinery/equality.ts';
import { isNotFound } from '../../../../emulator/machinery/status-error.ts';
import type { Command } from '../../command.ts';
import { AggregateFailure, CommandError } from '../../errors.ts';
import { dryRunFlag, fileFlags, printFlags } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { dryRunStrategy, reportPrinter } from '../../printers/print-flags.ts';
import { builderFlags, hasFiles, select } from '../../resources/builder.ts';
import type { Target } from '../../resources/target.ts';
import { collectionPath, getTarget, targetPath } from '../../resources/target.ts';
import { goRule, goSubject, missingRules } from './rules.ts';

const kinds = ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'];
const optedOut = 'rbac.authorization.kubernetes.io/autoupdate';

interface Reconciled {
  readonly object: Json;
  readonly operation: 'none' | 'create' | 'update' | 'recreate';
  readonly isProtected: boolean;
  readonly missing: readonly Json[];
  readonly extra: readonly Json[];
}

export const reconcile: Command = {
  name: 'reconcile',
  short: 'Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects',
  usage: 'auth reconcile -f FILENAME',
  examples: ['auth reconcile -f rbac.yaml'],
  flags: [
    ...printFlags,
    ...fileFlags,
    dryRunFlag,
    flag('remove-extra-permissions', 'bool', false, 'Remove rules that the file does not have.'),
    flag('remove-extra-subjects', 'bool', false, 'Remove subjects that the file does not have.'),
  ],
  *run(invocation) {
    if (!hasFiles(invocation)) throw new CommandError('must specify one of -f and -k');
    if (invocation.args.length > 0) throw new CommandError('no arguments are allowed');
    if (dryRunStrategy(invocation) === 'server') throw new CommandError('--dry-run=server for command reconcile is not supported yet');
    const print = yield* reportPrinter(invocation);
    const { targets, errors } = yield* select(invocation, { ...builderFlags(invocation), isLocal: true });
    const mapper = yield* invocation.mapper();
    const failures: unknown[] = [...errors];
    for (const target of targets) {
      if (!kinds.includes(target.object.kind)) continue;
      try {
        const resource = (yield* mapper.kind(target.object.apiVersion, target.object.kind)) ?? target.resource;
        const namespace = resource.isNamespaced ? target.namespace : '';
        const isPlaced = target.object.metadata?.namespace !== undefined;
        yield* report(invocation, yield* reconcileOne(invocation, { ...target, resource, namespace, isPlaced }), print);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateFailure(failures);
    return 0;
  },
};

function* reconcileOne(invocation: Invocation, target: Target & { readonly isPlaced: boolean }): Call<Reconciled> {
  const isDryRun = dryRunStrategy(invocation) === 'client';
  const expected = target.object;
  const isRole = expected.kind.endsWith('Role');
  let existing: Json;
  try {
    existing = yield* getTarget(invocation, target);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const object = isDryRun ? expected : yield* create(invocation, target, target.isPlaced);
    return { object, operation: 'create', isProtected: false, missing: (isRole ? expected.rules : expected.subjects) ?? [], extra: [] };
  }
  const planned = isRole ? planRole(invocation, existing, expected) : planBinding(invocation, existing, expected);
  if (isDryRun || planned.isProtected || planned.operation === 'none') return planned;
  if (planned.operation === 'recreate') {
    yield* invocation.client.request({ method: 'DELETE', path: targetPath(target) });
    return { ...planned, object: yield* create(invocation, target) };
  }
  return { ...planned, object: yield* invocation.client.request({ method: 'PUT', path: targetPath(target), body: planned.object }) };
}

/** A namespace that is not there yet is made first. */
function* create(invocation: Invocation, target: Target, isPlaced = true): Call<Json> {
  const { client } = invocation;
  if (target.namespace !== '') {
    // Upstream looks for the namespace that the manifest names, and does not fill in another one.
    if (!isPlaced) throw new CommandError('resource name may not be empty');
    try {
      yield* client.request({ method: 'GET', path: `/api/v1/namespaces/${target.namespace}` });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: target.namespace } };
      yield* client.request({ method: 'POST', path: '/api/v1/namespaces', body });
    }
  }
  return yield* client.request({ method: 'POST', path: collectionPath(target), body: target.object });
}

/** The live object with the labels and annotations that it lacks. */
function withMetadata(existing: Json, expected: Json): Json {
  const metadata = { ...existing.metadata };
  for (const field of ['labels', 'annotations']) {
    const merged = { ...expected.metadata[field], ...metadata[field] };
    if (Object.keys(merged).length > 0) metadata[field] = merged;
  }
  return { ...existing, metadata };
}

function planRole({ flags }: Invocation, existing: Json, expected: Json): Reconciled {
  const merged = withMetadata(existing, expected);
  const removes = flags.bool('remove-extra-permissions');
  const missing = missingRules(existing.rules ?? [], expected.rules ?? []);
  const extra = missingRules(expected.rules ?? [], existing.rules ?? []);
  const isChanged = missing.length > 0 || (removes && extra.length > 0);
  const rules = removes ? (expected.rules ?? []) : [...(existing.rules ?? []), ...missing];
  const object = isChanged ? { ...merged, rules } : merged;
  return { object, operation: equal(object, existing) ? 'none' : 'update', isProtected: isProtected(existing), missing, extra };
}

function planBinding({ flags }: Invocation, existing: Json, expected: Json): Reconciled {
  const merged = withMetadata(existing, expected);
  const [live, wanted]: readonly (readonly Json[])[] = [existing.subjects ?? [], expected.subjects ?? []] as const;
  const without = (some: readonly Json[], others: readonly Json[]): readonly Json[] =>
    some.filter((one) => !others.some((other) => equal(one, other)));
  const missing = without(wanted!, live!);
  const extra = without(live!, wanted!);
  const removes = flags.bool('remove-extra-subjects');
  const isChanged = missing.length > 0 || (removes && extra.length > 0);
  const subjects = removes ? wanted : [...live!, ...missing];
  const object = isChanged ? { ...merged, subjects } : merged;
  // The role of a binding cannot be changed.
  if (!equal(existing.roleRef, expected.roleRef))
    return { object: expected, operation: 'recreate', isProtected: isProtected(existing), missing, extra };
  return { object, operation: equal(object, existing) ? 'none' : 'update', isProtected: isProtected(existing), missing, extra };
}

const isProtected = (object: Json): boolean => object.metadata.annotations?.[optedOut] === 'false';

function* report(invocation: Invocation, result: Reconciled, print: (object: Json, operation: string) => string): Call<void> {
  const { object, operation, missing, extra } = result;
  yield* invocation.out(print(object, 'reconciled'));
  if (operation === 'none') return;
  const caveat = result.isProtected ? `, but object opted out (${optedOut}: false)` : '';
  const isRole = object.kind.endsWith('Role');
  const [word, format] = isRole ? (['rules', goRule] as const) : (['subjects', goSubject] as const);
  const list = (title: string, items: readonly Json[]): string =>
    items.length === 0 ? '' : `\t${title}:\n${items.map((item) => `\t\t${format(item)}\n`).join('')}`;
  const removes = invocation.flags.bool(isRole ? 'remove-extra-permissions' : 'remove-extra-subjects');
  yield* invocation.err(
    `\treconciliation required ${operation}${caveat}\n${list(`missing ${word} added`, missing)}${removes ? list(`extra ${word} removed`, extra) : ''}`,
  );
}
