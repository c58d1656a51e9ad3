import { expect, test } from 'vitest';
import { certificateSigningRequests } from '../../../api/certificates/certificate-signing-request.ts';
import { decodePem } from '../../../api/certificates/validation.ts';
import type { CertificateSigningRequest } from '../../../api/generated/types.ts';
import { clusterRoleBindings } from '../../../api/rbac/role-binding.ts';
import { row } from '../../../api/testing.ts';
import { base64, Random, unixMs, utf8 } from '../../../kernel/index.ts';
import { CertificateAuthority, createKeyPair, createSigningRequest, isSignedBy, parseCertificates } from '../../../machinery/x509/index.ts';
import { certificateApprovingController } from '../certificate-approving/index.ts';
import { certificateCleaner } from '../certificate-cleaner/index.ts';
import { createControllerTest } from '../testing.ts';
import { certificateSigningController } from './index.ts';

const random = new Random(7);
const authority = new CertificateAuthority(random, 'kubernetes', unixMs(2025, 8, 1));
const key = createKeyPair(random);

const begin = () =>
  createControllerTest([certificateSigningController, certificateApprovingController, certificateCleaner], {
    signingAuthority: () => ({ certificate: authority.certificate, key: authority.key }),
  });

type Plane = ReturnType<typeof begin>;

function ask(subject: { commonName: string; organizations?: string[] }, spec: object = {}): object {
  const request = base64(utf8(createSigningRequest(key, { subject })));
  const usages = ['client auth', 'digital signature'];
  return { metadata: { name: 'csr' }, spec: { request, signerName: 'kubernetes.io/kube-apiserver-client', usages, ...spec } };
}

function decide(plane: Plane, type: string): void {
  const condition = { type, status: 'True', reason: 'KubectlApprove' };
  plane.change(certificateSigningRequests, 'csr', (csr) => ({ ...csr, status: { ...csr.status, conditions: [condition] } }), {
    subresource: 'approval',
  });
  plane.settle();
}

const get = (plane: Plane) => plane.get<CertificateSigningRequest>(certificateSigningRequests, 'csr');

test('an approved request becomes a certificate that logs in', () => {
  const plane = begin();
  plane.create(
    certificateSigningRequests,
    ask({ commonName: 'jane', organizations: ['dev'] }, { expirationSeconds: 3600, username: 'me' }),
  );
  expect(get(plane).spec).toMatchObject({ username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] });
  plane.settle();
  expect(get(plane).status).toEqual({});
  decide(plane, 'Approved');
  const csr = get(plane);
  expect(csr.status?.conditions).toMatchObject([{ type: 'Approved', lastTransitionTime: expect.any(String) }]);
  expect(row(certificateSigningRequests, csr)).toMatchObject({ RequestedDuration: '60m', Condition: 'Approved,Issued' });
  const [certificate] = parseCertificates(decodePem(csr.status!.certificate!));
  expect(certificate).toMatchObject({
    subject: { commonName: 'jane', organizations: ['dev'] },
    usages: ['client auth'],
    notBeforeMs: plane.kernel.clock.unixMs - (plane.kernel.clock.unixMs % 1000) - 300_000,
  });
  expect((certificate!.notAfterMs - certificate!.notBeforeMs) / 1000).toBe(3600 + 300);
  expect(isSignedBy(certificate!, authority.certificate)).toBe(true);
});

test('what a signer does not allow fails, what was denied waits in vain', () => {
  const plane = begin();
  plane.create(certificateSigningRequests, ask({ commonName: 'jane' }, { usages: ['server auth'] }));
  decide(plane, 'Approved');
  expect(get(plane).status?.conditions).toMatchObject([
    { type: 'Approved' },
    { type: 'Failed', reason: 'SignerValidationFailure', message: 'invalid usage for client certificate: server auth' },
  ]);
  plane.delete(certificateSigningRequests, 'csr');
  plane.create(certificateSigningRequests, ask({ commonName: 'jane' }));
  decide(plane, 'Denied');
  expect(get(plane).status?.certificate).toBeUndefined();
  expect(() => decide(plane, 'Approved')).toThrow('updates may not remove a condition of type "Denied"');
});

test('kubelets are approved by themselves, others are not', () => {
  const plane = begin();
  const spec = {
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
    usages: ['client auth', 'digital signature', 'key encipherment'],
  };
  const create = (user: string, groups: readonly string[], name: string) => {
    const object = {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      ...ask({ commonName: 'system:node:n', organizations: ['system:nodes'] }, spec),
    };
    plane.run(
      plane.session(user, groups).call({
        verb: 'create',
        kind: certificateSigningRequests,
        object: { ...object, metadata: { name } },
      }),
    );
    plane.settle();
    return plane.get<CertificateSigningRequest>(certificateSigningRequests, name).status;
  };
  const bind = (name: string, kind: string) =>
    plane.create(clusterRoleBindings, {
      metadata: { name: `${kind}-${name}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: kind },
      subjects: [{ kind: name === 'joe' ? 'User' : 'Group', apiGroup: 'rbac.authorization.k8s.io', name }],
    });
  // As kubeadm does; joe may ask, and may not have it approved.
  bind('system:nodes', 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient');
  bind('joe', 'system:node-bootstrapper');
  expect(create('system:node:n', ['system:nodes'], 'self')).toMatchObject({
    certificate: expect.any(String),
    conditions: [{ reason: 'AutoApproved', message: 'Auto approving self kubelet client certificate after SubjectAccessReview.' }],
  });
  expect(() => create('system:node:other', ['system:nodes'], 'foreign')).toThrow('can only create a node CSR with CN=system:node:other');
  expect(create('kubernetes-admin', ['system:masters'], 'admin')).toMatchObject({ certificate: expect.any(String) });
  expect(create('joe', [], 'joe')).toEqual({});
});

test('old requests are swept away', () => {
  const plane = begin();
  plane.create(certificateSigningRequests, ask({ commonName: 'jane' }));
  plane.advance(23 * 3_600_000);
  expect(plane.list(certificateSigningRequests)).toHaveLength(1);
  plane.advance(2 * 3_600_000);
  expect(plane.list(certificateSigningRequests)).toHaveLength(0);
});

test.each<{ name: string; object: object; want: string }>([
  {
    name: 'no request',
    object: ask({ commonName: 'j' }, { request: base64(utf8('hello')) }),
    want: 'PEM block type must be CERTIFICATE REQUEST',
  },
  { name: 'no usages', object: ask({ commonName: 'j' }, { usages: [] }), want: 'spec.usages: Required value' },
  {
    name: 'the old signer',
    object: ask({ commonName: 'j' }, { signerName: 'kubernetes.io/legacy-unknown' }),
    want: 'the legacy signerName is not allowed via this API version',
  },
  {
    name: 'a signer without a domain',
    object: ask({ commonName: 'j' }, { signerName: 'me' }),
    want: "must be a fully qualified domain and path of the form 'example.com/signer-name'",
  },
  {
    name: 'too short a life',
    object: ask({ commonName: 'j' }, { expirationSeconds: 60 }),
    want: 'may not specify a duration less than 600 seconds (10 minutes)',
  },
  {
    name: 'an administrator for everything',
    object: ask({ commonName: 'j', organizations: ['system:masters'] }),
    want: 'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  },
])('refused: $name', ({ object, want }) => {
  expect(() => begin().create(certificateSigningRequests, object)).toThrow(want);
});

test('who may not approve for a signer cannot', () => {
  const plane = begin();
  plane.create(certificateSigningRequests, ask({ commonName: 'jane' }));
  const session = plane.session('system:serviceaccount:kube-system:certificate-controller', ['system:serviceaccounts']);
  const object = { ...get(plane), status: { conditions: [{ type: 'Approved', status: 'True', reason: 'x' }] } };
  const approve = { verb: 'update', kind: certificateSigningRequests, name: 'csr', subresource: 'approval', object } as const;
  expect(() => plane.run(session.call(approve))).toThrow(
    'certificatesigningrequests.certificates.k8s.io "csr" is forbidden: user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
  );
});
