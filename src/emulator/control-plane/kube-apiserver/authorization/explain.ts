/** Why a request was allowed or not: what of RBAC was looked at, for those who ask later. Not of upstream, which only names the binding that allows. */
import type { Attributes, Decision } from './attributes.ts';
import type { GrantedRule, RbacAuthorizer } from './rbac.ts';
import type { Lack } from './rules.ts';

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
  /** With its group and subresource: `deployments.apps/scale`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly isAllowed: boolean;
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
  const { user, verb, group, resource, subresource, namespace, name } = attributes;
  const isAllowed = verdict === 'allow';
  const looked = rbac
    .rulesFor(user, namespace)
    .rules.filter(({ rule }) => (rule.source.resources?.length ?? 0) > 0)
    .map((granted) => lookedAt(granted, attributes));
  const rules = isAllowed
    ? looked.filter(({ lacks }) => lacks.length === 0).slice(0, 1)
    : looked.sort((a, b) => a.lacks.length - b.lacks.length).slice(0, maxRules);
  return {
    user: user.name,
    groups: user.groups,
    verb,
    resource: `${resource}${group === '' ? '' : `.${group}`}${subresource === '' ? '' : `/${subresource}`}`,
    namespace,
    name,
    isAllowed,
    reason,
    rules,
    elsewhere: isAllowed ? [] : rbac.namespacesThatAllow(attributes),
  };
}

function lookedAt({ rule, grant }: GrantedRule, attributes: Attributes): LookedAt {
  const { binding, subject } = grant;
  const { name, namespace } = binding.metadata;
  const { verbs, resources = [], apiGroups = [], resourceNames = [] } = rule.source;
  const groups = apiGroups.filter((group) => group !== '');
  const what = `${verbs.join(',')} ${resources.join(',')}`;
  const more = `${groups.length > 0 ? ` of ${groups.join(',')}` : ''}${resourceNames.length > 0 ? ` named ${resourceNames.join(',')}` : ''}`;
  return {
    binding: namespace ? `RoleBinding ${name}/${namespace}` : `ClusterRoleBinding ${name}`,
    role: `${binding.roleRef.kind} ${binding.roleRef.name}`,
    subject: `${subject.kind} ${subject.name}`,
    rule: what + more,
    lacks: rule.lacks(attributes),
  };
}
