/**
 * Authentication: who is it? A client certificate of the cluster's CA, a service account's token, or nobody
 * (`system:anonymous`). Upstream: apiserver/pkg/authentication, pkg/serviceaccount.
 *
 * A credential is examined once; what can change afterwards (time, the ServiceAccount, the Pod of a bound token) is
 * looked at again with every request.
 */
import type { Kernel } from '../../../kernel/index.ts';
import { unauthorized } from '../../../machinery/status-error.ts';
import type { Credential } from '../endpoint.ts';
import type { UserInfo } from '../request.ts';
import { authenticateCertificate } from './certificate.ts';
import type { CertificateTrust } from './certificate.ts';
import type { Identity, IdentityStores } from './identity.ts';
import { authenticateServiceAccountToken } from './service-account-token.ts';
import type { TokenTrust } from './service-account-token.ts';

export interface AuthenticationOptions {
  /** `--client-ca-file`. Without it no certificate is trusted. */
  readonly clientCA?: CertificateTrust | undefined;
  /** `--service-account-key-file`, `--service-account-issuer`, `--api-audiences`. */
  readonly serviceAccounts?: TokenTrust | undefined;
  readonly isAnonymousAllowed?: boolean;
}

export const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const always = (): boolean => true;

export class Authenticator {
  readonly #kernel: Kernel;
  readonly #options: AuthenticationOptions;
  readonly #stores: IdentityStores;
  readonly #known = new Map<string, Identity>();

  constructor(kernel: Kernel, options: AuthenticationOptions, stores: IdentityStores) {
    this.#kernel = kernel;
    this.#options = options;
    this.#stores = stores;
  }

  get options(): AuthenticationOptions {
    return this.#options;
  }

  /** Throws 401 when the credential proves nothing. */
  authenticate(credential: Credential): Identity {
    if (credential.type === 'anonymous') {
      if (this.#options.isAnonymousAllowed === false) throw unauthorized('Unauthorized');
      return { user: anonymous, isValid: always };
    }
    if (credential.type === 'certificate')
      return this.#examine(credential.issued ?? credential.certificate, () =>
        authenticateCertificate(credential, this.#options.clientCA, this.#kernel.clock),
      );
    const issued =
      credential.issued &&
      authenticateServiceAccountToken(credential.issued, this.#options.serviceAccounts, this.#stores, this.#kernel.clock);
    if (issued) return this.#examine(credential.issued!, () => issued);
    return this.#examine(credential.token, () =>
      authenticateServiceAccountToken(credential.token, this.#options.serviceAccounts, this.#stores, this.#kernel.clock),
    );
  }

  /** As TokenReview asks: for these audiences. Undefined when the token proves nothing. */
  reviewToken(token: string, audiences: readonly string[]): Identity | undefined {
    const identity = authenticateServiceAccountToken(token, this.#options.serviceAccounts, this.#stores, this.#kernel.clock, audiences);
    return identity?.isValid() ? identity : undefined;
  }

  #examine(key: string | object, examine: () => Identity | undefined): Identity {
    const known = typeof key === 'string' ? this.#known.get(key) : this.#issued.get(key);
    const identity = known ?? examine();
    if (!identity?.isValid()) throw unauthorized('Unauthorized');
    if (!known) this.#remember(key, identity);
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
