/** serviceaccounts/token: a token for a service account, bound to a Pod, Secret or Node if asked. Upstream: pkg/registry/core/serviceaccount/storage/token.go. */
import type { Pod } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import { formatTime } from '../../../kernel/time.ts';
import type { FieldError } from '../../../machinery/field-error.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { badRequest, conflict, internalError, invalid, notFound } from '../../../machinery/status-error.ts';
import { rememberIssued, signToken } from '../authentication/service-account-token.ts';
import type { PrivateClaims, TokenContent, TokenTrust } from '../authentication/service-account-token.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';

interface TokenRequest {
  readonly spec?: {
    readonly audiences?: readonly string[] | undefined;
    readonly expirationSeconds?: number | undefined;
    readonly boundObjectRef?:
      | { readonly kind?: string; readonly apiVersion?: string; readonly name?: string; readonly uid?: string }
      | undefined;
  };
}

const minSeconds = 600;
/** Tokens that kubelets ask for with this life live a year, so that old clients that never read them again go on (`--service-account-extend-token-expiration`). */
const extended = { asked: 3607, seconds: 365 * 24 * 3600 };
const kind = { group: 'authentication.k8s.io', kind: 'TokenRequest' };

export function* requestToken(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  const { namespace, name } = request;
  const trust = server.authenticator.options.serviceAccounts;
  const account = server.store('serviceaccounts').get(namespace, name);
  if (!account) throw notFound({ group: '', resource: 'serviceaccounts' }, name);
  if (!trust?.signingKey) throw internalError('this server does not sign tokens');
  const asked = (request.body ?? {}) as TokenRequest;
  yield* server.admission.admit(server, { operation: 'CREATE', request, object: asked as ApiObject, previous: undefined });
  const { spec = {} } = asked;
  const expirationSeconds = spec.expirationSeconds ?? 3600;
  const audiences = spec.audiences && spec.audiences.length > 0 ? spec.audiences : trust.audiences;
  const errors = problemsOf(expirationSeconds);
  if (errors.length > 0) throw invalid(kind, '', errors);
  const bound = boundTo(server, namespace, name, spec.boundObjectRef);
  const isExtended =
    expirationSeconds === extended.asked && bound.pod !== undefined && audiences.every((audience) => trust.audiences.includes(audience));
  const now = Math.floor(server.kernel.clock.unixMs / 1000);
  const seconds = isExtended ? extended.seconds : expirationSeconds;
  const claims: PrivateClaims = {
    namespace,
    ...bound,
    serviceaccount: { name, uid: account.metadata.uid },
    ...(isExtended ? { warnafter: now + extended.asked } : {}),
  };
  const content: TokenContent = {
    aud: audiences,
    exp: now + seconds,
    iat: now,
    iss: trust.issuer,
    jti: server.kernel.random.uuid(),
    'kubernetes.io': claims,
    nbf: now,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
  return {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { name, namespace, creationTimestamp: server.kernel.clock.timestamp() },
    spec: { audiences, expirationSeconds, boundObjectRef: spec.boundObjectRef },
    status: lazyStatus(content, trust, formatTime((now + (isExtended ? extended.asked : seconds)) * 1000)),
  } as unknown as ApiObject;
}

/** The token is signed when someone reads it: most that kubelets ask for nobody ever does. */
function lazyStatus(content: TokenContent, trust: TokenTrust, expirationTimestamp: string): object {
  let token: string | undefined;
  const status = {
    get token() {
      return (token ??= signToken(content, trust));
    },
    expirationTimestamp,
  };
  rememberIssued(status, content, trust);
  return status;
}

function problemsOf(seconds: number): readonly FieldError[] {
  const at = (detail: string): readonly FieldError[] => [
    { type: 'FieldValueInvalid', field: 'spec.expirationSeconds', badValue: seconds, detail },
  ];
  if (seconds < minSeconds) return at('may not specify a duration less than 10 minutes');
  return seconds > 2 ** 32 ? at('may not specify a duration larger than 2^32 seconds') : [];
}

type Bound = Pick<PrivateClaims, 'pod' | 'secret' | 'node'>;

function boundTo(server: ApiServer, namespace: string, account: string, ref: NonNullable<TokenRequest['spec']>['boundObjectRef']): Bound {
  if (!ref) return {};
  const resource = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }[ref.kind ?? ''];
  if (!resource) throw badRequest(`cannot bind token to object of type /${ref.apiVersion ?? ''}, Kind=${ref.kind ?? ''}`);
  const object = server.store(resource).get(resource === 'nodes' ? '' : namespace, ref.name ?? '');
  if (!object) throw notFound({ group: '', resource }, ref.name ?? '');
  const { uid, name } = object.metadata;
  if (ref.uid && ref.uid !== uid) {
    throw conflict(
      { group: '', resource },
      name,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  if (resource === 'secrets') return { secret: { name, uid } };
  if (resource === 'nodes') return { node: { name, uid } };
  const { spec } = object as Pod;
  if ((spec?.serviceAccountName ?? '') !== account)
    throw badRequest(`cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`);
  const node = spec?.nodeName ? server.store('nodes').get('', spec.nodeName) : undefined;
  return { pod: { name, uid }, ...(node ? { node: { name: node.metadata.name, uid: node.metadata.uid } } : {}) };
}
