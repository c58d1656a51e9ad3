/** The signs of trouble that a cluster shows now, each with the object that shows it. What the API server says, and no more. */
import type { ContainerStatus, Pod } from '../../emulator/api/generated/types.ts';
import { isOfComponents } from '../../emulator/node/network/index.ts';
import type { LabCluster } from '../cluster.ts';
import { readyAddresses } from '../measures.ts';
import type { Trouble } from '../page/protocol.ts';
import { branches } from './flow.ts';
import type { Sign } from './step.ts';

/** What somebody who looks for a sign finds; times are the cluster's. */
interface Found {
  readonly namespace?: string | undefined;
  readonly name?: string;
  readonly node?: string | undefined;
  readonly evidence?: string | undefined;
  readonly sinceMs?: number | undefined;
}

/** A container may take this long to start before anybody asks why. */
const patienceMs = 20_000;
/** Kubelets ask for something every ten seconds. An API server that answers nobody for longer is silent; to ask it would leave a mark. */
const silenceMs = 15_000;

const finders: Readonly<Record<Sign, (cluster: LabCluster, lastAnswerMs: number) => readonly Found[]>> = {
  silent: (cluster, sinceMs) => (cluster.kernel.loop.now - sinceMs > silenceMs ? [{ node: cluster.nodes[0], sinceMs }] : []),
  node: nodesNotReady,
  missing: replicaSetsWithoutPods,
  claim: pendingClaims,
  pending: unscheduledPods,
  waiting: containersThatWait,
  crash: containersThatCrash,
  unready: podsNotReady,
  service: servicesWithoutAnswer,
};

/** At most one of each sign, in the order of the branches; what the learner made comes before the cluster's own parts. */
export function troublesOf(cluster: LabCluster, startMs: number, lastAnswerMs: number): readonly Trouble[] {
  return branches.flatMap(({ sign }) => {
    const found = finders[sign](cluster, lastAnswerMs);
    const [first = found[0]] = found.filter(({ namespace }) => namespace !== 'kube-system');
    if (!first) return [];
    const { namespace = '', name = '', node = '', evidence = '', sinceMs = startMs } = first;
    return [{ sign, namespace, name, node, evidence, sinceMs: Math.max(0, sinceMs - startMs), others: found.length - 1 }];
  });
}

const isOld = (cluster: LabCluster, sinceMs: number): boolean => cluster.kernel.loop.now - sinceMs > patienceMs;

/** Times of the API are whole seconds: what was done within the same second may have come before. */
function timeOf(cluster: LabCluster, time: string | undefined): number | undefined {
  return time === undefined ? undefined : cluster.kernel.clock.virtualMs(time) + 1000;
}

const placeOf = (cluster: LabCluster, { metadata, spec }: Pod): Found => ({
  namespace: metadata.namespace,
  name: metadata.name,
  node: spec?.nodeName,
  sinceMs: timeOf(cluster, metadata.creationTimestamp),
});

const livePods = (cluster: LabCluster): readonly Pod[] =>
  cluster.list('pods').filter(({ metadata, status }) => !metadata.deletionTimestamp && status?.phase !== 'Succeeded');

function statusesOf({ status }: Pod): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

const conditionOf = ({ status }: Pod, wanted: string) => status?.conditions?.find(({ type }) => type === wanted);

function nodesNotReady(cluster: LabCluster): readonly Found[] {
  return cluster.list('nodes').flatMap(({ metadata, status }) => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    if (!ready || ready.status === 'True') return [];
    return [{ name: metadata.name, node: metadata.name, evidence: ready.message, sinceMs: timeOf(cluster, ready.lastTransitionTime) }];
  });
}

function replicaSetsWithoutPods(cluster: LabCluster): readonly Found[] {
  return cluster.list('replicasets').flatMap(({ metadata, spec, status }) => {
    const { replicas: asked = 1 } = spec ?? {};
    const failure = status?.conditions?.find(({ type }) => type === 'ReplicaFailure')?.message;
    const sinceMs = timeOf(cluster, metadata.creationTimestamp);
    if ((status?.replicas ?? 0) >= asked || (failure === undefined && !isOld(cluster, sinceMs ?? 0))) return [];
    return [{ namespace: metadata.namespace, name: metadata.name, evidence: failure, sinceMs }];
  });
}

/** Claims that keep a Pod waiting; one that nobody uses may wait for its first consumer. */
function pendingClaims(cluster: LabCluster): readonly Found[] {
  const isUsed = (namespace: string | undefined, name: string): boolean =>
    livePods(cluster).some(
      ({ metadata, spec }) =>
        metadata.namespace === namespace && spec?.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === name),
    );
  return cluster
    .list('persistentvolumeclaims')
    .map(({ metadata, status }) => ({
      isPending: status?.phase === 'Pending',
      namespace: metadata.namespace,
      name: metadata.name,
      sinceMs: timeOf(cluster, metadata.creationTimestamp),
    }))
    .filter(({ isPending, namespace, name, sinceMs = 0 }) => isPending && isOld(cluster, sinceMs) && isUsed(namespace, name));
}

function unscheduledPods(cluster: LabCluster): readonly Found[] {
  return livePods(cluster)
    .filter(({ spec }) => !spec?.nodeName)
    .map((pod) => ({ ...placeOf(cluster, pod), evidence: conditionOf(pod, 'PodScheduled')?.message }));
}

/** Reasons for which a container that waits is not simply being made. */
const isStuck = (reason: string): boolean => /BackOff|Err|Invalid|Config/.test(reason) && reason !== 'CrashLoopBackOff';

function containersThatWait(cluster: LabCluster): readonly Found[] {
  return livePods(cluster).flatMap((pod) => {
    const place = placeOf(cluster, pod);
    const isMaking = (reason: string): boolean => isOld(cluster, place.sinceMs ?? 0) && /ContainerCreating|PodInitializing/.test(reason);
    const waiting = statusesOf(pod)
      .map(({ state }) => state?.waiting)
      .find((state) => state && (isStuck(state.reason ?? '') || isMaking(state.reason ?? '')));
    // An init container that crashes keeps the others in PodInitializing.
    if (!waiting || crashOf(pod)) return [];
    return [{ ...place, evidence: `${waiting.reason}: ${waiting.message ?? ''}` }];
  });
}

/** How a container of the Pod ended that does not run as it should; undefined when none has. */
function crashOf(pod: Pod): ContainerStatus['lastState'] | undefined {
  const crashed = statusesOf(pod).find(
    ({ ready, state, restartCount }) =>
      state?.waiting?.reason === 'CrashLoopBackOff' ||
      (!ready && restartCount > 0 && !state?.waiting) ||
      (state?.terminated !== undefined && state.terminated.exitCode !== 0),
  );
  return crashed && { terminated: crashed.state?.terminated ?? crashed.lastState?.terminated };
}

function containersThatCrash(cluster: LabCluster): readonly Found[] {
  return livePods(cluster).flatMap((pod) => {
    const crash = crashOf(pod);
    return crash ? [{ ...placeOf(cluster, pod), evidence: crash.terminated?.reason }] : [];
  });
}

function podsNotReady(cluster: LabCluster): readonly Found[] {
  return livePods(cluster)
    .filter((pod) => {
      const isRunning = (pod.status?.containerStatuses ?? []).some(({ state }) => state?.running) && !crashOf(pod);
      const ready = conditionOf(pod, 'Ready');
      return isRunning && ready?.status === 'False' && isOld(cluster, timeOf(cluster, ready.lastTransitionTime) ?? 0);
    })
    .map((pod) => ({ ...placeOf(cluster, pod), evidence: conditionOf(pod, 'Ready')?.message }));
}

/** Services without a ready Pod, and those whose last visitor got no answer. */
function servicesWithoutAnswer(cluster: LabCluster): readonly Found[] {
  const unanswered = unansweredAddresses(cluster);
  return cluster.list('services').flatMap(({ metadata, spec }) => {
    if (!spec?.selector) return [];
    const place = { namespace: metadata.namespace, name: metadata.name, sinceMs: timeOf(cluster, metadata.creationTimestamp) };
    const isEmpty = readyAddresses(cluster.list('endpointslices'), `${metadata.namespace}/${metadata.name}`).ready === 0;
    if (isEmpty) return [{ ...place, evidence: 'no endpoints' }];
    return unanswered.has(spec.clusterIP ?? '') ? [{ ...place, evidence: 'addresses' }] : [];
  });
}

function unansweredAddresses(cluster: LabCluster): ReadonlySet<string> {
  const unanswered = new Set<string>();
  for (const packet of cluster.emulated.network.log.entries) {
    if (isOfComponents(packet)) continue;
    const address = packet.to.replace(/:.*/, '');
    if (packet.outcome === 'delivered') unanswered.delete(address);
    else unanswered.add(address);
  }
  return unanswered;
}
