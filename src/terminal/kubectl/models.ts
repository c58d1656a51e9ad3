/** Which model of the generated schema a built-in kind has; none for kinds from CustomResourceDefinitions. */
import { hasModel } from '../../emulator/machinery/schema.ts';
import type { ApiResource } from './rest/discovery.ts';

/** Groups of Kubernetes itself have no dot, or end in k8s.io. */
export function modelOf({ group, kind }: Pick<ApiResource, 'group' | 'kind'>): string | undefined {
  const isBuiltIn = !group.includes('.') || group.endsWith('.k8s.io');
  return isBuiltIn && hasModel(kind) ? kind : undefined;
}
