/**
 * The audit backend that posts events to a server, one list after another. Upstream: apiserver/plugin/pkg/audit/webhook and
 * plugin/pkg/audit/buffered.
 *
 * Differs from Kubernetes: the wait for a batch begins with its first event, and batches follow each other without a limit
 * to their rate; large events are sent whole.
 */
import { parseDuration } from '../../../machinery/duration.ts';
import type { Call, Sys } from '../../../kernel/index.ts';
import { isErrno } from '../../../kernel/index.ts';
import type { Flags } from '../../component-base/flags.ts';
import { klog } from '../../component-base/klog.ts';
import { postReview } from '../outbound/review-call.ts';
import type { WebhookClientConfig } from '../outbound/review-call.ts';
import { CallError } from '../outbound/service-client.ts';
import { readWebhookKubeconfig } from '../outbound/webhook-kubeconfig.ts';
import type { ApiServer } from '../server.ts';

export interface AuditWebhookOptions {
  readonly backend: WebhookClientConfig;
  /** `--audit-webhook-mode=blocking`: a request is answered when its events have arrived, or cannot. */
  readonly isBlocking: boolean;
  /** `blocking-strict`: a request whose arrival cannot be told is refused. */
  readonly isStrict: boolean;
  readonly initialBackoffMs: number;
  readonly bufferSize: number;
  readonly maxBatchSize: number;
  readonly maxWaitMs: number;
  readonly log: (message: string) => void;
}

const modes = ['batch', 'blocking', 'blocking-strict'];
const timeoutMs = 30_000;
/** Tries after the first, each after half as long again (apiserver/pkg/util/webhook). */
const retries = 4;
const retryFactor = 1.5;

/** Undefined without --audit-webhook-config-file. Throws an Error with the words that the server ends with. */
export function webhookOf(sys: Sys, flags: Flags): AuditWebhookOptions | undefined {
  const path = flags.text('audit-webhook-config-file');
  const mode = flags.text('audit-webhook-mode') ?? 'batch';
  if (!modes.includes(mode)) throw new Error(`invalid audit webhook mode ${mode}, allowed modes are ${JSON.stringify(modes.join(','))}`);
  if (!path) return undefined;
  const ms = (flag: string, fallback: number): number => parseDuration(flags.text(flag) ?? '') ?? fallback;
  let backend: WebhookClientConfig;
  try {
    backend = readWebhookKubeconfig(sys.fs, path);
  } catch (error) {
    const why = isErrno(error, 'ENOENT') ? `stat ${path}: no such file or directory` : (error as Error).message;
    throw new Error(`initializing audit webhook: ${why}`);
  }
  return {
    backend,
    isBlocking: mode !== 'batch',
    isStrict: mode === 'blocking-strict',
    initialBackoffMs: ms('audit-webhook-initial-backoff', 10_000),
    bufferSize: flags.integer('audit-webhook-batch-buffer-size', 10_000),
    maxBatchSize: flags.integer('audit-webhook-batch-max-size', 400),
    maxWaitMs: ms('audit-webhook-batch-max-wait', 30_000),
    log: (message) => klog(sys, 'E', 'metrics.go:109', message),
  };
}

export class AuditWebhook {
  readonly #server: ApiServer;
  readonly #options: AuditWebhookOptions;
  #events: object[] = [];
  #isWaiting = false;

  constructor(server: ApiServer, options: AuditWebhookOptions) {
    this.#server = server;
    this.#options = options;
  }

  get isBlocking(): boolean {
    return this.#options.isBlocking;
  }

  get isStrict(): boolean {
    return this.#options.isStrict;
  }

  take(event: object): void {
    const { isBlocking, bufferSize, maxBatchSize } = this.#options;
    if (this.#events.length >= bufferSize) return this.#complain('audit buffer queue blocked', 1);
    this.#events.push(event);
    if (!isBlocking && this.#events.length >= maxBatchSize) this.#server.kernel.fiber(this.#flushNow(), { background: true });
    else if (!this.#isWaiting) this.#server.kernel.fiber(this.#flushLater(), { background: true });
  }

  /** Sends what there is; it comes back when that has arrived, or is given up. False when something is lost. */
  *flush(): Call<boolean> {
    const { maxBatchSize } = this.#options;
    let hasArrived = true;
    while (this.#events.length > 0) hasArrived = (yield* this.#send(this.#events.splice(0, maxBatchSize))) && hasArrived;
    return hasArrived;
  }

  *#flushNow(): Call<void> {
    yield* this.flush();
  }

  *#flushLater(): Call<void> {
    this.#isWaiting = true;
    yield* this.#server.kernel.sleep(this.#options.maxWaitMs, true);
    this.#isWaiting = false;
    if (!this.#server.isStopped) yield* this.flush();
  }

  *#send(items: readonly object[]): Call<boolean> {
    const { backend, initialBackoffMs } = this.#options;
    const body = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items };
    for (let pauseMs = initialBackoffMs, left = retries; ; pauseMs *= retryFactor, left--) {
      try {
        yield* postReview(this.#server, backend, body, timeoutMs, { tellsTimeout: false });
        return true;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (left === 0) {
          this.#complain(error.message, items.length);
          return false;
        }
      }
      yield* this.#server.kernel.sleep(pauseMs, true);
    }
  }

  #complain(why: string, count: number): void {
    this.#options.log(`"Unhandled Error" err=${JSON.stringify(`Error in audit plugin 'webhook' affecting ${count} audit events: ${why}`)}`);
  }
}
