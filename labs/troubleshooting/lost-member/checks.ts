import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

/** The member of this machine answers its probe, and the machine's kubelet its API server. */
async function expectMember(lab: LabContext, machine: string): Promise<void> {
  const pod = await lab.get('pods', `kube-system/etcd-${machine}`);
  expect(pod && lab.conditionOf(pod, 'Ready'), lab.say`etcd of ${machine} to be ready; see ${`etcdctl endpoint health --cluster`}`).toBe(
    'True',
  );
  const node = await lab.get('nodes', machine);
  expect(node && lab.conditionOf(node, 'Ready'), lab.say`${machine} to be Ready; see ${`kubectl describe node ${machine}`}`).toBe('True');
}

export default function checks(lab: LabContext) {
  test('whole', () => expectMember(lab, 'control-plane-2'));

  test('still', () => {
    const after = (lab.history.greenAt('whole') ?? Number.POSITIVE_INFINITY) + 5;
    const made = lab.history.creations('configmaps', { namespace: 'default', name: 'still', by: 'learner', after });
    expect(
      made.length,
      lab.say`a ConfigMap still, made after control-plane-3 was lost; see ${'etcdctl endpoint health --cluster'}`,
    ).toBeGreaterThan(0);
  });

  test('again', async () => {
    for (const machine of ['control-plane', 'control-plane-2', 'control-plane-3']) await expectMember(lab, machine);
  });
}
