/** PolicyRules, compiled once for each list of rules. Upstream: pkg/apis/rbac/v1/evaluation_helpers.go. */
import type { Attributes } from './attributes.ts';

/** rbac.authorization.k8s.io/v1 PolicyRule. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[] | undefined;
  readonly resources?: readonly string[] | undefined;
  readonly resourceNames?: readonly string[] | undefined;
  readonly nonResourceURLs?: readonly string[] | undefined;
}

/** What of a request a rule does not cover. */
export type Lack = 'verb' | 'group' | 'resource' | 'name' | 'path';

interface Names {
  readonly all: boolean;
  readonly names: ReadonlySet<string>;
}

const namesOf = (list: readonly string[] | undefined): Names => ({ all: list?.includes('*') ?? false, names: new Set(list) });
const has = ({ all, names }: Names, name: string): boolean => all || names.has(name);

export class CompiledRule {
  readonly source: PolicyRule;
  readonly #verbs: Names;
  readonly #groups: Names;
  readonly #resources: Names;

  constructor(source: PolicyRule) {
    this.source = source;
    this.#verbs = namesOf(source.verbs);
    this.#groups = namesOf(source.apiGroups);
    this.#resources = namesOf(source.resources);
  }

  allows({ verb, group, resource, subresource, name, path }: Attributes): boolean {
    if (!has(this.#verbs, verb)) return false;
    if (resource === '') return this.#allowsPath(path);
    return has(this.#groups, group) && this.#allowsResource(resource, subresource) && this.#allowsName(name);
  }

  /** What keeps the rule from allowing a request; nothing when it does. */
  lacks({ verb, group, resource, subresource, name, path }: Attributes): readonly Lack[] {
    const lacks: Lack[] = [];
    if (!has(this.#verbs, verb)) lacks.push('verb');
    if (resource === '') return this.#allowsPath(path) ? lacks : [...lacks, 'path'];
    if (!has(this.#groups, group)) lacks.push('group');
    if (!this.#allowsResource(resource, subresource)) lacks.push('resource');
    if (!this.#allowsName(name)) lacks.push('name');
    return lacks;
  }

  #allowsResource(resource: string, subresource: string): boolean {
    if (subresource === '') return has(this.#resources, resource);
    if (this.#resources.all) return true;
    return this.#resources.names.has(`${resource}/${subresource}`) || this.#resources.names.has(`*/${subresource}`);
  }

  #allowsName(name: string): boolean {
    const { resourceNames } = this.source;
    return !resourceNames || resourceNames.length === 0 || resourceNames.includes(name);
  }

  #allowsPath(path: string): boolean {
    for (const url of this.source.nonResourceURLs ?? []) {
      if (url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)))) return true;
    }
    return false;
  }
}

const compiled = new WeakMap<readonly PolicyRule[], readonly CompiledRule[]>();

export function compileRules(rules: readonly PolicyRule[] | undefined): readonly CompiledRule[] {
  if (!rules) return [];
  let known = compiled.get(rules);
  if (!known) compiled.set(rules, (known = rules.map((rule) => new CompiledRule(rule))));
  return known;
}
