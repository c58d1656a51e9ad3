/** What others need to check tokens of service accounts: the issuer's name and its public keys. Upstream: pkg/serviceaccount/openidmetadata.go. */
import type { HttpResponse } from '../../../kernel/index.ts';
import { makeKeySet } from '../../../machinery/jwt/key-set.ts';
import type { ApiServer } from '../server.ts';
import { rawJson } from './response.ts';
import { hostPort } from '../../../machinery/ipv6.ts';

const caching = { 'cache-control': 'public, max-age=3600' };

/** `/.well-known/openid-configuration`; undefined when this server knows no tokens. */
export function issuerMetadata({ authenticator, options }: ApiServer): HttpResponse | undefined {
  const trust = authenticator.options.serviceAccounts;
  if (!trust) return undefined;
  return rawJson(
    {
      issuer: trust.issuer,
      jwks_uri: `https://${hostPort(options.advertiseAddress ?? '127.0.0.1', options.securePort ?? 6443)}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    },
    caching,
  );
}

/** `/openid/v1/jwks` */
export function issuerKeys({ authenticator }: ApiServer): HttpResponse | undefined {
  const trust = authenticator.options.serviceAccounts;
  if (!trust) return undefined;
  return rawJson(makeKeySet(trust.publicKeys()), { ...caching, 'content-type': 'application/jwk-set+json' });
}
