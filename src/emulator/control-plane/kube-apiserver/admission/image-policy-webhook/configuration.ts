/** The configuration of ImagePolicyWebhook (plugin/pkg/admission/imagepolicy/config.go). */
import type { WebhookClientConfig } from '../../outbound/review-call.ts';

export interface ImagePolicyConfiguration {
  readonly backend: WebhookClientConfig;
  /** How long an answer is remembered; 0 for not at all. */
  readonly allowMs: number;
  readonly denyMs: number;
  readonly retryBackoffMs: number;
  /** Whether Pods are let in when nobody answers. */
  readonly defaultAllow: boolean;
}

interface Raw {
  readonly imagePolicy?: {
    readonly kubeConfigFile?: string;
    readonly allowTTL?: number;
    readonly denyTTL?: number;
    readonly retryBackoff?: number;
    readonly defaultAllow?: boolean;
  };
}

const minuteMs = 60_000;

/** Throws an Error with upstream's words. */
export function readImagePolicy(raw: unknown, kubeconfig: (path: string) => WebhookClientConfig): ImagePolicyConfiguration {
  if (raw === undefined) throw new Error('no config specified');
  const { kubeConfigFile = '', allowTTL = 0, denyTTL = 0, retryBackoff = 0, defaultAllow = false } = (raw as Raw | null)?.imagePolicy ?? {};
  return {
    retryBackoffMs: duration(retryBackoff, { unitMs: 1, fallbackMs: 500, leastMs: 0, mostMs: 5 * minuteMs, words: ['1ns', '5m0s'] }),
    allowMs: duration(allowTTL, { unitMs: 1000, fallbackMs: 5 * minuteMs, leastMs: 1000, mostMs: 30 * minuteMs, words: ['1s', '30m0s'] }),
    denyMs: duration(denyTTL, { unitMs: 1000, fallbackMs: minuteMs / 2, leastMs: 1000, mostMs: 30 * minuteMs, words: ['1s', '30m0s'] }),
    defaultAllow,
    backend: kubeconfig(kubeConfigFile),
  };
}

interface Limits {
  readonly unitMs: number;
  readonly fallbackMs: number;
  readonly leastMs: number;
  readonly mostMs: number;
  readonly words: readonly [least: string, most: string];
}

/** 0 means the default, -1 that it is off. */
function duration(value: number, { unitMs, fallbackMs, leastMs, mostMs, words }: Limits): number {
  if (value === -1) return 0;
  if (value === 0) return fallbackMs;
  const ms = value * unitMs;
  if (ms <= leastMs || ms > mostMs) throw new Error(`valid value is between ${words[0]} and ${words[1]}, got ${ms / 1000}s`);
  return ms;
}
