import type { Call, Kernel } from '../../kernel/index.ts';
import { Interrupted, Process } from '../../kernel/index.ts';

/** Lets virtual time pass for whoever is running. A signal that a process catches ends the wait with `Interrupted`. */
export function* pass(kernel: Kernel, ms: number): Call<void> {
  const { current } = kernel;
  yield* kernel.sleep(ms, kernel.isInBackground);
  if (current instanceof Process && current.pending.length > 0) throw new Interrupted();
}
