/**
 * Processes as whoever looks sees them: in a container those of its namespace, on a machine those of its containers too, under
 * the numbers that the machine gives them.
 *
 * Differs from Linux: containerd, its shims and the processes that hold sandboxes open are none here, and not shown.
 */
import type { Machine, Process, Sys } from '../../../emulator/kernel/index.ts';
import { cgroupOf, nodeService } from '../../../emulator/node/container-runtime/cgroup.ts';
import type { Container, ContainerRuntime } from '../../../emulator/node/container-runtime/index.ts';
import { runtimeService, usageOf } from '../../../emulator/node/container-runtime/index.ts';
import { systemUsage } from '../../../emulator/node/kubelet/stats.ts';

const kibibyte = 1024;
/** A process beside the first of a container, and one that somebody started on the machine. */
const processBytes = 768 * kibibyte;
/** Numbers of containers' processes on their machine begin beyond those of the machine's own. */
const firstHostPid = 10_000;

export interface SeenProcess {
  readonly process: Process;
  readonly pid: number;
  readonly parentPid: number;
  readonly user: string;
  readonly cpuMs: number;
  /** The resident set. */
  readonly memoryBytes: number;
}

/** Given to each process when it is first seen, and kept. */
const hostPids = new WeakMap<Machine, { next: number; readonly byProcess: WeakMap<object, number> }>();

/** The number that a machine gives a process of a container, or the process that holds a sandbox open. */
export function hostPidOf(machine: Machine, process: object): number {
  let known = hostPids.get(machine);
  if (!known) hostPids.set(machine, (known = { next: firstHostPid, byProcess: new WeakMap() }));
  let pid = known.byProcess.get(process);
  if (pid === undefined) known.byProcess.set(process, (pid = known.next++));
  return pid;
}

const userName = ({ machine }: Process): string => {
  const uid = machine.user?.uid ?? 0;
  return uid === 0 ? 'root' : uid === 65_534 ? 'nobody' : String(uid);
};

const alive = (machine: Machine): Process[] => [...machine.processes.values()].filter((process) => process.machine === machine);

/** The kubelet takes the greater part of what a machine's own services do. */
function ownBytes(process: Process): number {
  return /(^|\/)kubelet$/.test(process.argv[0] ?? '') ? Math.round(systemUsage.memoryBytes * 0.3) : processBytes;
}

function ofContainer(machine: Machine, container: Container, nowMs: number): SeenProcess[] {
  const inside = container.machine;
  if (container.state !== 'running' || !inside || inside === machine) return [];
  const usage = usageOf(container, nowMs);
  const processes = alive(inside);
  const others = processes.filter((process) => process !== container.process);
  return processes.map((process) => {
    const isFirst = process === container.process;
    return {
      process,
      pid: hostPidOf(machine, process),
      parentPid: isFirst || !process.parent ? 1 : hostPidOf(machine, process.parent),
      user: userName(process),
      cpuMs: isFirst ? usage.cpuMs - others.reduce((sum, other) => sum + other.cpuMs, 0) : process.cpuMs,
      memoryBytes: isFirst ? Math.max(processBytes, usage.memoryBytes - others.length * processBytes) : processBytes,
    };
  });
}

/** In the order of their numbers. */
export function seenProcesses(sys: Sys): SeenProcess[] {
  const { machine } = sys;
  const isNode = machine.services.has(runtimeService);
  const cgroup = cgroupOf(sys);
  const own = [...machine.processes.values()].map((process) => ({
    process,
    pid: process.pid,
    parentPid: process.parent?.pid ?? (process.pid === 1 ? 0 : 1),
    user: isNode ? 'root' : userName(process),
    cpuMs: process.cpuMs + (process.pid === 1 ? (cgroup?.cpuMs ?? 0) : 0),
    memoryBytes: isNode ? ownBytes(process) : processBytes + (process.pid === 1 ? (cgroup?.memoryBytes ?? 0) : 0),
  }));
  const runtime = machine.services.get(runtimeService) as ContainerRuntime | undefined;
  const known = new Set(own.map(({ process }) => process));
  const contained = runtime
    ? [...runtime.sandboxes.values()].flatMap(({ containers }) => containers.flatMap((one) => ofContainer(machine, one, sys.nowMs)))
    : [];
  return [...own, ...contained.filter(({ process }) => !known.has(process))].sort((a, b) => a.pid - b.pid);
}

/** The process of this number, as whoever looks sees it. */
export function findProcess(sys: Sys, pid: number): Process | undefined {
  return sys.machine.processes.get(pid) ?? (pid >= firstHostPid ? seenProcesses(sys).find((seen) => seen.pid === pid)?.process : undefined);
}

/** Bytes of memory of the machine that the kernel runs on. */
export function totalMemory(sys: Sys): number {
  const node = (sys.machine.services.get(nodeService) as Machine | undefined) ?? sys.machine;
  return (node.services.get('hardware') as { readonly memoryBytes: number } | undefined)?.memoryBytes ?? 8 * 1024 ** 3;
}
