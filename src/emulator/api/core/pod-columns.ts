/** The row of a Pod: READY, STATUS and RESTARTS as printPod of pkg/printers/internalversion/printers.go works them out. */
import { parseTime } from '../../kernel/time.ts';
import { age, name, since, text } from '../columns.ts';
import type { ContainerState, ContainerStatus, Pod } from '../generated/types.ts';
import type { Column } from '../kind.ts';

interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly status: string;
  readonly restarts: number;
  readonly lastRestart: string | undefined;
}

/** Counts what containers did so far. */
class Tally {
  restarts = 0;
  last: string | undefined;
  #lastMs = -1;

  add(status: ContainerStatus): void {
    this.restarts += status.restartCount;
    const finished = status.lastState?.terminated?.finishedAt;
    const ms = finished ? (parseTime(finished) ?? -1) : -1;
    if (ms > this.#lastMs) {
      this.#lastMs = ms;
      this.last = finished;
    }
  }
}

function terminatedReason(state: NonNullable<ContainerState['terminated']>): string {
  return state.reason || (state.signal ? `Signal:${state.signal}` : `ExitCode:${state.exitCode}`);
}

function hasCondition(pod: Pod, type: string): boolean {
  return pod.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}

interface InitSummary {
  /** Undefined once every init container has done its work. */
  readonly reason: string | undefined;
  readonly ready: number;
  readonly all: Tally;
  readonly sidecars: Tally;
}

function summarizeInit(pod: Pod): InitSummary {
  const all = new Tally();
  const sidecars = new Tally();
  const specs = pod.spec.initContainers ?? [];
  let ready = 0;
  for (const [i, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const isSidecar = specs.find((container) => container.name === status.name)?.restartPolicy === 'Always';
    const { terminated, waiting } = status.state ?? {};
    all.add(status);
    if (isSidecar) sidecars.add(status);
    if (terminated?.exitCode === 0) continue;
    if (isSidecar && status.started) {
      if (status.ready) ready++;
      continue;
    }
    const reason = terminated
      ? terminatedReason(terminated)
      : waiting?.reason && waiting.reason !== 'PodInitializing'
        ? waiting.reason
        : `${i}/${specs.length}`;
    return { reason: `Init:${reason}`, ready, all, sidecars };
  }
  return { reason: undefined, ready, all, sidecars };
}

function summarize(pod: Pod): PodSummary {
  const { status } = pod;
  const init = summarizeInit(pod);
  const isGated = status?.conditions?.some((condition) => condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated');
  let reason = init.reason ?? (isGated ? 'SchedulingGated' : status?.reason || status?.phase || '');
  let ready = init.ready;
  let tally = init.all;
  if (init.reason === undefined || hasCondition(pod, 'Initialized')) {
    tally = init.sidecars;
    let hasRunning = false;
    for (const container of (status?.containerStatuses ?? []).toReversed()) {
      const { running, terminated, waiting } = container.state ?? {};
      tally.add(container);
      if (waiting?.reason) reason = waiting.reason;
      else if (terminated) reason = terminatedReason(terminated);
      else if (container.ready && running) {
        hasRunning = true;
        ready++;
      }
    }
    if (reason === 'Completed' && hasRunning) reason = hasCondition(pod, 'Ready') ? 'Running' : 'NotReady';
  }
  if (pod.metadata.deletionTimestamp) {
    if (status?.reason === 'NodeLost') reason = 'Unknown';
    else if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') reason = 'Terminating';
  }
  const sidecarCount = pod.spec.initContainers?.filter((container) => container.restartPolicy === 'Always').length ?? 0;
  return {
    ready,
    total: (pod.spec.containers.length ?? 0) + sidecarCount,
    status: reason,
    restarts: tally.restarts,
    lastRestart: tally.last,
  };
}

let lastPod: Pod | undefined;
let lastSummary: PodSummary | undefined;

/** A row is printed cell by cell, so that the last summary is all that needs to be kept. */
function summaryOf(pod: Pod): PodSummary {
  if (pod !== lastPod || !lastSummary) {
    lastSummary = summarize(pod);
    lastPod = pod;
  }
  return lastSummary;
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  return gates.length === 0 ? '<none>' : `${gates.filter((gate) => hasCondition(pod, gate.conditionType)).length}/${gates.length}`;
}

/** Columns of `kubectl get pods`. */
export const podColumns: readonly Column<Pod>[] = [
  name(),
  text('Ready', 'Containers that are ready, of all.', (pod) => `${summaryOf(pod).ready}/${summaryOf(pod).total}`),
  text('Status', 'What the containers are doing, in one word.', (pod) => summaryOf(pod).status),
  text('Restarts', 'How often containers were restarted, and when last.', (pod, nowMs) => {
    const { restarts, lastRestart } = summaryOf(pod);
    return restarts > 0 && lastRestart ? `${restarts} (${since(lastRestart, nowMs)} ago)` : String(restarts);
  }),
  age(),
  text('IP', 'Address of the Pod.', (pod) => pod.status?.podIPs?.[0]?.ip || '<none>', 1),
  text('Node', 'The node that the Pod is bound to.', (pod) => pod.spec.nodeName || '<none>', 1),
  text('Nominated Node', 'The node on which lower priority Pods make room.', (pod) => pod.status?.nominatedNodeName || '<none>', 1),
  text('Readiness Gates', 'Readiness gates that are true, of all.', readinessGates, 1),
];
