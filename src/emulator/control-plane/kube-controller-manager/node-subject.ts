import type { Node } from '../../api/generated/types.ts';
import type { EventSubject } from '../../client/index.ts';

/** What an Event about a Node names: controllers write its name as UID. */
export function aboutNode({ metadata: { name } }: Node): EventSubject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, namespace: undefined, uid: name } };
}
