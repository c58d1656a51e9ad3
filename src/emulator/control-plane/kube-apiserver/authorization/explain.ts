/** Why a request was allowed or not: what of RBAC was looked at, for those who ask later. Not of upstream, which only names the binding that allows. */
import type { Attributes, Decision } from './attributes.ts';
import type { GrantedRule, RbacAuthorizer } from './rbac.ts';
import type { Lack, PolicyRule } from './rules.ts';

/** One rule that somebody has, and what keeps it from allowing. */
export interface LookedAt {
  /** `RoleBinding reader/shop`. */
  readonly binding: string;
  /** `ClusterRole view`. */
  readonly role: string;
  /** To whom of the subjects: `Group auditors`. */
  readonly subject: string;
  /** `get,list pods,pods/log`. */
  readonly rule: string;
  readonly lacks: readonly Lack[];
}

/** What is kept of one question. */
export interface AccessDecision {
  readonly user: string;
  readonly groups: readonly string[];
  readonly verb: string;
  /** With its group and subresource: `deployments.apps/scale`; or a path that is no resource. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly isAllowed: boolean;
  /** A webhook said no, whatever RBAC would say. */
  readonly isDenied: boolean;
  /** The authorizer's own words. */
  readonly reason: string;
  /** The rule that allows, or all that do not, the nearest first. */
  readonly rules: readonly LookedAt[];
  /** Namespaces in which the same would be allowed. */
  readonly elsewhere: readonly string[];
}

/** How many rules are kept of a refusal. */
const maxRules = 20;

export function isAccessDecision(data: unknown): data is AccessDecision {
  return typeof data === 'object' && data !== null && 'isAllowed' in data && 'elsewhere' in data;
}

export function explainAccess(rbac: RbacAuthorizer, attributes: Attributes, { verdict, reason }: Decision): AccessDecision {
  const { user, verb, group, resource, subresource, namespace, name, path } = attributes;
  const isAllowed = verdict === 'allow';
  const looked = rbac
    .rulesFor(user, namespace)
    .rules.filter(({ rule: { source } }) => ((resource === '' ? source.nonResourceURLs : source.resources)?.length ?? 0) > 0)
    .map((granted) => lookedAt(granted, attributes));
  const rules = isAllowed
    ? looked.filter(({ lacks }) => lacks.length === 0).slice(0, 1)
    : looked.sort((a, b) => a.lacks.length - b.lacks.length).slice(0, maxRules);
  return {
    user: user.name,
    groups: user.groups,
    verb,
    resource: resource === '' ? path : `${resource}${group === '' ? '' : `.${group}`}${subresource === '' ? '' : `/${subresource}`}`,
    namespace,
    name,
    isAllowed,
    isDenied: verdict === 'deny',
    reason,
    rules,
    elsewhere: isAllowed ? [] : rbac.namespacesThatAllow(attributes),
  };
}

function lookedAt({ rule, grant }: GrantedRule, attributes: Attributes): LookedAt {
  const { binding, subject } = grant;
  const { name, namespace } = binding.metadata;
  return {
    binding: namespace ? `RoleBinding ${name}/${namespace}` : `ClusterRoleBinding ${name}`,
    role: `${binding.roleRef.kind} ${binding.roleRef.name}`,
    subject: `${subject.kind} ${subject.name}`,
    rule: ruleWords(rule.source),
    lacks: rule.lacks(attributes),
  };
}

/** A rule in one line: `get,list deployments of apps named web`, `get /healthz`. */
export function ruleWords({ verbs, resources = [], apiGroups = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): string {
  const groups = apiGroups.filter((group) => group !== '');
  const what = `${verbs.join(',')} ${[...resources, ...nonResourceURLs].join(',')}`;
  return `${what}${groups.length > 0 ? ` of ${groups.join(',')}` : ''}${resourceNames.length > 0 ? ` named ${resourceNames.join(',')}` : ''}`;
}

/** The rule that would have allowed it, in words. */
export function missingWords({ verb, resource, namespace }: Pick<AccessDecision, 'verb' | 'resource' | 'namespace'>): string {
  return `What is missing: a rule with the verb ${verb} for ${resource}, given ${whereWords(namespace)}.`;
}

export function whereWords(namespace: string): string {
  return namespace === '' ? 'in the whole cluster' : `in ${namespace}`;
}
