import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

export default function checks(lab: LabContext) {
  const readyPods = async (namespace: string, app: string): Promise<number> =>
    (await lab.list('pods', { namespace, labels: { app }, ready: true })).length;
  const webhooks = async () => (await lab.list('validatingwebhookconfigurations')).flatMap((configuration) => configuration.webhooks ?? []);

  test('orders', async () => {
    expect(await readyPods('shop', 'orders'), lab.say`two ready Pods; see ${'kubectl events -n shop --types=Warning'}`).toBe(2);
  });

  test('gate', async () => {
    expect(await readyPods('policy', 'gate'), lab.say`two ready Pods; see ${'kubectl events -n policy --types=Warning'}`).toBe(2);
    const ofGate = (await webhooks()).filter(({ clientConfig }) => clientConfig.service?.name === 'gate');
    expect(ofGate.length, lab.say`a webhook that asks the gate; see ${'kubectl get validatingwebhookconfigurations'}`).toBeGreaterThan(0);
    expect(
      ofGate.map(({ failurePolicy }) => failurePolicy ?? 'Fail'),
      'what happens when it does not answer; see `kubectl get validatingwebhookconfigurations -o yaml`',
    ).not.toContain('Ignore');
    const refused = lab.history
      .requests({ by: 'learner', verb: 'create', resource: 'pods', namespace: 'shop' })
      .filter(({ code }) => code === 400 || code === 403);
    expect(
      refused.length,
      lab.say`a Pod that the gate refused; try ${'kubectl run knock -n shop --image=nginx:1.29 --labels=untested=true'}`,
    ).toBeGreaterThan(0);
  });

  test('stays', async () => {
    const lostAt = lab.history.greenAt('gate') ?? Number.POSITIVE_INFINITY;
    const lost = lab.history.deletions('pods', { namespace: 'policy', after: lostAt - 1 });
    expect(lost.length, 'Pods of the gate that were lost; see `kubectl get pods -n policy`').toBeGreaterThanOrEqual(2);
    expect(await readyPods('policy', 'gate'), lab.say`both back; see ${'kubectl events -n policy --types=Warning'}`).toBe(2);
  });

  // What hints wait for.
  test('events-unread', () => expect(lab.history.requests({ resource: 'events', namespace: 'shop' })).toEqual([]));
  test('nobody-asked', async () => expect(await webhooks()).toEqual([]));
  test('gate-lenient', async () => {
    const policies = (await webhooks()).map(({ failurePolicy }) => failurePolicy);
    expect(policies).toContain('Ignore');
  });
  test('gate-asks-itself', async () => {
    const lost = lab.history.deletions('pods', {
      namespace: 'policy',
      after: (lab.history.greenAt('gate') ?? Number.POSITIVE_INFINITY) - 1,
    });
    expect(lost.length).toBeGreaterThan(0);
    expect(await readyPods('policy', 'gate')).toBe(0);
  });
}
