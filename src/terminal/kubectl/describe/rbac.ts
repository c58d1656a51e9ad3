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
  for (const row of compactRules(object.rules ?? [])) page.line(1, `${row.resource}\t[${row.url}]\t[${row.name}]\t[${row.verbs.join(' ')}]`);
}

interface Row {
  readonly resource: string;
  readonly url: string;
  readonly name: string;
  readonly verbs: string[];
}

/** A row for each resource, path and name; verbs of the same one are joined. Upstream: BreakdownRule and CompactRules. */
function compactRules(rules: readonly Json[]): readonly Row[] {
  const rows = new Map<string, Row>();
  const add = (resource: string, url: string, name: string, verb: string): void => {
    const key = [resource, url, name].join('\0');
    const row = rows.get(key) ?? { resource, url, name, verbs: [] };
    row.verbs.push(verb);
    rows.set(key, row);
  };
  for (const rule of rules) {
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        for (const verb of rule.verbs) for (const name of rule.resourceNames?.length ? rule.resourceNames : ['']) add(withGroup(resource, group), '', name, verb);
      }
    }
    for (const url of rule.nonResourceURLs ?? []) for (const verb of rule.verbs) add('', url, '', verb);
  }
  // Upstream sorts rules by their text as protobuf prints it, which begins with the verbs.
  return [...rows.values()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function sortKey(row: Row): string {
  return `${row.verbs.map((verb) => `"${verb}",`).join('')}\0${row.resource}\0${row.name}\0${row.url}`;
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
