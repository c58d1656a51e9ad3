import type { Call, Kernel } from '../../kernel/index.ts';
import { Fiber, Interrupted, Process } from '../../kernel/index.ts';

/** Whether what is running now keeps the cluster from being settled while it waits. */
export function isBackground(kernel: Kernel): boolean {
  const { current } = kernel;
  return current instanceof Process ? current.background : current instanceof Fiber && current.isBackground;
}

/** Lets virtual time pass for whoever is running. A signal that a process catches ends the wait with `Interrupted`. */
export function* pass(kernel: Kernel, ms: number): Call<void> {
  const { current } = kernel;
  yield* kernel.sleep(ms, isBackground(kernel));
  if (current instanceof Process && current.pending.length > 0) throw new Interrupted();
}
