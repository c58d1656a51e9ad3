/** What tells resources apart: group, version, kind, name and namespace. Upstream: kyaml/resid. */

export interface Gvk {
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly kind?: string | undefined;
}

export interface ResourceId {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** Built-in kinds without a namespace, as kustomize's own OpenAPI document knows them. */
const clusterScoped: Readonly<Record<string, readonly string[]>> = {
  '': ['ComponentStatus', 'Namespace', 'Node', 'PersistentVolume'],
  'admissionregistration.k8s.io': [
    'MutatingWebhookConfiguration',
    'ValidatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
  ],
  'apiextensions.k8s.io': ['CustomResourceDefinition'],
  'apiregistration.k8s.io': ['APIService'],
  'certificates.k8s.io': ['CertificateSigningRequest'],
  'flowcontrol.apiserver.k8s.io': ['FlowSchema', 'PriorityLevelConfiguration'],
  'networking.k8s.io': ['IngressClass'],
  'node.k8s.io': ['RuntimeClass'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding'],
  'scheduling.k8s.io': ['PriorityClass'],
  'storage.k8s.io': ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment'],
};

export const isClusterScoped = ({ group, kind }: Pick<ResourceId, 'group' | 'kind'>): boolean =>
  clusterScoped[group]?.includes(kind) ?? false;

/** An absent namespace is `default`, unless the kind has none. */
export function effectiveNamespace(id: ResourceId): string {
  return isClusterScoped(id) ? '_non_namespaceable_' : id.namespace || 'default';
}

export function groupVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** Empty parts of a selector match everything. */
export function gvkMatches(id: Gvk, selector: Gvk): boolean {
  return (
    (!selector.group || selector.group === id.group) &&
    (!selector.version || selector.version === id.version) &&
    (!selector.kind || selector.kind === id.kind)
  );
}

export function idMatches(id: ResourceId, selector: Partial<ResourceId>): boolean {
  if (selector.name && selector.name !== id.name) return false;
  if (selector.namespace && effectiveNamespace({ ...id, namespace: selector.namespace }) !== effectiveNamespace(id)) return false;
  return gvkMatches(id, selector);
}

export function sameId(a: ResourceId, b: ResourceId): boolean {
  return (
    a.name === b.name &&
    a.kind === b.kind &&
    a.group === b.group &&
    a.version === b.version &&
    effectiveNamespace(a) === effectiveNamespace(b)
  );
}

export function gvkText({ group, version, kind }: Gvk): string {
  return `${kind || '[noKind]'}.${version || '[noVer]'}.${group || '[noGrp]'}`;
}

/** `Deployment.v1.apps/web.[noNs]`. */
export function idText(id: Partial<ResourceId>): string {
  return `${gvkText(id)}/${id.name || '[noName]'}.${id.namespace || '[noNs]'}`;
}
