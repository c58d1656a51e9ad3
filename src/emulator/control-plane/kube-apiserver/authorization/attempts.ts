/** What an attacker would try, for `attempts.test.ts`: who, what, and v1.34's verdict with kubeadm's bindings. */
import { base64, Random, utf8, unixMs } from '../../../kernel/index.ts';
import { CertificateAuthority, createKeyPair, createSigningRequest } from '../../../machinery/x509/index.ts';
import type { TestControlPlane } from '../testing.ts';

const random = new Random(7);
export const authority = new CertificateAuthority(random, 'kubernetes', unixMs(2025, 9, 1));
export const key = createKeyPair(random);
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const accountGroups = ['system:serviceaccounts', 'system:serviceaccounts:shop'];

export const people = {
  pod: ['system:serviceaccount:shop:default', ...accountGroups],
  node: ['system:node:node-1', 'system:nodes'],
  admin: ['ann', 'developers'],
  // Somebody who may do one thing that is mightier than it looks.
  writer: ['will'],
} as const;

export interface Attempt {
  readonly name: string;
  readonly who: keyof typeof people | 'nobody';
  readonly method?: string;
  readonly path: string;
  readonly body?: object | ((plane: TestControlPlane) => object);
  /** The code, and what the message of a refusal says. */
  readonly want: number | readonly [code: number, says: string];
  readonly as?: string;
}

const pod = (name: string, spec: object = {}, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'c', image: 'nginx:1.29' }], ...spec },
});
const role = (name: string, verbs: readonly string[], resources: readonly string[], kind = 'Role'): object => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name },
  rules: [{ apiGroups: [''], resources, verbs }],
});
export const binding = (name: string, roleKind: string, roleName: string, kind = 'RoleBinding', user = 'ann'): object => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: roleKind, name: roleName },
  subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }],
});
const request = (
  name: string,
  commonName: string,
  organizations: string[],
  signerName = 'kubernetes.io/kube-apiserver-client',
): object => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name },
  spec: {
    request: base64(utf8(createSigningRequest(createKeyPair(random), { subject: { commonName, organizations } }))),
    signerName,
    usages: ['client auth'],
  },
});
const token = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
/** A token that is bound to a Pod of the namespace shop. */
const boundTo =
  (name: string) =>
  ({ server }: TestControlPlane): object => {
    const { uid } = server.store('pods').get('shop', name)!.metadata;
    return { ...token, spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid } } };
  };
const review = (resource: string): object => ({
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SubjectAccessReview',
  spec: { user: 'ann', resourceAttributes: { verb: 'get', resource } },
});

export const fromAPod: readonly Attempt[] = [
  { name: 'list the Pods beside it', who: 'pod', path: '/api/v1/namespaces/shop/pods', want: [403, 'cannot list resource "pods"'] },
  {
    name: 'read a Secret of its namespace',
    who: 'pod',
    path: '/api/v1/namespaces/shop/secrets/card',
    want: [403, 'cannot get resource "secrets"'],
  },
  { name: 'list all Secrets', who: 'pod', path: '/api/v1/secrets', want: [403, 'at the cluster scope'] },
  {
    name: 'read kubeadm-config',
    who: 'pod',
    path: '/api/v1/namespaces/kube-system/configmaps/kubeadm-config',
    want: [403, 'cannot get resource "configmaps"'],
  },
  { name: 'read cluster-info, which is public', who: 'pod', path: '/api/v1/namespaces/kube-public/configmaps/cluster-info', want: 403 },
  {
    name: 'create a Pod',
    who: 'pod',
    method: 'POST',
    path: '/api/v1/namespaces/shop/pods',
    body: pod('x'),
    want: [403, 'cannot create resource "pods"'],
  },
  {
    name: 'enter a container',
    who: 'pod',
    method: 'POST',
    path: '/api/v1/namespaces/shop/pods/web-1/exec?command=sh',
    want: [403, 'cannot create resource "pods/exec"'],
  },
  {
    name: 'mint a token of its own account',
    who: 'pod',
    method: 'POST',
    path: '/api/v1/namespaces/shop/serviceaccounts/default/token',
    body: token,
    want: [403, 'serviceaccounts/token'],
  },
  {
    name: 'mint a token of a mighty account',
    who: 'pod',
    method: 'POST',
    path: '/api/v1/namespaces/kube-system/serviceaccounts/mighty/token',
    body: token,
    want: 403,
  },
  {
    name: 'bind itself to cluster-admin',
    who: 'pod',
    method: 'POST',
    path: `${rbac}/clusterrolebindings`,
    body: binding('x', 'ClusterRole', 'cluster-admin', 'ClusterRoleBinding'),
    want: [403, 'cannot create resource "clusterrolebindings"'],
  },
  {
    name: 'ask what it may',
    who: 'pod',
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: 'shop' } },
    want: 201,
  },
  {
    name: 'ask what somebody else may',
    who: 'pod',
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: review('secrets'),
    want: [403, 'cannot create resource "subjectaccessreviews"'],
  },
  {
    name: 'ask who it is',
    who: 'pod',
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    want: 201,
  },
  { name: 'read the kinds that are served', who: 'pod', path: '/apis', want: 200 },
  { name: 'read the version', who: 'pod', path: '/version', want: 200 },
  { name: 'read the metrics', who: 'pod', path: '/metrics', want: [403, 'cannot get path "/metrics"'] },
  {
    name: 'speak as an administrator',
    who: 'pod',
    path: '/api/v1/secrets',
    as: 'kubernetes-admin',
    want: [403, 'cannot impersonate resource "users"'],
  },
  {
    name: 'reach a kubelet through the server',
    who: 'pod',
    path: '/api/v1/nodes/node-1/proxy/pods',
    want: [403, 'cannot get resource "nodes/proxy"'],
  },
  { name: 'list the nodes', who: 'pod', path: '/api/v1/nodes', want: 403 },
  {
    name: 'label its namespace out of Pod Security',
    who: 'pod',
    method: 'PATCH',
    path: '/api/v1/namespaces/shop',
    body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } },
    want: 403,
  },
];

export const fromANode: readonly Attempt[] = [
  { name: 'read its own node', who: 'node', path: '/api/v1/nodes/node-1', want: 200 },
  { name: 'read another node', who: 'node', path: '/api/v1/nodes/node-2', want: [403, 'only its own Node object'] },
  { name: 'list the nodes', who: 'node', path: '/api/v1/nodes', want: 403 },
  { name: 'read a Secret that a Pod on it mounts', who: 'node', path: '/api/v1/namespaces/shop/secrets/card', want: 200 },
  {
    name: 'read a Secret that none of its Pods mounts',
    who: 'node',
    path: '/api/v1/namespaces/shop/secrets/other',
    want: [403, "no relationship found between node 'node-1' and this object"],
  },
  { name: 'list the Secrets of a namespace', who: 'node', path: '/api/v1/namespaces/shop/secrets', want: 403 },
  {
    name: 'change a Secret that it may read',
    who: 'node',
    method: 'PATCH',
    path: '/api/v1/namespaces/shop/secrets/card',
    body: { data: {} },
    want: 403,
  },
  {
    name: 'mint a token of an account whose Pod it runs',
    who: 'node',
    method: 'POST',
    path: '/api/v1/namespaces/shop/serviceaccounts/web/token',
    body: boundTo('web-1'),
    want: 201,
  },
  {
    name: 'mint one that is bound to nothing',
    who: 'node',
    method: 'POST',
    path: '/api/v1/namespaces/shop/serviceaccounts/web/token',
    body: token,
    want: [403, 'node requested token not bound to a pod'],
  },
  {
    name: 'mint one for a Pod on another node',
    who: 'node',
    method: 'POST',
    path: '/api/v1/namespaces/shop/serviceaccounts/web/token',
    body: boundTo('web-2'),
    want: [403, 'node requested token bound to a pod scheduled on a different node'],
  },
  {
    name: 'mint a token of a mighty account elsewhere',
    who: 'node',
    method: 'POST',
    path: '/api/v1/namespaces/kube-system/serviceaccounts/mighty/token',
    body: token,
    want: [403, 'no relationship found'],
  },
  {
    name: 'take away its own taint',
    who: 'node',
    method: 'PATCH',
    path: '/api/v1/nodes/node-1',
    body: { spec: { taints: [] } },
    want: [403, 'is not allowed to modify taints'],
  },
  {
    name: 'label itself as a safe node',
    who: 'node',
    method: 'PATCH',
    path: '/api/v1/nodes/node-1',
    body: { metadata: { labels: { 'node-restriction.kubernetes.io/safe': 'yes' } } },
    want: [403, 'is not allowed to modify labels: node-restriction.kubernetes.io/safe'],
  },
  {
    name: 'label itself with its zone',
    who: 'node',
    method: 'PATCH',
    path: '/api/v1/nodes/node-1',
    body: { metadata: { labels: { 'topology.kubernetes.io/zone': 'a' } } },
    want: 200,
  },
  {
    name: 'change another node',
    who: 'node',
    method: 'PATCH',
    path: '/api/v1/nodes/node-2',
    body: { metadata: { labels: { a: 'b' } } },
    want: [403, 'node-2'],
  },
  {
    name: "report another node's status",
    who: 'node',
    method: 'PATCH',
    path: '/api/v1/nodes/node-2/status',
    body: { status: {} },
    want: 403,
  },
  { name: 'delete its own node', who: 'node', method: 'DELETE', path: '/api/v1/nodes/node-1', want: 403 },
  {
    name: 'create a Pod that is no mirror',
    who: 'node',
    method: 'POST',
    path: '/api/v1/namespaces/shop/pods',
    body: pod('x', { nodeName: 'node-1' }),
    want: [403, 'can only create mirror pods'],
  },
  {
    name: 'create a mirror Pod for another node',
    who: 'node',
    method: 'POST',
    path: '/api/v1/namespaces/shop/pods',
    body: pod('x', { nodeName: 'node-2' }, { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
    want: [403, 'with spec.nodeName set to itself'],
  },
  {
    name: 'create a mirror Pod that mounts a Secret',
    who: 'node',
    method: 'POST',
    path: '/api/v1/namespaces/shop/pods',
    body: pod(
      'x',
      { nodeName: 'node-1', volumes: [{ name: 's', secret: { secretName: 'other' } }] },
      {
        annotations: { 'kubernetes.io/config.mirror': 'x' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'u', controller: true }],
      },
    ),
    want: 403,
  },
  {
    name: 'report the status of a Pod on it',
    who: 'node',
    method: 'PATCH',
    path: '/api/v1/namespaces/shop/pods/web-1/status',
    body: { status: { message: 'x' } },
    want: 200,
  },
  {
    name: 'report the status of a Pod elsewhere',
    who: 'node',
    method: 'PATCH',
    path: '/api/v1/namespaces/shop/pods/web-2/status',
    body: { status: { message: 'x' } },
    want: [403, 'can only update pod status for pods with spec.nodeName set to itself'],
  },
  {
    name: 'delete a Pod elsewhere',
    who: 'node',
    method: 'DELETE',
    path: '/api/v1/namespaces/shop/pods/web-2',
    want: [403, 'can only delete pods with spec.nodeName set to itself'],
  },
  { name: 'enter a container', who: 'node', method: 'POST', path: '/api/v1/namespaces/shop/pods/web-1/exec?command=sh', want: 403 },
  { name: 'read a Pod elsewhere', who: 'node', path: '/api/v1/namespaces/shop/pods/web-2', want: [403, 'no relationship found'] },
  { name: 'list the Pods of all nodes', who: 'node', path: '/api/v1/pods', want: [403, 'spec.nodeName'] },
  {
    name: "renew another node's Lease",
    who: 'node',
    path: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-2',
    want: 403,
  },
  {
    name: 'ask for a certificate of another node',
    who: 'node',
    method: 'POST',
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    body: request('other-node', 'system:node:node-2', ['system:nodes'], 'kubernetes.io/kube-apiserver-client-kubelet'),
    want: [403, 'can only create a node CSR with CN=system:node:node-1'],
  },
  {
    name: 'approve a request',
    who: 'node',
    method: 'PUT',
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests/masters/approval',
    body: {},
    want: 403,
  },
  {
    name: 'bind itself to cluster-admin',
    who: 'node',
    method: 'POST',
    path: `${rbac}/clusterrolebindings`,
    body: binding('x', 'ClusterRole', 'cluster-admin', 'ClusterRoleBinding'),
    want: 403,
  },
];

export const fromNowhere: readonly Attempt[] = [
  { name: 'read the version', who: 'nobody', path: '/version', want: 200 },
  { name: 'ask whether it is well', who: 'nobody', path: '/healthz', want: 200 },
  { name: 'read cluster-info', who: 'nobody', path: '/api/v1/namespaces/kube-public/configmaps/cluster-info', want: 404 },
  { name: 'read the kinds that are served', who: 'nobody', path: '/api', want: [403, 'User "system:anonymous" cannot get path "/api"'] },
  { name: 'list the namespaces', who: 'nobody', path: '/api/v1/namespaces', want: [403, 'system:anonymous'] },
  {
    name: 'ask who it is',
    who: 'nobody',
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    want: 403,
  },
  {
    name: 'ask for a certificate',
    who: 'nobody',
    method: 'POST',
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    body: request('nobody', 'x', []),
    want: 403,
  },
  { name: 'speak as somebody', who: 'nobody', path: '/api/v1/namespaces', as: 'kubernetes-admin', want: [403, 'cannot impersonate'] },
];

const shop = '/api/v1/namespaces/shop';
export const fromANamespace: readonly Attempt[] = [
  { name: 'read the Secrets of its namespace', who: 'admin', path: `${shop}/secrets/other`, want: 200 },
  { name: 'read the Secrets of another', who: 'admin', path: '/api/v1/namespaces/bank/secrets', want: 403 },
  { name: 'create a Pod', who: 'admin', method: 'POST', path: `${shop}/pods`, body: pod('fine'), want: 201 },
  {
    name: 'create a privileged Pod where baseline is enforced',
    who: 'admin',
    method: 'POST',
    path: `${shop}/pods`,
    body: pod('p', { containers: [{ name: 'c', image: 'nginx', securityContext: { privileged: true } }] }),
    want: [403, 'violates PodSecurity "baseline:latest"'],
  },
  {
    name: "mount the node's files",
    who: 'admin',
    method: 'POST',
    path: `${shop}/pods`,
    body: pod('h', { volumes: [{ name: 'h', hostPath: { path: '/' } }] }),
    want: [403, 'hostPath volumes'],
  },
  {
    name: 'lower the standard of its namespace',
    who: 'admin',
    method: 'PATCH',
    path: '/api/v1/namespaces/shop',
    body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } },
    want: [403, 'cannot patch resource "namespaces"'],
  },
  { name: 'delete its namespace', who: 'admin', method: 'DELETE', path: '/api/v1/namespaces/shop', want: 403 },
  {
    name: 'raise its quota',
    who: 'admin',
    method: 'POST',
    path: `${shop}/resourcequotas`,
    body: { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: {} },
    want: 403,
  },
  {
    name: 'write a role with what it has',
    who: 'admin',
    method: 'POST',
    path: `${rbac}/namespaces/shop/roles`,
    body: role('reads', ['get'], ['pods']),
    want: 201,
  },
  {
    name: 'write a role with more than it has',
    who: 'admin',
    method: 'POST',
    path: `${rbac}/namespaces/shop/roles`,
    body: role('more', ['get'], ['nodes']),
    want: [403, 'attempting to grant RBAC permissions not currently held'],
  },
  {
    name: 'bind cluster-admin in its namespace',
    who: 'admin',
    method: 'POST',
    path: `${rbac}/namespaces/shop/rolebindings`,
    body: binding('more', 'ClusterRole', 'cluster-admin'),
    want: [403, 'not currently held'],
  },
  {
    name: 'bind view in its namespace',
    who: 'admin',
    method: 'POST',
    path: `${rbac}/namespaces/shop/rolebindings`,
    body: binding('view', 'ClusterRole', 'view', 'RoleBinding', 'joe'),
    want: 201,
  },
  {
    name: 'bind in another namespace',
    who: 'admin',
    method: 'POST',
    path: `${rbac}/namespaces/bank/rolebindings`,
    body: binding('view', 'ClusterRole', 'view'),
    want: 403,
  },
  {
    name: 'write a ClusterRole',
    who: 'admin',
    method: 'POST',
    path: `${rbac}/clusterroles`,
    body: role('x', ['get'], ['pods'], 'ClusterRole'),
    want: 403,
  },
  {
    name: 'mint a token in its namespace',
    who: 'admin',
    method: 'POST',
    path: `${shop}/serviceaccounts/web/token`,
    body: token,
    want: 201,
  },
  {
    name: 'speak as an account of its namespace',
    who: 'admin',
    path: `${shop}/pods`,
    as: 'system:serviceaccount:shop:web',
    want: [403, 'system:serviceaccount:shop:web'],
  },
  {
    name: 'speak as an account of another',
    who: 'admin',
    path: `${shop}/pods`,
    as: 'system:serviceaccount:kube-system:mighty',
    want: [403, 'cannot impersonate resource "serviceaccounts"'],
  },
  {
    name: 'speak as a user',
    who: 'admin',
    path: `${shop}/pods`,
    as: 'kubernetes-admin',
    want: [403, 'cannot impersonate resource "users"'],
  },
  {
    name: 'cordon a node',
    who: 'admin',
    method: 'PATCH',
    path: '/api/v1/nodes/node-1',
    body: { spec: { unschedulable: true } },
    want: 403,
  },
  {
    name: 'write a webhook',
    who: 'admin',
    method: 'POST',
    path: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    body: {},
    want: 403,
  },
  {
    name: 'ask for a certificate of the group of masters',
    who: 'writer',
    method: 'POST',
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    body: request('mine', 'will', ['system:masters']),
    want: [403, 'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed'],
  },
  {
    name: 'ask for one of another group',
    who: 'writer',
    method: 'POST',
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    body: request('plain', 'will', ['developers']),
    want: 201,
  },
  {
    name: 'approve it without the right to',
    who: 'writer',
    method: 'PATCH',
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests/plain/approval',
    body: { status: { conditions: [{ type: 'Approved', status: 'True', reason: 'x' }] } },
    want: 403,
  },
];
