/** kubectl create role, clusterrole, rolebinding, clusterrolebinding. Upstream: kubectl/pkg/cmd/create/create_role.go and its neighbours. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { CommandError, NoResourceMatch } from '../../errors.ts';
import type { Flag } from '../../flag-set.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { createGenerated, generatorFlags, nameOf } from './generated.ts';

const group = 'rbac.authorization.k8s.io';
const root = `/apis/${group}/v1`;
const standardVerbs = [
  '*',
  'get',
  'delete',
  'list',
  'create',
  'update',
  'patch',
  'watch',
  'proxy',
  'deletecollection',
  'use',
  'bind',
  'impersonate',
  'escalate',
];
const nonResourceVerbs = ['*', 'get', 'put', 'post', 'head', 'options', 'delete', 'patch'];

/** Verbs that only some resources have. */
const specialVerbs: Readonly<Record<string, readonly string[]>> = {
  use: ['extensions/podsecuritypolicies'],
  bind: [`${group}/roles`, `${group}/clusterroles`],
  escalate: [`${group}/roles`, `${group}/clusterroles`],
  impersonate: ['/users', '/serviceaccounts', '/groups', 'authentication.k8s.io/userextras'],
};

const ruleFlags: readonly Flag[] = [
  flag('resource', 'list', [], 'Resources, e.g. pods, pods/log, deployments.apps.'),
  flag('resource-name', 'array', [], 'Only objects of this name; may be repeated.'),
  flag('verb', 'list', [], 'Verbs, e.g. get,list,watch.'),
];

export const createRole: Command = {
  name: 'role',
  short: 'Create a role with single rule',
  usage: 'create role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]',
  examples: ['create role reader --verb=get,list,watch --resource=pods'],
  flags: [...generatorFlags, ...ruleFlags],
  *run(invocation) {
    const name = nameOf(invocation);
    const verbs = verbsOf(invocation);
    if (verbs.length === 0) throw new CommandError('at least one verb must be specified');
    yield* warnOfVerbs(invocation, verbs);
    const resources = resourcesOf(invocation);
    if (resources.length === 0) throw new CommandError('at least one resource must be specified');
    const rules = yield* resourceRules(invocation, verbs, resources);
    return yield* createGenerated(
      invocation,
      { root, resource: 'roles', isNamespaced: true },
      { apiVersion: `${group}/v1`, kind: 'Role', metadata: { name }, rules },
      '',
    );
  },
};

export const createClusterRole: Command = {
  name: 'clusterrole',
  short: 'Create a cluster role',
  usage: 'create clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]',
  flags: [
    ...generatorFlags,
    ...ruleFlags,
    flag('aggregation-rule', 'list', [], 'Labels of the roles to gather, KEY=VALUE.'),
    flag('non-resource-url', 'list', [], 'Paths that are no resources.'),
  ],
  *run(invocation) {
    const name = nameOf(invocation);
    const { flags } = invocation;
    const base = { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata: { name } };
    const kind = { root, resource: 'clusterroles', isNamespaced: false };
    const verbs = verbsOf(invocation);
    const resources = resourcesOf(invocation);
    const urls = flags.list('non-resource-url');
    if (flags.list('aggregation-rule').length > 0) {
      if (urls.length > 0 || verbs.length > 0 || resources.length > 0 || flags.list('resource-name').length > 0) {
        throw new CommandError('aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames');
      }
      const matchLabels = Object.fromEntries(flags.list('aggregation-rule').map((pair) => pair.split('=') as [string, string]));
      return yield* createGenerated(
        invocation,
        kind,
        { aggregationRule: { clusterRoleSelectors: [{ matchLabels }] }, ...base, rules: null },
        '',
      );
    }
    if (verbs.length === 0) throw new CommandError('at least one verb must be specified');
    if (resources.length === 0 && urls.length === 0) throw new CommandError('one of resource or nonResourceURL must be specified');
    if (resources.length > 0) yield* warnOfVerbs(invocation, verbs);
    for (const verb of urls.length > 0 ? verbs : []) {
      if (!nonResourceVerbs.includes(verb)) throw new CommandError(`invalid verb: '${verb}' for nonResourceURL`);
    }
    for (const url of urls) {
      if (url !== '*' && !url.startsWith('/')) throw new CommandError('nonResourceURL should start with /');
      if (url.slice(0, -1).includes('*')) throw new CommandError("nonResourceURL only supports wildcard matches when '*' is at the end");
    }
    const rules = [...(yield* resourceRules(invocation, verbs, resources)), ...(urls.length > 0 ? [{ nonResourceURLs: urls, verbs }] : [])];
    return yield* createGenerated(invocation, kind, { ...base, rules }, '');
  },
};

const subjectFlags: readonly Flag[] = [
  flag('clusterrole', 'string', '', 'The ClusterRole to bind.'),
  flag('group', 'array', [], 'A group to bind it to; may be repeated.'),
  flag('serviceaccount', 'array', [], 'A service account, NAMESPACE:NAME; may be repeated.'),
  flag('user', 'array', [], 'A user to bind it to; may be repeated.'),
];

export const createRoleBinding: Command = {
  name: 'rolebinding',
  short: 'Create a role binding for a particular role or cluster role',
  usage:
    'create rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  flags: [...generatorFlags, ...subjectFlags, flag('role', 'string', '', 'The Role to bind.')],
  *run(invocation) {
    const name = nameOf(invocation);
    const [role, clusterRole] = [invocation.flags.string('role'), invocation.flags.string('clusterrole')];
    if ((role === '') === (clusterRole === '')) throw new CommandError('exactly one of clusterrole or role must be specified');
    const roleRef =
      role === '' ? { apiGroup: group, kind: 'ClusterRole', name: clusterRole } : { apiGroup: group, kind: 'Role', name: role };
    const object = { apiVersion: `${group}/v1`, kind: 'RoleBinding', metadata: { name }, roleRef, ...subjectsOf(invocation) };
    return yield* createGenerated(
      invocation,
      { root, resource: 'rolebindings', isNamespaced: true },
      object,
      'failed to create rolebinding:',
    );
  },
};

export const createClusterRoleBinding: Command = {
  name: 'clusterrolebinding',
  short: 'Create a cluster role binding for a particular cluster role',
  usage:
    'create clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  flags: [...generatorFlags, ...subjectFlags],
  required: ['clusterrole'],
  *run(invocation) {
    const name = nameOf(invocation);
    const roleRef = { apiGroup: group, kind: 'ClusterRole', name: invocation.flags.string('clusterrole') };
    const object = { apiVersion: `${group}/v1`, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, ...subjectsOf(invocation) };
    return yield* createGenerated(
      invocation,
      { root, resource: 'clusterrolebindings', isNamespaced: false },
      object,
      'failed to create clusterrolebinding:',
    );
  },
};

interface ResourceWord {
  readonly resource: string;
  readonly group: string;
  readonly subresource: string;
}

function resourcesOf(invocation: Invocation): ResourceWord[] {
  const words: ResourceWord[] = [];
  for (const text of invocation.flags.list('resource')) {
    const [whole, subresource = ''] = text.split('/') as [string, string | undefined];
    const dot = whole.indexOf('.');
    const word = { resource: dot < 0 ? whole : whole.slice(0, dot), group: dot < 0 ? '' : whole.slice(dot + 1), subresource };
    if (word.resource === '*' && word.group === '' && subresource === '') return [word];
    if (word.resource === '') throw new CommandError('resource must be specified if apiGroup/subresource specified');
    words.push(word);
  }
  return words;
}

function verbsOf(invocation: Invocation): readonly string[] {
  const verbs = [...new Set(invocation.flags.list('verb'))];
  return verbs.includes('*') ? ['*'] : verbs;
}

function* warnOfVerbs(invocation: Invocation, verbs: readonly string[]): Call<void> {
  for (const verb of verbs) {
    if (!standardVerbs.includes(verb)) yield* invocation.err(`Warning: '${verb}' is not a standard resource verb\n`);
  }
}

/** One rule an API group, resources under their full names. */
function* resourceRules(invocation: Invocation, verbs: readonly string[], words: readonly ResourceWord[]): Call<Json[]> {
  const byGroup = new Map<string, string[]>();
  const isAll = words.some((word) => word.resource === '*');
  for (const word of words) {
    const { resource, group: apiGroup } = yield* fullName(invocation, word, verbs, isAll);
    const name = word.subresource === '' ? resource : `${resource}/${word.subresource}`;
    const names = byGroup.get(apiGroup) ?? [];
    if (!names.includes(name)) names.push(name);
    byGroup.set(apiGroup, names);
  }
  const resourceNames = [...new Set(invocation.flags.list('resource-name'))];
  return [...byGroup]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([apiGroup, resources]) => ({ apiGroups: [apiGroup], ...(resourceNames.length > 0 && { resourceNames }), resources, verbs }));
}

function* fullName(
  invocation: Invocation,
  word: ResourceWord,
  verbs: readonly string[],
  isAll: boolean,
): Call<{ readonly resource: string; readonly group: string }> {
  let found: { readonly resource: string; readonly group: string } = word;
  let missing: unknown;
  try {
    const mapper = yield* invocation.mapper();
    found = yield* mapper.resource(word.group === '' ? word.resource : `${word.resource}.${word.group}`);
  } catch (error) {
    if (!(error instanceof NoResourceMatch)) throw error;
    missing = error;
  }
  if (isAll) return found;
  for (const verb of verbs) {
    const only = specialVerbs[verb];
    if (!only) continue;
    if (!only.includes(`${found.group}/${found.resource}`))
      throw new CommandError(`can not perform '${verb}' on '${found.resource}' in group '${found.group}'`);
    missing = undefined;
  }
  // Here upstream returns the mapper's own error, which is worded without "error: ".
  if (missing)
    throw new CommandError(
      `the server doesn't have a resource type ${JSON.stringify(word.resource)}${word.group === '' ? '' : ` in group ${JSON.stringify(word.group)}`}`,
      { bare: true },
    );
  return found;
}

function subjectsOf(invocation: Invocation): { readonly subjects?: readonly Json[] } {
  const { flags } = invocation;
  const subjects = [
    ...flags.list('user').map((name) => ({ apiGroup: group, kind: 'User', name })),
    ...flags.list('group').map((name) => ({ apiGroup: group, kind: 'Group', name })),
    ...flags.list('serviceaccount').map((text) => {
      const [namespace, name, ...more] = text.split(':');
      if (!namespace || !name || more.length > 0) throw new CommandError('serviceaccount must be <namespace>:<name>');
      return { kind: 'ServiceAccount', name, namespace };
    }),
  ];
  return subjects.length > 0 ? { subjects } : {};
}
