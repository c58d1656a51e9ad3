import { describe, expect, test } from 'vitest';
import { fieldErrorText } from '../machinery/field-error.ts';
import { replicaSets } from './apps/replica-set.ts';
import { statefulSets } from './apps/stateful-set.ts';
import { controllerRevisions } from './apps/controller-revision.ts';
import { defaultTokenRequest, validateTokenRequest } from './authentication/token-request.ts';
import { selfSubjectAccessReviews, subjectAccessReviews } from './authorization/access-review.ts';
import { horizontalPodAutoscalers } from './autoscaling/horizontal-pod-autoscaler.ts';
import { leases } from './coordination/lease.ts';
import { bindings } from './core/binding.ts';
import { endpointSlices } from './discovery/endpoint-slice.ts';
import type { Kind } from './kind.ts';
import { kinds } from './kinds.ts';
import { podDisruptionBudgets } from './policy/pod-disruption-budget.ts';
import { clusterRoleBindings, roleBindings } from './rbac/role-binding.ts';
import { clusterRoles, roles } from './rbac/role.ts';
import { priorityClasses } from './scheduling/priority-class.ts';
import { createErrors, finished, row, updateErrors } from './testing.ts';

const any = <T>(kind: T): Kind => kind as unknown as Kind;
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' };

test.each<{ readonly name: string; readonly kind: Kind; readonly body: object; readonly want: object }>([
  {
    name: 'MaxUnavailableStatefulSet',
    kind: any(statefulSets),
    body: { spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } } } },
    want: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } },
  },
  {
    name: 'CoordinatedLeaderElection',
    kind: any(leases),
    body: { spec: { holderIdentity: 'a', strategy: 'OldestEmulationVersion', preferredHolder: 'b' } },
    want: { holderIdentity: 'a' },
  },
  {
    name: 'HPAConfigurableTolerance',
    kind: any(horizontalPodAutoscalers),
    body: { spec: { behavior: { scaleDown: { tolerance: '0.2', selectPolicy: 'Min' } } } },
    want: { behavior: { scaleDown: { selectPolicy: 'Min' } } },
  },
])('what is behind $name is dropped', ({ kind, body, want }) => {
  const { spec } = finished(kind, body) as { readonly spec?: object };
  expect(spec).toMatchObject(want);
  expect(JSON.stringify(spec)).not.toMatch(/maxUnavailable|strategy"|preferredHolder|tolerance/);
});

describe('every kind', () => {
  test('has its own resource, and a table that begins with known columns', () => {
    expect(new Set(kinds.map((kind) => `${kind.group}/${kind.resource}`)).size).toBe(kinds.length);
    for (const kind of kinds)
      expect(
        kind.columns.some((column) => column.format === 'name'),
        kind.kind,
      ).toBe(true);
  });

  test('names as kubectl api-resources prints them', () => {
    const short = kinds.flatMap((kind) => kind.shortNames.map((name) => `${name}=${kind.resource}`)).sort();
    expect(short).toEqual([
      'cj=cronjobs',
      'cm=configmaps',
      'crd=customresourcedefinitions',
      'crds=customresourcedefinitions',
      'cs=componentstatuses',
      'csr=certificatesigningrequests',
      'deploy=deployments',
      'ds=daemonsets',
      'ep=endpoints',
      'ev=events',
      'ev=events',
      'hpa=horizontalpodautoscalers',
      'ing=ingresses',
      'ip=ipaddresses',
      'limits=limitranges',
      'netpol=networkpolicies',
      'no=nodes',
      'ns=namespaces',
      'pc=priorityclasses',
      'pdb=poddisruptionbudgets',
      'po=pods',
      'pv=persistentvolumes',
      'pvc=persistentvolumeclaims',
      'quota=resourcequotas',
      'rc=replicationcontrollers',
      'rs=replicasets',
      'sa=serviceaccounts',
      'sc=storageclasses',
      'sts=statefulsets',
      'svc=services',
      'vac=volumeattributesclasses',
    ]);
    expect(kinds.filter((kind) => kind.categories.includes('all')).map((kind) => kind.resource)).toEqual([
      'pods',
      'replicationcontrollers',
      'services',
      'daemonsets',
      'deployments',
      'replicasets',
      'statefulsets',
      'horizontalpodautoscalers',
      'cronjobs',
      'jobs',
    ]);
  });

  test('finds nothing to add to what it has finished', () => {
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'a' }] } };
    const body = {
      spec: { containers: template.spec.containers, selector: { matchLabels: { a: 'b' } }, template, ports: [{ port: 1 }] },
      roleRef,
      subjects: [{ kind: 'User', name: 'u' }],
      involvedObject: {},
    };
    for (const kind of kinds) {
      const object = finished(kind, body);
      expect(kind.setDefaults(object), kind.kind).toBe(object);
    }
  });
});

/** The tests give every object a name, which a question may not have. */
const namedReview = expect.stringMatching(/^metadata: Invalid value: .*: must be empty$/) as unknown as string;

describe('validation of the other kinds', () => {
  test.each<{ name: string; kind: Kind; body: object; want: readonly string[] }>([
    {
      name: 'a lease of no time',
      kind: any(leases),
      body: { spec: { leaseDurationSeconds: 0 } },
      want: ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
    },
    {
      name: 'a budget with both bounds',
      kind: any(podDisruptionBudgets),
      body: { spec: { minAvailable: 1, maxUnavailable: 1 } },
      want: [
        'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
      ],
    },
    {
      name: 'more than all',
      kind: any(podDisruptionBudgets),
      body: { spec: { minAvailable: '120%' } },
      want: ['spec.minAvailable: Invalid value: "120%": must not be greater than 100%'],
    },
    {
      name: 'too high a priority',
      kind: any(priorityClasses),
      body: { value: 2_000_000_000 },
      want: ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
    },
    {
      name: 'a rule without verbs',
      kind: any(roles),
      body: { rules: [{ apiGroups: [''], resources: ['pods'] }] },
      want: ['rules[0].verbs: Required value: verbs must contain at least one value'],
    },
    {
      name: 'a path in a namespace',
      kind: any(roles),
      body: { rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }] },
      want: ['rules[0].nonResourceURLs: Invalid value: ["/metrics"]: namespaced rules cannot apply to non-resource URLs'],
    },
    {
      name: 'a path in the cluster',
      kind: any(clusterRoles),
      body: { rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }] },
      want: [],
    },
    {
      name: 'a Role for the cluster',
      kind: any(clusterRoleBindings),
      body: { roleRef },
      want: ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
    },
    {
      name: 'a subject of no kind',
      kind: any(roleBindings),
      body: { roleRef, subjects: [{ kind: 'Team', name: 'a' }] },
      want: ['subjects[0].kind: Unsupported value: "Team": supported values: "ServiceAccount", "User", "Group"'],
    },
    {
      name: 'a slice of names for addresses',
      kind: any(endpointSlices),
      body: { addressType: 'IPv4', endpoints: [{ addresses: ['web'] }] },
      want: ['endpoints[0].addresses[0]: Invalid value: "web": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    },
    {
      name: 'a review that asks nothing',
      kind: any(selfSubjectAccessReviews),
      body: { spec: {} },
      want: [
        'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
        namedReview,
      ],
    },
    {
      name: 'a review about nobody',
      kind: any(subjectAccessReviews),
      body: { spec: { resourceAttributes: {} } },
      want: ['spec.user: Invalid value: "": at least one of user or group must be specified', namedReview],
    },
    {
      name: 'a binding to nothing',
      kind: any(bindings),
      body: { target: { kind: 'Pod' } },
      want: ['target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"', 'target.name: Required value'],
    },
    {
      name: 'a revision without data',
      kind: any(controllerRevisions),
      body: { revision: 1 },
      want: ['data: Required value: data is mandatory'],
    },
  ])('$name', ({ kind, body, want }) => expect(createErrors(kind, body)).toEqual(want));

  test('a token for too short a time', () => {
    const request = defaultTokenRequest({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: finished(leases, {}).metadata,
      spec: { audiences: [] },
    });
    expect([request.spec.expirationSeconds, validateTokenRequest(request)]).toEqual([3600, []]);
    expect(validateTokenRequest({ ...request, spec: { audiences: [], expirationSeconds: 60 } }).map(fieldErrorText)).toEqual([
      'spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
    ]);
  });

  test('what stays', () => {
    expect(updateErrors(roleBindings, { roleRef }, { roleRef: { ...roleRef, name: 's' } })).toEqual([
      'roleRef: Invalid value: {"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"s"}: cannot change roleRef',
    ]);
    expect(updateErrors(priorityClasses, { value: 1 }, { value: 2 })).toEqual(['value: Forbidden: may not be changed in an update.']);
  });

  test('rows', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'd', uid: 'u', controller: true };
    expect(row(controllerRevisions, { metadata: { ownerReferences: [owner] }, revision: 2 })).toMatchObject({
      Controller: 'daemonset.apps/d',
      Revision: 2,
    });
    expect(
      row(roleBindings, {
        roleRef,
        subjects: [
          { kind: 'User', name: 'a' },
          { kind: 'User', name: 'b' },
          { kind: 'ServiceAccount', name: 's', namespace: 'n' },
        ],
      }),
    ).toMatchObject({ Role: 'Role/r', Users: 'a, b', ServiceAccounts: 'n/s' });
    expect(row(podDisruptionBudgets, { spec: { minAvailable: '50%' } })).toMatchObject({
      'Min Available': '50%',
      'Max Unavailable': 'N/A',
      'Allowed Disruptions': 0,
    });
    expect(row(endpointSlices, { addressType: 'IPv4', endpoints: [], ports: [] })).toMatchObject({
      Ports: '<unset>',
      Endpoints: '<unset>',
    });
    expect(row(roles, {})).toEqual({ Name: 'x', 'Created At': '2026-01-01T00:00:00Z' });
    expect(replicaSets.columns.map(({ name }) => name)).toEqual([
      'Name',
      'Desired',
      'Current',
      'Ready',
      'Age',
      'Containers',
      'Images',
      'Selector',
    ]);
  });
});
