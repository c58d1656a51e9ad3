/** Questions about identity and permission: what `kubectl auth can-i` and `auth whoami` ask. Upstream: pkg/registry/{authorization,authentication}. */
import type { Call } from '../../../kernel/index.ts';
import { aggregateText } from '../../../machinery/field-error.ts';
import type { FieldError } from '../../../machinery/field-error.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { badRequest, invalid } from '../../../machinery/status-error.ts';
import type { Attributes } from '../authorization/index.ts';
import type { ApiRequest, UserInfo } from '../request.ts';
import type { ApiServer } from '../server.ts';

interface ResourceAttributes {
  readonly namespace?: string;
  readonly verb?: string;
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly name?: string;
  readonly fieldSelector?: { readonly rawSelector?: string };
}

interface ReviewSpec {
  readonly resourceAttributes?: ResourceAttributes | undefined;
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string } | undefined;
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
  readonly extra?: UserInfo['extra'];
  readonly namespace?: string;
  readonly token?: string;
  readonly audiences?: readonly string[];
}

const specOf = (request: ApiRequest): ReviewSpec => ((request.body ?? {}) as { spec?: ReviewSpec }).spec ?? {};

/** The question with its answer; nothing is stored. */
function answered(request: ApiRequest, status: object): ApiObject {
  const { apiVersion, kind } = request.resource;
  return {
    ...(request.body as object),
    apiVersion,
    kind,
    metadata: { creationTimestamp: null, ...(request.body as { metadata?: object }).metadata },
    status,
  } as unknown as ApiObject;
}

function attributesOf(user: UserInfo, { resourceAttributes: own, nonResourceAttributes: path }: ReviewSpec): Attributes {
  const { namespace = '', verb = '', group = '', version = '', resource = '', subresource = '', name = '', fieldSelector } = own ?? {};
  if (path)
    return {
      user,
      verb: path.verb ?? '',
      path: path.path ?? '',
      group: '',
      version: '',
      resource: '',
      subresource: '',
      namespace: '',
      name: '',
    };
  return { user, verb, group, version, resource, subresource, namespace, name, path: '', fieldSelector: fieldSelector?.rawSelector };
}

function problemsOf({ resourceAttributes, nonResourceAttributes }: ReviewSpec): FieldError[] {
  const at = (detail: string): FieldError[] => [
    { type: 'FieldValueInvalid', field: 'spec.resourceAttributes', badValue: resourceAttributes ?? null, detail },
  ];
  if (resourceAttributes && nonResourceAttributes) return at('cannot be specified in combination with nonResourceAttributes');
  return resourceAttributes || nonResourceAttributes
    ? []
    : at('exactly one of nonResourceAttributes or resourceAttributes must be specified');
}

function* decide(server: ApiServer, request: ApiRequest, user: UserInfo, spec: ReviewSpec): Call<ApiObject> {
  const { verdict, reason, error } = yield* server.authorization.ask(attributesOf(user, spec));
  return answered(request, {
    allowed: verdict === 'allow',
    ...(verdict === 'deny' && { denied: true }),
    ...(reason !== '' && { reason }),
    ...(error !== undefined && { evaluationError: error }),
  });
}

/** SelfSubjectAccessReview. */
export function* reviewSelfAccess(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  const spec = specOf(request);
  const errors = problemsOf(spec);
  if (errors.length > 0) throw invalid(request.resource, '', errors);
  return yield* decide(server, request, request.user, spec);
}

/** SubjectAccessReview and LocalSubjectAccessReview. */
export function* reviewAccess(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  const spec = specOf(request);
  const errors = problemsOf(spec);
  if (!spec.user && (spec.groups ?? []).length === 0)
    errors.push({ type: 'FieldValueInvalid', field: 'spec.user', badValue: '', detail: 'at least one of user or group must be specified' });
  if (errors.length > 0) throw invalid(request.resource, '', errors);
  if (request.resource.resource === 'localsubjectaccessreviews' && spec.resourceAttributes?.namespace !== request.namespace) {
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${request.namespace}`);
  }
  return yield* decide(server, request, { name: spec.user ?? '', groups: spec.groups ?? [], uid: spec.uid, extra: spec.extra }, spec);
}

/** SelfSubjectRulesReview. */
export function* reviewRules(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  const { namespace } = specOf(request);
  if (!namespace) throw badRequest('no namespace on request');
  const { rules: all, problems } = server.authorization.rulesFor(request.user, namespace);
  return answered(request, {
    resourceRules: all
      .filter(({ nonResourceURLs }) => !nonResourceURLs?.length)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames?.length ? { resourceNames } : {}),
      })),
    nonResourceRules: all
      .filter(({ nonResourceURLs }) => nonResourceURLs?.length)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: problems.length > 0,
    ...(problems.length > 0 ? { evaluationError: aggregateText(problems) } : {}),
  });
}

const userInfoOf = ({ name, uid, groups, extra }: UserInfo): object => ({
  username: name,
  ...(uid ? { uid } : {}),
  groups,
  ...(extra && Object.keys(extra).length > 0 ? { extra } : {}),
});

/** SelfSubjectReview. */
export function* reviewSelf(server: ApiServer, { resource, user }: ApiRequest): Call<ApiObject> {
  const { apiVersion, kind } = resource;
  const metadata = { creationTimestamp: server.kernel.clock.timestamp() };
  return { apiVersion, kind, metadata, status: { userInfo: userInfoOf(user) } } as unknown as ApiObject;
}

/** TokenReview. */
export function* reviewToken(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  const { token, audiences } = specOf(request);
  if (!token) throw invalid(request.resource, '', [{ type: 'FieldValueRequired', field: 'spec.token', badValue: undefined, detail: '' }]);
  const wanted = audiences && audiences.length > 0 ? audiences : (server.authenticator.options.serviceAccounts?.audiences ?? []);
  const found = server.authenticator.reviewToken(token, wanted);
  if ('problem' in found) return answered(request, { user: {}, error: found.problem });
  return answered(request, { authenticated: true, user: userInfoOf(found.user), audiences: wanted });
}
