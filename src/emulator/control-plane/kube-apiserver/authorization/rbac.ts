/**
 * The RBAC authorizer: the rules of the roles that bindings give to a user, found through an index by subject.
 * Upstream: plugin/pkg/auth/authorizer/rbac/rbac.go and pkg/registry/rbac/validation/rule.go.
 *
 * The index is made again when a role or binding has changed since; what a user may do is then worked out once.
 */
import type { ApiObject } from '../../../machinery/objects.ts';
import type { UserInfo } from '../request.ts';
import type { ResourceStore } from '../storage/resource-store.ts';
import { noOpinion } from './attributes.ts';
import type { Attributes, Authorizer, Decision } from './attributes.ts';
import { compileRules } from './rules.ts';
import type { CompiledRule, PolicyRule } from './rules.ts';

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly apiGroup?: string | undefined;
}

interface Binding extends ApiObject {
  readonly subjects?: readonly Subject[] | undefined;
  readonly roleRef: { readonly kind: string; readonly name: string };
}

export interface Role extends ApiObject {
  readonly rules?: readonly PolicyRule[] | undefined;
  /** Of a ClusterRole whose rules a controller gathers. */
  readonly aggregationRule?: unknown;
}

/** One binding as one subject has it. */
interface Grant {
  readonly binding: Binding;
  readonly subject: Subject;
}

/** A rule with whom it comes from. */
export interface GrantedRule {
  readonly rule: CompiledRule;
  readonly grant: Grant;
}

interface UserRules {
  readonly generation: number;
  readonly byNamespace: Map<string, { readonly rules: readonly GrantedRule[]; readonly errors: readonly string[] }>;
}

export interface RbacStores {
  readonly roles: ResourceStore;
  readonly clusterRoles: ResourceStore;
  readonly roleBindings: ResourceStore;
  readonly clusterRoleBindings: ResourceStore;
}

const serviceAccountPrefix = 'system:serviceaccount:';

export class RbacAuthorizer implements Authorizer {
  readonly #stores: RbacStores;
  /** By namespace ('' for the whole cluster), then by subject. */
  #grants = new Map<string, Map<string, Grant[]>>();
  #generation = -1;
  readonly #users = new WeakMap<UserInfo, UserRules>();

  constructor(stores: RbacStores) {
    this.#stores = stores;
  }

  authorize(attributes: Attributes): Decision {
    const cluster = this.#rulesIn(attributes.user, '');
    const found = findRule(cluster.rules, attributes);
    if (found) return allowed(found);
    if (attributes.namespace === '') return undecided(cluster.errors);
    const local = this.#rulesIn(attributes.user, attributes.namespace);
    const inNamespace = findRule(local.rules, attributes);
    return inNamespace ? allowed(inNamespace) : undecided([...cluster.errors, ...local.errors]);
  }

  /** All rules that a user has, those of the cluster first; with what went wrong in finding them. */
  rulesFor(user: UserInfo, namespace: string): { readonly rules: readonly GrantedRule[]; readonly errors: readonly string[] } {
    const cluster = this.#rulesIn(user, '');
    if (namespace === '') return cluster;
    const local = this.#rulesIn(user, namespace);
    return { rules: [...cluster.rules, ...local.rules], errors: [...cluster.errors, ...local.errors] };
  }

  /** Namespaces whose bindings would allow the same there. */
  namespacesThatAllow(attributes: Attributes): readonly string[] {
    this.#refresh();
    return [...this.#grants.keys()]
      .filter((namespace) => namespace !== '' && namespace !== attributes.namespace)
      .filter((namespace) => findRule(this.#rulesIn(attributes.user, namespace).rules, { ...attributes, namespace }))
      .sort();
  }

  /** The rules of a role as a binding in `namespace` names it; undefined when it does not exist. */
  roleRules({ kind, name }: Binding['roleRef'], namespace: string): readonly PolicyRule[] | undefined {
    const role = kind === 'Role' ? this.#stores.roles.get(namespace, name) : this.#stores.clusterRoles.get('', name);
    return role && ((role as Role).rules ?? []);
  }

  #rulesIn(user: UserInfo, namespace: string): { readonly rules: readonly GrantedRule[]; readonly errors: readonly string[] } {
    this.#refresh();
    let known = this.#users.get(user);
    if (known?.generation !== this.#generation) this.#users.set(user, (known = { generation: this.#generation, byNamespace: new Map() }));
    let found = known.byNamespace.get(namespace);
    if (!found) known.byNamespace.set(namespace, (found = this.#collect(user, namespace)));
    return found;
  }

  #collect(user: UserInfo, namespace: string): { readonly rules: readonly GrantedRule[]; readonly errors: readonly string[] } {
    const rules: GrantedRule[] = [];
    const errors: string[] = [];
    const index = this.#grants.get(namespace);
    if (!index) return { rules, errors };
    const keys = [`User/${user.name}`, ...user.groups.map((group) => `Group/${group}`)];
    for (const grant of keys.flatMap((key) => index.get(key) ?? [])) {
      const source = this.roleRules(grant.binding.roleRef, namespace);
      if (source) for (const rule of compileRules(source)) rules.push({ rule, grant });
      else errors.push(`${grant.binding.roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io "${grant.binding.roleRef.name}" not found`);
    }
    return { rules, errors };
  }

  #refresh(): void {
    const { roles, clusterRoles, roleBindings, clusterRoleBindings } = this.#stores;
    const generation = Math.max(
      roles.keyspace.revision,
      clusterRoles.keyspace.revision,
      roleBindings.keyspace.revision,
      clusterRoleBindings.keyspace.revision,
    );
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#grants = new Map();
    for (const { value } of clusterRoleBindings.list('')) this.#index('', value as Binding);
    for (const { value } of roleBindings.list('')) this.#index((value as Binding).metadata.namespace!, value as Binding);
  }

  #index(namespace: string, binding: Binding): void {
    let index = this.#grants.get(namespace);
    if (!index) this.#grants.set(namespace, (index = new Map()));
    for (const subject of binding.subjects ?? []) {
      const key = subjectKey(subject, namespace);
      const grants = index.get(key);
      if (grants) grants.push({ binding, subject });
      else index.set(key, [{ binding, subject }]);
    }
  }
}

function subjectKey({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  if (kind === 'ServiceAccount') return `User/${serviceAccountPrefix}${namespace || bindingNamespace}:${name}`;
  return `${kind}/${name}`;
}

function findRule(rules: readonly GrantedRule[], attributes: Attributes): GrantedRule | undefined {
  for (const granted of rules) if (granted.rule.allows(attributes)) return granted;
  return undefined;
}

function allowed({ grant }: GrantedRule): Decision {
  return { verdict: 'allow', reason: `RBAC: allowed by ${describe(grant)}` };
}

function undecided(errors: readonly string[]): Decision {
  if (errors.length === 0) return noOpinion;
  const unlike = [...new Set(errors)];
  return { verdict: 'none', reason: `RBAC: ${unlike.length === 1 ? unlike[0] : `[${unlike.join(', ')}]`}` };
}

/** As upstream describes a binding in the audit log. */
export function describe({ binding, subject }: Grant): string {
  const { name, namespace } = binding.metadata;
  const whom = subject.kind === 'ServiceAccount' ? `"${subject.name}/${subject.namespace ?? ''}"` : `"${subject.name}"`;
  const which = namespace ? `RoleBinding "${name}/${namespace}"` : `ClusterRoleBinding "${name}"`;
  return `${which} of ${binding.roleRef.kind} "${binding.roleRef.name}" to ${subject.kind} ${whom}`;
}
