import { describe, expect, test } from 'vitest';
import type { Kind } from '../kind.ts';
import { createErrors, finished, row, updateErrors } from '../testing.ts';
import { ingressClasses } from './ingress-class.ts';
import { ingresses } from './ingress.ts';
import { ipAddresses } from './ip-address.ts';
import { networkPolicies } from './network-policy.ts';
import { serviceCIDRs } from './service-cidr.ts';

const any = <T>(kind: T): Kind => kind as unknown as Kind;
const service = { service: { name: 'web', port: { number: 80 } } };
const ingress = (path: object, more: object = {}): object => ({
  spec: { rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: service, ...path }] } }], ...more },
});
const rulePath = 'spec.rules[0].http.paths[0]';
const policy = (rule: object): object => ({ spec: { podSelector: {}, ingress: [rule] } });
const at = 'spec.ingress[0]';

describe('validation', () => {
  test.each<{ name: string; kind: Kind; body: object; want: readonly string[] }>([
    { name: 'a policy that denies', kind: any(networkPolicies), body: { spec: { podSelector: {} } }, want: [] },
    {
      name: 'a peer that is nobody',
      kind: any(networkPolicies),
      body: policy({ from: [{}] }),
      want: [`${at}.from[0]: Required value: must specify a peer`],
    },
    {
      name: 'a block and a selector in one peer',
      kind: any(networkPolicies),
      body: policy({ from: [{ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }] }),
      want: [`${at}.from[0]: Forbidden: may not specify both ipBlock and another peer`],
    },
    {
      name: 'blocks that are none, or not inside',
      kind: any(networkPolicies),
      body: policy({
        from: [
          { ipBlock: { cidr: '10.0.0.0' } },
          { ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16', '10.0.0.0/8', '2001:db8::/64'] } },
        ],
      }),
      want: [
        `${at}.from[0].ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
        ...['11.0.0.0/16', '10.0.0.0/8', '2001:db8::/64'].map(
          (block, i) => `${at}.from[1].ipBlock.except[${i}]: Invalid value: "${block}": must be a strict subset of \`cidr\``,
        ),
      ],
    },
    {
      name: 'a block of IPv6 in another one',
      kind: any(networkPolicies),
      body: policy({ from: [{ ipBlock: { cidr: '2001:db8::/32', except: ['2001:db8:1::/48'] } }] }),
      want: [],
    },
    {
      name: 'ports of all wrong kinds',
      kind: any(networkPolicies),
      body: policy({
        ports: [{ endPort: 5 }, { port: 'http', endPort: 90 }, { port: 90, endPort: 80 }, { port: 0 }, { port: 1, protocol: 'ICMP' }],
      }),
      want: [
        `${at}.ports[0].endPort: Invalid value: 5: may not be specified when \`port\` is not specified`,
        `${at}.ports[1].endPort: Invalid value: 90: may not be specified when \`port\` is non-numeric`,
        `${at}.ports[2].endPort: Invalid value: 90: must be greater than or equal to \`port\``,
        `${at}.ports[3].port: Invalid value: 0: must be between 1 and 65535, inclusive`,
        `${at}.ports[4].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"`,
      ],
    },
    {
      name: 'a type of policy that is none',
      kind: any(networkPolicies),
      body: { spec: { podSelector: {}, policyTypes: ['Inbound'] } },
      want: ['spec.policyTypes[0]: Unsupported value: "Inbound": supported values: "Ingress", "Egress"'],
    },
    { name: 'an Ingress', kind: any(ingresses), body: ingress({}), want: [] },
    {
      name: 'an Ingress without anything',
      kind: any(ingresses),
      body: { spec: {} },
      want: ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
    },
    {
      name: 'no type of path',
      kind: any(ingresses),
      body: ingress({ pathType: undefined }),
      want: [`${rulePath}.pathType: Required value: pathType must be specified`],
    },
    {
      name: 'a relative path that goes up',
      kind: any(ingresses),
      body: ingress({ path: 'a//b/..' }),
      want: [
        `${rulePath}.path: Invalid value: "a//b/..": must be an absolute path`,
        `${rulePath}.path: Invalid value: "a//b/..": must not contain '//'`,
        `${rulePath}.path: Invalid value: "a//b/..": cannot end with '/..'`,
      ],
    },
    {
      name: 'a type of path that is none',
      kind: any(ingresses),
      body: ingress({ pathType: 'Regex' }),
      want: [`${rulePath}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`],
    },
    {
      name: 'a backend without a port',
      kind: any(ingresses),
      body: ingress({ backend: { service: { name: 'web' } } }),
      want: [`${rulePath}.backend: Required value: port name or number is required`],
    },
    {
      name: 'a backend that is nothing',
      kind: any(ingresses),
      body: ingress({ backend: {} }),
      want: [`${rulePath}.backend: Invalid value: "": resource or service backend is required`],
    },
    {
      name: 'an address for a host',
      kind: any(ingresses),
      body: { spec: { rules: [{ host: '10.0.0.1' }], tls: [{ hosts: ['*.*.com'] }] } },
      want: [
        'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
        expect.stringContaining('spec.tls[0].hosts[0]: Invalid value: "*.*.com": a wildcard DNS-1123 subdomain must start with'),
      ],
    },
    {
      name: 'two classes at once',
      kind: any(ingresses),
      body: { metadata: { annotations: { 'kubernetes.io/ingress.class': 'a' } }, ...ingress({}, { ingressClassName: 'b' }) },
      want: ['annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified'],
    },
    {
      name: 'a controller without a domain',
      kind: any(ingressClasses),
      body: { spec: { controller: 'nginx' } },
      want: ['spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")'],
    },
    {
      name: 'parameters in no namespace',
      kind: any(ingressClasses),
      body: { spec: { controller: 'a.io/b', parameters: { kind: 'Config', name: 'x', scope: 'Namespace' } } },
      want: ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    },
    {
      name: 'an address that is none',
      kind: any(ipAddresses),
      body: { metadata: { name: 'web' }, spec: { parentRef: { resource: 'services', name: 'a' } } },
      want: ['metadata.name: Invalid value: "web": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    },
    {
      name: 'nobody to whom an address belongs',
      kind: any(ipAddresses),
      body: { metadata: { name: '10.96.0.7' }, spec: {} },
      want: ['spec.parentRef: Required value'],
    },
    {
      name: 'a block with host bits',
      kind: any(serviceCIDRs),
      body: { spec: { cidrs: ['10.1.0.1/16'] } },
      want: ['spec.cidrs[0]: Invalid value: "10.1.0.1/16": must not have bits set beyond the prefix length'],
    },
    {
      name: 'two blocks of a family',
      kind: any(serviceCIDRs),
      body: { spec: { cidrs: ['10.1.0.0/16', '10.2.0.0/16'] } },
      want: [
        'spec.cidrs: Invalid value: ["10.1.0.0/16","10.2.0.0/16"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ],
    },
  ])('$name', ({ kind, body, want }) => expect(createErrors(kind, body)).toEqual(want));

  test.each<{ name: string; kind: Kind; from: object; to: object; want: readonly string[] }>([
    {
      name: 'another controller',
      kind: any(ingressClasses),
      from: { spec: { controller: 'a.io/b' } },
      to: { spec: { controller: 'a.io/c' } },
      want: ['spec.controller: Invalid value: "a.io/c": field is immutable'],
    },
    {
      name: 'another block',
      kind: any(serviceCIDRs),
      from: { spec: { cidrs: ['10.1.0.0/16'] } },
      to: { spec: { cidrs: ['10.2.0.0/16'] } },
      want: ['spec.cidrs[0]: Invalid value: "10.2.0.0/16": field is immutable'],
    },
    {
      name: 'a second family',
      kind: any(serviceCIDRs),
      from: { spec: { cidrs: ['10.1.0.0/16'] } },
      to: { spec: { cidrs: ['10.1.0.0/16', '2001:db8::/64'] } },
      want: [],
    },
  ])('an update to $name', ({ kind, from, to, want }) => expect(updateErrors(kind, from, to)).toEqual(want));
});

describe('defaults', () => {
  test.each([
    { name: 'nothing said', spec: { podSelector: {} }, want: ['Ingress'] },
    { name: 'rules for egress', spec: { podSelector: {}, egress: [{}] }, want: ['Ingress', 'Egress'] },
    { name: 'an empty list for egress', spec: { podSelector: {}, egress: [] }, want: ['Ingress'] },
    { name: 'types that were chosen', spec: { podSelector: {}, policyTypes: ['Egress'] }, want: ['Egress'] },
  ])('policy types of $name', ({ spec, want }) => expect(finished(networkPolicies, { spec }).spec!.policyTypes).toEqual(want));

  test('ports of a policy are of TCP, parameters of a class of the cluster', () => {
    expect(finished(networkPolicies, policy({ ports: [{ port: 80 }] })).spec!.ingress![0]!.ports).toEqual([{ port: 80, protocol: 'TCP' }]);
    const own = finished(ingressClasses, { spec: { controller: 'a.io/b', parameters: { kind: 'K', name: 'n' } } });
    expect(own.spec!.parameters!.scope).toBe('Cluster');
  });
});

test('blocks that can be read in two ways get a warning', () => {
  const body = policy({ from: [{ ipBlock: { cidr: '10.1.2.3/8' } }, { ipBlock: { cidr: '10.0.0.0/8' } }] });
  expect(networkPolicies.warnings!(finished(networkPolicies, body), undefined)).toEqual([
    'spec.ingress[0].from[0].ipBlock.cidr: CIDR value "10.1.2.3/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.1.2.3/32"?)',
  ]);
});

test('rows', () => {
  expect(row(networkPolicies, { spec: { podSelector: { matchLabels: { app: 'db' } } } })).toMatchObject({ 'Pod-Selector': 'app=db' });
  const rules = ['a', 'b', 'c', 'd'].map((host) => ({ host }));
  const status = { loadBalancer: { ingress: [{ ip: '172.18.255.200' }] } };
  expect(row(ingresses, { spec: { rules, tls: [{}], ingressClassName: 'nginx' }, status })).toMatchObject({
    Class: 'nginx',
    Hosts: 'a,b,c + 1 more...',
    Address: '172.18.255.200',
    Ports: '80, 443',
  });
  expect(row(ingresses, { spec: { defaultBackend: service } })).toMatchObject({ Class: '<none>', Hosts: '*', Address: '', Ports: '80' });
  const parameters = { apiGroup: 'k8s.example.com', kind: 'Config', name: 'x' };
  expect(row(ingressClasses, { spec: { controller: 'a.io/b', parameters } })).toMatchObject({ Parameters: 'Config.k8s.example.com/x' });
  const parentRef = { resource: 'services', namespace: 'default', name: 'kubernetes' };
  expect(row(ipAddresses, { spec: { parentRef } })).toMatchObject({ ParentRef: 'services/default/kubernetes' });
  expect(row(serviceCIDRs, { spec: { cidrs: ['10.96.0.0/16'] } })).toMatchObject({ CIDRs: '10.96.0.0/16' });
});
