/**
 * An identity provider to learn OpenID Connect with: it knows the users of its flags and gives them ID tokens for a password.
 *
 * - `--issuer=https://HOST:PORT` is its name, in tokens and in the certificate that it makes. What belongs into the API server's
 *   `--oidc-ca-file` is printed, or written to `--ca-file`.
 * - `--user=NAME:PASSWORD[:GROUP,GROUP]`, once for each. Claims of a token: sub, email, email_verified, name, groups.
 * - `POST /token` with grant_type=password, client_id, username and password; the key set lies at `/keys`. It signs
 *   with ES256, or with RS256, which takes a moment to begin with, for `--alg=RS256`.
 */
import type { HttpRequest, HttpResponse, Program, Sys } from '../../kernel/index.ts';
import { dirname, textOf, utf8 } from '../../kernel/index.ts';
import type { ByteString } from '../../kernel/index.ts';
import { signJwt, signRs256 } from '../../machinery/jwt/index.ts';
import type { Claims } from '../../machinery/jwt/index.ts';
import { makeKeySet, makeRsaKeySet } from '../../machinery/jwt/key-set.ts';
import type { KeySet } from '../../machinery/jwt/key-set.ts';
import { RsaKeyPair } from '../../machinery/jwt/rsa.ts';
import { CertificateAuthority, createKeyPair } from '../../machinery/x509/index.ts';
import type { Random } from '../../kernel/random.ts';
import { answer, serveUntilSignal, targetPath } from '../http-server.ts';
import type { ImageDefinition } from '../image.ts';
import { busyboxFiles } from '../userland.ts';

interface Account {
  readonly password: string;
  readonly groups: readonly string[];
}

interface Settings {
  readonly issuer: string;
  readonly port: number;
  readonly caFile: string | undefined;
  readonly lifetimeSeconds: number;
  readonly algorithm: 'ES256' | 'RS256';
  readonly accounts: ReadonlyMap<string, Account>;
}

const defaultLifetimeSeconds = 600;

/** What is wrong with the flags, if anything is. */
function readSettings(argv: readonly string[]): Settings | string {
  const values = new Map<string, string>();
  const accounts = new Map<string, Account>();
  for (const word of argv) {
    const [, name = '', value = ''] = /^--(issuer|port|ca-file|lifetime|alg|user)=(.*)$/.exec(word) ?? [];
    if (name === '') return `unknown flag: ${word}`;
    if (name !== 'user') values.set(name, value);
    else {
      const [user = '', password = '', groups = ''] = value.split(':');
      if (user === '' || password === '') return `--user must be NAME:PASSWORD[:GROUP,GROUP], got ${value}`;
      accounts.set(user, { password, groups: groups === '' ? [] : groups.split(',') });
    }
  }
  const issuer = values.get('issuer') ?? '';
  if (!/^https:\/\/[^/]+$/.test(issuer)) return '--issuer must be https://HOST[:PORT]';
  const algorithm = values.get('alg') ?? 'ES256';
  if (algorithm !== 'ES256' && algorithm !== 'RS256') return '--alg must be ES256 or RS256';
  return {
    issuer,
    port: Number(values.get('port') ?? 8443),
    caFile: values.get('ca-file'),
    lifetimeSeconds: Number(values.get('lifetime') ?? defaultLifetimeSeconds),
    algorithm,
    accounts,
  };
}

const json = (request: HttpRequest, status: number, body: object): HttpResponse =>
  answer(request, status, { 'content-type': 'application/json' }, JSON.stringify(body));

function formOf({ body }: HttpRequest): ReadonlyMap<string, string> {
  const text = typeof body === 'string' ? textOf(body as ByteString) : '';
  const decode = (part: string): string => {
    try {
      return decodeURIComponent(part.replaceAll('+', ' '));
    } catch {
      return part;
    }
  };
  return new Map(
    text.split('&').map((pair) => {
      const [key = '', ...value] = pair.split('=');
      return [decode(key), decode(value.join('='))];
    }),
  );
}

/** With what tokens are signed, and the set in which others find the other half. */
interface Signer {
  readonly algorithm: string;
  readonly keys: () => KeySet;
  readonly sign: (claims: Claims) => string;
}

function signerFor(algorithm: Settings['algorithm'], random: Random): Signer {
  if (algorithm === 'ES256') {
    const key = createKeyPair(random);
    return { algorithm, keys: () => makeKeySet([key.publicKey]), sign: (claims) => signJwt(claims, key) };
  }
  const seed = String(random.uint32());
  let made: RsaKeyPair | undefined;
  const key = (): RsaKeyPair => (made ??= new RsaKeyPair(seed));
  return { algorithm, keys: () => makeRsaKeySet(key().publicKey), sign: (claims) => signRs256(claims, key()) };
}

function giveToken(sys: Sys, { issuer, accounts, lifetimeSeconds }: Settings, signer: Signer, request: HttpRequest): HttpResponse {
  const form = formOf(request);
  const [user = '', clientID = ''] = [form.get('username'), form.get('client_id')];
  const account = accounts.get(user);
  if (form.get('grant_type') !== 'password') return json(request, 400, { error: 'unsupported_grant_type' });
  if (clientID === '') return json(request, 400, { error: 'invalid_request', error_description: 'client_id is missing' });
  if (!account || account.password !== form.get('password')) return json(request, 401, { error: 'invalid_grant' });
  const now = Math.floor(sys.kernel.clock.unixMs / 1000);
  const token = signer.sign({
    iss: issuer,
    sub: user,
    aud: clientID,
    iat: now,
    exp: now + lifetimeSeconds,
    name: user,
    email: `${user}@example.com`,
    email_verified: true,
    groups: account.groups,
  });
  sys.tryWrite(1, utf8(`token for ${user}, client ${clientID}\n`));
  return json(request, 200, { access_token: token, id_token: token, token_type: 'bearer', expires_in: lifetimeSeconds });
}

function respond(sys: Sys, settings: Settings, signer: Signer, request: HttpRequest): HttpResponse {
  const { issuer } = settings;
  switch (targetPath(request.target).path) {
    case '/.well-known/openid-configuration':
      return json(request, 200, {
        issuer,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: [signer.algorithm],
      });
    case '/keys':
      return json(request, 200, signer.keys());
    case '/token':
      return request.method === 'POST' ? giveToken(sys, settings, signer, request) : json(request, 405, { error: 'invalid_request' });
    case '/healthz':
      return json(request, 200, { status: 'ok' });
    default:
      return json(request, 404, { error: 'not_found' });
  }
}

const program: Program = function* (sys) {
  const settings = readSettings(sys.argv.slice(1));
  if (typeof settings === 'string') {
    yield* sys.print(2, `${settings}\n`);
    return 2;
  }
  const { random, clock } = sys.kernel;
  const host = /^https:\/\/([^/:]+)/.exec(settings.issuer)![1]!;
  const isAddress = /^[\d.]+$/.test(host);
  const authority = new CertificateAuthority(random, 'identity-provider', clock.unixMs);
  const { pem } = authority.issue({
    subject: { commonName: host },
    usages: ['server auth'],
    dnsNames: isAddress ? [] : [host],
    ips: isAddress ? [host] : [],
    notBeforeMs: clock.unixMs,
  });
  if (settings.caFile === undefined) yield* sys.print(1, authority.certificate.pem);
  else {
    sys.fs.mkdirs(dirname(settings.caFile));
    sys.fs.writeFile(settings.caFile, utf8(authority.certificate.pem));
  }
  const signer = signerFor(settings.algorithm, random);
  const http = function* (request: HttpRequest) {
    return respond(sys, settings, signer, request);
  };
  const listener = sys.net.listen(settings.port, { isTls: true, certificate: () => pem, http });
  sys.own(() => listener.close());
  yield* sys.print(1, `issuer ${settings.issuer}, listening on :${settings.port}\n`);
  return yield* serveUntilSignal(sys, ['TERM', 'INT']);
};

/** The image of the provider. */
export const identityProvider: ImageDefinition = {
  repository: 'ghcr.io/inside-kubernetes/identity-provider',
  versions: [{ tags: ['1.0', 'latest'], sizeBytes: 9_100_000 }],
  config: { entrypoint: ['/identity-provider'], exposedPorts: [8443] },
  files: (_version, programs) => ({ ...busyboxFiles(programs), '/identity-provider': program }),
};
