import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

async function ready(lab: LabContext, component: string) {
  return lab.list('pods', { namespace: 'kube-system', labels: { component }, ready: true });
}

export default function checks(lab: LabContext) {
  test('scheduled', async () => {
    const bound = lab.history.bindings({ namespace: 'default', name: 'parcel', by: 'kube-scheduler' });
    expect(bound.length, lab.say`the scheduler to give parcel a node; see ${'kubectl describe pod parcel'}`).toBeGreaterThan(0);
    const parcel = await lab.get('pods', 'default/parcel');
    expect(parcel && lab.conditionOf(parcel, 'Ready'), lab.say`parcel to be ready; see ${'kubectl get pod parcel -o wide'}`).toBe('True');
  });

  test('managed', async () => {
    const made = lab.history.creations('replicasets', { namespace: 'default', by: 'deployment-controller' });
    expect(
      made.some(({ name }) => name.startsWith('letters-')),
      lab.say`a ReplicaSet that the Deployment controller has made for letters; see ${'kubectl get deployments,replicasets'}`,
    ).toBe(true);
    const letters = await lab.get('deployments', 'default/letters');
    expect(letters?.status?.readyReplicas ?? 0, lab.say`two ready Pods; see ${'kubectl get deployment letters'}`).toBe(2);
  });

  test('answers', async () => {
    const { ok, why } = await lab.connects('node-1', 'control-plane:6443');
    expect(ok, lab.say`somebody to listen at port 6443 of the control plane, but ${why}; see ${'crictl ps -a'}`).toBe(true);
  });

  test('lasting', async () => {
    for (const component of ['kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'etcd']) {
      const all = await lab.list('pods', { namespace: 'kube-system', labels: { component } });
      expect(all.length, lab.say`one Pod of ${component}; see ${'ls /etc/kubernetes/manifests'}`).toBe(1);
      expect((await ready(lab, component)).length, lab.say`${component} to be ready; see ${'kubectl get pods -n kube-system'}`).toBe(1);
    }
  });
}
