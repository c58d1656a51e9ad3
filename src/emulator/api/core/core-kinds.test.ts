import { describe, expect, test } from 'vitest';
import type { ApiObject } from '../../machinery/objects.ts';
import type { Kind } from '../kind.ts';
import { createErrors, finished, row, strategyContext, updateErrors } from '../testing.ts';
import { configMaps } from './config-map.ts';
import { endpoints } from './endpoints.ts';
import { events } from './event.ts';
import { namespaces } from './namespace.ts';
import { nodes } from './node.ts';
import { secrets } from './secret.ts';
import { services } from './service.ts';

const port = { port: 80 };

function check<T extends ApiObject>(kind: Kind<T>, body: object, want: readonly string[]): void {
  expect(createErrors(kind, body)).toEqual(want);
}

describe('Services', () => {
  test('defaults', () => {
    expect(finished(services, { spec: { ports: [port] } }).spec).toEqual({
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      sessionAffinity: 'None',
      type: 'ClusterIP',
      internalTrafficPolicy: 'Cluster',
    });
    expect(finished(services, { spec: { type: 'LoadBalancer', ports: [port], sessionAffinity: 'ClientIP' } }).spec).toMatchObject({
      externalTrafficPolicy: 'Cluster',
      allocateLoadBalancerNodePorts: true,
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
    });
  });

  test.each([
    { name: 'a good one', spec: { ports: [port] }, want: [] },
    { name: 'no ports', spec: {}, want: ['spec.ports: Required value'] },
    { name: 'none needed when headless', spec: { clusterIP: 'None' }, want: [] },
    {
      name: 'two ports without names',
      spec: { ports: [port, { port: 81 }] },
      want: ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
    },
    {
      name: 'one port twice',
      spec: {
        ports: [
          { ...port, name: 'a' },
          { ...port, name: 'b' },
        ],
      },
      want: ['spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}'],
    },
    {
      name: 'a node port that nobody may have',
      spec: { ports: [{ ...port, nodePort: 30080 }] },
      want: ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    },
    {
      name: 'an unknown type',
      spec: { type: 'Magic', ports: [port] },
      want: ['spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'],
    },
    { name: 'no external name', spec: { type: 'ExternalName' }, want: ['spec.externalName: Required value'] },
    {
      name: 'a node port without an address',
      spec: { type: 'NodePort', clusterIP: 'None', ports: [port] },
      want: ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services'],
    },
  ])('$name', ({ spec, want }) => check(services, { spec }, want));

  test('an update keeps what was allocated', () => {
    const previous = finished(services, {
      spec: {
        type: 'NodePort',
        clusterIP: '10.96.0.5',
        clusterIPs: ['10.96.0.5'],
        ipFamilies: ['IPv4'],
        ports: [{ ...port, nodePort: 30080 }],
      },
    });
    const same = services.prepareForUpdate(
      finished(services, { spec: { type: 'NodePort', ports: [{ ...port, targetPort: 8080 }] } }),
      previous,
      strategyContext,
    );
    expect(same.spec).toMatchObject({ clusterIP: '10.96.0.5', ipFamilies: ['IPv4'], ports: [{ nodePort: 30080, targetPort: 8080 }] });
    const inner = services.prepareForUpdate(finished(services, { spec: { ...same.spec, type: 'ClusterIP' } }), previous, strategyContext);
    expect([inner.spec.ports![0]!.nodePort, inner.spec.externalTrafficPolicy]).toEqual([undefined, undefined]);
    expect(
      updateErrors(services, { spec: previous.spec }, { spec: { ...previous.spec, clusterIP: '10.96.0.6', clusterIPs: ['10.96.0.6'] } }),
    ).toEqual(['spec.clusterIPs[0]: Invalid value: ["10.96.0.6"]: may not change once set']);
  });

  test.each([
    { name: 'a plain one', spec: { ports: [port] }, want: [] },
    {
      name: 'fields that a headless one ignores',
      spec: { clusterIP: 'None', externalIPs: ['1.2.3.4'], sessionAffinity: 'ClientIP' },
      want: ['spec.externalIPs is ignored for headless services', 'spec.SessionAffinity is ignored for headless services'],
    },
    {
      name: 'a name for nothing',
      spec: { ports: [port], externalName: 'a.b' },
      want: ['spec.externalName is ignored when spec.type is not "ExternalName"'],
    },
  ])('warns of $name', ({ spec, want }) => expect(services.warnings!(finished(services, { spec }), undefined)).toEqual(want));

  test('rows', () => {
    const spec = {
      type: 'NodePort',
      clusterIP: '10.96.0.5',
      clusterIPs: ['10.96.0.5'],
      ports: [
        { ...port, nodePort: 30080 },
        { port: 53, protocol: 'UDP' },
      ],
      selector: { b: '2', a: '1' },
    };
    expect(row(services, { spec })).toMatchObject({
      Type: 'NodePort',
      'Cluster-IP': '10.96.0.5',
      'External-IP': '<none>',
      'Port(s)': '80:30080/TCP,53/UDP',
      Selector: 'a=1,b=2',
    });
    expect(row(services, { spec: { ...spec, type: 'LoadBalancer' } })).toMatchObject({ 'External-IP': '<pending>' });
    expect(row(services, { spec: { type: 'ExternalName', externalName: 'db.example.com' } })).toMatchObject({
      'Cluster-IP': '<none>',
      'External-IP': 'db.example.com',
      'Port(s)': '<none>',
    });
  });
});

describe('nodes', () => {
  test.each([
    { name: 'a good taint', spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] }, want: [] },
    {
      name: 'an unknown effect',
      spec: { taints: [{ key: 'a', effect: 'Never' }] },
      want: ['metadata.taints[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"'],
    },
    {
      name: 'the same twice',
      spec: {
        taints: [
          { key: 'a', effect: 'NoSchedule' },
          { key: 'a', effect: 'NoSchedule' },
        ],
      },
      want: [
        'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
      ],
    },
  ])('$name', ({ spec, want }) => check(nodes, { spec }, want));

  test('rows', () => {
    const metadata = { labels: { 'node-role.kubernetes.io/control-plane': '', 'kubernetes.io/role': 'boss' } };
    const status = { conditions: [{ type: 'Ready', status: 'Unknown' }], nodeInfo: { kubeletVersion: 'v1.34.0' } };
    expect(row(nodes, { metadata, spec: { unschedulable: true }, status })).toMatchObject({
      Status: 'NotReady,SchedulingDisabled',
      Roles: 'boss,control-plane',
      Version: 'v1.34.0',
      'Internal-IP': '<none>',
      'OS-Image': '<unknown>',
    });
    expect(row(nodes, { spec: {} })).toMatchObject({ Status: 'Unknown', Roles: '<none>' });
  });
});

describe('namespaces', () => {
  test('begin active, with a label and a finalizer', () => {
    const namespace = namespaces.prepareForCreate(finished(namespaces, { metadata: { name: 'shop' } }), strategyContext);
    expect([namespace.metadata.labels, namespace.spec, namespace.status]).toEqual([
      { 'kubernetes.io/metadata.name': 'shop' },
      { finalizers: ['kubernetes'] },
      { phase: 'Active' },
    ]);
  });

  test('their names are labels of DNS', () => {
    check(namespaces, { metadata: { name: 'a.b' } }, ['metadata.name: Invalid value: "a.b": must not contain dots']);
  });
});

describe('ConfigMaps and Secrets', () => {
  test('keys', () => {
    check(configMaps, { data: { 'a b': '1' } }, [
      "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ]);
    check(configMaps, { data: { a: 'x'.repeat(1024 * 1024 + 1) } }, ['[]: Too long: may not be more than 1048576 bytes']);
  });

  test('immutable means it', () => {
    const message = 'Forbidden: field is immutable when `immutable` is set';
    expect(updateErrors(configMaps, { immutable: true, data: { a: '1' } }, { data: { a: '2' } })).toEqual([
      `immutable: ${message}`,
      `data: ${message}`,
    ]);
    expect(updateErrors(secrets, { type: 'Opaque' }, { type: 'other' })).toEqual(['type: Invalid value: "other": field is immutable']);
  });

  test('plain text becomes data', () => {
    const secret = finished(secrets, { data: { a: 'MQ==' }, stringData: { b: 'ü' } });
    expect([secret.type, secret.data, secret.stringData]).toEqual(['Opaque', { a: 'MQ==', b: 'w7w=' }, undefined]);
    expect(row(secrets, { stringData: { b: 'x' } })).toMatchObject({ Type: 'Opaque', Data: 1 });
  });

  test('typed Secrets need their keys', () => {
    check(secrets, { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }, ['data[tls.key]: Required value']);
  });
});

describe('Endpoints and Events', () => {
  test('rows of Endpoints', () => {
    const addresses = ['10.0.0.1', '10.0.0.2'].map((ip) => ({ ip }));
    expect(row(endpoints, { subsets: [{ addresses, ports: [{ port: 80 }, { name: 'b', port: 81 }] }] }).Endpoints).toBe(
      '10.0.0.1:80,10.0.0.2:80,10.0.0.1:81 + 1 more...',
    );
    expect(row(endpoints, {}).Endpoints).toBe('<none>');
  });

  test('rows of Events', () => {
    const event = {
      involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
      message: ' Pulled ',
      source: { component: 'kubelet', host: 'node-1' },
      lastTimestamp: '2026-01-01T00:04:30Z',
      firstTimestamp: '2026-01-01T00:00:00Z',
      count: 4,
    };
    expect(row(events, event)).toMatchObject({
      'Last Seen': '30s',
      'First Seen': '5m',
      Object: 'pod/web',
      Message: 'Pulled',
      Source: 'kubelet, node-1',
      Count: 4,
    });
    expect(
      row(events, { involvedObject: { kind: 'Node' }, eventTime: '2026-01-01T00:04:00.000000Z', reportingComponent: 's' }),
    ).toMatchObject({ 'Last Seen': '60s', Object: 'node', Source: 's', Count: 1 });
  });

  test('an Event lives where its object lives', () => {
    check(events, { involvedObject: { namespace: 'other' } }, [
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ]);
  });
});

describe('metadata', () => {
  test.each([
    {
      name: 'a bad label',
      metadata: { labels: { 'a b': '1' } },
      start: 'metadata.labels: Invalid value: "a b": name part must consist of alphanumeric characters',
    },
    { name: 'no name', metadata: { name: '' }, start: 'metadata.name: Required value: name or generateName is required' },
    {
      name: 'a short finalizer',
      metadata: { finalizers: ['mine'] },
      start: 'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
    },
    { name: 'no namespace', metadata: { namespace: '' }, start: 'metadata.namespace: Required value' },
  ])('$name', ({ metadata, start }) => {
    const errors = createErrors(configMaps, { metadata });
    expect([errors.length, errors[0]!.slice(0, start.length)]).toEqual([1, start]);
  });

  test('nothing holds up what is being deleted', () => {
    const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z' };
    expect(updateErrors(configMaps, { metadata }, { metadata: { ...metadata, finalizers: ['a/b'] } })).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a/b"}',
    ]);
  });
});
