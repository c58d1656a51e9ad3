/**
 * What a container takes of its node, worked out when somebody asks: nothing is measured while nobody looks.
 *
 * It is the sum of what its image says of a program at rest, what its processes have burnt, what they said that they take
 * (`Cgroup`), and a little for every connection that they accepted.
 *
 * Differs from Kubernetes: usage follows from what programs do, and has neither noise nor caches.
 */
import type { Container } from './container.ts';
import { ContainerMachine } from './container-machine.ts';

export interface Usage {
  /** CPU time since the container started. */
  readonly cpuMs: number;
  /** The working set. */
  readonly memoryBytes: number;
}

export const noUsage: Usage = Object.freeze({ cpuMs: 0, memoryBytes: 0 });

const mebibyte = 1024 * 1024;
const defaults = { idleCpuMilli: 0, memoryBytes: mebibyte, requestCpuMs: 0.5 };
/** A shell or a small tool beside the first process. */
const processBytes = 0.75 * mebibyte;

export function usageOf(container: Container, nowMs: number): Usage {
  const { machine, config, limits } = container;
  if (container.state !== 'running' || !(machine instanceof ContainerMachine)) return noUsage;
  const { idleCpuMilli, memoryBytes, requestCpuMs } = { ...defaults, ...config.image.usage };
  const ranMs = nowMs - container.startedMs;
  let cpuMs = (idleCpuMilli / 1000) * ranMs + machine.cpuMs + (machine.knownCgroup?.cpuMs ?? 0);
  let count = 0;
  for (const process of machine.processes.values()) {
    if (process.machine !== machine || process.state === 'zombie') continue;
    cpuMs += process.cpuMs;
    count++;
  }
  for (const listener of machine.net.listeners) if (listener.owner === machine) cpuMs += (listener.accepted ?? 0) * requestCpuMs;
  const memory = memoryBytes + Math.max(0, count - 1) * processBytes + (machine.knownCgroup?.memoryBytes ?? 0);
  return {
    cpuMs: limits.cpuMilli > 0 ? Math.min(cpuMs, (limits.cpuMilli / 1000) * ranMs) : cpuMs,
    memoryBytes: Math.round(limits.memoryBytes > 0 ? Math.min(memory, limits.memoryBytes) : memory),
  };
}
