/**
 * TokenRequest: the body of serviceaccounts/token. It is no resource of its own; the API server's room issues the token.
 * Upstream: pkg/apis/authentication/v1/defaults.go, pkg/apis/authentication/validation/validation.go.
 */
import { fieldPath, invalid } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { change, fill } from '../fill.ts';
import type { TokenRequest } from '../generated/types.ts';

/** A token lives for an hour unless the client asks for another time. */
export function defaultTokenRequest(request: TokenRequest): TokenRequest {
  return change(request, 'spec', (spec) => fill(spec, { expirationSeconds: 3600 }));
}

/** Errors of a request: tokens live for ten minutes at least. */
export function validateTokenRequest({ spec }: TokenRequest): readonly FieldError[] {
  const path = fieldPath('spec', 'expirationSeconds');
  const seconds = spec.expirationSeconds ?? 3600;
  if (seconds < 600) return [invalid(path, seconds, 'may not specify a duration less than 10 minutes')];
  return seconds > 2 ** 32 ? [invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds')] : [];
}
