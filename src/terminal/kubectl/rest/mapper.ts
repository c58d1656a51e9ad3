/** From what a user types (`po`, `deploy.apps`, `deployments.v1.apps`, `all`) or a manifest says (apiVersion, kind) to a resource of the server. */
import type { Call } from '../../../emulator/kernel/index.ts';
import { NoResourceMatch } from '../errors.ts';
import type { ApiResource, Discovery } from './discovery.ts';

export class RestMapper {
  #discovery: Discovery;
  #isFresh: boolean;
  readonly #refresh: () => Call<Discovery>;

  /** `refresh` asks the server again: what is unknown may be new. */
  constructor(discovery: Discovery, options: { readonly isFresh: boolean; readonly refresh: () => Call<Discovery> }) {
    this.#discovery = discovery;
    this.#isFresh = options.isFresh;
    this.#refresh = options.refresh;
  }

  /** Asks the server anew, however young what is known may be. */
  *renew(): Call<void> {
    if (this.#isFresh) return;
    this.#isFresh = true;
    this.#discovery = yield* this.#refresh();
  }

  get discovery(): Discovery {
    return this.#discovery;
  }

  /** The resource for a word. Throws NoResourceMatch. */
  *resource(word: string): Call<ApiResource> {
    const found = yield* this.#look(() => this.#find(word));
    if (!found) throw new NoResourceMatch(word.split('.')[0]!);
    return found;
  }

  /** The resource that a manifest's apiVersion and kind name; undefined if the server has none. */
  *kind(apiVersion: string, kind: string): Call<ApiResource | undefined> {
    const slash = apiVersion.indexOf('/');
    const group = slash < 0 ? '' : apiVersion.slice(0, slash);
    const version = apiVersion.slice(slash + 1);
    return yield* this.#look(() => this.#discovery.resources.find((r) => r.kind === kind && r.group === group && r.version === version));
  }

  /** The resources of a category such as `all`, empty if there is no such category. */
  category(word: string): readonly ApiResource[] {
    return this.#preferred().filter((resource) => resource.categories.includes(word));
  }

  /** One version of each resource: the group's preferred one if it has it. */
  preferred(): readonly ApiResource[] {
    return this.#preferred();
  }

  *#look<T>(find: () => T | undefined): Call<T | undefined> {
    const found = find();
    if (found !== undefined || this.#isFresh) return found;
    this.#isFresh = true;
    this.#discovery = yield* this.#refresh();
    return find();
  }

  #preferred(): ApiResource[] {
    const seen = new Set<string>();
    return this.#discovery.resources.filter((resource) => {
      const key = `${resource.resource}.${resource.group}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  }

  #find(word: string): ApiResource | undefined {
    const lower = word.toLowerCase();
    const [name, ...rest] = lower.split('.') as [string, ...string[]];
    const group = rest.join('.');
    const groupBehindVersion = rest.slice(1).join('.');
    // Upstream loses the version when it looks up what a short name is short for.
    const isVersion = (version: string): boolean => version === rest[0] || this.#isShort(name);
    const versioned = rest.length > 0 ? this.#named(name, (r) => isVersion(r.version) && r.group === groupBehindVersion) : undefined;
    if (versioned) return versioned;
    // A group may be shortened, as in `deployments.ap`; the whole name wins.
    return rest.length === 0
      ? this.#named(name, () => true)
      : (this.#named(name, (r) => r.group === group) ?? this.#named(name, (r) => r.group.startsWith(group)));
  }

  #isShort(name: string): boolean {
    const { resources } = this.#discovery;
    return !resources.some((r) => r.resource === name || r.singular === name) && resources.some((r) => r.shortNames.includes(name));
  }

  #named(name: string, accepts: (resource: ApiResource) => boolean): ApiResource | undefined {
    const candidates = this.#discovery.resources.filter(accepts);
    return (
      candidates.find((r) => r.resource === name) ??
      candidates.find((r) => r.singular === name) ??
      candidates.find((r) => r.shortNames.includes(name)) ??
      candidates.find((r) => r.kind.toLowerCase() === name)
    );
  }
}

/** `deployments.apps`, or `pods` of the core group. */
export function groupResource(resource: ApiResource): string {
  return resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`;
}

/** `Deployment.apps`, or `Pod`: how Go prints a GroupKind. */
export function kindText(resource: ApiResource): string {
  return resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
}

/** `deployment.apps`, or `pod`: what stands before a name in messages. */
export function groupKind(resource: { readonly kind: string; readonly group: string }): string {
  return (resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`).toLowerCase();
}

export function apiVersionOf(resource: ApiResource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** The URL path of a resource, of one object, or of its subresource. */
export function resourcePath(
  resource: ApiResource,
  options: { readonly namespace?: string | undefined; readonly name?: string | undefined; readonly subresource?: string | undefined },
): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.isNamespaced && options.namespace ? `/namespaces/${options.namespace}` : '';
  const name = options.name === undefined ? '' : `/${encodeURIComponent(options.name)}`;
  return `${root}${scope}/${resource.resource}${name}${options.subresource ? `/${options.subresource}` : ''}`;
}
