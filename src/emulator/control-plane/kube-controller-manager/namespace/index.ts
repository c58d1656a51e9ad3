/**
 * Namespace: empties a Namespace that is being deleted and then lets it go (pkg/controller/namespace).
 *
 * - It deletes every namespaced kind as a collection; what has finalizers or a grace period is waited for.
 * - Conditions say what is left. The finalizer `kubernetes` goes last, through the subresource finalize.
 */
import { namespaces } from '../../../api/core/namespace.ts';
import { pods } from '../../../api/core/pod.ts';
import type { Namespace, NamespaceCondition } from '../../../api/generated/types.ts';
import type { Kind } from '../../../api/kind.ts';
import type { Client } from '../../../client/index.ts';
import { retryOnConflict } from '../../../client/index.ts';
import type { Call } from '../../../kernel/index.ts';
import { isNotFound } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';

const finalizer = 'kubernetes';
/** How long Pods of a grace period are waited for before it looks again. */
const lookAgainMs = 5_000;

export const namespaceController: Controller = {
  name: 'namespace-controller',
  start(context) {
    const { kernel } = context;
    const client = context.client('namespace-controller');
    const informer = context.informers.for(namespaces);
    const queue = context.queue({ name: 'namespace', reconcile, workers: 10 });
    informer.onChange(({ type, object }) => type !== 'DELETED' && object.metadata.deletionTimestamp && queue.add(object.metadata.name));

    function* reconcile(name: string): Call<void> {
      const namespace = informer.get(name);
      if (!namespace?.metadata.deletionTimestamp || !namespace.spec?.finalizers?.includes(finalizer)) return;
      const { kinds, stale } = yield* client.discover();
      const left = yield* emptyNamespace(client, name, kinds);
      yield* setConditions(namespace, left, stale);
      if (left.length > 0 || stale.length > 0) {
        // The one thing that takes its time by itself are Pods; whatever else stays waits for somebody's finalizer.
        queue.addAfter(name, lookAgainMs, !left.some(({ kind }) => kind === (pods as unknown as Kind)));
        return;
      }
      const finalizers = namespace.spec.finalizers.filter((known) => known !== finalizer);
      try {
        yield* retryOnConflict(function* () {
          const stored = yield* client.get(namespaces, { name });
          yield* client.update(namespaces, { ...stored, spec: { ...stored.spec, finalizers } }, { subresource: 'finalize' });
        });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }

    function* setConditions(namespace: Namespace, left: readonly Remaining[], stale: readonly string[]): Call<void> {
      const now = kernel.clock.timestamp();
      const known = namespace.status?.conditions ?? [];
      const conditions = conditionsOf(left, stale).map((next): NamespaceCondition => {
        const before = known.find(({ type }) => type === next.type);
        if (before?.status === next.status && before.message === next.message) return before;
        return { ...next, lastTransitionTime: before?.status === next.status ? before.lastTransitionTime : now };
      });
      if (conditions.every((condition, i) => condition === known[i])) return;
      try {
        yield* retryOnConflict(function* () {
          const stored = yield* client.get(namespaces, namespace.metadata);
          yield* client.updateStatus(namespaces, { ...stored, status: { ...stored.status, conditions } });
        });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  },
};

interface Remaining {
  readonly kind: Kind;
  readonly count: number;
  /** How many objects each finalizer holds back. */
  readonly finalizers: ReadonlyMap<string, number>;
}

/** Deletes everything in a Namespace; returns what is still there. */
function* emptyNamespace(client: Client, namespace: string, kinds: readonly Kind[]): Call<Remaining[]> {
  const left: Remaining[] = [];
  const seen = new Set<string>();
  for (const kind of kinds) {
    // Several versions of a resource are the same objects.
    const key = `${kind.group}/${kind.resource}`;
    if (kind.viewOf || !kind.isNamespaced || !kind.verbs.includes('deletecollection') || seen.has(key)) continue;
    seen.add(key);
    const before = yield* client.list(kind, { namespace });
    if (before.items.length === 0) continue;
    yield* client.deleteCollection(kind, { namespace }, { propagationPolicy: 'Background' });
    const { items } = yield* client.list(kind, { namespace });
    if (items.length === 0) continue;
    const finalizers = new Map<string, number>();
    for (const { metadata } of items) for (const name of metadata.finalizers ?? []) finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
    left.push({ kind, count: items.length, finalizers });
  }
  return left;
}

function conditionsOf(
  left: readonly Remaining[],
  stale: readonly string[],
): Pick<NamespaceCondition, 'type' | 'status' | 'reason' | 'message'>[] {
  const resources = left.map(({ kind, count }) => `${kind.resource}.${kind.group} has ${count} resource instances`).sort();
  const held = new Map<string, number>();
  for (const { finalizers } of left) for (const [name, count] of finalizers) held.set(name, (held.get(name) ?? 0) + count);
  const names = [...held].map(([name, count]) => `${name} in ${count} resource instances`).sort();
  const ok = (type: string, reason: string, message: string) => ({ type, status: 'False', reason, message });
  return [
    stale.length > 0
      ? { type: 'NamespaceDeletionDiscoveryFailure', status: 'True', reason: 'DiscoveryFailed', message: discoveryFailure(stale) }
      : ok('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    ok('NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'),
    ok('NamespaceDeletionContentFailure', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'),
    left.length > 0
      ? {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${resources.join(', ')}`,
        }
      : ok('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'),
    names.length > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${names.join(', ')}`,
        }
      : ok('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
  ];
}

/** What client-go says of API servers that do not tell their resources (discovery/discovery_client.go, ErrGroupDiscoveryFailed). */
function discoveryFailure(stale: readonly string[]): string {
  const groups = stale.map((version) => `${version}: stale GroupVersion discovery: ${version}`);
  return `Discovery failed for some groups, ${stale.length} failing: unable to retrieve the complete list of server APIs: ${groups.join(', ')}`;
}
