/** Whether rules hold what other rules hold. Upstream: component-helpers/auth/rbac/validation/policy_comparator.go. */
import type { PolicyRule } from './rules.ts';

/** A rule in parts of one verb on one resource, name or path each. */
function parts({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): PolicyRule[] {
  const out: PolicyRule[] = [];
  for (const verb of verbs) {
    for (const group of apiGroups) {
      for (const resource of resources) {
        const base = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (resourceNames.length === 0) out.push(base);
        else for (const name of resourceNames) out.push({ ...base, resourceNames: [name] });
      }
    }
    for (const url of nonResourceURLs) out.push({ verbs: [verb], nonResourceURLs: [url] });
  }
  return out;
}

const includes = (list: readonly string[] | undefined, item: string): boolean =>
  (list?.includes('*') ?? false) || (list?.includes(item) ?? false);

function covers(owned: PolicyRule, { verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): boolean {
  if (!includes(owned.verbs, verbs[0]!)) return false;
  if (nonResourceURLs) {
    const url = nonResourceURLs[0]!;
    return (owned.nonResourceURLs ?? []).some(
      (own) => own === '*' || own === url || (own.endsWith('*') && url.startsWith(own.slice(0, -1))),
    );
  }
  const [group, resource, name] = [apiGroups![0]!, resources![0]!, resourceNames?.[0]];
  const sub = resource.includes('/') ? `*/${resource.split('/')[1]}` : resource;
  if (!includes(owned.apiGroups, group) || !(includes(owned.resources, resource) || owned.resources?.includes(sub))) return false;
  if (!owned.resourceNames || owned.resourceNames.length === 0) return true;
  return name !== undefined && owned.resourceNames.includes(name);
}

/** The parts of rules that none of the owned rules covers. */
export function uncovered(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap(parts).filter((part) => !owned.some((rule) => covers(rule, part)));
}
