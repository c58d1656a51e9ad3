/** Role, ClusterRole, RoleBinding, ClusterRoleBinding. */
import type { Json } from '../json.ts';
import type { Page } from './page.ts';

export function writeRole(page: Page, object: Json): void {
  page.field(0, 'Name', object.metadata.name);
  page.labels('Labels', object.metadata.labels);
  page.annotations('Annotations', object.metadata.annotations);
  page.line(0, 'PolicyRule:');
  page.line(1, 'Resources\tNon-Resource URLs\tResource Names\tVerbs');
  page.line(1, '---------\t-----------------\t--------------\t-----');
  for (const row of compactRules(object.rules ?? []))
    page.line(1, `${row.resource}\t[${row.url}]\t[${row.name}]\t[${row.verbs.join(' ')}]`);
}

/** What is allowed of one resource, path or name. */
export interface Row {
  readonly group: string;
  readonly resource: string;
  /** The resource as it stands in the rule, without its group. */
  readonly bare: string;
  readonly url: string;
  readonly name: string;
  readonly verbs: string[];
}

/** A row for each resource and name, with their verbs joined, and one for each verb of each path. Upstream: BreakdownRule and CompactRules. */
export function compactRules(rules: readonly Json[]): readonly Row[] {
  const rows = new Map<string, Row>();
  const add = (group: string, bare: string, url: string, name: string, verb: string): void => {
    const key = [group, bare, url, name].join('\0');
    const row = rows.get(key) ?? { group, bare, resource: withGroup(bare, group), url, name, verbs: [] };
    if (!row.verbs.includes(verb)) row.verbs.push(verb);
    rows.set(key, row);
  };
  for (const rule of rules) {
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        for (const verb of rule.verbs)
          for (const name of rule.resourceNames?.length ? rule.resourceNames : ['']) add(group, resource, '', name, verb);
      }
    }
    for (const url of rule.nonResourceURLs ?? [])
      for (const verb of rule.verbs) rows.set(`path ${rows.size}`, { group: '', bare: '', resource: '', url, name: '', verbs: [verb] });
  }
  return [...rows.values()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** Upstream sorts rules by their text as protobuf prints it, which begins with the verbs. */
function sortKey({ verbs, group, bare, name, url }: Row): string {
  return `[${verbs.join(' ')}],APIGroups:[${group}],Resources:[${bare}],ResourceNames:[${name}],NonResourceURLs:[${url}],`;
}

/** `deployments.apps/scale`. */
function withGroup(resource: string, group: string): string {
  if (group === '') return resource;
  const [base, sub] = resource.split('/') as [string, string | undefined];
  return sub === undefined ? `${base}.${group}` : `${base}.${group}/${sub}`;
}

export function writeRoleBinding(page: Page, object: Json): void {
  page.field(0, 'Name', object.metadata.name);
  page.labels('Labels', object.metadata.labels);
  page.annotations('Annotations', object.metadata.annotations);
  page.line(0, 'Role:');
  page.field(1, 'Kind', object.roleRef.kind);
  page.field(1, 'Name', object.roleRef.name);
  page.line(0, 'Subjects:');
  page.line(1, 'Kind\tName\tNamespace');
  page.line(1, '----\t----\t---------');
  for (const subject of object.subjects ?? []) page.line(1, `${subject.kind}\t${subject.name}\t${subject.namespace ?? ''}`);
}
