/** What the flags of kube-apiserver say of authentication. Upstream: pkg/kubeapiserver/options/authentication.go. */
import { textOf } from '../../../kernel/index.ts';
import type { Sys } from '../../../kernel/index.ts';
import { certificatesIn, parseKeyPair, parsePublicKeys } from '../../../machinery/x509/index.ts';
import type { Flags } from '../../component-base/flags.ts';
import { klog } from '../../component-base/klog.ts';
import type { UserInfo } from '../request.ts';
import type { AuthenticationOptions } from './authenticator.ts';
import type { OidcOptions } from './oidc.ts';
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
    isAnonymousAllowed: flags.boolean('anonymous-auth', true),
    staticTokens: staticTokensOf(sys, flags),
    allowsBootstrapTokens: flags.boolean('enable-bootstrap-token-auth', false),
    oidc: oidcOf(sys, flags),
    hasFrontProxy: flags.has('requestheader-client-ca-file'),
    log: (source, message) => klog(sys, 'E', source, message),
  };
}

function staticTokensOf(sys: Sys, flags: Flags): ReadonlyMap<string, UserInfo> | undefined {
  const path = flags.text('token-auth-file');
  if (path === undefined) return undefined;
  return readTokenFile(textOf(sys.fs.readFile(path)), path, (message) => klog(sys, 'W', 'tokenfile.go:72', message));
}

function oidcOf(sys: Sys, flags: Flags): OidcOptions | undefined {
  const [issuer, clientID] = [flags.text('oidc-issuer-url'), flags.text('oidc-client-id')];
  if (!issuer || !clientID) return undefined;
  const usernameClaim = flags.text('oidc-username-claim') ?? 'sub';
  const prefix = flags.text('oidc-username-prefix');
  const caFile = flags.text('oidc-ca-file');
  return {
    issuer,
    clientID,
    usernameClaim,
    // '-' stands for none (pkg/kubeapiserver/options/authentication.go).
    usernamePrefix: prefix === '-' ? '' : (prefix ?? (usernameClaim === 'email' ? '' : `${issuer}#`)),
    groupsClaim: flags.text('oidc-groups-claim'),
    groupsPrefix: flags.text('oidc-groups-prefix') ?? '',
    requiredClaims: flags.list('oidc-required-claim').map((pair) => {
      const [claim = '', ...value] = pair.split('=');
      return [claim, value.join('=')] as const;
    }),
    authorities: caFile === undefined ? '' : textOf(sys.fs.readFile(caFile)),
    signingAlgs: flags.has('oidc-signing-algs') ? flags.list('oidc-signing-algs') : ['RS256'],
    log: (severity, source, message) => klog(sys, severity, source, message),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
