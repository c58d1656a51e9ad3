/** Without any proof. */
import { request } from './people.ts';
import type { Attempt } from './people.ts';

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
  { name: 'read the metrics', who: 'nobody', path: '/metrics', want: [403, 'cannot get path "/metrics"'] },
  { name: 'read the keys that sign tokens', who: 'nobody', path: '/openid/v1/jwks', want: [403, 'cannot get path "/openid/v1/jwks"'] },
  {
    name: 'ask what it may',
    who: 'nobody',
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
    },
    want: [403, 'cannot create resource "selfsubjectaccessreviews"'],
  },
  {
    name: 'read another ConfigMap beside cluster-info',
    who: 'nobody',
    path: '/api/v1/namespaces/kube-public/configmaps/other',
    want: [403, 'configmaps "other" is forbidden'],
  },
  {
    name: 'list what lies beside cluster-info',
    who: 'nobody',
    path: '/api/v1/namespaces/kube-public/configmaps',
    want: [403, 'cannot list resource "configmaps"'],
  },
];
