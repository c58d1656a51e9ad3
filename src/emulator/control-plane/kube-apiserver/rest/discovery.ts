/** Discovery: which groups, versions and resources there are, in the old form and in the aggregated one (endpoints/discovery). */
import { sha256 } from '@noble/hashes/sha2.js';
import type { ActionSubresource, ObjectSubresource } from '../../../api/kind.ts';
import { base64, bytesOf, toUint8Array, utf8 } from '../../../kernel/index.ts';
import { builtInPriority, compareVersions, customPriority, ownGroup } from '../aggregation/priorities.ts';
import type { Priority } from '../aggregation/priorities.ts';
import type { Registry, Resource } from '../registry.ts';

interface Group {
  readonly name: string;
  readonly versions: readonly { readonly version: string; readonly apiVersion: string; readonly resources: readonly Resource[] }[];
}

const priorityOf = (registry: Registry, name: string, version: string): Priority =>
  registry.farPriorities.get(`${name}/${version}`) ?? builtInPriority(name, version) ?? customPriority;

/** Groups stand in the order of their priority, the highest that a version asks for, the aggregator's own first. */
function rank(registry: Registry, { name, versions }: Group): number {
  if (name === ownGroup) return Number.POSITIVE_INFINITY;
  return Math.max(...versions.map(({ version }) => priorityOf(registry, name, version).group));
}

function groupsOf(registry: Registry): readonly Group[] {
  const groups = new Map<string, Map<string, Resource[]>>();
  for (const resource of registry.all) {
    if (resource.group === '') continue;
    let versions = groups.get(resource.group);
    if (!versions) groups.set(resource.group, (versions = new Map()));
    const known = versions.get(resource.version);
    if (known) known.push(resource);
    else versions.set(resource.version, [resource]);
  }
  return [...groups]
    .map(([name, versions]) => ({
      name,
      versions: [...versions]
        .map(([version, resources]) => ({ version, apiVersion: `${name}/${version}`, resources }))
        .sort(
          (a, b) =>
            priorityOf(registry, name, b.version).version - priorityOf(registry, name, a.version).version ||
            compareVersions(a.version, b.version),
        ),
    }))
    .sort((a, b) => rank(registry, b) - rank(registry, a) || (a.name < b.name ? -1 : 1));
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

/** `/api` */
export function coreVersions(address: string): object {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }] };
}

function groupObject({ name, versions }: Group): object {
  const list = versions.map(({ version, apiVersion }) => ({ groupVersion: apiVersion, version }));
  return { name, versions: list, preferredVersion: list[0] };
}

/** `/apis` */
export function groupList(registry: Registry): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(registry).map(groupObject) };
}

/** `/apis/<group>`, undefined when there is none. */
export function group(registry: Registry, name: string): object | undefined {
  const found = groupsOf(registry).find((candidate) => candidate.name === name);
  return found && { kind: 'APIGroup', apiVersion: 'v1', ...groupObject(found) };
}

function verbsOf(verbs: readonly string[]): readonly string[] {
  return [...verbs].sort();
}

function storageVersionHash({ group: name, version, kind }: Resource): string {
  return base64(bytesOf(sha256(toUint8Array(utf8(`${name}/${version}/${kind}`))).subarray(0, 8)));
}

function scaleKind(
  sub: ObjectSubresource<never> | ActionSubresource,
): { readonly group: string; readonly version: string; readonly kind: string } | undefined {
  if ('prepareForUpdate' in sub) return sub.as;
  return sub.group === undefined ? undefined : { group: sub.group, version: sub.version ?? 'v1', kind: sub.kind };
}

function resourceEntries(resource: Resource): { readonly name: string }[] {
  const { descriptor } = resource;
  const { singular, isNamespaced, kind, verbs, shortNames, categories } = descriptor;
  const entries: { readonly name: string }[] = [];
  entries.push({
    name: resource.resource,
    singularName: singular,
    namespaced: isNamespaced,
    kind,
    verbs: verbsOf(verbs),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(resource.store ? { storageVersionHash: storageVersionHash(resource) } : {}),
  } as { readonly name: string });
  for (const [name, sub] of Object.entries(descriptor.subresources)) {
    const as = scaleKind(sub as never);
    const own = 'kind' in sub ? sub.kind : kind;
    entries.push({
      name: `${resource.resource}/${name}`,
      singularName: '',
      namespaced: isNamespaced,
      ...(as ? { group: as.group, version: as.version } : {}),
      kind: as?.kind ?? own,
      verbs: verbsOf(sub.verbs),
    } as { readonly name: string });
  }
  return entries;
}

/** `/api/v1` and `/apis/<group>/<version>`, undefined when there is none. */
export function resourceList(registry: Registry, apiVersion: string): object | undefined {
  const resources = registry.all.filter((resource) => resource.apiVersion === apiVersion);
  if (resources.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    ...(apiVersion === 'v1' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersion,
    resources: resources.flatMap(resourceEntries).sort(byName),
  };
}

function aggregatedResource(resource: Resource): object {
  const { descriptor, group: groupName, version, kind } = resource;
  const { singular, isNamespaced, verbs, shortNames, categories, subresources } = descriptor;
  const subs = Object.entries(subresources)
    .map(([name, sub]) => {
      const as = scaleKind(sub as never) ?? { group: groupName, version, kind: 'kind' in sub ? sub.kind : kind };
      return { subresource: name, responseKind: { group: as.group, version: as.version, kind: as.kind }, verbs: verbsOf(sub.verbs) };
    })
    .sort((a, b) => (a.subresource < b.subresource ? -1 : 1));
  return {
    resource: resource.resource,
    responseKind: { group: groupName, version, kind },
    scope: isNamespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: verbsOf(verbs),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subs.length > 0 ? { subresources: subs } : {}),
  };
}

const byResource = (a: Resource, b: Resource): number => (a.resource < b.resource ? -1 : 1);

/** `/api` or `/apis` in the aggregated form, which saves kubectl a request for each group. */
export function aggregated(
  registry: Registry,
  isCore: boolean,
  stale: readonly { readonly group: string; readonly version: string }[],
  version: string,
): object {
  const core: Group = {
    name: '',
    versions: [{ version: 'v1', apiVersion: 'v1', resources: registry.all.filter((resource) => resource.group === '') }],
  };
  const items = (isCore ? [core] : groupsOf(registry)).map(({ name, versions }) => ({
    metadata: name === '' ? { creationTimestamp: null } : { name, creationTimestamp: null },
    versions: versions.map(({ version: served, resources }) => ({
      version: served,
      resources: [...resources].sort(byResource).map(aggregatedResource),
      freshness: 'Current',
    })),
  }));
  // A far server that does not answer is named, so that clients know what they miss.
  const missing = (isCore ? [] : stale).map(({ group: name, version: absent }) => ({
    metadata: { name, creationTimestamp: null },
    versions: [{ version: absent, freshness: 'Stale' }],
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items: [...items, ...missing] };
}
