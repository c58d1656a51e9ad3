/**
 * VolumeBinding: keeps a Pod to nodes from which its volumes can be reached, and binds claims that wait for their first Pod
 * (pkg/scheduler/framework/plugins/volumebinding).
 *
 * - Claims that are bound at once must be so before the Pod is placed.
 * - A claim that waits is matched on each node with the smallest volume that can be reached from it; without one it is left
 *   to the provisioner of its class, which learns the node from an annotation on the claim.
 * - Volumes are written before the Pod is bound, and the Pod waits until the controller has bound its claims.
 *
 * Deliberately absent: the capacity that drivers report (CSIStorageCapacity), and scoring by it.
 */
import { persistentVolumeClaims, claimClass } from '../../../../api/core/persistent-volume-claim.ts';
import { persistentVolumes } from '../../../../api/core/persistent-volume.ts';
import type { CSINode, Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../../../api/generated/types.ts';
import {
  annotate,
  bindCompleted,
  bindVolumeToClaim,
  claimSize,
  findMatchingVolume,
  hasAnnotation,
  isReachableFrom,
  selectedNode,
} from '../../../../api/storage/volume-binding.ts';
import type { Call } from '../../../../kernel/index.ts';
import { equal } from '../../../../machinery/equality.ts';
import { compareQuantities, parseQuantity } from '../../../../machinery/quantity.ts';
import { timeout } from '../../../../machinery/status-error.ts';
import type { VolumeBindingArgs } from '../../configuration/plugin-args.ts';
import type { BindTools, Cycle, Plugin, PluginFactory, Rejection } from '../../framework.ts';
import { rejection } from '../../framework.ts';
import type { StorageView } from '../../storage-view.ts';
import { claimsOf, usesClaim } from '../../storage-view.ts';
import { obstacle, sortClaims } from './claims.ts';

const name = 'VolumeBinding';
const unresolvable = { isUnresolvable: true };
const unbound = rejection(name, 'pod has unbound immediate PersistentVolumeClaims', unresolvable);
const bindConflict = rejection(name, "node(s) didn't find available persistent volumes to bind", unresolvable);
const nodeConflict = rejection(name, 'node(s) had volume node affinity conflict', unresolvable);
const vanished = rejection(name, 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)', unresolvable);
const noProvisioner = 'kubernetes.io/no-provisioner';

/** What each waiting claim of a Pod gets on a node: a volume, or undefined where one is to be made. */
type Matches = ReadonlyMap<PersistentVolumeClaim, PersistentVolume | undefined>;

/** Whether the class may make a volume for this node: checkVolumeProvisions. */
function canProvision(storageClass: StorageClass | undefined, { metadata }: Node): boolean {
  if (!storageClass?.provisioner || storageClass.provisioner === noProvisioner) return false;
  const { allowedTopologies: terms = [] } = storageClass;
  if (terms.length === 0) return true;
  return terms.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(metadata.labels?.[key] ?? '')),
  );
}

/** Undefined if some claim can get no volume on the node. */
function match(storage: StorageView, waiting: readonly PersistentVolumeClaim[], node: Node): Matches | undefined {
  const matches = new Map<PersistentVolumeClaim, PersistentVolume | undefined>();
  const taken = new Set(storage.promised.values());
  // The smallest first, so that it does not take the volume that only a larger one's size leaves.
  const sorted = [...waiting].sort((a, b) => compareQuantities(parseQuantity(claimSize(a)), parseQuantity(claimSize(b))));
  for (const claim of sorted) {
    const chosen = claim.metadata.annotations?.[selectedNode];
    if (chosen !== undefined) {
      // It is being made for a node already.
      if (chosen !== node.metadata.name) return undefined;
      matches.set(claim, undefined);
      continue;
    }
    const volume = findMatchingVolume(claim, storage.candidates(claim), { node, waits: true, taken });
    if (!volume && !canProvision(storage.classes.get(claimClass(claim)), node)) return undefined;
    if (volume) taken.add(volume.metadata.name);
    matches.set(claim, volume);
  }
  return matches;
}

function waitingOf({ pod, cache: { storage } }: Cycle): readonly PersistentVolumeClaim[] {
  const uses = claimsOf(pod);
  return uses.length === 0 || !storage || obstacle(storage, pod, uses) !== undefined ? [] : sortClaims(storage, pod, uses).waiting;
}

/** The plugins of a node whose work a driver of CSI has taken over. */
const migrated = ({ metadata }: CSINode): string | undefined => metadata.annotations?.['storage.alpha.kubernetes.io/migrated-plugins'];

const pluginWith = ({ bindTimeoutSeconds }: VolumeBindingArgs): Plugin => ({
  name,
  preFilter({ pod, cache }) {
    const { storage } = cache;
    const uses = claimsOf(pod);
    if (uses.length === 0 || !storage) return undefined;
    const problem = obstacle(storage, pod, uses);
    if (problem !== undefined) return { rejection: rejection(name, problem, unresolvable) };
    const { bound, waiting, hasUnboundImmediate } = sortClaims(storage, pod, uses);
    if (hasUnboundImmediate) return { rejection: unbound };
    const filter = (index: number): Rejection | undefined => {
      const { node } = cache.nodes[index]!;
      for (const volume of bound) if (volume && !isReachableFrom(volume, node)) return nodeConflict;
      if (bound.includes(undefined)) return vanished;
      return waiting.length > 0 && !match(storage, waiting, node) ? bindConflict : undefined;
    };
    return { filter };
  },
  reserve(cycle, index) {
    const { storage, nodes } = cycle.cache;
    const waiting = waitingOf(cycle);
    if (waiting.length === 0 || !storage) return undefined;
    const matches = match(storage, waiting, nodes[index]!.node);
    if (!matches) return bindConflict;
    for (const [claim, volume] of matches) if (volume) storage.promised.set(claim.metadata.uid, volume.metadata.name);
    return undefined;
  },
  unreserve({ pod, cache: { storage } }) {
    if (!storage) return;
    for (const use of claimsOf(pod)) storage.promised.delete(storage.claim(pod, use)?.metadata.uid ?? '');
  },
  *preBind(cycle, nodeName, tools) {
    const { storage } = cycle.cache;
    const waiting = waitingOf(cycle);
    if (waiting.length === 0 || !storage) return;
    for (const claim of waiting) yield* request(storage, claim, nodeName, tools);
    yield* untilBound(storage, waiting, tools, bindTimeoutSeconds * 1000);
    for (const { metadata } of waiting) storage.promised.delete(metadata.uid);
  },
  wakes: {
    'Node/Add': true,
    'Node/UpdateNodeLabel': true,
    'PersistentVolumeClaim/Add': (pod, { after }) => usesClaim(pod, after as PersistentVolumeClaim),
    'PersistentVolumeClaim/Update': (pod, { after }) => usesClaim(pod, after as PersistentVolumeClaim),
    'PersistentVolume/Add': true,
    'PersistentVolume/Update': true,
    'StorageClass/Add': true,
    'StorageClass/Update': (_, { before, after }) =>
      !equal((before as StorageClass).allowedTopologies, (after as StorageClass).allowedTopologies),
    'CSINode/Add': true,
    'CSINode/Update': (_, { before, after }) => migrated(before as CSINode) !== migrated(after as CSINode),
  },
});

/** Rejects nodes from which the Pod's volumes cannot be reached, and binds its claims before it is bound. */
export const volumeBinding: PluginFactory = {
  name,
  points: ['preFilter', 'filter', 'reserve', 'preBind', 'preScore', 'score'],
  make: (args) => pluginWith(args as VolumeBindingArgs),
};

/** Gives the claim its volume, or names the node to its provisioner. */
function* request(storage: StorageView, claim: PersistentVolumeClaim, nodeName: string, { client }: BindTools): Call<void> {
  const promised = storage.promised.get(claim.metadata.uid);
  if (promised === undefined) {
    const next = annotate(claim, selectedNode, nodeName);
    if (next !== claim) yield* client.update(persistentVolumeClaims, next);
    return;
  }
  const volume = yield* client.get(persistentVolumes, { name: promised });
  const next = bindVolumeToClaim(volume, claim);
  if (next !== volume) yield* client.update(persistentVolumes, next);
}

const isBound = (claim: PersistentVolumeClaim | undefined): boolean =>
  claim !== undefined && Boolean(claim.spec.volumeName) && hasAnnotation(claim, bindCompleted);

function* untilBound(
  { claims }: StorageView,
  waiting: readonly PersistentVolumeClaim[],
  { kernel }: BindTools,
  bindTimeoutMs: number,
): Call<void> {
  const deadline = kernel.loop.now + bindTimeoutMs;
  while (!waiting.every(({ metadata }) => isBound(claims.byUID(metadata.uid)))) {
    if (kernel.loop.now >= deadline) throw timeout('binding volumes: context deadline exceeded');
    yield* kernel.sleep(100, kernel.loop.now > deadline - bindTimeoutMs + 60_000);
  }
}
