import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const schedulers = (lab: LabContext) => lab.list('pods', { namespace: 'kube-system', labels: { component: 'kube-scheduler' } });

async function expectNoScheduler(lab: LabContext): Promise<void> {
  const names = (await schedulers(lab)).map((pod) => pod.metadata.name);
  expect(names, lab.say`no Pod of the scheduler; see ${'kubectl get pods -n kube-system -l component=kube-scheduler'}`).toEqual([]);
}

export default function checks(lab: LabContext) {
  test('stopped', () => expectNoScheduler(lab));

  test('pending', async () => {
    await expectNoScheduler(lab);
    const orphan = await lab.get('pods', 'default/orphan');
    expect(orphan, lab.say`a Pod orphan; see ${'kubectl get pods -o wide'}`).toBeDefined();
    expect(orphan?.spec?.nodeName ?? '', lab.say`it to wait without a node; see ${'kubectl get pod orphan -o wide'}`).toBe('');
  });

  test('manual', async () => {
    await expectNoScheduler(lab);
    const manual = await lab.get('pods', 'default/manual');
    expect(manual, lab.say`a Pod manual; see ${'kubectl get pods'}`).toBeDefined();
    expect(
      manual?.spec?.nodeName ?? '',
      lab.say`it to have a node although nobody schedules; see ${'kubectl get pod manual -o wide'}`,
    ).not.toBe('');
    expect(lab.conditionOf(manual!, 'Ready'), lab.say`it to be ready; see ${'kubectl describe pod manual'}`).toBe('True');
  });

  test('back', async () => {
    const ready = (await schedulers(lab)).filter((pod) => lab.conditionOf(pod, 'Ready') === 'True');
    expect(ready.length, lab.say`a ready scheduler; see ${'kubectl get pods -n kube-system'}`).toBeGreaterThan(0);
    const orphan = await lab.get('pods', 'default/orphan');
    expect(orphan && lab.conditionOf(orphan, 'Ready'), lab.say`orphan to be ready; see ${'kubectl get pod orphan -o wide'}`).toBe('True');
  });
}
