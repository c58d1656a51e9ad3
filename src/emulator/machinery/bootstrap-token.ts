/** What a Secret `bootstrap-token-<id>` says (staging/src/k8s.io/cluster-bootstrap/util/secrets). */
import { fromBase64, textOf } from '../kernel/bytes.ts';
import { parseTime } from '../kernel/time.ts';

interface TokenSecret {
  readonly data?: Readonly<Record<string, string>> | undefined;
}

export const bootstrapTokenType = 'bootstrap.kubernetes.io/token';
export const bootstrapTokenPrefix = 'bootstrap-token-';

/** '' when it is not there. */
export function tokenField({ data }: TokenSecret, key: string): string {
  const bytes = fromBase64(data?.[key] ?? '');
  return bytes === undefined ? '' : textOf(bytes);
}

/** How long the token still holds: at most 0 when it has expired, undefined for ever. An expiration that is no time counts as past. */
export function timeLeftMs(secret: TokenSecret, nowMs: number): number | undefined {
  const expiration = tokenField(secret, 'expiration');
  return expiration === '' ? undefined : (parseTime(expiration) ?? nowMs) - nowMs;
}
