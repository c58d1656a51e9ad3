/** How long a Job waits after failures (pkg/controller/job/backoff_utils.go). */
import type { Pod } from '../../../api/generated/types.ts';
import type { WallClock } from '../../../kernel/index.ts';
import { endOf } from './finished.ts';

/** DefaultJobPodFailureBackOff and MaxJobPodFailureBackOff. */
const delay = { firstMs: 10_000, mostMs: 600_000 };

/** Failures in a row, and when the last one was. */
export interface Backoff {
  readonly failures: number;
  readonly lastFailure: string | undefined;
}

export const noBackoff: Backoff = { failures: 0, lastFailure: undefined };

const latest = (pods: readonly Pod[]): string | undefined => pods.map(endOf).sort().at(-1);

/** What is known after more Pods have ended: a success ends a row of failures. */
export function nextBackoff(known: Backoff, succeeded: readonly Pod[], failed: readonly Pod[]): Backoff {
  const lastSuccess = latest(succeeded);
  if (lastSuccess === undefined)
    return failed.length === 0 ? known : { failures: known.failures + failed.length, lastFailure: latest(failed) };
  const since = failed.filter((pod) => endOf(pod) > lastSuccess);
  return { failures: since.length, lastFailure: latest(since) };
}

/** Virtual milliseconds until the next Pod may be made: 10 s after one failure, doubled with each, up to 10 minutes. */
export function backoffMs({ failures, lastFailure }: Backoff, clock: WallClock, nowMs: number): number {
  if (failures === 0 || lastFailure === undefined) return 0;
  const waitMs = Math.min(delay.firstMs * 2 ** (failures - 1), delay.mostMs);
  return Math.max(0, clock.virtualMs(lastFailure) + waitMs - nowMs);
}
