import type { EventRecorder } from '../../client/index.ts';
import type { Call, Kernel } from '../../kernel/index.ts';
import type { ContainerRuntime, SandboxConfig } from '../container-runtime/index.ts';
import type { Backoff } from './backoff.ts';
import type { ContainerStatuses } from './container-status.ts';
import type { EnvironmentSources } from './environment.ts';
import type { ImagePuller } from './image-puller.ts';
import type { PodStatuses } from './pod-status.ts';
import type { PodWorker } from './pod-worker.ts';
import type { Allocation } from './resize.ts';
import type { ProberHost } from './prober.ts';
import type { StatusWriter } from './status-writer.ts';
import type { VolumeParts } from './volumes/index.ts';

/** What a pod worker has of its kubelet. */
export interface WorkerHost {
  readonly kernel: Kernel;
  readonly runtime: ContainerRuntime;
  readonly recorder: EventRecorder;
  readonly writer: StatusWriter;
  readonly puller: ImagePuller;
  readonly crashBackoff: Backoff;
  readonly containerStatuses: ContainerStatuses;
  readonly podStatuses: PodStatuses;
  readonly volumeParts: VolumeParts;
  readonly hostIP: string;
  readonly hostIP6: string | undefined;
  /** What the node has for its Pods, and what it has given away. */
  readonly allocation: Allocation;
  /** Why Pods get no network, undefined when they do. */
  readonly networkProblem: string | undefined;
  environmentSources(user: string): EnvironmentSources;
  sandboxConfig(worker: PodWorker): SandboxConfig;
  /** What the container runtime calls a RuntimeClass. Throws a StatusError when there is no such class. */
  runtimeHandler(name: string): Call<string>;
  proberHost(worker: PodWorker): ProberHost;
  /** Whether an error means that the API server is away, or refuses for now, and not that the kubelet is broken. */
  isTransient(error: unknown): boolean;
  /** The Pod has ended: what it asked for is free. */
  release(worker: PodWorker): void;
  /** A delay as Go prints it: `1m20s`. */
  formatDelay(ms: number): string;
  /** Its containers have ended and its last status has been written. */
  onTerminated(worker: PodWorker): void;
}
