import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

/** The Pod is ready, and the scheduler has bound it later than this, in seconds. */
async function expectScheduled(lab: LabContext, name: string, after: number): Promise<void> {
  const bound = lab.history.bindings({ namespace: 'default', name, by: 'kube-scheduler', after });
  expect(bound.length, lab.say`the scheduler to give ${name} a node; see ${`kubectl describe pod ${name}`}`).toBeGreaterThan(0);
  const pod = await lab.get('pods', `default/${name}`);
  expect(pod && lab.conditionOf(pod, 'Ready'), lab.say`${name} to be ready; see ${`kubectl get pod ${name} -o wide`}`).toBe('True');
}

export default function checks(lab: LabContext) {
  test('known', () => {
    const made = lab.history.creations('configmaps', { namespace: 'default', name: 'morning', by: 'learner' });
    expect(made.length, lab.say`a ConfigMap that the administrator has made; see ${'kubeadm certs check-expiration'}`).toBeGreaterThan(0);
  });

  test('scheduled', () => expectScheduled(lab, 'early', 0));

  test('believed', () => expectScheduled(lab, 'late', lab.history.greenAt('scheduled') ?? Number.POSITIVE_INFINITY));

  test('node', async () => {
    const node = await lab.get('nodes', 'node-2');
    expect(node && lab.conditionOf(node, 'Ready'), lab.say`node-2 to be Ready; see ${'ssh node-2 journalctl -u kubelet'}`).toBe('True');
  });
}
