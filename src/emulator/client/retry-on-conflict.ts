import type { Call } from '../kernel/index.ts';
import { isConflict } from '../machinery/status-error.ts';

/** Runs an attempt again, with what is stored by then, while it ends in a conflict; at most five times (client-go/util/retry). */
export function* retryOnConflict<T>(attempt: () => Call<T>): Call<T> {
  for (let tries = 1; ; tries++) {
    try {
      return yield* attempt();
    } catch (error) {
      if (!isConflict(error) || tries >= 5) throw error;
    }
  }
}
