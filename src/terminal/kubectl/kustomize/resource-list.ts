/** The resources of a kustomization in their order, no two with the same id. Upstream: api/resmap/reswrangler.go. */
import { parseSelector } from '../../../emulator/machinery/labels.ts';
import type { Json } from '../json.ts';
import { KustomizeError } from './error.ts';
import type { Selector } from './kustomization.ts';
import type { Resource } from './resource.ts';
import { effectiveNamespace, idText, isClusterScoped, type ResourceId, sameId } from './resource-id.ts';

export class ResourceList {
  #items: Resource[] = [];

  get items(): readonly Resource[] {
    return this.#items;
  }

  set items(items: readonly Resource[]) {
    this.#items = [...items];
  }

  append(resource: Resource): void {
    const { id } = resource;
    if (this.#items.some((one) => sameId(one.id, id)))
      throw new KustomizeError(`may not add resource with an already registered id: ${idText(id)}`);
    this.#items.push(resource);
  }

  appendAll(resources: readonly Resource[]): void {
    for (const resource of resources) this.append(resource);
  }

  /** Takes what a generator made: new, or in place of (or merged into) what has the same id. */
  absorb(resource: Resource): void {
    const { id } = resource;
    const matches = this.byAnyId((one) => sameId(one, id));
    if (matches.length > 1)
      throw new KustomizeError(`found multiple objects [${matches.map(jsonText).join(' ')}] that could accept merge of ${idText(id)}`);
    const [old] = matches;
    if (!old) {
      if (resource.behavior === 'create') return this.append(resource);
      throw new KustomizeError(`id ${goId(id)} does not exist; cannot merge or replace`);
    }
    if (resource.behavior === 'create') throw new KustomizeError(`id ${goId(id)} exists; behavior must be merge or replace`);
    resource.takeMetadataOf(old);
    if (resource.behavior === 'merge') {
      for (const field of ['data', 'binaryData']) {
        const merged = { ...old.object[field], ...resource.object[field] };
        if (Object.keys(merged).length > 0) resource.object[field] = merged;
      }
    }
    this.#items[this.#items.indexOf(old)] = resource;
  }

  byAnyId(matches: (id: ResourceId) => boolean): readonly Resource[] {
    return this.#items.filter((resource) => resource.ids.some(matches));
  }

  /** The one resource that a patch is meant for. */
  target(id: ResourceId): Resource {
    const found = this.byAnyId((one) => sameId(one, id));
    if (found.length === 1) return found[0]!;
    const problem = found.length > 1 ? 'multiple matches' : 'no matches';
    throw new KustomizeError(`${problem} for Id ${idText(id)}; failed to find unique target for patch ${idText(id)}`);
  }

  /** What a patch's or replacement's target selects: regular expressions for names and kinds, selectors for labels. */
  select(selector: Selector): readonly Resource[] {
    const patterns = Object.fromEntries(
      (['group', 'version', 'kind', 'name', 'namespace'] as const).map((field) => [field, anchored(selector[field])]),
    );
    const labels = parseSelector(selector.labelSelector ?? '');
    const annotations = parseSelector(selector.annotationSelector ?? '');
    const fits = (field: string, ...values: readonly string[]): boolean => values.some((value) => patterns[field]?.test(value) ?? true);
    return this.#items.filter((resource) => {
      const { id, originalId, object } = resource;
      return (
        fits('namespace', effectiveNamespace(originalId), effectiveNamespace(id)) &&
        fits('name', originalId.name, id.name) &&
        fits('group', id.group) &&
        fits('version', id.version) &&
        fits('kind', id.kind) &&
        labels.matches(object.metadata?.labels ?? {}) &&
        annotations.matches(object.metadata?.annotations ?? {})
      );
    });
  }

  /** What may be named by `referrer`: resources of its namespace and those without one. */
  referableBy(referrer: Resource): readonly Resource[] {
    if (isClusterScoped(referrer.id)) return this.#items;
    const subjects: readonly Json[] = referrer.object.kind === 'RoleBinding' ? (referrer.object.subjects ?? []) : [];
    const namespaces = new Set(
      subjects.filter((subject) => subject.kind === 'ServiceAccount').map((subject) => subject.namespace as string),
    );
    const own = effectiveNamespace(referrer.id);
    return this.#items.filter(
      ({ id }) => isClusterScoped(id) || effectiveNamespace(id) === own || (id.namespace !== '' && namespaces.has(id.namespace)),
    );
  }
}

function anchored(pattern: string | undefined): RegExp | undefined {
  if (!pattern) return undefined;
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    throw new KustomizeError(`error parsing regexp: invalid pattern: \`^(?:${pattern})$\``);
  }
}

const jsonText = (resource: Resource): string => JSON.stringify(resource.object);

/** An id as Go's %#v prints it. */
function goId({ group, version, kind, name, namespace }: ResourceId): string {
  const gvk = `resid.Gvk{Group:${JSON.stringify(group)}, Version:${JSON.stringify(version)}, Kind:${JSON.stringify(kind)}, isClusterScoped:${isClusterScoped({ group, kind })}}`;
  return `resid.ResId{Gvk:${gvk}, Name:${JSON.stringify(name)}, Namespace:${JSON.stringify(namespace)}}`;
}
