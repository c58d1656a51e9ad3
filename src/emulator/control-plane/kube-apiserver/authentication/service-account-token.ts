/**
 * Tokens of service accounts: issued by serviceaccounts/token, bound to a Pod, Secret or Node, and invalid once what they
 * are bound to is gone. Upstream: pkg/serviceaccount/{claims,jwt}.go.
 */
import type { Secret } from '../../../api/generated/types.ts';
import type { WallClock } from '../../../kernel/index.ts';
import { base64, utf8 } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { readJwt, signJwt, verifyJwt } from '../../../machinery/jwt/index.ts';
import type { Claims } from '../../../machinery/jwt/index.ts';
import type { KeyPair } from '../../../machinery/x509/index.ts';
import type { UserInfo } from '../request.ts';
import type { Identity, IdentityStores } from './identity.ts';

export interface TokenTrust {
  /** `--service-account-issuer`. */
  readonly issuer: string;
  /** `--api-audiences`; the issuer by default. */
  readonly audiences: readonly string[];
  /** `--service-account-key-file`: public halves; read when a token must be checked. */
  readonly publicKeys: () => readonly Uint8Array[];
  /** `--service-account-signing-key-file`. */
  readonly signingKey: (() => KeyPair | undefined) | undefined;
}

interface BoundObject {
  readonly name: string;
  readonly uid: string;
}

/** The claim `kubernetes.io`. */
export interface PrivateClaims {
  readonly namespace: string;
  readonly serviceaccount: BoundObject;
  readonly pod?: BoundObject | undefined;
  readonly secret?: BoundObject | undefined;
  readonly node?: BoundObject | undefined;
  readonly warnafter?: number | undefined;
}

export interface TokenContent extends Claims {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly 'kubernetes.io': PrivateClaims;
}

/** Tokens that were signed here need not be checked by their signature; of each server only so many are remembered. */
const signedHere = new WeakMap<TokenTrust, Map<string, TokenContent>>();
const maxRemembered = 4096;

/** Signs a token; undefined when the server has no key to sign with. */
export function signToken(content: TokenContent, trust: TokenTrust): string | undefined {
  const key = trust.signingKey?.();
  if (!key) return undefined;
  const token = signJwt(content, key);
  let known = signedHere.get(trust);
  if (!known) signedHere.set(trust, (known = new Map()));
  if (known.size >= maxRemembered) known.clear();
  known.set(token, content);
  return token;
}

/** What a TokenRequest's status, which signs when it is read, stands for. */
const issuedHere = new WeakMap<object, { readonly content: TokenContent; readonly issuer: TokenTrust }>();

/** Remembers for which token a status stands. */
export function rememberIssued(status: object, content: TokenContent, issuer: TokenTrust): void {
  issuedHere.set(status, { content, issuer });
}

/** go-jose's: clocks of those who issue and who check may differ by so much. */
const leewaySeconds = 60;

/** What is wrong with the times of a token by a clock; undefined where nothing is (pkg/serviceaccount/claims.go, Validate). */
function timeProblem({ exp, nbf = 0 }: TokenContent, clock: WallClock): string | undefined {
  const seconds = clock.unixMs / 1000;
  if (seconds + leewaySeconds < nbf) return 'service account token is not valid yet';
  return seconds - leewaySeconds > exp ? 'service account token has expired' : undefined;
}

/** Why a token that this server's keys have signed is refused: whom it is meant for, its times, or what it is bound to. */
export function tokenProblem(
  token: string | object,
  trust: TokenTrust | undefined,
  stores: IdentityStores,
  clock: WallClock,
  audiences: readonly string[] = trust?.audiences ?? [],
): string | undefined {
  const content = trust && verified(token, trust);
  const claims = content?.['kubernetes.io'];
  if (!content || !claims?.serviceaccount || content.iss !== trust.issuer) return undefined;
  const own = audiencesOf(content);
  const list = (items: readonly string[]): string => `[${items.map((item) => JSON.stringify(item)).join(' ')}]`;
  if (!own.some((audience) => audiences.includes(audience)))
    return `token audiences ${list(own)} is invalid for the target audiences ${list(audiences)}`;
  const late = timeProblem(content, clock);
  if (late !== undefined) return late;
  const { name } = claims.serviceaccount;
  if (!stores.serviceAccounts.get(claims.namespace, name)) return `serviceaccounts "${name}" not found`;
  return isBoundToLiving(claims, stores) ? undefined : 'service account token has been invalidated';
}

/** A claim of one audience may be a text. */
function audiencesOf({ aud }: TokenContent): readonly string[] {
  return typeof aud === 'string' ? [aud] : (aud ?? []);
}

/** Undefined when the token proves nothing to these audiences (by default those of the API server). */
export function authenticateServiceAccountToken(
  token: string | object,
  trust: TokenTrust | undefined,
  stores: IdentityStores,
  clock: WallClock,
  audiences: readonly string[] = trust?.audiences ?? [],
): Identity | undefined {
  if (!trust) return undefined;
  const content = verified(token, trust);
  const claims = content?.['kubernetes.io'];
  if (!content || !claims?.serviceaccount || content.iss !== trust.issuer) return undefined;
  if (!audiencesOf(content).some((audience) => audiences.includes(audience))) return undefined;
  return { user: userOf(content, claims), isValid: () => timeProblem(content, clock) === undefined && isBoundToLiving(claims, stores) };
}

const legacyIssuer = 'kubernetes/serviceaccount';

/**
 * A token that lies in a Secret is good as long as it lies there and its account lives: pkg/serviceaccount/legacy.go.
 * Differs from Kubernetes: the Secret is not labelled with the day on which its token was last used.
 */
export function authenticateSecretToken(
  token: string | object,
  trust: TokenTrust | undefined,
  stores: IdentityStores,
  audiences: readonly string[] = trust?.audiences ?? [],
): Identity | undefined {
  if (!trust || typeof token !== 'string' || readJwt(token)?.iss !== legacyIssuer) return undefined;
  // Such a token names no audience: it is meant for the API server.
  if (!trust.audiences.some((audience) => audiences.includes(audience))) return undefined;
  const claims = verifyJwt(token, trust.publicKeys());
  if (!claims) return undefined;
  const claim = (name: string): string => String(claims[`kubernetes.io/serviceaccount/${name}`] ?? '');
  const [namespace, secret] = [claim('namespace'), claim('secret.name')];
  const account = { name: claim('service-account.name'), uid: claim('service-account.uid') };
  if (claims.sub !== `system:serviceaccount:${namespace}:${account.name}`) return undefined;
  const encoded = base64(utf8(token));
  return {
    user: serviceAccountUser(namespace, account.name, account.uid),
    isValid() {
      const holder = stores.secrets.get(namespace, secret) as Secret | undefined;
      return (
        holder?.data?.token === encoded &&
        !holder.metadata?.deletionTimestamp &&
        stores.serviceAccounts.get(namespace, account.name)?.metadata.uid === account.uid
      );
    },
  };
}

function verified(token: string | object, trust: TokenTrust): TokenContent | undefined {
  if (typeof token !== 'string') {
    const issued = issuedHere.get(token);
    return issued?.issuer === trust ? issued.content : undefined;
  }
  const known = signedHere.get(trust)?.get(token);
  if (known) return known;
  if (readJwt(token)?.iss !== trust.issuer) return undefined;
  return verifyJwt(token, trust.publicKeys()) as TokenContent | undefined;
}

/**
 * Whether what a token is bound to still exists.
 * Differs from Kubernetes: upstream stops believing a minute after the deletionTimestamp, even if the object lives on.
 */
function isBoundToLiving({ namespace, serviceaccount, pod, secret, node }: PrivateClaims, stores: IdentityStores): boolean {
  const lives = (object: ApiObject | undefined, { uid }: BoundObject): boolean => object?.metadata.uid === uid;
  if (!lives(stores.serviceAccounts.get(namespace, serviceaccount.name), serviceaccount)) return false;
  if (pod && !lives(stores.pods.get(namespace, pod.name), pod)) return false;
  if (secret && !lives(stores.secrets.get(namespace, secret.name), secret)) return false;
  return !node || pod !== undefined || lives(stores.nodes.get('', node.name), node);
}

/** `system:serviceaccount:<namespace>:<name>` with its groups (apiserver/pkg/authentication/serviceaccount/util.go). */
export function serviceAccountUser(namespace: string, name: string, uid: string, extra: UserInfo['extra'] = {}): UserInfo {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra,
  };
}

function userOf({ jti }: TokenContent, { namespace, serviceaccount, pod, node }: PrivateClaims): UserInfo {
  const extra: Record<string, readonly string[]> = {};
  if (jti) extra['authentication.kubernetes.io/credential-id'] = [`JTI=${jti}`];
  if (node) {
    extra['authentication.kubernetes.io/node-name'] = [node.name];
    extra['authentication.kubernetes.io/node-uid'] = [node.uid];
  }
  if (pod) {
    extra['authentication.kubernetes.io/pod-name'] = [pod.name];
    extra['authentication.kubernetes.io/pod-uid'] = [pod.uid];
  }
  return serviceAccountUser(namespace, serviceaccount.name, serviceaccount.uid, extra);
}
