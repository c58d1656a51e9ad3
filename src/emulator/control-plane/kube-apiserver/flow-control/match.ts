/** Whether a FlowSchema is meant for a request: apiserver/pkg/util/flowcontrol/rule.go. */
import type { FlowSchema, FlowSchemaSpec } from '../../../api/generated/types.ts';
import type { Attributes } from '../authorization/attributes.ts';
import type { UserInfo } from '../request.ts';

type Rule = NonNullable<FlowSchemaSpec['rules']>[number];

const has = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list[0] === '*' || list.includes(value));

function isMeant({ kind, user, group, serviceAccount }: NonNullable<Rule['subjects']>[number], { name, groups }: UserInfo): boolean {
  if (kind === 'User') return user?.name === '*' || user?.name === name;
  if (kind === 'Group') return group?.name === '*' || (group !== undefined && groups.includes(group.name));
  const prefix = `system:serviceaccount:${serviceAccount?.namespace}:`;
  return serviceAccount?.name === '*' ? name.startsWith(prefix) : name === prefix + serviceAccount?.name;
}

function isUrlMeant(urls: readonly string[], path: string): boolean {
  return urls.some((url) => {
    if (url === '*' || url === path) return true;
    const prefix = url.replace(/\*$/, '');
    return path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
  });
}

function isRuleMeant(rule: Rule, { user, verb, group, resource, subresource, namespace, path }: Attributes): boolean {
  if (!rule.subjects?.some((subject) => isMeant(subject, user))) return false;
  if (resource === '') return rule.nonResourceRules?.some((one) => has(one.verbs, verb) && isUrlMeant(one.nonResourceURLs, path)) ?? false;
  const name = subresource === '' ? resource : `${resource}/${subresource}`;
  return (
    rule.resourceRules?.some(
      (one) =>
        has(one.verbs, verb) &&
        has(one.resources, name) &&
        has(one.apiGroups, group) &&
        (namespace === '' ? one.clusterScope === true : has(one.namespaces ?? [], namespace)),
    ) ?? false
  );
}

/** Whether one of the schema's rules is meant for the request. */
export const matches = ({ spec }: FlowSchema, attributes: Attributes): boolean =>
  spec?.rules?.some((rule) => isRuleMeant(rule, attributes)) ?? false;
