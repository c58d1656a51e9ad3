import type { Change, LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

export default function checks(lab: LabContext) {
  const readyPods = (app: string) => lab.list('pods', { namespace: 'shop', labels: { app }, ready: true });
  /** Pods of batch that the scheduler took away, or that somebody else did. */
  const removed = (by: string, after?: number): readonly Change[] =>
    lab.history
      .deletions('pods', after === undefined ? { namespace: 'shop', by } : { namespace: 'shop', by, after })
      .filter(({ name }) => name.startsWith('batch-'));

  async function reportPod() {
    const pod = await lab.get('pods', 'shop/report');
    expect(pod, lab.say`a Pod report; see ${'kubectl get pods -n shop'}`).toBeDefined();
    expect(
      pod?.spec?.containers[0]?.resources?.requests?.cpu,
      lab.say`report to request 1500m of CPU; see ${'kubectl get pod report -n shop -o yaml'}`,
    ).toMatch(/^(1500m|1\.5)$/);
    const batch = (await lab.get('priorityclasses', 'batch'))?.value ?? 0;
    expect(pod?.spec?.priority ?? 0, lab.say`its priority to be above that of batch; see ${'kubectl get priorityclasses'}`).toBeGreaterThan(
      batch,
    );
    expect(pod?.spec?.preemptionPolicy, lab.say`it to push nobody; see ${'kubectl get pod report -n shop -o yaml'}`).toBe('Never');
    return pod!;
  }

  test('class', async () => {
    const urgent = await lab.get('priorityclasses', 'urgent');
    expect(urgent, lab.say`a PriorityClass urgent; see ${'kubectl get priorityclasses'}`).toBeDefined();
    expect(urgent?.value, lab.say`a higher value than that of batch; see ${'kubectl get priorityclasses'}`).toBeGreaterThan(
      (await lab.get('priorityclasses', 'batch'))?.value ?? 0,
    );
    expect(urgent?.globalDefault ?? false, 'whether it is the default for all Pods; see `kubectl get priorityclasses`').toBe(false);
  });

  test('checkout', async () => {
    const ready = (await readyPods('checkout')).filter(({ spec }) => spec?.priorityClassName === 'urgent');
    expect(ready.length, lab.say`two ready Pods of checkout of the class urgent; see ${'kubectl get pods -n shop'}`).toBe(2);
    expect(removed('kube-scheduler').length, lab.say`Pods of batch that were preempted; see ${'kubectl events -n shop'}`).toBeGreaterThan(
      0,
    );
    expect(removed('learner').length, 'Pods of batch that you deleted; see `kubectl events -n shop`').toBe(0);
    expect(
      (await lab.get('deployments', 'shop/batch'))?.spec?.replicas,
      'replicas that batch wants; see `kubectl get deployment -n shop batch`',
    ).toBe(6);
  });

  test('report', async () => {
    const pod = await reportPod();
    expect(pod.spec?.nodeName ?? '', lab.say`it to wait without a node; see ${'kubectl get pod report -n shop -o wide'}`).toBe('');
    const pending = lab.conditionOf(pod, 'PodScheduled');
    expect(pending, lab.say`the scheduler to have looked at it; see ${'kubectl describe pod report -n shop'}`).toBe('False');
  });

  test('turn', async () => {
    const pod = await reportPod();
    expect(lab.conditionOf(pod, 'Ready'), lab.say`report to be ready; see ${'kubectl describe pod report -n shop'}`).toBe('True');
    const born = lab.history.creations('pods', { namespace: 'shop', name: 'report' }).at(-1)?.time ?? 0;
    expect(
      removed('kube-scheduler', born).length,
      'Pods of batch that were preempted since report was created; see `kubectl events -n shop`',
    ).toBe(0);
  });
}
