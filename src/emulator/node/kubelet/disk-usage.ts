/** How full a node is beside its memory: bytes and inodes of its disk, and process ids. Worked out when somebody asks. */
import type { Inode, Machine } from '../../kernel/index.ts';
import { ContainerMachine } from '../container-runtime/container-machine.ts';
import type { Container, ContainerRuntime } from '../container-runtime/index.ts';
import type { Hardware } from './node-status.ts';
import { imageBytes, systemDiskBytes } from './stats.ts';

export interface Fullness {
  readonly capacity: number;
  readonly used: number;
}

interface Node {
  readonly machine: Machine;
  readonly runtime: ContainerRuntime;
  readonly hardware: Hardware;
}

/** ext4 makes an inode for so many bytes. */
const bytesPerInode = 16_384;
/** What the operating system's files take. */
const systemInodes = 120_000;
/** A file of an image, on average. */
const bytesPerImageFile = 40_000;
/** Threads of the kernel, and processes of the system that are none here. */
const systemProcesses = 110;
/** The kernel allows as many threads as their stacks fill an eighth of the memory. */
const bytesPerThread = 131_072;

/** What a container's processes have written, in its own files and in its log. */
export function writtenBy({ machine, log }: Container): number {
  const files = machine instanceof ContainerMachine && machine.hasFiles ? machine.fs.usedBytes : 0;
  return files + (log?.lines.reduce((sum, { text }) => sum + text.length + 1, 0) ?? 0);
}

function count(inode: Inode): number {
  if (inode.kind !== 'directory') return 1;
  let sum = 1;
  for (const child of inode.entries.values()) sum += count(child);
  return sum;
}

/** Files that a container's processes have made. */
export function filesOf({ machine }: Container): number {
  return machine instanceof ContainerMachine && machine.hasFiles ? count(machine.fs.root) : 0;
}

function* containersOf({ sandboxes }: ContainerRuntime): Generator<Container> {
  for (const { containers } of sandboxes.values()) yield* containers;
}

export function diskUsage({ machine, runtime, hardware }: Node): Fullness {
  let used = systemDiskBytes + imageBytes(runtime) + machine.fs.usedBytes + machine.fs.allocatedBytes;
  for (const container of containersOf(runtime)) used += writtenBy(container);
  return { capacity: hardware.diskBytes, used: Math.min(used, hardware.diskBytes) };
}

export function inodeUsage({ runtime, hardware }: Node): Fullness {
  let used = systemInodes + Math.round(imageBytes(runtime) / bytesPerImageFile);
  for (const container of containersOf(runtime)) used += filesOf(container);
  return { capacity: Math.floor(hardware.diskBytes / bytesPerInode), used };
}

export function pidUsage({ machine, runtime, hardware }: Node): Fullness {
  let used = systemProcesses + machine.processes.size;
  for (const container of containersOf(runtime)) used += container.machine?.processes.size ?? 0;
  return { capacity: Math.floor(hardware.memoryBytes / bytesPerThread), used };
}
