/**
 * OpenID Connect: tokens of an identity provider, whose keys the server fetches. Upstream:
 * apiserver/plugin/pkg/authenticator/token/oidc, and github.com/coreos/go-oidc.
 *
 * The provider may run in the cluster, so it is looked for in the background, every ten seconds until it answers. Keys that
 * the provider changes later are fetched when a token names one that is not known.
 *
 * Differs from Kubernetes: keys and signatures are ES256 only, so that `--oidc-signing-algs` must name it; claims that are
 * spread over several sources are not followed.
 */
import type { Call } from '../../../kernel/index.ts';
import { base64, utf8 } from '../../../kernel/index.ts';
import { readKeySet } from '../../../machinery/jwt/key-set.ts';
import type { Claims } from '../../../machinery/jwt/index.ts';
import { readJwt, verifyJwt } from '../../../machinery/jwt/index.ts';
import { callServer, CallError, jsonBody } from '../outbound/service-client.ts';
import type { ApiServer } from '../server.ts';
import { authenticated } from './identity.ts';
import type { Identity } from './identity.ts';

export interface OidcOptions {
  /** `--oidc-issuer-url`: `https://host[:port][/path]`. */
  readonly issuer: string;
  /** `--oidc-client-id`: the audience that a token must be for. */
  readonly clientID: string;
  readonly usernameClaim: string;
  /** What stands before every name; by default the issuer and `#`, unless the claim is `email`. */
  readonly usernamePrefix: string;
  readonly groupsClaim: string | undefined;
  readonly groupsPrefix: string;
  readonly requiredClaims: readonly (readonly [claim: string, value: string])[];
  /** `--oidc-ca-file`, PEM. */
  readonly authorities: string;
  readonly signingAlgs: readonly string[];
  /** For the server's log. */
  readonly log: (severity: 'I' | 'E', source: string, message: string) => void;
}

const retryMs = 10_000;
const timeoutMs = 30_000;
const wellKnown = '/.well-known/openid-configuration';

export class OidcAuthenticator {
  readonly #server: ApiServer;
  readonly #options: OidcOptions;
  #keysUrl: string | undefined;
  #keys: readonly Uint8Array[] = [];
  #isFetching = false;

  constructor(server: ApiServer, options: OidcOptions) {
    this.#server = server;
    this.#options = options;
    server.kernel.fiber(this.#initialize(), { background: true });
  }

  /** Undefined when the token is not of this issuer, or proves nothing. */
  authenticate(token: string): Identity | undefined {
    const { issuer, requiredClaims } = this.#options;
    if (readJwt(token)?.iss !== issuer) return undefined;
    const claims = this.#verified(token);
    if (typeof claims === 'string') return this.#refused(claims);
    for (const [claim, value] of requiredClaims) {
      if (claims[claim] === undefined) return this.#refused(`oidc: required claim ${claim} not present in ID token`);
      if (claims[claim] !== value)
        return this.#refused(`oidc: required claim ${claim} value does not match. Got = ${String(claims[claim])}, want = ${value}`);
    }
    const user = this.#userOf(claims);
    if (typeof user === 'string') return this.#refused(user);
    return { user: authenticated(user), isValid: () => this.#timeProblem(claims) === undefined };
  }

  #refused(why: string): undefined {
    const message = `"Unable to authenticate the request" err=${JSON.stringify(`[invalid bearer token, ${why}]`)}`;
    this.#options.log('E', 'authentication.go:75', message);
    return undefined;
  }

  /** The claims, or what is wrong with the token. */
  #verified(token: string): Claims | string {
    const { clientID, signingAlgs } = this.#options;
    if (this.#keysUrl === undefined) return `oidc: authenticator not initialized`;
    const claims = readJwt(token)!;
    const audiences = typeof claims.aud === 'string' ? [claims.aud] : (claims.aud ?? []);
    if (!audiences.includes(clientID)) return `oidc: verify token: oidc: expected audience "${clientID}" got ${JSON.stringify(audiences)}`;
    const late = this.#timeProblem(claims);
    if (late !== undefined) return `oidc: verify token: ${late}`;
    if (!signingAlgs.includes('ES256')) {
      return `oidc: verify token: oidc: id token signed with unsupported algorithm, expected ${JSON.stringify(signingAlgs)} got "ES256"`;
    }
    if (verifyJwt(token, this.#keys)) return claims;
    // The provider may have changed its keys since; the next request with this token finds the new ones.
    if (!this.#isFetching) this.#server.kernel.fiber(this.#fetchKeys(), { background: true });
    return 'oidc: verify token: failed to verify signature: failed to verify id token signature';
  }

  #timeProblem({ exp = 0, nbf = 0 }: Claims): string | undefined {
    const seconds = this.#server.kernel.clock.unixMs / 1000;
    if (seconds > exp) return 'oidc: token is expired';
    return seconds + 300 < nbf ? 'oidc: current time is before the nbf (not before) time' : undefined;
  }

  #userOf(claims: Claims): { readonly name: string; readonly groups: readonly string[] } | string {
    const { usernameClaim, usernamePrefix, groupsClaim, groupsPrefix } = this.#options;
    const name = claims[usernameClaim];
    if (name === undefined) return `oidc: parse username claims "${usernameClaim}": claim not present`;
    if (typeof name !== 'string' || name === '') return `oidc: parse username claims "${usernameClaim}": value is no text`;
    if (usernameClaim === 'email' && claims.email_verified !== undefined && claims.email_verified !== true)
      return 'oidc: email not verified';
    const value = groupsClaim === undefined ? undefined : claims[groupsClaim];
    const groups = value === undefined ? [] : Array.isArray(value) ? (value as readonly unknown[]) : [value];
    if (!groups.every((group) => typeof group === 'string')) return `oidc: parse groups claim "${groupsClaim}": not a list of texts`;
    return { name: `${usernamePrefix}${name}`, groups: groups.map((group) => `${groupsPrefix}${group as string}`) };
  }

  *#initialize(): Call<void> {
    const { issuer, log } = this.#options;
    while (!this.#server.isStopped) {
      try {
        const found = (yield* this.#get(`${issuer.replace(/\/$/, '')}${wellKnown}`)) as {
          readonly issuer?: string;
          readonly jwks_uri?: string;
        };
        if (found.issuer !== issuer)
          throw new CallError(
            `oidc: issuer did not match the issuer returned by provider, expected "${issuer}" got "${found.issuer ?? ''}"`,
          );
        this.#keysUrl = found.jwks_uri ?? '';
        yield* this.#fetchKeys();
        return;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        log('E', 'oidc.go:415', `oidc authenticator: initializing plugin: ${error.message}`);
      }
      yield* this.#server.kernel.sleep(retryMs, true);
    }
  }

  *#fetchKeys(): Call<void> {
    this.#isFetching = true;
    try {
      this.#keys = readKeySet(yield* this.#get(this.#keysUrl!));
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
    } finally {
      this.#isFetching = false;
    }
  }

  *#get(url: string): Call<unknown> {
    const [, origin = '', target = '/'] = /^(https:\/\/[^/]+)(\/.*)?$/.exec(url) ?? [];
    const callee = { origin, caBundle: base64(utf8(this.#options.authorities)) };
    try {
      const answer = yield* callServer(this.#server, callee, { method: 'GET', target, headers: {} }, timeoutMs);
      const body = yield* jsonBody(this.#server, answer);
      if (answer.status !== 200) throw new CallError(`${answer.status}`);
      if (typeof body !== 'object' || body === null) throw new CallError('oidc: failed to decode provider discovery object');
      return body;
    } catch (error) {
      if (error instanceof CallError && !error.message.startsWith('oidc:')) throw new CallError(`Get "${url}": ${error.message}`);
      throw error;
    }
  }
}
