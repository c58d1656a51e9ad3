/**
 * OpenID Connect: tokens of an identity provider, whose keys the server fetches. Upstream:
 * apiserver/plugin/pkg/authenticator/token/oidc, and github.com/coreos/go-oidc.
 *
 * The provider may run in the cluster, so it is looked for in the background, every ten seconds until it answers. Keys that
 * the provider changes later are fetched when a token names one that is not known.
 *
 * Differs from Kubernetes: of the algorithms of signatures there are RS256 and ES256; claims that are spread over several
 * sources are not followed.
 */
import type { Call } from '../../../kernel/index.ts';
import { base64, utf8 } from '../../../kernel/index.ts';
import { readKeySet } from '../../../machinery/jwt/key-set.ts';
import type { Claims, VerificationKey } from '../../../machinery/jwt/index.ts';
import { algorithmOf, readJwt, verifyJwt } from '../../../machinery/jwt/index.ts';
import { callServer, CallError, jsonBody } from '../outbound/service-client.ts';
import type { Log } from '../follow-file.ts';
import type { ApiServer } from '../server.ts';
import { ClaimError, userOf } from './claims.ts';
import { authenticated } from './identity.ts';
import type { Identity } from './identity.ts';
import type { JwtIssuer } from './jwt-configuration.ts';

const retryMs = 10_000;
const timeoutMs = 30_000;

export class OidcAuthenticator {
  readonly #server: ApiServer;
  readonly #issuer: JwtIssuer;
  readonly #log: Log;
  #keysUrl: string | undefined;
  #keys: readonly VerificationKey[] = [];
  #isFetching = false;
  #isStopped = false;

  constructor(server: ApiServer, issuer: JwtIssuer, log: Log) {
    this.#server = server;
    this.#issuer = issuer;
    this.#log = log;
    server.kernel.fiber(this.#initialize(), { background: true });
  }

  /** Another configuration has taken its place. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Undefined when the token is not of this issuer, or proves nothing. */
  authenticate(token: string): Identity | undefined {
    if (readJwt(token)?.iss !== this.#issuer.url) return undefined;
    const claims = this.#verified(token);
    if (typeof claims === 'string') return this.#refused(claims);
    try {
      const user = userOf(this.#issuer, claims);
      return { user: authenticated(user), isValid: () => !this.#isStopped && this.#timeProblem(claims) === undefined };
    } catch (error) {
      if (!(error instanceof ClaimError)) throw error;
      return this.#refused(error.message);
    }
  }

  #refused(why: string): undefined {
    const message = `"Unable to authenticate the request" err=${JSON.stringify(`[invalid bearer token, ${why}]`)}`;
    this.#log('E', 'authentication.go:75', message);
    return undefined;
  }

  /** The claims, or what is wrong with the token. */
  #verified(token: string): Claims | string {
    const { audiences: own, signingAlgs } = this.#issuer;
    if (this.#keysUrl === undefined) return `oidc: authenticator not initialized`;
    const claims = readJwt(token)!;
    const audiences = typeof claims.aud === 'string' ? [claims.aud] : (claims.aud ?? []);
    if (!audiences.some((audience) => own.includes(audience)))
      return `oidc: verify token: oidc: expected audience in ${goList(own)} got ${goList(audiences)}`;
    const late = this.#timeProblem(claims);
    if (late !== undefined) return `oidc: verify token: ${late}`;
    const algorithm = algorithmOf(token);
    if (!signingAlgs.includes(algorithm))
      return `oidc: verify token: oidc: id token signed with unsupported algorithm, expected ${goList(signingAlgs)} got ${JSON.stringify(algorithm)}`;
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

  *#initialize(): Call<void> {
    const { url: issuer, discoveryURL } = this.#issuer;
    while (!this.#server.isStopped && !this.#isStopped) {
      try {
        const found = (yield* this.#get(discoveryURL)) as {
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
        this.#log('E', 'oidc.go:415', `oidc authenticator: initializing plugin: ${error.message}`);
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
    const callee = { origin, caBundle: base64(utf8(this.#issuer.authorities)) };
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

/** As Go's %q writes a list. */
const goList = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`;
