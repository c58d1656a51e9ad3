import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

export default function checks(lab: LabContext) {
  const readyLetters = () => lab.list('pods', { namespace: 'post', labels: { app: 'letters' }, ready: true });
  const boundBy = (by: string) => new Set(lab.history.bindings({ namespace: 'post', by }).map(({ name }) => name));

  test('first', async () => {
    const mine = boundBy('learner');
    expect(mine.size, lab.say`a Pod of post that you have bound; see ${'kubectl get pods -n post -o wide'}`).toBeGreaterThan(0);
    const there = (await readyLetters()).filter(({ metadata, spec }) => spec?.nodeName === 'node-2' && mine.has(metadata.name));
    expect(
      there.length,
      lab.say`a Pod of letters that you have bound to be ready on node-2; see ${'kubectl get pods -n post -o wide'}`,
    ).toBeGreaterThan(0);
  });

  test('refused', async () => {
    const parcel = await lab.get('pods', 'post/parcel');
    expect(
      parcel?.spec?.containers[0]?.resources?.requests?.cpu,
      'CPUs that parcel requests; see `kubectl describe pod -n post parcel`',
    ).toBe('6');
    expect(parcel?.spec?.nodeName ?? '', lab.say`parcel to have a node; see ${'kubectl get pod parcel -n post -o wide'}`).not.toBe('');
    expect(parcel?.status?.reason, lab.say`the kubelet's refusal; see ${'kubectl describe pod parcel -n post'}`).toBe('OutOfcpu');
  });

  test('clerk', async () => {
    const clerk = await lab.get('pods', 'post/clerk');
    expect(clerk, lab.say`a Pod clerk; see ${'kubectl get pods -n post'}`).toBeDefined();
    expect(clerk?.spec?.serviceAccountName, 'its service account; see `kubectl get pod -n post clerk -o yaml`').toBe('clerk');
    const letters = await readyLetters();
    expect(letters.length, lab.say`four ready Pods of letters; see ${'kubectl logs -n post clerk'}`).toBe(4);
    const bound = boundBy('serviceaccount:post:clerk');
    const byClerk = letters.filter(({ metadata }) => bound.has(metadata.name));
    expect(
      byClerk.length,
      lab.say`three or more of them to be bound by the clerk; see ${'kubectl logs -n post clerk'}`,
    ).toBeGreaterThanOrEqual(3);
  });
}
