/**
 * What Pods and the node use, as the kubelet tells those who scrape it: /stats/summary and /metrics/resource
 * (upstream pkg/kubelet/server/stats and pkg/kubelet/metrics/collectors/resource_metrics.go).
 */
import type { Pod } from '../../api/generated/types.ts';
import type { Kernel, Machine } from '../../kernel/index.ts';
import { formatTime } from '../../kernel/index.ts';
import type { Container, ContainerRuntime, Usage } from '../container-runtime/index.ts';
import { usageOf } from '../container-runtime/index.ts';
import type { Hardware } from './node-status.ts';
import type { PodWorker } from './pod-worker.ts';

/** What the machine's own services take: kubelet, containerd, systemd. */
export const systemUsage = { cpuMilli: 42, memoryBytes: 318 * 1024 * 1024 };
/** What the operating system lies on the disk with. */
export const systemDiskBytes = 6 * 1024 ** 3;

export interface StatsHost {
  readonly kernel: Kernel;
  readonly runtime: ContainerRuntime;
  readonly machine: Machine;
  readonly hardware: Hardware;
  readonly nodeName: string;
  readonly startedMs: number;
  workers(): Iterable<PodWorker>;
}

export interface ContainerStats extends Usage {
  readonly name: string;
  readonly startedMs: number;
}

export interface PodStats extends Usage {
  readonly pod: Pod;
  readonly startedMs: number;
  readonly containers: readonly ContainerStats[];
}

/** A Pod's running containers and their sum; undefined while none runs. */
export function podStats(worker: PodWorker, nowMs: number): PodStats | undefined {
  const running: Container[] = worker.sandboxes.flatMap(({ containers }) => containers.filter(({ state }) => state === 'running'));
  if (running.length === 0) return undefined;
  const containers = running.map((container) => ({
    name: container.config.name,
    startedMs: container.startedMs,
    ...usageOf(container, nowMs),
  }));
  let [cpuMs, memoryBytes] = [0, pauseBytes];
  for (const one of containers) {
    cpuMs += one.cpuMs;
    memoryBytes += one.memoryBytes;
  }
  return { pod: worker.pod, startedMs: worker.sandbox?.createdMs ?? 0, containers, cpuMs, memoryBytes };
}

/** The process that holds a sandbox open. */
const pauseBytes = 256 * 1024;

/** All that the node uses: its services, what was started on it by hand, and its Pods. */
export function nodeUsage(host: StatsHost): Usage {
  const { kernel, machine } = host;
  const ranMs = kernel.loop.now - host.startedMs;
  let cpuMs = (systemUsage.cpuMilli / 1000) * ranMs + machine.cpuMs;
  let { memoryBytes } = systemUsage;
  for (const process of machine.processes.values()) if (process.state !== 'zombie') cpuMs += process.cpuMs;
  for (const worker of host.workers()) {
    const stats = podStats(worker, kernel.loop.now);
    if (!stats) continue;
    cpuMs += stats.cpuMs;
    memoryBytes += stats.memoryBytes;
  }
  return { cpuMs, memoryBytes: Math.min(memoryBytes, host.hardware.memoryBytes) };
}

/** Bytes that images take of the disk. */
export function imageBytes({ images }: ContainerRuntime): number {
  return images.list().reduce((sum, { image }) => sum + image.sizeBytes, 0);
}

interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly lines: string[];
}

/** `/metrics/resource` in Prometheus's text format. Families and samples come in the order of their names. */
export function resourceMetrics(host: StatsHost): string {
  const { kernel } = host;
  const at = kernel.clock.unixMs;
  const family = (name: string, type: Family['type'], help: string): Family => ({ name, type, help, lines: [] });
  const containerCpu = family(
    'container_cpu_usage_seconds_total',
    'counter',
    '[STABLE] Cumulative cpu time consumed by the container in core-seconds',
  );
  const containerMemory = family('container_memory_working_set_bytes', 'gauge', '[STABLE] Current working set of the container in bytes');
  const containerStart = family(
    'container_start_time_seconds',
    'gauge',
    '[STABLE] Start time of the container since unix epoch in seconds',
  );
  const nodeCpu = family('node_cpu_usage_seconds_total', 'counter', '[STABLE] Cumulative cpu time consumed by the node in core-seconds');
  const nodeMemory = family('node_memory_working_set_bytes', 'gauge', '[STABLE] Current working set of the node in bytes');
  const podCpu = family('pod_cpu_usage_seconds_total', 'counter', '[STABLE] Cumulative cpu time consumed by the pod in core-seconds');
  const podMemory = family('pod_memory_working_set_bytes', 'gauge', '[STABLE] Current working set of the pod in bytes');
  const failed = family('resource_scrape_error', 'gauge', '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise');
  for (const worker of host.workers()) {
    const stats = podStats(worker, kernel.loop.now);
    if (!stats) continue;
    const { name, namespace } = stats.pod.metadata;
    const labels = `namespace="${namespace}",pod="${name}"`;
    for (const one of stats.containers) {
      const own = `{container="${one.name}",${labels}}`;
      containerCpu.lines.push(`${own} ${one.cpuMs / 1000} ${at}`);
      containerMemory.lines.push(`${own} ${one.memoryBytes} ${at}`);
      containerStart.lines.push(`${own} ${kernel.clock.at(one.startedMs) / 1000}`);
    }
    podCpu.lines.push(`{${labels}} ${stats.cpuMs / 1000} ${at}`);
    podMemory.lines.push(`{${labels}} ${stats.memoryBytes} ${at}`);
  }
  const node = nodeUsage(host);
  nodeCpu.lines.push(` ${node.cpuMs / 1000} ${at}`);
  nodeMemory.lines.push(` ${node.memoryBytes} ${at}`);
  failed.lines.push(' 0');
  return [containerCpu, containerMemory, containerStart, nodeCpu, nodeMemory, podCpu, podMemory, failed]
    .filter(({ lines }) => lines.length > 0)
    .map(({ name, type, help, lines }) =>
      [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines.sort().map((line) => `${name}${line}`), ''].join('\n'),
    )
    .join('');
}

/** `/metrics/cadvisor`, the few series that dashboards ask for first. */
export function cadvisorMetrics(host: StatsHost): string {
  const { kernel } = host;
  const cpu: string[] = [];
  const memory: string[] = [];
  for (const worker of host.workers()) {
    for (const { containers } of worker.sandboxes) {
      for (const container of containers) {
        if (container.state !== 'running') continue;
        const usage = usageOf(container, kernel.loop.now);
        const { name, namespace } = worker.pod.metadata;
        const labels = `{container="${container.config.name}",id="/kubepods/pod${worker.pod.metadata.uid}/${container.id}",image="${container.config.imageName}",name="${container.id}",namespace="${namespace}",pod="${name}"`;
        cpu.push(`container_cpu_usage_seconds_total${labels},cpu="total"} ${usage.cpuMs / 1000} ${kernel.clock.unixMs}`);
        memory.push(`container_memory_working_set_bytes${labels}} ${usage.memoryBytes} ${kernel.clock.unixMs}`);
      }
    }
  }
  return [
    '# HELP container_cpu_usage_seconds_total Cumulative cpu time consumed in seconds.',
    '# TYPE container_cpu_usage_seconds_total counter',
    ...cpu,
    '# HELP container_memory_working_set_bytes Current working set in bytes.',
    '# TYPE container_memory_working_set_bytes gauge',
    ...memory,
    '',
  ].join('\n');
}

/** `/stats/summary` (k8s.io/kubelet/pkg/apis/stats/v1alpha1). */
export function summary(host: StatsHost): object {
  const { kernel, hardware, machine } = host;
  const { now } = kernel.loop;
  const time = kernel.clock.timestamp();
  const startTime = (ms: number): string => formatTime(kernel.clock.at(ms));
  const cpu = ({ cpuMs }: Usage, startedMs: number): object => ({
    time,
    // Differs from Kubernetes: the rate is that of the whole life, not of the last ten seconds.
    usageNanoCores: Math.round((cpuMs / Math.max(1, now - startedMs)) * 1e9),
    usageCoreNanoSeconds: Math.round(cpuMs * 1e6),
  });
  const memory = ({ memoryBytes }: Usage, more: object = {}): object => ({
    time,
    ...more,
    usageBytes: memoryBytes,
    workingSetBytes: memoryBytes,
    rssBytes: memoryBytes,
    pageFaults: 0,
    majorPageFaults: 0,
  });
  const used = systemDiskBytes + imageBytes(host.runtime);
  const filesystem = {
    time,
    availableBytes: hardware.diskBytes - used,
    capacityBytes: hardware.diskBytes,
    usedBytes: used,
  };
  const node = nodeUsage(host);
  const pods = [...host.workers()].flatMap((worker) => {
    const stats = podStats(worker, now);
    if (!stats) return [];
    const { name, namespace, uid } = stats.pod.metadata;
    return {
      podRef: { name, namespace, uid },
      startTime: startTime(stats.startedMs),
      containers: stats.containers.map((one) => ({
        name: one.name,
        startTime: startTime(one.startedMs),
        cpu: cpu(one, one.startedMs),
        memory: memory(one),
      })),
      cpu: cpu(stats, stats.startedMs),
      memory: memory(stats),
    };
  });
  return {
    node: {
      nodeName: host.nodeName,
      startTime: startTime(host.startedMs),
      cpu: cpu(node, host.startedMs),
      memory: memory(node, { availableBytes: hardware.memoryBytes - node.memoryBytes }),
      fs: filesystem,
      runtime: { imageFs: { ...filesystem, usedBytes: imageBytes(host.runtime) } },
      rlimit: { time, maxpid: machine.maxProcesses, curproc: machine.processes.size },
    },
    pods,
  };
}
