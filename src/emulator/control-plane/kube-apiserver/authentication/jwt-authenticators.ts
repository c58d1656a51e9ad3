/**
 * The issuers of tokens that the server knows, which a file may change while it runs. Upstream:
 * pkg/kubeapiserver/options/authentication.go, ApplyTo.
 */
import { isErrno } from '../../../kernel/index.ts';
import { followFile } from '../follow-file.ts';
import type { Log } from '../follow-file.ts';
import type { ApiServer } from '../server.ts';
import type { Identity } from './identity.ts';
import type { JwtIssuer } from './jwt-configuration.ts';
import { OidcAuthenticator } from './oidc.ts';

export interface JwtOptions {
  readonly issuers: readonly JwtIssuer[];
  readonly log: Log;
  /** The file of `--authentication-config`; `read` throws an Error for a content that is wrong. */
  readonly file?: { readonly text: () => string; readonly read: (content: string) => readonly JwtIssuer[] } | undefined;
}

export class JwtAuthenticators {
  readonly #server: ApiServer;
  readonly #options: JwtOptions;
  #authenticators: readonly OidcAuthenticator[];

  constructor(server: ApiServer, options: JwtOptions) {
    this.#server = server;
    this.#options = options;
    this.#authenticators = this.#made(options.issuers);
    if (options.file) this.#follow(options.file);
  }

  authenticate(token: string): Identity | undefined {
    for (const authenticator of this.#authenticators) {
      const identity = authenticator.authenticate(token);
      if (identity) return identity;
    }
    return undefined;
  }

  #made(issuers: readonly JwtIssuer[]): readonly OidcAuthenticator[] {
    return issuers.map((issuer) => new OidcAuthenticator(this.#server, issuer, this.#options.log));
  }

  // Unverified: what a reloaded file says of anonymous access counts after a restart.
  #follow({ text, read }: NonNullable<JwtOptions['file']>): void {
    const { log } = this.#options;
    followFile(this.#server, text, {
      changed: (content) => {
        const issuers = read(content);
        for (const authenticator of this.#authenticators) authenticator.stop();
        this.#authenticators = this.#made(issuers);
        log('I', 'authentication.go:626', '"reloaded authentication config"');
      },
      failed(error) {
        if (isErrno(error))
          log('E', 'authentication.go:588', `"failed to read authentication config file" err=${JSON.stringify(error.message)}`);
        else log('E', 'authentication.go:603', `"failed to load authentication config" err=${JSON.stringify(error.message)}`);
      },
    });
  }
}
