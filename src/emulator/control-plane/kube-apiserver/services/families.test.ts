/** What becomes of ipFamilies, ipFamilyPolicy and clusterIPs, as upstream's service REST decides it. */
import { describe, expect, test } from 'vitest';
import { services } from '../../../api/core/service.ts';
import type { Service, ServiceSpec } from '../../../api/generated/types.ts';
import { StatusError } from '../../../machinery/status-error.ts';
import { createTestControlPlane } from '../testing.ts';

const dual = '10.96.0.0/16,fd00:10:96::/112';

interface Case {
  readonly name: string;
  readonly cidr?: string;
  readonly spec: Partial<ServiceSpec>;
  /** What an update changes. */
  readonly update?: Partial<ServiceSpec>;
  /** Families and policy, or the message. */
  readonly want: string;
}

function outcome({ cidr = dual, spec, update }: Case): string {
  const plane = createTestControlPlane({ seed: 1, serviceCIDR: cidr });
  const own = { selector: { app: 'a' }, ports: [{ port: 80 }], ...spec };
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: 'a' }, spec: own };
  try {
    let service = plane.run(plane.admin.call({ verb: 'create', kind: services, namespace: 'default', object })) as Service;
    if (update) {
      const next = { ...service, spec: { ...service.spec, ...update } };
      service = plane.run(plane.admin.call({ verb: 'update', kind: services, namespace: 'default', name: 'a', object: next })) as Service;
    }
    const { ipFamilies, ipFamilyPolicy, clusterIPs, clusterIP } = service.spec;
    expect(clusterIP).toBe(clusterIPs![0]);
    const kinds = clusterIPs!.map((ip) => (ip === 'None' ? 'None' : ip.includes(':') ? 'IPv6' : 'IPv4'));
    return `${ipFamilies!.join(',')} ${ipFamilyPolicy} ${kinds.join(',')}`;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return error.message.replace('Service "a" is invalid: ', '');
  }
}

const single = '10.96.0.0/16';
const notDual = 'this cluster is not configured for dual-stack services';

const cases: readonly Case[] = [
  { name: 'nothing asked for', spec: {}, want: 'IPv4 SingleStack IPv4' },
  { name: 'the other family', spec: { ipFamilies: ['IPv6'] }, want: 'IPv6 SingleStack IPv6' },
  { name: 'prefer two', spec: { ipFamilyPolicy: 'PreferDualStack' }, want: 'IPv4,IPv6 PreferDualStack IPv4,IPv6' },
  {
    name: 'require two, IPv6 first',
    spec: { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] },
    want: 'IPv6,IPv4 RequireDualStack IPv6,IPv4',
  },
  { name: 'the family follows from the address', spec: { clusterIP: 'fd00:10:96::77' }, want: 'IPv6 SingleStack IPv6' },
  { name: 'headless without selector', spec: { clusterIP: 'None', selector: {} }, want: 'IPv4,IPv6 RequireDualStack None' },
  { name: 'headless with selector', spec: { clusterIP: 'None' }, want: 'IPv4 SingleStack None' },
  { name: 'prefer two where there is one', cidr: single, spec: { ipFamilyPolicy: 'PreferDualStack' }, want: 'IPv4 PreferDualStack IPv4' },
  {
    name: 'require two where there is one',
    cidr: single,
    spec: { ipFamilyPolicy: 'RequireDualStack' },
    want: `spec.ipFamilyPolicy: Invalid value: "RequireDualStack": ${notDual}`,
  },
  {
    name: 'IPv6 where there is none',
    cidr: single,
    spec: { ipFamilies: ['IPv6'] },
    want: 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
  },
  {
    name: 'an address of IPv6 where there is none',
    cidr: single,
    spec: { clusterIP: 'fd00:10:96::77' },
    want: 'spec.clusterIPs[0]: Invalid value: ["fd00:10:96::77"]: IPv6 is not configured on this cluster',
  },
  {
    name: 'headless for two where there is one',
    cidr: single,
    spec: { clusterIP: 'None', selector: {} },
    want: 'IPv4,IPv6 RequireDualStack None',
  },
  {
    name: 'two families in one stack',
    spec: { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4', 'IPv6'] },
    want: `spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`,
  },
  {
    name: 'two addresses of a family',
    spec: { ipFamilyPolicy: 'RequireDualStack', clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7', '10.96.0.8'] },
    want: 'spec.clusterIPs: Invalid value: ["10.96.0.7","10.96.0.8"]: may specify no more than one IP for each IP family',
  },
  {
    name: 'addresses in another order than families',
    spec: { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'], clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'] },
    want: 'spec.clusterIPs[0]: Invalid value: "10.96.0.7": expected an IPv6 value as indicated by `ipFamilies[0]`',
  },
  { name: 'an upgrade', spec: {}, update: { ipFamilyPolicy: 'PreferDualStack' }, want: 'IPv4,IPv6 PreferDualStack IPv4,IPv6' },
  {
    name: 'an upgrade to a named address',
    spec: { clusterIP: '10.96.0.7' },
    update: { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'], clusterIPs: ['10.96.0.7', 'fd00:10:96::77'] },
    want: 'IPv4,IPv6 RequireDualStack IPv4,IPv6',
  },
  {
    name: 'a downgrade',
    spec: { ipFamilyPolicy: 'RequireDualStack' },
    update: { ipFamilyPolicy: 'SingleStack' },
    want: 'IPv4 SingleStack IPv4',
  },
  {
    name: 'a family dropped without saying so',
    spec: { ipFamilyPolicy: 'RequireDualStack' },
    update: { ipFamilies: ['IPv4'] },
    want: `spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be 'SingleStack' to release the secondary IP family`,
  },
  {
    name: 'another first family',
    spec: {},
    update: { ipFamilies: ['IPv6'] },
    want: expect.stringContaining('spec.clusterIPs[0]: Invalid value:') as unknown as string,
  },
];

describe('families', () => {
  test.each(cases)('$name', (one) => expect(outcome(one)).toEqual(one.want));
});
