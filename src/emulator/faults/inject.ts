import type { Cluster } from '../cluster/index.ts';
import { isErrno } from '../kernel/index.ts';
import { StatusError } from '../machinery/status-error.ts';
import { FaultError } from './fault.ts';
import type { PlannedFault } from './plan.ts';

/** How long whoever breaks things waits for an API server that does not answer. */
const retryMs = 10_000;
const attempts = 60;

export type InjectionEnd = { readonly ok: true } | { readonly ok: false; readonly why: string };

/**
 * Brings a fault about, in virtual time. An API server that is down is waited for, as a person would; whatever else stands in the
 * way is told to `onEnd`.
 */
export function injectFault(
  cluster: Cluster,
  { fault, values }: PlannedFault,
  onEnd: (end: InjectionEnd) => void,
  { background = false } = {},
): void {
  const { kernel } = cluster;
  kernel.fiber(
    (function* () {
      for (let attempt = 1; ; attempt++) {
        try {
          yield* fault.inject(cluster, values);
          return onEnd({ ok: true });
        } catch (error) {
          const isUnreachable = isErrno(error);
          if (!isUnreachable && !(error instanceof StatusError) && !(error instanceof FaultError)) throw error;
          if (!isUnreachable || attempt === attempts) return onEnd({ ok: false, why: `${fault.name}: ${error.message}` });
        }
        yield* kernel.sleep(retryMs, background);
      }
    })(),
    { background },
  );
}
