import type { Call, EventLoop, Sys } from '../../kernel/index.ts';

/** What a control group may take; 0 is no limit. */
export interface CgroupLimits {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  /** What all containers of the Pod may take together. */
  readonly podMemoryBytes?: number;
}

export interface CgroupHost {
  readonly loop: EventLoop;
  /** CPUs of the node: what a container without a limit can use at most. */
  readonly cpuMilli: number;
  /** The processes have taken more memory than they may. */
  onOutOfMemory(): void;
  /** The processes have taken memory or given some back. */
  onMemory(): void;
  /** What all containers of the Pod have taken. */
  podMemoryBytes(): number;
}

/** A container's limits, and what its programs say that they take. Made for the first who asks: most containers never do. */
export class Cgroup {
  memoryBytes = 0;
  readonly #host: CgroupHost;
  readonly #limits: () => CgroupLimits;
  #cpuMs = 0;
  #loadMilli = 0;
  #sinceMs: number;
  #busyUntilMs = 0;

  constructor(host: CgroupHost, limits: () => CgroupLimits) {
    this.#host = host;
    this.#limits = limits;
    this.#sinceMs = host.loop.now;
  }

  /** Takes (or gives back) memory. Beyond the limit the kernel kills the container (OOMKilled, exit code 137). */
  charge(bytes: number): void {
    this.memoryBytes = Math.max(0, this.memoryBytes + bytes);
    this.check();
    this.#host.onMemory();
  }

  /** Looks at the limit anew, as when it was lowered. */
  check(): void {
    const { memoryBytes, podMemoryBytes } = this.#limits();
    const isAbove = memoryBytes > 0 && this.memoryBytes > memoryBytes;
    if (isAbove || (podMemoryBytes !== undefined && this.#host.podMemoryBytes() > podMemoryBytes)) this.#host.onOutOfMemory();
  }

  /** Adds (or takes away) threads that never rest: 1000 is one CPU. */
  addLoad(cpuMilli: number): void {
    this.#cpuMs = this.cpuMs;
    this.#sinceMs = this.#host.loop.now;
    this.#loadMilli = Math.max(0, this.#loadMilli + cpuMilli);
  }

  /** CPU time that was used so far, within what is allowed. */
  get cpuMs(): number {
    return this.#cpuMs + (Math.min(this.#loadMilli, this.#capacityMilli) / 1000) * (this.#host.loop.now - this.#sinceMs);
  }

  /** Computes for a while. Under a CPU limit whoever comes later waits for those before, so answers slow down under load. */
  *work(sys: Sys, cpuMs: number): Call<void> {
    const { now } = this.#host.loop;
    this.#busyUntilMs = Math.max(now, this.#busyUntilMs) + (cpuMs * 1000) / this.#capacityMilli;
    const doneMs = Math.max(this.#busyUntilMs, now + cpuMs);
    this.#cpuMs += cpuMs;
    yield* sys.kernel.sleep(Math.ceil(doneMs - now));
  }

  get #capacityMilli(): number {
    return this.#limits().cpuMilli || this.#host.cpuMilli;
  }
}

/** The name under which a container's machine offers its `Cgroup`. */
export const cgroupService = 'cgroup';

/** The name under which a container's machine offers the machine of its node. */
export const nodeService = 'node';

/** The control group of a program in a container; undefined on a machine itself. */
export function cgroupOf(sys: Sys): Cgroup | undefined {
  return sys.machine.services.get(cgroupService) as Cgroup | undefined;
}
