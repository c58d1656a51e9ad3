import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

/** The ready Pod of a ship, which finds the lighthouse by the name that it always had. */
async function expectShip(lab: LabContext, namespace: string, name: string) {
  const [pod] = await lab.list('pods', { namespace, labels: { app: name }, ready: true });
  expect(pod, lab.say`${name} to find the lighthouse; see ${`kubectl describe pods -n ${namespace} -l app=${name}`}`).toBeDefined();
  expect(
    pod?.spec?.containers[0]?.readinessProbe?.exec?.command?.at(-1),
    lab.say`${name} to ask for the lighthouse by its name; see ${`kubectl get deployment -n ${namespace} ${name} -o yaml`}`,
  ).toBe('http://lighthouse.harbour/');
  expect(
    pod?.spec?.hostAliases,
    lab.say`no private list of names in ${name}; see ${'kubectl explain pod.spec.hostAliases'}`,
  ).toBeUndefined();
  return pod!;
}

async function expectFerryAsItWas(lab: LabContext): Promise<void> {
  const ferry = await expectShip(lab, 'sea', 'ferry');
  expect(ferry.spec?.dnsPolicy, 'the dnsPolicy of ferry; see `kubectl get deployment -n sea ferry -o yaml`').toBe('ClusterFirst');
  expect(ferry.spec?.dnsConfig, 'the dnsConfig of ferry; see `kubectl get deployment -n sea ferry -o yaml`').toBeUndefined();
}

export default function checks(lab: LabContext) {
  test('zone', () => expectFerryAsItWas(lab));

  test('pilot', async () => {
    const { metadata } = await expectShip(lab, 'pilots', 'pilot');
    const elsewhere = await lab.connects(`pilots/${metadata.name}`, 'services/default/kubernetes:443');
    expect(elsewhere.ok, lab.say`pilot to reach nothing else; see ${'kubectl describe networkpolicy -n pilots'}`).toBe(false);
  });

  test('tug', async () => {
    await expectShip(lab, 'sea', 'tug');
  });

  test('false-light', async () => {
    await expectFerryAsItWas(lab);
    await expectShip(lab, 'sea', 'tug');
    await expectShip(lab, 'pilots', 'pilot');
    const corefile = (await lab.get('configmaps', 'kube-system/coredns'))?.data?.Corefile ?? '';
    expect(
      corefile.split('\n').filter((line) => line.includes('lighthouse')),
      lab.say`nobody to answer for single names of the cluster; see ${'kubectl get configmap -n kube-system coredns -o yaml'}`,
    ).toEqual([]);
  });
}
