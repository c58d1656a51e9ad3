import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

export default function checks(lab: LabContext) {
  const boundByThrifty = () => new Set(lab.history.bindings({ namespace: 'shop', by: 'thrifty' }).map(({ name }) => name));

  /** The nodes of the ready Pods of an app, each of which must have come there by thrifty's choice alone. */
  async function nodesOf(app: string): Promise<readonly string[]> {
    const pods = await lab.list('pods', { namespace: 'shop', labels: { app }, ready: true });
    const bound = boundByThrifty();
    const free = pods.every(
      ({ metadata, spec }) => bound.has(metadata.name) && !spec?.nodeSelector && !spec?.affinity && !spec?.topologySpreadConstraints,
    );
    expect(
      free,
      lab.say`Pods of ${app} that thrifty has placed, without a rule of their own; see ${`kubectl get deployment ${app} -n shop -o yaml`}`,
    ).toBe(true);
    return pods.map(({ spec }) => spec?.nodeName ?? '').sort();
  }

  async function expectErrands(): Promise<void> {
    expect(
      await nodesOf('errands'),
      lab.say`three ready Pods of errands on node-2 and three on node-3; see ${'kubectl get pods -n shop -o wide'}`,
    ).toEqual(['node-2', 'node-2', 'node-2', 'node-3', 'node-3', 'node-3']);
  }

  test('running', async () => {
    const ready = (await lab.get('deployments', 'kube-system/thrifty'))?.status?.readyReplicas ?? 0;
    expect(ready, lab.say`a ready Pod of the Deployment thrifty; see ${'kubectl get pods -n kube-system -l app=thrifty'}`).toBe(1);
    const errands = [...boundByThrifty()].filter((name) => name.startsWith('errands-'));
    expect(errands.length, lab.say`a Pod of errands that thrifty has bound; see ${'kubectl describe pods -n shop'}`).toBeGreaterThan(0);
  });

  test('cheapest', expectErrands);

  test('guests', async () => {
    expect(await nodesOf('guests'), lab.say`a ready Pod of guests on each worker; see ${'kubectl get pods -n shop -o wide'}`).toEqual([
      'node-1',
      'node-2',
      'node-3',
    ]);
    await expectErrands();
  });
}
