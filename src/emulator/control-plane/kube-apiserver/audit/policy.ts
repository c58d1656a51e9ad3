/** Which requests are kept, and how much of them. Upstream: apiserver/pkg/audit/policy/checker.go. */
import type { UserInfo } from '../request.ts';

export const levels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type Level = (typeof levels)[number];
export const stages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type Stage = (typeof stages)[number];

export interface PolicyRule {
  readonly level: Level;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly {
    readonly group?: string;
    readonly resources?: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly Stage[];
  readonly omitManagedFields?: boolean;
}

/** audit.k8s.io/v1 Policy. */
export interface AuditPolicy {
  readonly rules: readonly PolicyRule[];
  readonly omitStages?: readonly Stage[];
  readonly omitManagedFields?: boolean;
}

/** What rules look at. */
export interface PolicyAttributes {
  readonly user: UserInfo | undefined;
  readonly verb: string;
  readonly group: string;
  /** '' for a path that is no resource. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
}

export interface AuditConfig {
  readonly level: Level;
  readonly omitStages: ReadonlySet<Stage>;
  readonly omitManagedFields: boolean;
}

/** The first rule that matches decides; without one nothing is kept. */
export function configFor(policy: AuditPolicy, attributes: PolicyAttributes): AuditConfig {
  const rule = policy.rules.find((candidate) => matches(candidate, attributes));
  return {
    level: rule?.level ?? 'None',
    omitStages: new Set([...(policy.omitStages ?? []), ...(rule?.omitStages ?? [])]),
    omitManagedFields: rule?.omitManagedFields ?? policy.omitManagedFields ?? false,
  };
}

const isEmpty = (list: readonly unknown[] | undefined): boolean => !list || list.length === 0;

function matches(rule: PolicyRule, attributes: PolicyAttributes): boolean {
  const { user, verb, resource, namespace, path } = attributes;
  if (!isEmpty(rule.users) && !(user && rule.users!.includes(user.name))) return false;
  if (!isEmpty(rule.userGroups) && !user?.groups.some((group) => rule.userGroups!.includes(group))) return false;
  if (!isEmpty(rule.verbs) && !rule.verbs!.includes(verb)) return false;
  if (!isEmpty(rule.namespaces) || !isEmpty(rule.resources)) {
    if (resource === '') return false;
    if (!isEmpty(rule.namespaces) && !rule.namespaces!.includes(namespace)) return false;
    return isEmpty(rule.resources) || rule.resources!.some((entry) => matchesResource(entry, attributes));
  }
  if (!isEmpty(rule.nonResourceURLs)) return resource === '' && rule.nonResourceURLs!.some((spec) => matchesPath(path, spec));
  return true;
}

function matchesPath(path: string, spec: string): boolean {
  return spec === '*' || spec === path || (spec.endsWith('*') && path.startsWith(spec.replace(/\*+$/, '')));
}

function matchesResource(
  { group = '', resources, resourceNames }: NonNullable<PolicyRule['resources']>[number],
  { group: asked, resource, subresource, name }: PolicyAttributes,
): boolean {
  if (group !== asked) return false;
  if (isEmpty(resources)) return true;
  if (!isEmpty(resourceNames) && !resourceNames!.includes(name)) return false;
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  return resources!.some(
    (pattern) =>
      pattern === '*' ||
      pattern === combined ||
      (subresource !== '' && pattern === `*/${subresource}`) ||
      (pattern.endsWith('/*') && pattern.slice(0, -2) === resource),
  );
}
