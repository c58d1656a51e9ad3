/** A container's memory limit, and what its processes have taken of it. */
export class Cgroup {
  memoryBytes = 0;
  /** 0: no limit. */
  readonly memoryLimitBytes: number;
  readonly #onOutOfMemory: () => void;

  constructor(memoryLimitBytes: number, onOutOfMemory: () => void) {
    this.memoryLimitBytes = memoryLimitBytes;
    this.#onOutOfMemory = onOutOfMemory;
  }

  /** Takes (or gives back) memory. Beyond the limit the kernel kills the container (OOMKilled, exit code 137). */
  charge(bytes: number): void {
    this.memoryBytes = Math.max(0, this.memoryBytes + bytes);
    if (this.memoryLimitBytes > 0 && this.memoryBytes > this.memoryLimitBytes) this.#onOutOfMemory();
  }
}

/** The name under which a container's machine offers its `Cgroup`. */
export const cgroupService = 'cgroup';
