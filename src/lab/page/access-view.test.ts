/** The page's picture of access, on a cluster with people, an account, refusals and a role that nobody made. */
import { beforeAll, expect, test } from 'vitest';
import { runScript } from '../attempt.ts';
import { playground } from '../playground.ts';
import { LabSession } from '../session.ts';
import { accessView } from './access-view.ts';
import type { AccessGraph, AccessQuestion, AccessView } from './protocol.ts';

let session: LabSession;
const look = (question: Partial<AccessQuestion> = {}): AccessView =>
  accessView(session.cluster, session.history.startMs, { about: 'access', subject: undefined, request: undefined, ...question });

const erik = { kind: 'User', name: 'erik' } as const;
const request = (verb: string, resource: string, namespace = 'shop', name = '') => ({ verb, resource, namespace, name });

/** The graph as lines: who, through what, to which role, and what of its rules. */
function lines({ identities, bindings, roles }: AccessGraph): readonly string[] {
  return bindings.map(({ kind, name, namespace, identity, role, isElsewhere, allows }) => {
    const { kind: roleKind, name: roleName, isMissing, rules } = roles[role]!;
    const [first] = rules;
    const mark = allows ? ' ALLOWS' : isElsewhere ? ' elsewhere' : '';
    const rule = isMissing ? 'missing' : `${first!.text}${first!.lacks ? ` lacks [${first!.lacks.join(' ')}]` : ''}`;
    return `${identities[identity]} < ${kind} ${name}${namespace ? `/${namespace}` : ''} > ${roleKind} ${roleName}: ${rule}${mark}`;
  });
}

beforeAll(async () => {
  session = new LabSession(playground({ workers: 1 }));
  await runScript(
    session,
    `kubectl create namespace shop
kubectl create role reader -n shop --verb=get,list --resource=pods,deployments.apps
kubectl create rolebinding erik-reads -n shop --role=reader --user=erik
kubectl create rolebinding lost -n shop --role=nobody-made-it --group=auditors
kubectl create rolebinding ci -n shop --clusterrole=view --serviceaccount=shop:default
kubectl create clusterrolebinding doors --clusterrole=system:monitoring --user=erik
kubectl get pods -n shop --as=erik
kubectl delete pod web-1 -n shop --as=erik --as-group=auditors
kubectl get --raw /metrics --as=dana
kubectl get secrets -n shop --as=system:serviceaccount:shop:default
`,
  );
});

test('the last refused requests, the newest first, with the groups under which they were sent', () => {
  const { refusals } = look();
  const [account, path, person] = refusals;
  expect(account).toMatchObject({ ...request('list', 'secrets'), subject: { kind: 'ServiceAccount', name: 'default', namespace: 'shop' } });
  expect(path).toMatchObject({ ...request('get', '/metrics', ''), subject: { kind: 'User', name: 'dana' } });
  expect(person).toMatchObject({
    ...request('delete', 'pods', 'shop', 'web-1'),
    subject: erik,
    groups: ['auditors', 'system:authenticated'],
  });
});

test('whom one may pick: people and what they run before the parts of the cluster', () => {
  const { subjects, namespaces, resources } = look();
  const names = subjects.map(({ kind, name }) => `${kind} ${name}`);
  expect(names).toEqual(expect.arrayContaining(['User erik', 'User dana', 'Group auditors', 'User system:kube-scheduler']));
  expect(names.indexOf('User erik')).toBeLessThan(names.indexOf('User system:kube-scheduler'));
  expect(namespaces).toContain('shop');
  expect(resources).toEqual(expect.arrayContaining(['pods', 'pods/log', 'deployments.apps/scale']));
});

test('without a question: what reaches somebody, also through groups', () => {
  const { graph } = look({ subject: erik });
  expect(graph!.verdict).toBeUndefined();
  expect(lines(graph!)).toEqual(
    expect.arrayContaining([
      'User erik < RoleBinding erik-reads/shop > Role reader: get,list pods',
      'User erik < ClusterRoleBinding doors > ClusterRole system:monitoring: get /healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*',
      'Group auditors < RoleBinding lost/shop > Role nobody-made-it: missing',
      'Group system:authenticated < ClusterRoleBinding system:basic-user > ClusterRole system:basic-user: create selfsubjectaccessreviews,selfsubjectrulesreviews of authorization.k8s.io',
    ]),
  );
});

test.each([
  {
    name: 'allowed by a rule of a role',
    subject: erik,
    request: request('list', 'deployments'),
    want: 'RoleBinding erik-reads gives Role reader in shop, and its rule "get,list deployments of apps" allows it.',
    first: 'User erik < RoleBinding erik-reads/shop > Role reader: get,list deployments of apps lacks [] ALLOWS',
  },
  {
    name: 'refused: the verb',
    subject: erik,
    request: request('delete', 'pods'),
    want: 'What is missing: a rule with the verb delete for pods, given in shop.',
    first: /^User erik < ClusterRoleBinding doors > ClusterRole system:monitoring: .* lacks \[/,
  },
  {
    name: 'refused: the namespace',
    subject: erik,
    request: request('get', 'pods', 'default'),
    want: 'What is missing: a rule with the verb get for pods, given in default.',
    first: /^User erik < ClusterRoleBinding doors/,
  },
  {
    name: 'a path',
    subject: erik,
    request: request('get', '/metrics', 'shop'),
    want: /^ClusterRoleBinding doors gives ClusterRole system:monitoring in the whole cluster, and its rule "get \S*\/metrics\S*" allows it\.$/,
    first: /ALLOWS$/,
  },
  {
    name: 'an account',
    subject: { kind: 'ServiceAccount', name: 'default', namespace: 'shop' } as const,
    request: request('watch', 'po'),
    want: /^RoleBinding ci gives ClusterRole view in shop, and its rule "get,list,watch \S*pods\S*" allows it\.$/,
    first: /ALLOWS$/,
  },
  {
    name: 'an account is no other account',
    subject: { kind: 'ServiceAccount', name: 'default', namespace: 'default' } as const,
    request: request('get', 'pods'),
    want: /^What is missing/,
    first: /^Group system:serviceaccounts </,
  },
  {
    name: 'masters are let through before RBAC',
    subject: { kind: 'Group', name: 'system:masters' } as const,
    request: request('delete', 'nodes'),
    want: 'The group system:masters may do everything: RBAC is not asked.',
    first: /./,
  },
  {
    name: 'a kubelet is let through by the Node authorizer',
    subject: { kind: 'User', name: 'system:node:node-1' } as const,
    groups: ['system:nodes', 'system:authenticated'],
    request: request('create', 'pods', 'default'),
    want: 'Another authorizer than RBAC allows it.',
    first: /./,
  },
])('$name', ({ subject, request: asked, groups, want, first }) => {
  const { graph } = look({ subject, request: asked, groups });
  expect(graph!.verdict!.sentence).toEqual(typeof want === 'string' ? want : expect.stringMatching(want));
  expect(lines(graph!)[0] ?? '-').toEqual(typeof first === 'string' ? first : expect.stringMatching(first));
  // Plain data: it goes through a message.
  expect(structuredClone(graph)).toEqual(graph);
});

test('what is asked only half is not asked; nobody knows what a server says that is down', async () => {
  expect(look({ subject: erik, request: request(' ', 'pods') }).graph!.verdict).toBeUndefined();
  await runScript(session, 'mv /etc/kubernetes/manifests/kube-apiserver.yaml /tmp\nsleep 30\n');
  const { graph } = look({ subject: erik, request: request('list', 'pods') });
  expect(graph!.verdict).toBeUndefined();
  expect(lines(graph!)[0]).toContain('ALLOWS');
});
