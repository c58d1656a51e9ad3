/**
 * Authentication: who is it? A client certificate of the cluster's CA, a token (of a file, a service account, a machine that
 * joins, an identity provider), or nobody (`system:anonymous`). Upstream: pkg/kubeapiserver/authenticator/config.go.
 *
 * A credential is examined once; what can change afterwards (time, the ServiceAccount, the Pod of a bound token) is
 * looked at again with every request.
 */
import type { Kernel } from '../../../kernel/index.ts';
import { unauthorized } from '../../../machinery/status-error.ts';
import type { Credential } from '../endpoint.ts';
import type { UserInfo } from '../request.ts';
import { authenticateBootstrapToken } from './bootstrap-token.ts';
import { authenticateCertificate, certificateProblem } from './certificate.ts';
import type { CertificateTrust } from './certificate.ts';
import type { Identity, IdentityStores } from './identity.ts';
import type { AnonymousAccess } from './jwt-configuration.ts';
import type { JwtAuthenticators, JwtOptions } from './jwt-authenticators.ts';
import { authenticateSecretToken, authenticateServiceAccountToken, tokenProblem } from './service-account-token.ts';
import type { TokenTrust } from './service-account-token.ts';

export interface AuthenticationOptions {
  /** `--client-ca-file`. Without it no certificate is trusted. */
  readonly clientCA?: CertificateTrust | undefined;
  /** `--service-account-key-file`, `--service-account-issuer`, `--api-audiences`. */
  readonly serviceAccounts?: TokenTrust | undefined;
  /** `--anonymous-auth`, or the file of `--authentication-config`; by default everybody may come without a proof. */
  readonly anonymous?: AnonymousAccess | undefined;
  /** `--token-auth-file`: users by token. */
  readonly staticTokens?: ReadonlyMap<string, UserInfo> | undefined;
  /** `--enable-bootstrap-token-auth`. */
  readonly allowsBootstrapTokens?: boolean;
  /** `--oidc-*` or `--authentication-config`. */
  readonly jwt?: JwtOptions | undefined;
  /** `--requestheader-client-ca-file` is set: then a client's certificate is looked at twice, and its problem stands in the log twice. */
  readonly hasFrontProxy?: boolean;
  /** A line of the component's log. */
  readonly log?: ((source: string, message: string) => void) | undefined;
}

export const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const always = (): boolean => true;

export class Authenticator {
  readonly #kernel: Kernel;
  readonly #options: AuthenticationOptions;
  readonly #stores: IdentityStores;
  readonly #known = new Map<string, Identity>();
  /** Set once the server can look for providers. */
  jwt: JwtAuthenticators | undefined;

  constructor(kernel: Kernel, options: AuthenticationOptions, stores: IdentityStores) {
    this.#kernel = kernel;
    this.#options = options;
    this.#stores = stores;
  }

  get options(): AuthenticationOptions {
    return this.#options;
  }

  /** Throws 401 when the credential proves nothing. `path`: what is asked for, which those without a credential may need. */
  authenticate(credential: Credential, path = ''): Identity {
    if (credential.type === 'anonymous') {
      const { isEnabled = true, paths = [] } = this.#options.anonymous ?? {};
      // Differs from Kubernetes: kubectl inside of the cluster is known before it asks, so that conditions keep it out whatever the path.
      if (!isEnabled || (paths.length > 0 && !paths.includes(path))) throw unauthorized('Unauthorized');
      return { user: anonymous, isValid: always };
    }
    if (credential.type === 'certificate') return this.#certificate(credential);
    const issued =
      credential.issued &&
      authenticateServiceAccountToken(credential.issued, this.#options.serviceAccounts, this.#stores, this.#kernel.clock);
    const key = issued ? credential.issued! : credential.token;
    return this.#examine(key, () => {
      const identity = issued ?? this.#tokenIdentity(credential.token);
      if (!identity?.isValid()) this.#tellProblem(key);
      return identity;
    });
  }

  #tellProblem(token: string | object): void {
    const { log, serviceAccounts } = this.#options;
    const problem = log && tokenProblem(token, serviceAccounts, this.#stores, this.#kernel.clock);
    if (problem === undefined) return;
    const err = JSON.stringify(`[invalid bearer token, ${problem}]`);
    log!('authentication.go:75', `"Unable to authenticate the request" err=${err}`);
  }

  #certificate(credential: Credential & { readonly type: 'certificate' }): Identity {
    const { clientCA, log, hasFrontProxy } = this.#options;
    const { clock } = this.#kernel;
    return this.#examine(credential.issued ?? credential.certificate, () => {
      const identity = authenticateCertificate(credential, clientCA, clock);
      if (identity?.isValid() || !log) return identity;
      const problem = certificateProblem(credential, clientCA, clock);
      if (problem === undefined) return identity;
      const both = hasFrontProxy ? `[${problem.slice(problem.indexOf('failed: ') + 8)}, ${problem}]` : problem;
      log('authentication.go:75', `"Unable to authenticate the request" err=${JSON.stringify(both)}`);
      return identity;
    });
  }

  /** Asks in upstream's order who a token belongs to. */
  #tokenIdentity(token: string, audiences?: readonly string[]): Identity | undefined {
    const { staticTokens, serviceAccounts, allowsBootstrapTokens } = this.#options;
    const user = staticTokens?.get(token);
    if (user) return { user, isValid: always };
    return (
      authenticateServiceAccountToken(token, serviceAccounts, this.#stores, this.#kernel.clock, audiences) ??
      authenticateSecretToken(token, serviceAccounts, this.#stores, audiences) ??
      (allowsBootstrapTokens ? authenticateBootstrapToken(token, this.#stores, this.#kernel.clock) : undefined) ??
      this.jwt?.authenticate(token)
    );
  }

  /** As TokenReview asks: for these audiences. The user, or why the token proves nothing. */
  reviewToken(token: string, audiences: readonly string[]): { readonly user: UserInfo } | { readonly problem: string } {
    const identity = this.#tokenIdentity(token, audiences);
    if (identity?.isValid()) return identity;
    const problem = tokenProblem(token, this.#options.serviceAccounts, this.#stores, this.#kernel.clock, audiences);
    return { problem: problem === undefined ? 'invalid bearer token' : `[invalid bearer token, ${problem}]` };
  }

  #examine(key: string | object, examine: () => Identity | undefined): Identity {
    const known = typeof key === 'string' ? this.#known.get(key) : this.#issued.get(key);
    // One that is no longer valid is examined once more: something else may make it valid, and the reason belongs into the log.
    const identity = known?.isValid() ? known : examine();
    if (!identity?.isValid()) throw unauthorized('Unauthorized');
    if (identity !== known) this.#remember(key, identity);
    return identity;
  }

  readonly #issued = new WeakMap<object, Identity>();

  #remember(key: string | object, identity: Identity): void {
    if (typeof key !== 'string') this.#issued.set(key, identity);
    else {
      if (this.#known.size >= 4096) this.#known.clear();
      this.#known.set(key, identity);
    }
  }
}
