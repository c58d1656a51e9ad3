import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

async function expectReach(lab: LabContext, from: string, to: string, where: string): Promise<void> {
  const { ok, why } = await lab.connects(from, to);
  expect(ok, lab.say`a connection from ${from} to ${to} to work, but ${why}; see ${where}`).toBe(true);
}

async function expectService(lab: LabContext, name: string, type: string): Promise<string> {
  const service = await lab.get('services', `museum/${name}`);
  expect(service?.spec?.type, lab.say`a Service ${name} of type ${type}; see ${'kubectl get services -n museum'}`).toBe(type);
  expect(
    await lab.readyEndpoints(`museum/${name}`),
    lab.say`both Pods of the museum behind ${name}; see ${`kubectl describe service -n museum ${name}`}`,
  ).toBe(2);
  return service?.status?.loadBalancer?.ingress?.[0]?.ip ?? '';
}

export default function checks(lab: LabContext) {
  test('staff', async () => {
    await expectReach(lab, 'museum/guard', 'services/museum/museum:80', 'kubectl describe service -n museum museum');
    expect(
      await lab.readyEndpoints('museum/museum'),
      'Pods of the museum behind the Service; see `kubectl get endpointslices -n museum`',
    ).toBe(2);
  });

  test('door', async () => {
    await expectService(lab, 'museum-door', 'NodePort');
    for (const node of await lab.list('nodes')) {
      await expectReach(lab, 'outside', `${node.metadata.name}:30080`, 'kubectl get services -A');
    }
    const door = await lab.get('services', 'museum/museum-door');
    expect(
      door?.spec?.ports?.map(({ nodePort }) => nodePort),
      'the node ports of museum-door; see `kubectl get service -n museum museum-door`',
    ).toContain(30080);
    await expectReach(lab, 'museum/guard', 'services/attic/exhibition:80', 'kubectl get services -n attic');
  });

  test('town', async () => {
    const ip = await expectService(lab, 'museum-front', 'LoadBalancer');
    expect(ip, lab.say`museum-front to have an address; see ${'kubectl get service -n museum museum-front'}`).not.toBe('');
    await expectReach(lab, 'outside', `${ip}:80`, 'kubectl describe service -n museum museum-front');
  });

  test('visitors', async () => {
    const ip = await expectService(lab, 'museum-front', 'LoadBalancer');
    const service = await lab.get('services', 'museum/museum-front');
    expect(
      service?.spec?.externalTrafficPolicy,
      lab.say`the sender of what comes from outside to stay; see ${'kubectl explain service.spec.externalTrafficPolicy'}`,
    ).toBe('Local');
    await expectReach(lab, 'outside', `${ip}:80`, 'kubectl describe service -n museum museum-front');
  });

  test('archive', async () => {
    const service = await lab.get('services', 'museum/archive');
    expect(
      service?.spec?.type === 'ExternalName' ? service.spec.externalName : undefined,
      lab.say`a Service archive that is a name for another; see ${'kubectl get service -n museum archive'}`,
    ).toBe('archive.example.org');
  });
}
