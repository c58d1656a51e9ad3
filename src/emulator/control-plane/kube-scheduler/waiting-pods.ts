import type { Pod } from '../../api/generated/types.ts';
import type { Call, Kernel, Timer } from '../../kernel/index.ts';
import { WaitQueue } from '../../kernel/index.ts';
import { formatDuration } from '../../machinery/duration.ts';
import type { Rejection } from './framework.ts';

/** No plugin may let a Pod wait for longer (pkg/scheduler/framework/runtime/framework.go, maxTimeout). */
const maxWaitMs = 15 * 60_000;

/**
 * A Pod that waits on its node for the permission of plugins (pkg/scheduler/framework/runtime/waiting_pods_map.go). It counts there
 * already; one rejection, or the end of one plugin's time, takes it away again.
 */
export class WaitingPod {
  readonly pod: Pod;
  readonly nodeName: string;
  readonly #kernel: Kernel;
  readonly #timers = new Map<string, Timer>();
  readonly #decided = new WaitQueue();
  #isDecided = false;
  #rejection: Rejection | undefined;

  constructor(kernel: Kernel, { pod, nodeName, waits }: { pod: Pod; nodeName: string; waits: ReadonlyMap<string, number> }) {
    this.#kernel = kernel;
    this.pod = pod;
    this.nodeName = nodeName;
    for (const [plugin, asked] of waits) {
      const waitMs = Math.min(asked, maxWaitMs);
      const reason = `rejected due to timeout after waiting ${formatDuration(waitMs)} at plugin ${plugin}`;
      this.#timers.set(
        plugin,
        kernel.loop.timer(waitMs, () => this.reject(plugin, reason)),
      );
    }
  }

  /** The plugins that have not said yes yet. */
  get pendingPlugins(): readonly string[] {
    return [...this.#timers.keys()];
  }

  /** The plugin permits it; when all have, it is bound. */
  allow(plugin: string): void {
    this.#timers.get(plugin)?.cancel();
    this.#timers.delete(plugin);
    if (this.#timers.size === 0) this.#decide(undefined);
  }

  /** It goes back into the queue, as rejected by this plugin. */
  reject(plugin: string, reason: string): void {
    this.#decide({ plugin, reasons: [reason], isUnresolvable: false });
  }

  /** Until it is decided. Why it may not be bound; undefined if it may. */
  *decision(): Call<Rejection | undefined> {
    while (!this.#isDecided) yield* this.#kernel.block(this.#decided, 'permit');
    return this.#rejection;
  }

  /** Nobody will decide any more. */
  cancel(): void {
    for (const timer of this.#timers.values()) timer.cancel();
  }

  #decide(rejection: Rejection | undefined): void {
    if (this.#isDecided) return;
    this.#isDecided = true;
    this.#rejection = rejection;
    this.cancel();
    this.#decided.wake();
  }
}

/** The Pods of all profiles that wait for a permission: plugins find them here to allow or reject them. */
export class WaitingPods {
  readonly #byUID = new Map<string, WaitingPod>();

  get(uid: string): WaitingPod | undefined {
    return this.#byUID.get(uid);
  }

  values(): Iterable<WaitingPod> {
    return this.#byUID.values();
  }

  add(waiting: WaitingPod): void {
    this.#byUID.set(waiting.pod.metadata.uid, waiting);
  }

  delete(uid: string): void {
    this.#byUID.delete(uid);
  }
}
