import type { Image } from '../../images/image.ts';
import type { ByteString, Machine, MachinePrivileges, MachineUser, Mount, OpenFile, Process, Timer, Tty } from '../../kernel/index.ts';
import type { CgroupLimits } from './cgroup.ts';
import { ContainerLog } from './container-log.ts';
import type { Sandbox } from './sandbox.ts';

/** A PID namespace that several containers are in: a Pod's with `shareProcessNamespace`, another container's, the node's. */
export type ProcessNamespace = Pick<Machine, 'processes' | 'nextPid'>;

/** What the kubelet asks a container to be. */
export interface ContainerConfig {
  readonly name: string;
  /** Counts the containers of this name in the Pod: the restart count. */
  readonly attempt: number;
  /** The image's name as the Pod has it. */
  readonly imageName: string;
  readonly image: Image;
  readonly command: readonly string[] | undefined;
  readonly args: readonly string[] | undefined;
  /** Names and values that the Pod gives; those of the image come below. Made on first use. */
  readonly env: () => ReadonlyMap<string, string>;
  readonly workingDir: string | undefined;
  /** Made on first use of the container's files. */
  readonly mounts: () => readonly Mount[];
  readonly mountPaths: readonly string[];
  readonly isReadOnlyRoot: boolean;
  /** Root where there is none. */
  readonly user: MachineUser | undefined;
  readonly privileges?: MachinePrivileges | undefined;
  readonly limits: CgroupLimits;
  /** The PID namespace to join; absent: one of its own. Asked when the container starts. */
  readonly processes?: (() => ProcessNamespace | undefined) | undefined;
  readonly hasStdin: boolean;
  readonly isStdinOnce: boolean;
  readonly hasTty: boolean;
  readonly terminationMessagePath: string;
  /** `terminationMessagePolicy: FallbackToLogsOnError`. */
  readonly fallsBackToLogs: boolean;
}

export class Container {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly config: ContainerConfig;
  readonly sandbox: Sandbox;
  readonly createdMs: number;
  state: 'created' | 'running' | 'exited' = 'created';
  startedMs = 0;
  finishedMs = 0;
  exitCode = 0;
  /** `Completed`, `Error`, `OOMKilled`, `StartError`, `Unknown`. */
  reason = '';
  /** What the container left at its termination message path, or why it did not start. */
  message = '';
  log: ContainerLog | undefined;
  machine: Machine | undefined;
  process: Process | undefined;
  tty: Tty | undefined;
  /** Set once it was asked to stop. */
  killTimer: Timer | undefined;
  isStopping = false;
  /** Its own, or what it was resized to. */
  limits: CgroupLimits;
  isOutOfMemory = false;
  /** Where standard input comes from, for `attach`. */
  stdin: OpenFile | undefined;
  /** Clients attached to its output. */
  attached: Set<(bytes: ByteString, stream: 'stdout' | 'stderr') => void> | undefined;

  /** Called once when it has ended. */
  onEnd: (() => void)[] | undefined;
  /** The whole environment of its processes, once it was needed. */
  environment: ReadonlyMap<string, string> | undefined;

  constructor(id: string, config: ContainerConfig, sandbox: Sandbox, createdMs: number) {
    this.id = id;
    this.config = config;
    this.limits = config.limits;
    this.sandbox = sandbox;
    this.createdMs = createdMs;
  }

  /** The log, made if nothing was written yet. */
  openLog(): ContainerLog {
    return (this.log ??= new ContainerLog());
  }

  /** The command line that the image and the Pod make together. */
  get argv(): readonly string[] {
    const { command, args, image } = this.config;
    if (command && command.length > 0) return [...command, ...(args ?? [])];
    return [...(image.config.entrypoint ?? []), ...(args && args.length > 0 ? args : (image.config.cmd ?? []))];
  }
}
