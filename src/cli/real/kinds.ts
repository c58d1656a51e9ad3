/** Where kinds of v1.34 are served, as the emulator's descriptors say. */
import { apiVersionOf } from '../../emulator/api/kind.ts';
import { kinds } from '../../emulator/api/kinds.ts';

/** Undefined for kinds that are not built in. */
export function scopeOf(apiVersion: string, kind: string): 'namespaced' | 'cluster' | undefined {
  const found = kinds.find((one) => one.kind === kind && apiVersionOf(one) === apiVersion);
  return found && (found.isNamespaced ? 'namespaced' : 'cluster');
}

/** `/apis/apps/v1/namespaces/web/deployments`. */
export function collectionPath(resource: string, namespace: string): string {
  const version = apiVersionOf(kinds.find((kind) => kind.resource === resource)!);
  return `/${version.includes('/') ? 'apis' : 'api'}/${version}/namespaces/${namespace}/${resource}`;
}

export function isNamespaced(resource: string): boolean {
  return kinds.find((kind) => kind.resource === resource)!.isNamespaced;
}
