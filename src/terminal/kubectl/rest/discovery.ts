/**
 * What kinds the server has: aggregated discovery (`/api`, `/apis`), kept on disk for six hours as kubectl keeps it, in
 * ~/.kube/cache/discovery/<server>. Upstream: client-go/discovery/cached/disk.
 */

import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import { isErrno, textOf, utf8 } from '../../../emulator/kernel/index.ts';
import type { Json } from '../json.ts';
import type { RestClient } from './rest-client.ts';

/** One resource of one version of a group. */
export interface ApiResource {
  readonly group: string;
  readonly version: string;
  /** Plural, as in URLs. */
  readonly resource: string;
  readonly kind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly isNamespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

interface ApiGroup {
  readonly name: string;
  /** The preferred one first. */
  readonly versions: readonly string[];
}

export interface Discovery {
  readonly groups: readonly ApiGroup[];
  readonly resources: readonly ApiResource[];
  /** Versions whose aggregated API server does not answer. */
  readonly stale: readonly string[];
}

const ttlMs = 6 * 3_600_000;
const accept =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

/** `fresh` asks the server even when the cache is young. */
export function* discover(sys: Sys, client: RestClient, options: { readonly fresh: boolean; readonly cacheDir: string }): Call<Discovery> {
  const path = `${options.cacheDir}/discovery/${client.host.replace(/[^A-Za-z0-9.]/g, '_')}/servergroups.json`;
  const cached = options.fresh ? undefined : readCache(sys, path);
  if (cached) return cached;
  const found = yield* ask(client);
  try {
    sys.fs.writeFile(sys.path(path), utf8(JSON.stringify(found)));
  } catch (error) {
    if (!isErrno(error)) throw error; // A read-only home directory costs only the cache.
  }
  return found;
}

function readCache(sys: Sys, path: string): Discovery | undefined {
  try {
    const inode = sys.fs.find(sys.path(path));
    if (inode?.kind !== 'file' || sys.nowMs - inode.mtimeMs > ttlMs) return undefined;
    return JSON.parse(textOf(inode.data)) as Discovery;
  } catch {
    return undefined; // A damaged cache is asked for again.
  }
}

function* ask(client: RestClient): Call<Discovery> {
  const groups: ApiGroup[] = [];
  const resources: ApiResource[] = [];
  const stale: string[] = [];
  for (const path of ['/api', '/apis']) {
    const answer = yield* client.request({ method: 'GET', path, query: { timeout: '32s' }, accept });
    if (answer?.kind === 'APIGroupDiscoveryList') readAggregated(answer, groups, resources, stale);
    else yield* readPlain(client, path, answer, groups, resources);
  }
  return { groups, resources, stale };
}

function readAggregated(answer: Json, groups: ApiGroup[], resources: ApiResource[], stale: string[]): void {
  for (const group of answer.items ?? []) {
    const name: string = group.metadata?.name ?? '';
    groups.push({ name, versions: group.versions.map((version: Json) => version.version) });
    for (const version of group.versions) {
      if (version.freshness === 'Stale') stale.push(`${name}/${version.version}`);
      for (const item of version.resources ?? []) {
        resources.push({
          group: name,
          version: version.version,
          resource: item.resource,
          kind: item.responseKind?.kind ?? '',
          singular: item.singularResource || (item.responseKind?.kind ?? '').toLowerCase(),
          shortNames: item.shortNames ?? [],
          categories: item.categories ?? [],
          isNamespaced: item.scope === 'Namespaced',
          verbs: item.verbs ?? [],
          subresources: (item.subresources ?? []).map((sub: Json) => sub.subresource),
        });
      }
    }
  }
}

/** A server without aggregated discovery is asked once for each version. */
function* readPlain(client: RestClient, path: string, answer: Json, groups: ApiGroup[], resources: ApiResource[]): Call<void> {
  const found: ApiGroup[] =
    answer?.kind === 'APIVersions'
      ? [{ name: '', versions: answer.versions }]
      : (answer?.groups ?? []).map((group: Json) => ({
          name: group.name,
          versions: group.versions.map((version: Json) => version.version),
        }));
  for (const group of found) {
    groups.push(group);
    for (const version of group.versions) {
      const list = yield* client.request({
        method: 'GET',
        path: group.name === '' ? `${path}/${version}` : `${path}/${group.name}/${version}`,
        query: { timeout: '32s' },
      });
      const items: readonly Json[] = list?.resources ?? [];
      for (const item of items) {
        if (item.name.includes('/')) continue;
        resources.push({
          group: group.name,
          version,
          resource: item.name,
          kind: item.kind,
          singular: item.singularName || item.kind.toLowerCase(),
          shortNames: item.shortNames ?? [],
          categories: item.categories ?? [],
          isNamespaced: item.namespaced,
          verbs: item.verbs ?? [],
          subresources: items.filter((sub) => sub.name.startsWith(`${item.name}/`)).map((sub) => sub.name.slice(item.name.length + 1)),
        });
      }
    }
  }
}
