/** Whether a webhook or policy is about a request: rules and selectors. Upstream: apiserver/pkg/admission/plugin/webhook/predicates. */
import type { MatchResources, NamedRuleWithOperations, RuleWithOperations } from '../../../api/generated/types.ts';
import { selectorFromObject } from '../../../machinery/labels.ts';
import type { LabelSelectorObject } from '../../../machinery/labels.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import type { ApiServer } from '../server.ts';
import type { AdmissionAttributes } from './plugin.ts';

const allows = (list: readonly string[] | undefined, value: string): boolean => list?.some((one) => one === '*' || one === value) ?? false;

const isNamespaceRequest = ({ request: { resource } }: AdmissionAttributes): boolean =>
  resource.group === '' && resource.resource === 'namespaces';

/** The namespace that selectors look at; that of a Namespace is itself. */
const namespaceOf = (attributes: AdmissionAttributes): string =>
  isNamespaceRequest(attributes) ? nameOf(attributes) : attributes.request.namespace;

export const nameOf = ({ request, object }: AdmissionAttributes): string => request.name || (object.metadata?.name ?? '');

/** The resource of a rule may name another version of the group that serves the same objects (matchPolicy: Equivalent). */
export function ruleMatches(rule: RuleWithOperations, attributes: AdmissionAttributes, isExact: boolean, server: ApiServer): boolean {
  const { request, operation } = attributes;
  const { group, version, resource } = request.resource;
  if (!allows(rule.operations, operation) || !allows(rule.apiGroups, group) || !scopeMatches(rule.scope, attributes)) return false;
  const isVersion =
    allows(rule.apiVersions, version) ||
    (!isExact && (rule.apiVersions ?? []).some((other) => server.registry.find(group === '' ? other : `${group}/${other}`, resource)));
  return isVersion && (rule.resources ?? []).some((text) => resourceMatches(text, resource, request.subresource));
}

function resourceMatches(text: string, resource: string, subresource: string): boolean {
  const [wanted, sub = ''] = text.split('/') as [string, string | undefined];
  return (wanted === '*' || wanted === resource) && (sub === '*' || sub === subresource);
}

function scopeMatches(scope: string | undefined, attributes: AdmissionAttributes): boolean {
  if (scope === undefined || scope === '*') return true;
  const isCluster = isNamespaceRequest(attributes) || attributes.request.namespace === '';
  return (scope === 'Cluster') === isCluster;
}

/** Whether the labels of the object's namespace are selected; cluster-scoped objects always are. */
export function namespaceMatches(server: ApiServer, selector: LabelSelectorObject | undefined, attributes: AdmissionAttributes): boolean {
  const namespace = namespaceOf(attributes);
  if (namespace === '' || isEmpty(selector)) return true;
  const labels = isNamespaceRequest(attributes)
    ? attributes.object.metadata?.labels
    : server.store('namespaces').get('', namespace)?.metadata.labels;
  return selectorFromObject(selector).matches(labels);
}

/** Whether the object, or what it was, is selected by its own labels. */
export function objectMatches(selector: LabelSelectorObject | undefined, { object, previous }: AdmissionAttributes): boolean {
  if (isEmpty(selector)) return true;
  const chosen = selectorFromObject(selector);
  return [object, previous].some((one: ApiObject | undefined) => one?.metadata !== undefined && chosen.matches(one.metadata.labels));
}

function isEmpty(selector: LabelSelectorObject | undefined): boolean {
  return !selector || (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0);
}

/** Whether a policy or binding is about the request. */
export function resourcesMatch(server: ApiServer, match: MatchResources | undefined, attributes: AdmissionAttributes): boolean {
  if (!match) return true;
  if (!namespaceMatches(server, match.namespaceSelector, attributes) || !objectMatches(match.objectSelector, attributes)) return false;
  const isExact = match.matchPolicy === 'Exact';
  const names = (rule: NamedRuleWithOperations): boolean =>
    (rule.resourceNames?.length ?? 0) === 0 || rule.resourceNames!.includes(nameOf(attributes));
  const fits = (rule: NamedRuleWithOperations): boolean => names(rule) && ruleMatches(rule, attributes, isExact, server);
  if (match.excludeResourceRules?.some(fits)) return false;
  return (match.resourceRules?.length ?? 0) === 0 || match.resourceRules!.some(fits);
}
