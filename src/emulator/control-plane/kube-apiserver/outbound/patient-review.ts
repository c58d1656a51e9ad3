import type { Call } from '../../../kernel/index.ts';
import type { ApiServer } from '../server.ts';
import { postReview } from './review-call.ts';
import type { WebhookClientConfig } from './review-call.ts';
import { CallError } from './service-client.ts';

/** Tries after the first (apiserver/pkg/util/webhook, DefaultRetryBackoffWithInitialDelay). */
const retries = 4;
const retryFactor = 1.5;

/**
 * As `postReview`, for the webhooks that flags and their files name. Throws a CallError when nobody answers; only a server that
 * fails is asked again.
 *
 * Differs from Kubernetes: the pauses between tries are not spread by chance.
 */
export function* postReviewPatiently(
  server: ApiServer,
  client: WebhookClientConfig,
  review: object,
  { timeoutMs, tellsTimeout, firstPauseMs }: { readonly timeoutMs: number; readonly tellsTimeout: boolean; readonly firstPauseMs: number },
): Call<object> {
  for (let pauseMs = firstPauseMs, left = retries; ; pauseMs *= retryFactor, left--) {
    try {
      return yield* postReview(server, client, review, timeoutMs, { tellsTimeout });
    } catch (error) {
      if (!(error instanceof CallError) || left === 0 || !error.message.startsWith('an error on the server')) throw error;
    }
    yield* server.kernel.sleep(pauseMs);
  }
}
