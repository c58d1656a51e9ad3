/** `status.containerStatuses` from what the runtime has (upstream pkg/kubelet/kubelet_pods.go, convertToAPIContainerStatuses). */
import type { Container as ContainerSpec, ContainerState, ContainerStatus, VolumeMountStatus } from '../../api/generated/types.ts';
import type { Kernel } from '../../kernel/index.ts';
import { formatTime } from '../../kernel/index.ts';
import type { Image } from '../../images/image.ts';
import { flat } from '../../machinery/flat-text.ts';
import type { Container } from '../container-runtime/index.ts';
import { logTail } from '../container-runtime/index.ts';

/** What is known of one container beside its specification. */
export interface ContainerFacts {
  /** The container that runs or ran last. */
  readonly newest: Container | undefined;
  /** The one before it. */
  readonly previous: Container | undefined;
  /** Why there is none that runs: ErrImagePull, CrashLoopBackOff … */
  readonly waiting: { readonly reason: string; readonly message?: string | undefined } | undefined;
  readonly isReady: boolean;
  readonly isStarted: boolean;
}

const none: ContainerState = Object.freeze({});
const rootUser = Object.freeze({ linux: Object.freeze({ gid: 0, supplementalGroups: Object.freeze([0]), uid: 0 }) });
const noResources = Object.freeze({});
const epoch = '1970-01-01T00:00:00Z';

export class ContainerStatuses {
  readonly #kernel: Kernel;
  readonly #waiting = new Map<string, ContainerState>();
  readonly #mounts = new WeakMap<ContainerSpec, readonly VolumeMountStatus[]>();
  readonly #terminated = new WeakMap<Container, ContainerState>();
  readonly #running = new WeakMap<Container, ContainerState>();
  #runningSecond = -1;
  #runningState: ContainerState = none;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The status of one container. `isInit` ones are waiting as PodInitializing only when they are ordinary. */
  make(spec: ContainerSpec, facts: ContainerFacts, hasInitContainers: boolean): ContainerStatus {
    const { newest, previous, waiting, isReady, isStarted } = facts;
    const isOver = newest?.state === 'exited';
    const state = this.#stateOf(newest, waiting, hasInitContainers);
    const last = waiting && isOver ? newest : previous;
    const image = newest?.config.image;
    return {
      allocatedResources: newest && newest.state === 'running' ? spec.resources?.requests : undefined,
      containerID: newest && flat(`containerd://${newest.id}`),
      image: image ? imageName(image, newest.config.imageName) : (spec.image ?? ''),
      imageID: image ? imageID(image) : '',
      lastState: last ? this.#terminatedState(last) : none,
      name: spec.name,
      ready: isReady,
      resources: newest && newest.state === 'running' ? (spec.resources ?? noResources) : undefined,
      restartCount: newest?.config.attempt ?? 0,
      started: isStarted,
      state,
      user: newest && newest.state === 'running' ? rootUser : undefined,
      volumeMounts: this.#volumeMounts(spec),
    };
  }

  #stateOf(newest: Container | undefined, waiting: ContainerFacts['waiting'], hasInitContainers: boolean): ContainerState {
    if (newest?.state === 'running') return this.#runningSince(newest);
    if (waiting) return this.#waitingState(waiting.reason, waiting.message);
    if (newest?.state === 'exited') return this.#terminatedState(newest);
    return this.#waitingState(hasInitContainers ? 'PodInitializing' : 'ContainerCreating', undefined);
  }

  #waitingState(reason: string, message: string | undefined): ContainerState {
    const key = `${reason}/${message ?? ''}`;
    let state = this.#waiting.get(key);
    if (!state) {
      if (this.#waiting.size > 1000) this.#waiting.clear();
      this.#waiting.set(key, (state = Object.freeze({ waiting: Object.freeze({ message, reason }) })));
    }
    return state;
  }

  /** Containers that started in one second share one state. */
  #runningSince(container: Container): ContainerState {
    const known = this.#running.get(container);
    if (known) return known;
    const second = Math.floor(this.#kernel.clock.at(container.startedMs) / 1000);
    if (second !== this.#runningSecond) {
      this.#runningSecond = second;
      this.#runningState = Object.freeze({ running: Object.freeze({ startedAt: formatTime(second * 1000) }) });
    }
    this.#running.set(container, this.#runningState);
    return this.#runningState;
  }

  #terminatedState(container: Container): ContainerState {
    const known = this.#terminated.get(container);
    if (known) return known;
    const { clock } = this.#kernel;
    const isUnstarted = container.startedMs === Number.NEGATIVE_INFINITY;
    const state: ContainerState = {
      terminated: {
        containerID: `containerd://${container.id}`,
        exitCode: container.exitCode,
        finishedAt: formatTime(clock.at(container.finishedMs)),
        message: messageOf(container),
        reason: container.reason,
        startedAt: isUnstarted ? epoch : formatTime(clock.at(container.startedMs)),
      },
    };
    this.#terminated.set(container, state);
    return state;
  }

  #volumeMounts(spec: ContainerSpec): readonly VolumeMountStatus[] | undefined {
    if (!spec.volumeMounts?.length) return undefined;
    let mounts = this.#mounts.get(spec);
    if (!mounts) {
      mounts = spec.volumeMounts.map(({ name, mountPath, readOnly }) => ({
        mountPath,
        name,
        readOnly,
        recursiveReadOnly: readOnly ? 'Disabled' : undefined,
      }));
      this.#mounts.set(spec, mounts);
    }
    return mounts;
  }
}

/** What the container left behind, or the end of its log if the Pod asks for that. */
function messageOf(container: Container): string | undefined {
  if (container.message !== '') return container.message;
  if (!container.config.fallsBackToLogs || container.exitCode === 0) return undefined;
  return logTail(container.log, 80, 2048) || undefined;
}

/** Texts of an image, shared by all its containers. */
const imageIDs = new WeakMap<Image, string>();
const imageNames = new WeakMap<Image, Map<string, string>>();

function imageID(image: Image): string {
  let id = imageIDs.get(image);
  if (id === undefined) imageIDs.set(image, (id = flat(`${image.repository}@${image.digest}`)));
  return id;
}

/** The image with the tag under which the Pod has it. */
function imageName(image: Image, name: string): string {
  let names = imageNames.get(image);
  if (!names) imageNames.set(image, (names = new Map()));
  let full = names.get(name);
  if (full === undefined) names.set(name, (full = flat(`${image.repository}:${tagOf(name)}`)));
  return full;
}

/** The tag (or digest) of an image's name as the Pod has it. */
function tagOf(name: string): string {
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(colon + 1) : 'latest';
}
