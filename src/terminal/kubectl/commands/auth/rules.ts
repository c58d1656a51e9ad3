/** Rules of RBAC taken apart: which permissions a list of rules has that another one lacks. Upstream: component-helpers/auth/rbac/validation. */
import type { Json } from '../../json.ts';

/** The permissions of `rules` that `owner` does not give, each as a rule of its own. */
export function missingRules(owner: readonly Json[], rules: readonly Json[]): readonly Json[] {
  return rules.flatMap(breakDown).filter((rule) => !owner.some((one) => covers(one, rule)));
}

/** A rule for each single permission. */
function breakDown({ apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs = [] }: Json): Json[] {
  const found: Json[] = [];
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        const rule = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (resourceNames.length === 0) found.push(rule);
        for (const name of resourceNames) found.push({ ...rule, resourceNames: [name] });
      }
    }
  }
  for (const url of nonResourceURLs) for (const verb of verbs) found.push({ nonResourceURLs: [url], verbs: [verb] });
  return found;
}

/** Whether a rule gives the one permission of another. */
function covers(owner: Json, { apiGroups, resources, resourceNames, nonResourceURLs, verbs }: Json): boolean {
  const has = (list: readonly string[] | undefined, value: string): boolean => Boolean(list?.includes('*') || list?.includes(value));
  if (!has(owner.verbs, verbs[0])) return false;
  if (nonResourceURLs) {
    return (owner.nonResourceURLs ?? []).some(
      (url: string) => url === '*' || url === nonResourceURLs[0] || (url.endsWith('*') && nonResourceURLs[0].startsWith(url.slice(0, -1))),
    );
  }
  const [resource] = resources as [string];
  const slash = resource.indexOf('/');
  const isNamed = has(owner.resources, resource) || (slash > 0 && (owner.resources ?? []).includes(`*${resource.slice(slash)}`));
  if (!has(owner.apiGroups, apiGroups[0]) || !isNamed) return false;
  const names: readonly string[] = owner.resourceNames ?? [];
  return names.length === 0 || (resourceNames !== undefined && names.includes(resourceNames[0]));
}

/** A rule as Go's %+v prints it. */
export function goRule(rule: Json): string {
  const list = (items: readonly string[] | undefined): string => `[${(items ?? []).join(' ')}]`;
  return `{Verbs:${list(rule.verbs)} APIGroups:${list(rule.apiGroups)} Resources:${list(rule.resources)} ResourceNames:${list(rule.resourceNames)} NonResourceURLs:${list(rule.nonResourceURLs)}}`;
}

export function goSubject({ kind, apiGroup = '', name, namespace = '' }: Json): string {
  return `{Kind:${kind} APIGroup:${apiGroup} Name:${name} Namespace:${namespace}}`;
}
