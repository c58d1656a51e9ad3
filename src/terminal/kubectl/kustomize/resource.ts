/** One resource while it is built: the object, and what it was called before. Upstream: api/resource/resource.go. */
import type { Json } from '../json.ts';
import { effectiveNamespace, groupVersion, gvkText, type ResourceId } from './resource-id.ts';

type Behavior = 'create' | 'merge' | 'replace';

export class Resource {
  /** Belongs to the build alone, so it is changed in place. Undefined once a patch has deleted it. */
  object: Json;
  /** Oldest first. */
  readonly previousIds: ResourceId[] = [];
  readonly prefixes: string[] = [];
  readonly suffixes: string[] = [];
  /** Names of vars whose value this resource holds. */
  readonly vars: string[] = [];
  /** What a generator does with a resource of the same name. */
  behavior: Behavior = 'create';
  needsHash = false;

  constructor(object: Json) {
    this.object = object;
  }

  get id(): ResourceId {
    const { kind, apiVersion, metadata } = this.object;
    return { ...groupVersion(apiVersion ?? ''), kind: kind ?? '', name: metadata?.name ?? '', namespace: metadata?.namespace ?? '' };
  }

  get originalId(): ResourceId {
    return this.ids[0]!;
  }

  /** Every name it had, and last its present one. */
  get ids(): readonly ResourceId[] {
    const { id } = this;
    // A patch may change the version; earlier names are looked up under the present one.
    return [...this.previousIds.map((previous) => ({ ...previous, group: id.group, version: id.version })), id];
  }

  /** Remembers what it is called now, before a transformer changes that. */
  rememberId(): void {
    const { id } = this;
    this.previousIds.push({ ...id, namespace: effectiveNamespace(id) });
  }

  get name(): string {
    return this.object.metadata?.name ?? '';
  }

  set name(name: string) {
    this.object.metadata = { ...this.object.metadata, name };
  }

  /** Takes the identity and the metadata that `other` has and this one lacks. */
  takeMetadataOf(other: Resource): void {
    const metadata = other.object.metadata ?? {};
    const own = this.object.metadata;
    for (const field of ['labels', 'annotations']) {
      const merged = { ...metadata[field], ...own[field] };
      if (Object.keys(merged).length > 0) own[field] = merged;
    }
    own.name = metadata.name;
    if (metadata.namespace) own.namespace = metadata.namespace;
    else delete own.namespace;
    this.needsHash &&= other.needsHash;
    this.previousIds.push(...other.previousIds);
    this.prefixes.push(...other.prefixes);
    this.suffixes.push(...other.suffixes);
    this.vars.push(...other.vars);
  }
}

/** Both lists end alike, as far as the shorter one goes. */
function sameEnding(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length);
  if (length === 0) return a.length === b.length;
  return a.slice(-length).every((item, i) => item === b.slice(-length)[i]);
}

/** Whether two resources were renamed in the same surroundings. */
export function sameContext(a: Resource, b: Resource, allowsEmpty: boolean): boolean {
  const alike = (x: readonly string[], y: readonly string[]): boolean =>
    (allowsEmpty && (x.length === 0 || y.length === 0)) || sameEnding(x, y);
  return alike(a.prefixes, b.prefixes) && alike(a.suffixes, b.suffixes);
}

const orderFirst = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];
const orderLast = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/** Namespaces first, webhooks last. Upstream: api/internal/builtins/SortOrderTransformer.go. */
export function legacyOrder(
  resources: readonly Resource[],
  order: { readonly first?: readonly string[]; readonly last?: readonly string[] } = { first: orderFirst, last: orderLast },
): Resource[] {
  const { first = [], last = [] } = order;
  const rank = ({ kind }: ResourceId): number => (first.includes(kind) ? first.indexOf(kind) - first.length : last.indexOf(kind) + 1);
  const gvkKey = (id: ResourceId): string => `${id.group || '~G'}_${id.version || '~V'}_${id.kind || '~K'}`;
  const nameKey = (id: ResourceId): string => `${gvkText(id)}|${id.namespace || '~X'}|${id.name || '~N'}`;
  return resources
    .map((resource) => ({ resource, id: resource.id }))
    .sort(({ id: a }, { id: b }) => rank(a) - rank(b) || compare(gvkKey(a), gvkKey(b)) || compare(nameKey(a), nameKey(b)))
    .map(({ resource }) => resource);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
