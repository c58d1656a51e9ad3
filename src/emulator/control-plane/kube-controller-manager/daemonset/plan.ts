/** What a DaemonSet has to do, as pure functions of its nodes and Pods (pkg/controller/daemon/{daemon_controller,update}.go). */
import type { DaemonSet, Node, Pod } from '../../../api/generated/types.ts';
import { isPodReady } from '../pod-state.ts';
import { nodeOf, suits } from './placement.ts';

export interface DaemonPlan {
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Failed Pods, which are removed so that others take their place. */
  readonly failed: readonly Pod[];
}

export interface Observed {
  readonly nodes: readonly Node[];
  readonly podsByNode: ReadonlyMap<string, readonly Pod[]>;
  readonly isAvailable: (pod: Pod) => boolean;
  /** Whether a Pod is of the current template. */
  readonly isCurrent: (pod: Pod) => boolean;
}

/** One Pod on each node that suits; while a surge replaces a Pod, two. */
export function planPods(ds: DaemonSet, { nodes, podsByNode, isCurrent, isAvailable }: Observed): DaemonPlan {
  const create: string[] = [];
  const remove: Pod[] = [];
  const failed: Pod[] = [];
  const known = new Set<string>();
  for (const node of nodes) {
    const { name } = node.metadata;
    known.add(name);
    const here = podsByNode.get(name) ?? [];
    const { run, stay } = suits(ds, node);
    if (!stay) {
      for (const pod of here) if (!pod.metadata.deletionTimestamp) remove.push(pod);
      continue;
    }
    const living = here.filter((pod) => !pod.metadata.deletionTimestamp);
    const dead = living.filter(({ status }) => status?.phase === 'Failed');
    failed.push(...dead);
    const running = living.filter((pod) => !dead.includes(pod));
    // One that is still being deleted keeps its place, unless a surge lets its successor in.
    if (run && here.length === 0) create.push(name);
    remove.push(...surplusOf(running, { isCurrent, isAvailable }));
  }
  for (const [name, here] of podsByNode)
    if (!known.has(name)) for (const pod of here) if (!pod.metadata.deletionTimestamp) remove.push(pod);
  return { create, remove, failed };
}

/** Of several Pods on one node the oldest of each template stays; an outdated one goes once its successor is available. */
function surplusOf(running: readonly Pod[], { isCurrent, isAvailable }: Pick<Observed, 'isCurrent' | 'isAvailable'>): Pod[] {
  if (running.length <= 1) return [];
  const byAge = [...running].sort((a, b) =>
    a.metadata.creationTimestamp < b.metadata.creationTimestamp
      ? -1
      : a.metadata.creationTimestamp > b.metadata.creationTimestamp
        ? 1
        : a.metadata.uid < b.metadata.uid
          ? -1
          : 1,
  );
  const current = byAge.filter(isCurrent);
  const outdated = byAge.filter((pod) => !isCurrent(pod));
  const surplus = [...current.slice(1), ...outdated.slice(1)];
  if (current[0] && outdated[0] && isAvailable(current[0])) surplus.push(outdated[0]);
  return surplus;
}

export interface UpdatePlan {
  readonly remove: readonly Pod[];
  /** Nodes that get a second Pod for a while. */
  readonly create: readonly string[];
}

/** One step of a rolling update: as many outdated Pods as maxUnavailable allows, those that are not available first. */
export function planUpdate(ds: DaemonSet, observed: Observed): UpdatePlan {
  if (!hasOutdated(observed)) return { remove: [], create: [] };
  const { surge, unavailable } = limitsOf(ds, observed);
  const remove: Pod[] = [];
  const candidates: Pod[] = [];
  const create: string[] = [];
  let down = 0;
  let surging = 0;
  for (const node of observed.nodes) {
    if (!suits(ds, node).run) continue;
    const here = observed.podsByNode.get(node.metadata.name) ?? [];
    const living = here.filter((pod) => !pod.metadata.deletionTimestamp);
    const current = living.find(observed.isCurrent);
    const outdated = living.find((pod) => !observed.isCurrent(pod));
    if (surge > 0) {
      if (current && outdated) surging++;
      else if (!current && outdated && here.length === 1) {
        if (observed.isAvailable(outdated)) candidates.push(outdated);
        else create.push(node.metadata.name);
      }
      continue;
    }
    if (!living.some(observed.isAvailable)) down++;
    if (!outdated || current) continue;
    if (observed.isAvailable(outdated)) candidates.push(outdated);
    else remove.push(outdated);
  }
  if (surge > 0) {
    const room = Math.max(0, surge - surging);
    return { remove, create: [...create, ...candidates.slice(0, room).map((pod) => nodeOf(pod)!)] };
  }
  remove.push(...candidates.slice(0, Math.max(0, unavailable - down)));
  return { remove, create };
}

/** Mostly there is nothing to update, which is found out without looking at the nodes. */
function hasOutdated({ podsByNode, isCurrent }: Observed): boolean {
  for (const here of podsByNode.values()) for (const pod of here) if (!isCurrent(pod)) return true;
  return false;
}

function limitsOf(ds: DaemonSet, { nodes }: Observed): { readonly surge: number; readonly unavailable: number } {
  const desired = nodes.filter((node) => suits(ds, node).run).length;
  const { maxSurge, maxUnavailable } = ds.spec.updateStrategy?.rollingUpdate ?? {};
  const surge = resolved(maxSurge ?? 0, desired);
  const unavailable = resolved(maxUnavailable ?? 1, desired);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** Both limits of a DaemonSet are rounded up. */
function resolved(value: number | string, total: number): number {
  return typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * total) / 100);
}

/** The counts of the status. */
export function countPods(ds: DaemonSet, { nodes, podsByNode, isAvailable, isCurrent }: Observed) {
  const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
  for (const node of nodes) {
    const here = podsByNode.get(node.metadata.name) ?? [];
    if (!suits(ds, node).run) {
      if (here.length > 0) counts.misscheduled++;
      continue;
    }
    counts.desired++;
    if (here.length === 0) continue;
    counts.current++;
    // The oldest speaks for the node, and a Pod of the current template before others.
    const pod = here.find(isCurrent) ?? here[0]!;
    if (here.some(isPodReady)) counts.ready++;
    if (here.some(isAvailable)) counts.available++;
    if (isCurrent(pod)) counts.updated++;
  }
  return counts;
}
