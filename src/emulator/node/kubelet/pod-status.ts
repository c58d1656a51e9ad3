/** A Pod's status from its containers' (upstream pkg/kubelet/status/generate.go and kubelet_pods.go, getPhase). */
import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../../api/generated/types.ts';
import type { PodResize } from './resize.ts';

/** Why the kubelet gave a Pod up. */
export interface PodFailure {
  readonly reason: string;
  readonly message: string;
  /** The Pod suffers for others: it gets the condition DisruptionTarget. */
  readonly isDisruption: boolean;
  /** It was never admitted, so nothing is known of its containers. */
  readonly isRejection: boolean;
}

export interface StatusFacts {
  readonly pod: Pod;
  /** As the API has it: other parts of the cluster own some of its conditions. */
  readonly previous: PodStatus | undefined;
  readonly initStatuses: readonly ContainerStatus[];
  readonly statuses: readonly ContainerStatus[];
  readonly ephemeralStatuses: readonly ContainerStatus[] | undefined;
  readonly hasSandbox: boolean;
  /** Of each family one, IPv4 first; empty before there is a sandbox. */
  readonly podIPs: readonly string[];
  readonly hostIP: string;
  readonly hostIP6: string | undefined;
  readonly startTime: string;
  /** Containers are stopped for good: the Pod is being deleted, evicted, or has run to its end. */
  readonly isTerminated: boolean;
  /** Set when the kubelet itself ends the Pod (admission, deadline). */
  readonly failure: PodFailure | undefined;
  readonly resize: PodResize | undefined;
  readonly now: string;
}

type Parts = Pick<StatusFacts, 'pod' | 'initStatuses' | 'statuses'>;

const isSidecar = (pod: Pod, name: string): boolean =>
  pod.spec.initContainers?.some((container) => container.name === name && container.restartPolicy === 'Always') ?? false;

/** Whether an init container has done what the containers after it wait for. */
export function isInitialized(pod: Pod, status: ContainerStatus): boolean {
  return isSidecar(pod, status.name) ? status.started === true : status.state?.terminated?.exitCode === 0;
}

/** The phase that upstream's getPhase computes. */
export function phaseOf({ pod, initStatuses, statuses }: Parts, isTerminated: boolean): string {
  let [pendingInit, failedInit] = [0, 0];
  for (const status of initStatuses) {
    if (isSidecar(pod, status.name)) {
      if (!status.started && !statuses.some((other) => other.state?.running ?? other.state?.terminated)) pendingInit++;
      continue;
    }
    const ended = status.state?.terminated ?? status.lastState?.terminated;
    if (status.state?.running) pendingInit++;
    else if (ended) {
      if (ended.exitCode !== 0 || !status.state?.terminated) {
        if (status.state?.terminated) failedInit++;
        else pendingInit++;
      }
    } else pendingInit++;
  }
  const hasStarted = statuses.some(({ state, lastState }) => state?.running ?? state?.terminated ?? lastState?.terminated);
  const policy = pod.spec.restartPolicy ?? 'Always';
  if (failedInit > 0 && (policy === 'Never' || isTerminated)) return 'Failed';
  let [waiting, running, stopped, succeeded] = [0, 0, 0, 0];
  for (const { state, lastState } of statuses) {
    if (state?.running) running++;
    else if (state?.terminated) {
      stopped++;
      if (state.terminated.exitCode === 0) succeeded++;
    } else if (lastState?.terminated) stopped++;
    else waiting++;
  }
  // What never started has failed too: no Pod goes without a final phase (status_manager.go, TerminatePod).
  if (isTerminated && running === 0) return waiting === 0 && stopped === succeeded && stopped > 0 ? 'Succeeded' : 'Failed';
  if ((pendingInit > 0 || failedInit > 0) && !hasStarted) return 'Pending';
  if (waiting > 0) return 'Pending';
  if (running > 0) return 'Running';
  if (stopped === 0) return 'Pending';
  if (policy === 'Always') return 'Running';
  if (stopped === succeeded) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

/** The bare status of a Pod that was refused (pkg/kubelet/kubelet.go, rejectPod): the conditions stay as others wrote them. */
function rejected({ pod, previous, startTime }: StatusFacts, { reason, message }: PodFailure): PodStatus {
  return {
    conditions: previous?.conditions,
    message,
    observedGeneration: pod.metadata.generation,
    phase: 'Failed',
    qosClass: previous?.qosClass,
    reason,
    startTime,
  };
}

export class PodStatuses {
  #time = '';
  readonly #conditions = new Map<string, PodCondition>();
  #lastList: readonly PodCondition[] = [];
  readonly #addresses = new Map<string, NonNullable<PodStatus['hostIPs']>>();

  make(facts: StatusFacts): PodStatus {
    const { pod, previous, initStatuses, statuses, podIPs, hostIP, hostIP6, startTime, failure } = facts;
    if (failure?.isRejection) return rejected(facts, failure);
    const isOld = previous?.phase === 'Failed' || previous?.phase === 'Succeeded';
    const phase = failure ? 'Failed' : isOld ? previous.phase! : phaseOf(facts, facts.isTerminated);
    let hostIPs = this.#addresses.get(hostIP);
    if (!hostIPs) this.#addresses.set(hostIP, (hostIPs = [hostIP, ...(hostIP6 === undefined ? [] : [hostIP6])].map((ip) => ({ ip }))));
    return {
      conditions: this.#makeConditions(facts, phase),
      containerStatuses: statuses.length > 0 ? statuses : undefined,
      ephemeralContainerStatuses: facts.ephemeralStatuses,
      hostIP,
      hostIPs,
      initContainerStatuses: initStatuses.length > 0 ? initStatuses : undefined,
      message: failure?.message ?? previous?.message,
      nominatedNodeName: previous?.nominatedNodeName,
      observedGeneration: pod.metadata.generation,
      phase,
      podIP: podIPs[0],
      podIPs: podIPs.length === 0 ? undefined : podIPs.map((ip) => ({ ip })),
      qosClass: previous?.qosClass,
      reason: failure?.reason ?? previous?.reason,
      startTime,
    };
  }

  #makeConditions(facts: StatusFacts, phase: string): readonly PodCondition[] {
    const { pod, previous, initStatuses, statuses, hasSandbox } = facts;
    if (facts.now !== this.#time) {
      this.#time = facts.now;
      this.#conditions.clear();
    }
    const owned = [
      'PodResizePending',
      'PodResizeInProgress',
      'PodReadyToStartContainers',
      'Initialized',
      'Ready',
      'ContainersReady',
      'PodScheduled',
    ];
    const others = previous?.conditions?.filter(({ type }) => !owned.includes(type)) ?? [];
    const foreign = facts.failure?.isDisruption ? withDisruption(others, facts.failure.message, facts.now) : others;
    const set = (type: string, status: boolean, reason?: string, message?: string): PodCondition =>
      this.#condition(facts, type, status ? 'True' : 'False', reason, message);
    const initialized = initializedCondition(pod, initStatuses, statuses, phase);
    const ready = readyCondition(pod, initStatuses, statuses, phase);
    const gates = ready.status ? gateMessages(pod, previous) : [];
    const own = [
      set('PodReadyToStartContainers', hasSandbox),
      set('Initialized', initialized.status, initialized.reason, initialized.message),
      gates.length > 0
        ? set('Ready', false, 'ReadinessGatesNotReady', gates.join(', '))
        : set('Ready', ready.status, ready.reason, ready.message),
      set('ContainersReady', ready.status, ready.reason, ready.message),
      set('PodScheduled', true),
    ];
    const resizing = facts.resize?.conditions(previous?.conditions ?? [], facts.now) ?? [];
    return foreign.length + resizing.length > 0 ? [...resizing, ...foreign, ...own] : this.#shareList(own);
  }

  /** Pods that became ready in one second have one list of conditions. */
  #shareList(own: readonly PodCondition[]): readonly PodCondition[] {
    if (own.some((condition, i) => condition !== this.#lastList[i])) this.#lastList = own;
    return this.#lastList;
  }

  /** Keeps the time of a condition that did not turn; Pods share what they have in common. */
  #condition(
    { pod, previous, now }: StatusFacts,
    type: string,
    status: string,
    reason: string | undefined,
    message: string | undefined,
  ): PodCondition {
    const { generation } = pod.metadata;
    const old = previous?.conditions?.find((condition) => condition.type === type);
    if (old && old.status === status && old.reason === reason && old.message === message && old.observedGeneration === generation)
      return old;
    const time = old?.status === status ? (old.lastTransitionTime ?? now) : now;
    const key = `${type}/${status}/${reason ?? ''}/${message ?? ''}/${generation ?? 0}/${time}`;
    let condition = this.#conditions.get(key);
    if (!condition)
      this.#conditions.set(
        key,
        (condition = {
          lastProbeTime: null as never,
          lastTransitionTime: time,
          message,
          observedGeneration: generation,
          reason,
          status,
          type,
        }),
      );
    return condition;
  }
}

function withDisruption(conditions: readonly PodCondition[], message: string, now: string): readonly PodCondition[] {
  if (conditions.some(({ type }) => type === 'DisruptionTarget')) return conditions;
  const reason = 'TerminationByKubelet';
  const lastProbeTime = null as never;
  return [...conditions, { type: 'DisruptionTarget', status: 'True', reason, message, lastProbeTime, lastTransitionTime: now }];
}

interface Verdict {
  readonly status: boolean;
  readonly reason?: string;
  readonly message?: string;
}

const isTrue: Verdict = { status: true };

function initializedCondition(
  pod: Pod,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
  phase: string,
): Verdict {
  if (phase === 'Succeeded') return { status: true, reason: 'PodCompleted' };
  if (
    !pod.spec.initContainers?.length ||
    statuses.some(({ state, lastState }) => state?.running ?? state?.terminated ?? lastState?.terminated)
  )
    return isTrue;
  const incomplete = initStatuses.filter((status) => !isInitialized(pod, status)).map(({ name }) => name);
  return incomplete.length === 0
    ? isTrue
    : { status: false, reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${incomplete.join(' ')}]` };
}

function readyCondition(pod: Pod, initStatuses: readonly ContainerStatus[], statuses: readonly ContainerStatus[], phase: string): Verdict {
  if (phase === 'Succeeded') return { status: false, reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: false, reason: 'PodFailed' };
  const sidecars = initStatuses.filter(({ name, ready }) => isSidecar(pod, name) && !ready);
  const unready = [...sidecars, ...statuses.filter(({ ready }) => !ready)];
  if (unready.length === 0) return isTrue;
  // Named in the order of the specification, as upstream walks it.
  const names = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
    .filter(({ name }) => unready.some((status) => status.name === name))
    .map(({ name }) => name);
  return { status: false, reason: 'ContainersNotReady', message: `containers with unready status: [${names.join(' ')}]` };
}

function gateMessages(pod: Pod, previous: PodStatus | undefined): string[] {
  const messages: string[] = [];
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const condition = previous?.conditions?.find(({ type }) => type === conditionType);
    if (!condition) messages.push(`corresponding condition of pod readiness gate ${JSON.stringify(conditionType)} does not exist.`);
    else if (condition.status !== 'True')
      messages.push(`the status of pod readiness gate ${JSON.stringify(conditionType)} is not "True", but ${condition.status}`);
  }
  return messages;
}
