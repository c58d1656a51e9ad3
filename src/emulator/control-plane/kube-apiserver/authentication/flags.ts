/** What the flags of kube-apiserver say of authentication. Upstream: pkg/kubeapiserver/options/authentication.go. */
import { textOf } from '../../../kernel/index.ts';
import type { Sys } from '../../../kernel/index.ts';
import { certificatesIn, parseKeyPair, parsePublicKeys } from '../../../machinery/x509/index.ts';
import type { Flags } from '../../component-base/flags.ts';
import { klog } from '../../component-base/klog.ts';
import type { UserInfo } from '../request.ts';
import type { AuthenticationOptions } from './authenticator.ts';
import { discoveryURLOf, readAuthenticationConfiguration } from './jwt-configuration.ts';
import type { AuthenticationConfiguration, JwtIssuer } from './jwt-configuration.ts';
import type { Log } from '../follow-file.ts';
import { readTokenFile } from './static-token.ts';

/** Throws an Error for a file that cannot be read. */
export function authenticationOf(sys: Sys, flags: Flags): AuthenticationOptions {
  const read = (path: string): string => textOf(sys.fs.readFile(path));
  const caFile = flags.text('client-ca-file');
  const issuer = flags.list('service-account-issuer')[0]!;
  // Keys are read when a token must be signed or checked, and once: as upstream, a changed file counts after a restart.
  const publicKeys = once(() => flags.list('service-account-key-file').flatMap((path) => parsePublicKeys(read(path))));
  const signing = flags.text('service-account-signing-key-file');
  return {
    clientCA: caFile === undefined ? undefined : { authorities: certificatesIn(sys.fs, caFile) },
    serviceAccounts: {
      issuer,
      audiences: flags.has('api-audiences') ? flags.list('api-audiences') : [issuer],
      publicKeys,
      signingKey: signing === undefined ? undefined : once(() => parseKeyPair(read(signing))),
    },
    staticTokens: staticTokensOf(sys, flags),
    allowsBootstrapTokens: flags.boolean('enable-bootstrap-token-auth', false),
    ...jwtOf(sys, flags),
    hasFrontProxy: flags.has('requestheader-client-ca-file'),
    log: (source, message) => klog(sys, 'E', source, message),
  };
}

function staticTokensOf(sys: Sys, flags: Flags): ReadonlyMap<string, UserInfo> | undefined {
  const path = flags.text('token-auth-file');
  if (path === undefined) return undefined;
  return readTokenFile(textOf(sys.fs.readFile(path)), path, (message) => klog(sys, 'W', 'tokenfile.go:72', message));
}

/** Who gives tokens and who needs none, by a file or by flags. Throws an Error with the words that the server ends with. */
function jwtOf(sys: Sys, flags: Flags): Pick<AuthenticationOptions, 'jwt' | 'anonymous'> {
  const log: Log = (severity, source, message) => klog(sys, severity, source, message);
  const isAllowed = flags.boolean('anonymous-auth', true);
  const path = flags.text('authentication-config');
  if (path === undefined) {
    const issuer = oidcOf(sys, flags);
    return { anonymous: { isEnabled: isAllowed, paths: [] }, jwt: issuer && { issuers: [issuer], log } };
  }
  const read = (text: string): AuthenticationConfiguration => readAuthenticationConfiguration(text, flags.list('service-account-issuer'));
  const text = (): string => textOf(sys.fs.readFile(path));
  const { issuers, anonymous } = read(text());
  if (anonymous && flags.has('anonymous-auth'))
    throw new Error('--anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file');
  return {
    anonymous: anonymous ?? { isEnabled: isAllowed, paths: [] },
    jwt: { issuers, log, file: { text, read: (content) => read(content).issuers } },
  };
}

function oidcOf(sys: Sys, flags: Flags): JwtIssuer | undefined {
  const [url, clientID] = [flags.text('oidc-issuer-url'), flags.text('oidc-client-id')];
  if (!url || !clientID) return undefined;
  const claim = flags.text('oidc-username-claim') ?? 'sub';
  const prefix = flags.text('oidc-username-prefix');
  const groupsClaim = flags.text('oidc-groups-claim');
  const caFile = flags.text('oidc-ca-file');
  return {
    url,
    discoveryURL: discoveryURLOf(url),
    audiences: [clientID],
    // '-' stands for none (pkg/kubeapiserver/options/authentication.go).
    username: { claim, prefix: prefix === '-' ? '' : (prefix ?? (claim === 'email' ? '' : `${url}#`)) },
    groups: groupsClaim === undefined ? undefined : { claim: groupsClaim, prefix: flags.text('oidc-groups-prefix') ?? '' },
    uid: undefined,
    extra: [],
    claimRules: [],
    userRules: [],
    requiredClaims: flags.list('oidc-required-claim').map((pair) => {
      const [required = '', ...value] = pair.split('=');
      return [required, value.join('=')] as const;
    }),
    authorities: caFile === undefined ? '' : textOf(sys.fs.readFile(caFile)),
    signingAlgs: flags.has('oidc-signing-algs') ? flags.list('oidc-signing-algs') : ['RS256'],
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
