/** Who may do what, and through which bindings, as the page shows it. Looking asks the API server nothing that anybody could see. */
import type { ClusterRole, RoleBinding, SubjectAccessReviewSpec } from '../../emulator/api/generated/types.ts';
import { kinds } from '../../emulator/api/kinds.ts';
import { isComponent } from '../../emulator/control-plane/kube-apiserver/authentication/identity.ts';
import {
  isAccessDecision,
  missingWords,
  ruleWords,
  whereWords,
} from '../../emulator/control-plane/kube-apiserver/authorization/explain.ts';
import type { AccessDecision } from '../../emulator/control-plane/kube-apiserver/authorization/explain.ts';
import { compileRules } from '../../emulator/control-plane/kube-apiserver/authorization/rules.ts';
import type { LabCluster } from '../cluster.ts';
import type {
  AccessGraph,
  AccessQuestion,
  AccessRequest,
  AccessSubject,
  AccessView,
  BindingView,
  RefusalView,
  RoleView,
  RuleView,
} from './protocol.ts';

const maxRefusals = 20;
/** A picture of more than these is none. */
const maxBindings = 24;
const maxRules = 8;

const accountPrefix = 'system:serviceaccount:';

export function accessView(cluster: LabCluster, startMs: number, { subject, groups, request }: AccessQuestion): AccessView {
  return {
    subjects: subjectsOf(cluster),
    namespaces: cluster
      .list('namespaces')
      .map(({ metadata }) => metadata.name)
      .sort(),
    resources,
    refusals: refusalsOf(cluster, startMs),
    graph: subject && graphOf(cluster, { subject, groups: groups ?? groupsOf(cluster, subject), request: asked(request) }),
  };
}

const resources: readonly string[] = kinds
  .flatMap(({ resource, group, subresources }) =>
    ['', ...Object.keys(subresources)].map((sub) => `${resource}${group === '' ? '' : `.${group}`}${sub === '' ? '' : `/${sub}`}`),
  )
  .sort();

/** The subject that a user name stands for. */
function subjectOf(user: string): AccessSubject {
  const [namespace = '', name] = user.startsWith(accountPrefix) ? user.slice(accountPrefix.length).split(':') : [];
  return name === undefined ? { kind: 'User', name: user } : { kind: 'ServiceAccount', name, namespace };
}

const userNameOf = ({ kind, name, namespace }: AccessSubject): string =>
  kind === 'ServiceAccount' ? `${accountPrefix}${namespace}:${name}` : name;

const labelOf = ({ kind, name, namespace }: AccessSubject): string => `${kind} ${name}${namespace ? `/${namespace}` : ''}`;

function decisions(cluster: LabCluster): readonly { readonly id: number; readonly atMs: number; readonly data: AccessDecision }[] {
  const { latest = [] } = cluster.kernel.decisions ?? {};
  return latest.flatMap(({ id, atMs, data }) => (isAccessDecision(data) ? [{ id, atMs, data }] : []));
}

const bindingsOf = (cluster: LabCluster): readonly RoleBinding[] => [
  ...cluster.list('clusterrolebindings'),
  ...cluster.list('rolebindings'),
];

function subjectsOf(cluster: LabCluster): AccessView['subjects'] {
  const found = new Map<string, AccessSubject>();
  const add = (subject: AccessSubject): unknown => found.set(labelOf(subject), subject);
  for (const { data } of decisions(cluster)) add(subjectOf(data.user));
  for (const { metadata } of cluster.list('serviceaccounts'))
    add({ kind: 'ServiceAccount', name: metadata.name, namespace: metadata.namespace });
  for (const { subjects = [], metadata } of bindingsOf(cluster)) {
    for (const { kind, name, namespace } of subjects) {
      if (kind === 'ServiceAccount') add({ kind, name, namespace: namespace ?? metadata.namespace });
      else add({ kind: kind as 'User' | 'Group', name });
    }
  }
  return [...found.values()]
    .map((subject) => ({ ...subject, isSystem: isComponent(userNameOf(subject)) }))
    .sort((a, b) => Number(a.isSystem) - Number(b.isSystem) || (labelOf(a) < labelOf(b) ? -1 : 1));
}

function refusalsOf(cluster: LabCluster, startMs: number): readonly RefusalView[] {
  return decisions(cluster)
    .filter(({ data, atMs }) => !data.isAllowed && atMs >= startMs)
    .slice(-maxRefusals)
    .reverse()
    .map(({ id, atMs, data: { user, groups, verb, resource, namespace, name } }) => ({
      id,
      atMs: atMs - startMs,
      subject: subjectOf(user),
      groups,
      verb,
      resource,
      namespace,
      name,
    }));
}

/** Groups that the API server gives to a subject; those of people stand in their credentials, which only a request shows. */
function groupsOf(cluster: LabCluster, { kind, name, namespace }: AccessSubject): readonly string[] {
  if (kind === 'ServiceAccount') return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  if (kind === 'Group') return name === 'system:unauthenticated' ? [name] : [...new Set([name, 'system:authenticated'])];
  if (name === 'system:anonymous') return ['system:unauthenticated'];
  const latest = decisions(cluster).findLast(({ data }) => data.user === name);
  return latest?.data.groups ?? ['system:authenticated'];
}

interface Asked extends AccessRequest {
  readonly group: string;
  readonly plural: string;
  readonly subresource: string;
  /** '' for a resource. */
  readonly path: string;
}

/** A request as it was typed, in its parts. A kind of a group may be named without it, as kubectl lets one. */
function asked(request: AccessRequest | undefined): Asked | undefined {
  const verb = request?.verb.trim() ?? '';
  const typed = request?.resource.trim() ?? '';
  if (!request || verb === '' || typed === '') return undefined;
  if (typed.startsWith('/')) return { ...request, verb, namespace: '', name: '', path: typed, group: '', plural: '', subresource: '' };
  const [before = '', subresource = ''] = typed.split('/');
  const [word = '', ...rest] = before.split('.');
  const known = rest.length === 0 ? kinds.find(({ resource, shortNames }) => resource === word || shortNames.includes(word)) : undefined;
  const { resource: plural, group } = known ?? { resource: word, group: rest.join('.') };
  const resource = `${plural}${group === '' ? '' : `.${group}`}${subresource === '' ? '' : `/${subresource}`}`;
  return {
    ...request,
    verb,
    resource,
    path: '',
    group,
    plural,
    subresource,
    namespace: known?.isNamespaced === false ? '' : request.namespace,
  };
}

interface Picked {
  readonly subject: AccessSubject;
  readonly groups: readonly string[];
  readonly request: Asked | undefined;
}

/** Which of the identities a subject of a binding names, -1 for none. */
function identityOf(
  { kind, name, namespace }: NonNullable<RoleBinding['subjects']>[number],
  at: string,
  identities: readonly AccessSubject[],
) {
  const home = namespace ?? at;
  return identities.findIndex((one) => one.kind === kind && one.name === name && (kind !== 'ServiceAccount' || one.namespace === home));
}

function graphOf(cluster: LabCluster, picked: Picked): AccessGraph {
  const { subject, groups, request } = picked;
  const own = subject.kind === 'Group' ? groups.filter((name) => name !== subject.name) : groups;
  const identities = [subject, ...own.map((name): AccessSubject => ({ kind: 'Group', name }))];
  const roles: RoleView[] = [];
  const bindings: BindingView[] = [];
  for (const binding of bindingsOf(cluster)) {
    const { metadata, roleRef, subjects = [] } = binding;
    const namespace = metadata.namespace ?? '';
    const found = new Set(subjects.map((one) => identityOf(one, namespace, identities)).filter((i) => i >= 0));
    if (found.size === 0) continue;
    const role = roleAt(roles, roleView(cluster, roleRef, namespace, request));
    const isElsewhere = request !== undefined && namespace !== '' && namespace !== request.namespace;
    const allows = request !== undefined && !isElsewhere && roles[role]!.rules.some(({ lacks }) => lacks?.length === 0);
    const kind = namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding';
    for (const identity of found) bindings.push({ kind, name: metadata.name, namespace, identity, role, isElsewhere, allows });
  }
  // What allows first, what holds elsewhere last; below that in the order of the identities.
  bindings.sort((a, b) => Number(b.allows) - Number(a.allows) || Number(a.isElsewhere) - Number(b.isElsewhere) || a.identity - b.identity);
  return packed({
    identities: identities.map(labelOf),
    bindings,
    roles,
    leftOut: Math.max(0, bindings.length - maxBindings),
    verdict: request && verdictOf(cluster, picked, request, bindings, roles),
  });
}

/** Without identities and roles that none of the listed bindings joins; the subject itself stays. */
function packed(graph: AccessGraph): AccessGraph {
  const bindings = graph.bindings.slice(0, maxBindings);
  const identities = [...new Set([0, ...bindings.map(({ identity }) => identity)])].sort((a, b) => a - b);
  const roles = [...new Set(bindings.map(({ role }) => role))];
  return {
    ...graph,
    identities: identities.map((i) => graph.identities[i]!),
    roles: roles.map((i) => graph.roles[i]!),
    bindings: bindings.map((binding) => ({
      ...binding,
      identity: identities.indexOf(binding.identity),
      role: roles.indexOf(binding.role),
    })),
  };
}

function roleAt(roles: RoleView[], role: RoleView): number {
  const known = roles.findIndex(({ kind, name, namespace }) => kind === role.kind && name === role.name && namespace === role.namespace);
  return known >= 0 ? known : roles.push(role) - 1;
}

function roleView(cluster: LabCluster, { kind, name }: RoleBinding['roleRef'], at: string, request: Asked | undefined): RoleView {
  const namespace = kind === 'Role' ? at : '';
  const all: readonly ClusterRole[] = cluster.list(kind === 'Role' ? 'roles' : 'clusterroles');
  const role = all.find(({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === namespace);
  const rules = compileRules(role?.rules ?? undefined).map(
    (rule): RuleView => ({
      text: ruleWords(rule.source),
      lacks: request && rule.lacks(attributesOf(request)),
    }),
  );
  rules.sort((a, b) => (a.lacks?.length ?? 0) - (b.lacks?.length ?? 0));
  return { kind, name, namespace, isMissing: !role, rules: rules.slice(0, maxRules), leftOut: Math.max(0, rules.length - maxRules) };
}

const attributesOf = ({ verb, group, plural, subresource, namespace, name, path }: Asked) => ({
  user: { name: '', groups: [] },
  verb,
  group,
  version: '',
  resource: plural,
  subresource,
  namespace,
  name,
  path,
});

function verdictOf(
  cluster: LabCluster,
  { subject, groups }: Picked,
  request: Asked,
  bindings: readonly BindingView[],
  roles: readonly RoleView[],
): AccessGraph['verdict'] {
  const { verb, group, plural, subresource, namespace, name, path } = request;
  const spec: SubjectAccessReviewSpec = {
    user: subject.kind === 'Group' ? '' : userNameOf(subject),
    groups: [...groups],
    ...(path === ''
      ? { resourceAttributes: { verb, group, resource: plural, subresource, namespace, name } }
      : { nonResourceAttributes: { verb, path } }),
  };
  let answer: { readonly allowed: boolean; readonly reason: string };
  try {
    answer = cluster.review(spec);
  } catch {
    return undefined;
  }
  const through = bindings.find(({ allows }) => allows);
  if (!answer.allowed) return { isAllowed: false, sentence: missingWords(request) };
  if (groups.includes('system:masters'))
    return { isAllowed: true, sentence: 'The group system:masters may do everything: RBAC is not asked.' };
  if (through) return { isAllowed: true, sentence: allowedWords(through, roles[through.role]!) };
  return { isAllowed: true, sentence: answer.reason || 'Another authorizer than RBAC allows it.' };
}

function allowedWords({ kind, name, namespace }: BindingView, role: RoleView): string {
  const rule = role.rules.find(({ lacks }) => lacks?.length === 0)!;
  return `${kind} ${name} gives ${role.kind} ${role.name} ${whereWords(namespace)}, and its rule "${rule.text}" allows it.`;
}
