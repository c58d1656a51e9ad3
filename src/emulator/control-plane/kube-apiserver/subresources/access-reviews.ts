/** Questions about identity and permission: what `kubectl auth can-i` and `auth whoami` ask. Upstream: pkg/registry/{authorization,authentication}. */
import type { Call } from '../../../kernel/index.ts';
import { aggregateText } from '../../../machinery/field-error.ts';
import { parseFieldSelector } from '../../../machinery/fields.ts';
import { parseSelector, SelectorError } from '../../../machinery/labels.ts';
import type { ApiObject, DraftMeta } from '../../../machinery/objects.ts';
import { badRequest, invalid } from '../../../machinery/status-error.ts';
import type { Attributes } from '../authorization/index.ts';
import type { ApiRequest, UserInfo } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { namespaceForCreate } from '../verbs/metadata.ts';

interface ResourceAttributes {
  readonly namespace?: string;
  readonly verb?: string;
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly name?: string;
  readonly fieldSelector?: { readonly rawSelector?: string };
  readonly labelSelector?: { readonly rawSelector?: string };
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

/** Throws what is wrong with a question. Upstream names the object by the kind that it decoded, which is none. */
function refuseInvalid(request: ApiRequest): void {
  const { descriptor, group } = request.resource;
  const sent = request.body as ApiObject;
  const namespace = namespaceForCreate(request, sent.metadata as DraftMeta);
  if (namespace !== undefined) request.body = { ...sent, metadata: { ...sent.metadata, namespace } };
  const errors = descriptor.validate(request.body as ApiObject);
  if (errors.length > 0) throw invalid({ group, kind: '' }, '', errors);
}

/** Selectors that cannot be read restrict nothing, which the answer says. */
function selectorProblems({ resourceAttributes }: ReviewSpec): string[] {
  const problems: string[] = [];
  const look = (name: string, selector: { readonly rawSelector?: string } | undefined, parse: (text: string) => unknown): void => {
    if (!selector?.rawSelector) return;
    try {
      parse(selector.rawSelector);
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error;
      problems.push(`spec.resourceAttributes.${name} ignored due to parse error`);
    }
  };
  look('fieldSelector', resourceAttributes?.fieldSelector, parseFieldSelector);
  look('labelSelector', resourceAttributes?.labelSelector, parseSelector);
  return problems;
}

function* decide(server: ApiServer, request: ApiRequest, user: UserInfo, spec: ReviewSpec): Call<ApiObject> {
  const { verdict, reason, error } = yield* server.authorization.ask(attributesOf(user, spec));
  const problems = [...(error === undefined ? [] : [error]), ...selectorProblems(spec)];
  return answered(request, {
    allowed: verdict === 'allow',
    ...(verdict === 'deny' && { denied: true }),
    ...(reason !== '' && { reason }),
    ...(problems.length > 0 && { evaluationError: problems.join('; ') }),
  });
}

/** SelfSubjectAccessReview. */
export function* reviewSelfAccess(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  refuseInvalid(request);
  return yield* decide(server, request, request.user, specOf(request));
}

/** SubjectAccessReview and LocalSubjectAccessReview. */
export function* reviewAccess(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  refuseInvalid(request);
  const spec = specOf(request);
  return yield* decide(server, request, { name: spec.user ?? '', groups: spec.groups ?? [], uid: spec.uid, extra: spec.extra }, spec);
}

/** SelfSubjectRulesReview. */
export function* reviewRules(server: ApiServer, request: ApiRequest): Call<ApiObject> {
  const { namespace } = specOf(request);
  if (!namespace) throw badRequest('no namespace on request');
  const { rules: all, problems } = server.authorization.rulesFor(request.user, namespace);
  const { metadata: _metadata, spec: _spec, ...sent } = request.body as ApiObject & { readonly spec: unknown };
  // Upstream answers with the rules alone, and does not say again for which namespace.
  request.body = { ...sent, spec: {} };
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
  if (!token) throw badRequest('token is required for TokenReview in authentication');
  const wanted = audiences && audiences.length > 0 ? audiences : (server.authenticator.options.serviceAccounts?.audiences ?? []);
  const found = server.authenticator.reviewToken(token, wanted);
  if ('problem' in found) return answered(request, { user: {}, error: found.problem });
  return answered(request, { authenticated: true, user: userInfoOf(found.user), audiences: wanted });
}
