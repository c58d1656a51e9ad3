/**
 * The short form in which this room writes rules: `verbs groups resources [names]`, lists with commas. The core group is
 * `core`; `-` for groups means that paths of the API follow instead of resources. `R` stands for reading, `W` for writing.
 */
import type { PolicyRule } from '../../../../api/generated/types.ts';

const sets: Readonly<Record<string, readonly string[]>> = {
  R: ['get', 'list', 'watch'],
  W: ['create', 'delete', 'deletecollection', 'patch', 'update'],
  RW: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
  U: ['get', 'list', 'patch', 'update', 'watch'],
};

/** What every component that reports Events may do. */
export const reportEvents = 'create,patch,update core,events.k8s.io events';

/** Reads one rule of the short form. */
export function readRule(text: string): PolicyRule {
  const [verbText, groupText, resourceText, nameText] = text.split(' ') as [string, string, string, string?];
  const verbs = sets[verbText] ?? verbText.split(',');
  if (groupText === '-') return { nonResourceURLs: resourceText.split(','), verbs };
  const apiGroups = groupText.split(',').map((group) => (group === 'core' ? '' : group));
  const resources = resourceText.split(',');
  return nameText === undefined ? { apiGroups, resources, verbs } : { apiGroups, resourceNames: nameText.split(','), resources, verbs };
}
