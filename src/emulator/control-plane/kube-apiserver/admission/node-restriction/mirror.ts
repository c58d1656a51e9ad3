/** What a mirror Pod may not contain: it stands for a Pod that runs without the API server. */
import type { Pod } from '../../../../api/generated/types.ts';

export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** Undefined when the mirror Pod of a node is in order. */
export function problemWithMirror(node: string, { metadata, spec }: Pod): string | undefined {
  const owners = metadata.ownerReferences ?? [];
  const [owner] = owners;
  if (owners.length !== 1) return `node "${node}" can only create pods with a single owner reference set to itself`;
  if (owner!.apiVersion !== 'v1' || owner!.kind !== 'Node' || owner!.name !== node)
    return `node "${node}" can only create pods with an owner reference set to itself`;
  if (!owner!.controller) return `node "${node}" can only create pods with a controller owner reference set to itself`;
  if (owner!.blockOwnerDeletion) return `node "${node}" must not set blockOwnerDeletion on an owner reference`;
  if (spec?.serviceAccountName) return `node "${node}" can not create pods that reference a service account`;
  const volumes = spec?.volumes ?? [];
  if (volumes.some(({ secret }) => secret)) return `node "${node}" can not create pods that reference secrets`;
  if (volumes.some(({ configMap }) => configMap)) return `node "${node}" can not create pods that reference configmaps`;
  if (volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim))
    return `node "${node}" can not create pods that reference persistentvolumeclaims`;
  return undefined;
}
