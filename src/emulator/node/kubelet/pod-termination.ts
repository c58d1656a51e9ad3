/** Ends containers: hooks first, then the signal, then the kill; sidecars last, in the reverse of their order. */
import type { Call } from '../../kernel/index.ts';
import type { Container } from '../container-runtime/index.ts';
import { runHook } from './container-launch.ts';
import { containerOf, fieldPathOf } from './container-path.ts';
import type { PodWorker } from './pod-worker.ts';

/** Containers get at least this long after their preStop hook (kuberuntime_container.go, minimumGracePeriodInSeconds). */
const minimumGraceMs = 2000;

/** Stops the containers and comes back when all have ended. */
export function* stopContainers(worker: PodWorker, containers: readonly Container[], graceMs: number): Call<void> {
  const { kernel } = worker.host;
  const deadline = kernel.loop.now + graceMs;
  const { initContainers = [] } = worker.pod.spec;
  const orderOf = (container: Container): number =>
    initContainers.findIndex(({ name, restartPolicy }) => name === container.config.name && restartPolicy === 'Always');
  const sidecars = containers.filter((container) => orderOf(container) >= 0).sort((a, b) => orderOf(b) - orderOf(a));
  const others = containers.filter((container) => orderOf(container) < 0);
  for (const group of [others, ...sidecars.map((sidecar) => [sidecar])]) {
    for (const container of group) kernel.fiber(stopOne(worker, container, Math.max(0, deadline - kernel.loop.now)));
    while (group.some(({ state }) => state === 'running')) yield* kernel.block(worker.changed, 'stop');
  }
}

function* stopOne(worker: PodWorker, container: Container, graceMs: number): Call<void> {
  const { host, pod } = worker;
  const { loop } = host.kernel;
  const spec = containerOf(pod, container.config.name);
  const preStop = spec?.lifecycle?.preStop;
  const deadline = loop.now + graceMs;
  if (spec && preStop && graceMs > 0 && !container.isStopping) {
    const result = yield* runHook(worker, spec, container, preStop, graceMs);
    if (!result.isSuccess) host.recorder.warning(pod, 'FailedPreStopHook', 'PreStopHook failed', fieldPathOf(pod, spec));
  }
  host.runtime.stopContainer(container, graceMs <= 0 ? 0 : Math.max(preStop ? minimumGraceMs : 0, deadline - loop.now));
}
