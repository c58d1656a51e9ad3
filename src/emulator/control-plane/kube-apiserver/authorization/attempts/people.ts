/** Who tries, with what: shared by the lists of attempts beside this file. */
import { base64, Random, utf8, unixMs } from '../../../../kernel/index.ts';
import { CertificateAuthority, createKeyPair, createSigningRequest } from '../../../../machinery/x509/index.ts';
import type { TestControlPlane } from '../../testing.ts';

const random = new Random(7);
export const authority = new CertificateAuthority(random, 'kubernetes', unixMs(2025, 9, 1));
export const key = createKeyPair(random);
export const rbac = '/apis/rbac.authorization.k8s.io/v1';
const accountGroups = ['system:serviceaccounts', 'system:serviceaccounts:shop'];

export const people = {
  pod: ['system:serviceaccount:shop:default', ...accountGroups],
  node: ['system:node:node-1', 'system:nodes'],
  admin: ['ann', 'developers'],
  // Somebody who may do one thing that is mightier than it looks.
  writer: ['will'],
  reader: ['rita'],
  roles: ['rolf'],
  approver: ['april'],
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

export const pod = (name: string, spec: object = {}, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'c', image: 'nginx:1.29' }], ...spec },
});
export const role = (name: string, verbs: readonly string[], resources: readonly string[], kind = 'Role'): object => ({
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
export const request = (
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
export const token = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
/** A token that is bound to a Pod of the namespace shop. */
export const boundTo =
  (name: string) =>
  ({ server }: TestControlPlane): object => {
    const { uid } = server.store('pods').get('shop', name)!.metadata;
    return { ...token, spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid } } };
  };
export const review = (resource: string): object => ({
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SubjectAccessReview',
  spec: { user: 'ann', resourceAttributes: { verb: 'get', resource } },
});
