import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

/** The customer gets an answer whichever way the Service sends them. */
async function expectServed(lab: LabContext, service: string): Promise<void> {
  const { ok, why } = await lab.connects('bakery/customer', `services/bakery/${service}:80`);
  expect(ok, lab.say`the customer to reach ${service}, but ${why}; see ${`kubectl describe service -n bakery ${service}`}`).toBe(true);
}

async function expectPods(lab: LabContext, app: string): Promise<void> {
  const pods = (await lab.list('pods', { namespace: 'bakery', ready: true })).filter(({ metadata }) => metadata.name.startsWith(`${app}-`));
  expect(pods.length, lab.say`two ready Pods of the Deployment ${app}; see ${'kubectl get pods -n bakery'}`).toBe(2);
  expect(
    await lab.readyEndpoints(`bakery/${app}`),
    lab.say`both of them behind the Service; see ${`kubectl get endpointslices -n bakery -l kubernetes.io/service-name=${app}`}`,
  ).toBe(2);
}

export default function checks(lab: LabContext) {
  test('bread', async () => {
    await expectPods(lab, 'bread');
    await expectServed(lab, 'bread');
  });

  test('cake', async () => {
    await expectPods(lab, 'cake');
    await expectServed(lab, 'cake');
  });

  test('tea', async () => {
    await expectPods(lab, 'tea');
    const probed = (await lab.list('pods', { namespace: 'bakery', ready: true })).filter(
      ({ metadata, spec }) => metadata.name.startsWith('tea-') && spec?.containers[0]?.readinessProbe,
    );
    expect(probed.length, lab.say`the Pods to be asked by a readiness probe; see ${'kubectl get deployment -n bakery tea -o yaml'}`).toBe(
      2,
    );
    await expectServed(lab, 'tea');
  });

  test('flour', async () => {
    const slices = await lab.list('endpointslices', { namespace: 'bakery', labels: { 'kubernetes.io/service-name': 'flour' } });
    expect(
      slices.flatMap(({ endpoints }) => (endpoints ?? []).flatMap(({ addresses }) => addresses)),
      lab.say`a slice of the Service flour with the mill's address; see ${'kubectl get endpointslices -n bakery'}`,
    ).toEqual(['172.18.0.5']);
    await expectServed(lab, 'flour');
  });
}
