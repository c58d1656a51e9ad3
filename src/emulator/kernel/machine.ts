/**
 * Where a process lives: a machine (a node of the cluster, the learner's workstation) or a container on one. As on Linux
 * this is a set of namespaces; a container has its own files, host name and process ids, and shares the network of its Pod.
 */
import type { FileSystem } from './filesystem.ts';
import type { Kernel } from './kernel.ts';
import type { NetNamespace } from './network.ts';
import type { Process } from './process.ts';

/** Whom the processes of a container run as. */
export interface MachineUser {
  readonly uid: number;
  readonly gid: number;
  /** Beyond `gid`. */
  readonly groups: readonly number[];
}

/** What the processes of a container are left with of root's rights. */
export interface MachinePrivileges {
  /** Without `CAP_`. */
  readonly capabilities: ReadonlySet<string>;
  /** A program cannot give more rights than its parent has. */
  readonly noNewPrivileges: boolean;
  /** A seccomp filter stands before its system calls. */
  readonly isFiltered?: boolean | undefined;
  /** AppArmor's profile, as the kernel tells it; unconfined without. */
  readonly profile?: string | undefined;
}

export interface Machine {
  /** What `hostname` prints. */
  readonly hostname: string;
  /** Unique in the cluster, for the trace: `node-1`, `node-1/default/web-x/nginx`. */
  readonly id: string;
  readonly fs: FileSystem;
  readonly net: NetNamespace;
  /** Whose clock its processes read; that of whoever starts them if absent. */
  readonly kernel?: Kernel | undefined;
  /** Processes by pid as seen from inside. */
  readonly processes: Map<number, Process>;
  nextPid: number;
  /** Limits the processes of this machine; a fork beyond it fails with EAGAIN. */
  readonly maxProcesses: number;
  /** Parts of the emulator that live on this machine and that its own tools (crictl, systemctl, ssh) speak to, by name. */
  readonly services: Map<string, unknown>;
  /** CPU time of processes that have ended. */
  cpuMs: number;
  /** The part of one CPU that a busy process gets; 1 if absent. */
  readonly cpuShare?: number;
  /** Whom its processes run as; root where there is none. `id` and `whoami` tell, and files know whom they keep out. */
  readonly user?: MachineUser | undefined;
  /** Absent where nothing is kept from root. */
  readonly privileges?: MachinePrivileges | undefined;
}

export function createMachine(
  options: Pick<Machine, 'hostname' | 'id' | 'net' | 'fs' | 'kernel'> & { readonly maxProcesses?: number },
): Machine {
  return { maxProcesses: 4096, ...options, processes: new Map(), nextPid: 1, cpuMs: 0, services: new Map() };
}
