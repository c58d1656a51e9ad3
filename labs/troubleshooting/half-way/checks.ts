import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const namespace = 'till';

export default function checks(lab: LabContext) {
  const pods = async (version: string, ready?: boolean) =>
    lab.list('pods', { namespace, labels: { app: 'till', version }, ...(ready && { ready }) });
  const deployment = () => lab.get('deployments', 'till/till');
  const waitsFor = async (): Promise<readonly string[]> =>
    (await pods('2.0')).flatMap(({ status }) => (status?.containerStatuses ?? []).map(({ state }) => state?.waiting?.reason ?? ''));
  const budgets = async () =>
    (await lab.list('poddisruptionbudgets', { namespace })).filter(
      ({ status }) => (status?.expectedPods ?? 0) >= 3 && (status?.desiredHealthy ?? 0) >= 2,
    );
  const deletedByHand = () =>
    lab.history.deletions('pods', { namespace, by: 'learner', after: lab.history.greenAt('rolled') ?? Number.POSITIVE_INFINITY });

  test('rolled', async () => {
    const images = (await pods('2.0', true)).map(({ spec }) => spec?.containers[0]?.image);
    expect(images.slice(0, 3), lab.say`three ready Pods of version 2.0; see ${'kubectl get replicasets,pods -n till'}`).toEqual(
      Array(3).fill('registry.example/till:2.0'),
    );
    const { status, metadata, spec } = (await deployment()) ?? {};
    expect(status?.observedGeneration, 'the generation of the Deployment that its controller has seen').toBe(metadata?.generation);
    expect(status?.updatedReplicas, lab.say`a complete rollout; see ${'kubectl rollout status deployment/till -n till'}`).toBe(
      status?.replicas,
    );
    const refs = (spec?.template.spec?.containers[0]?.env ?? []).map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name);
    const sources = (spec?.template.spec?.containers[0]?.envFrom ?? []).map(({ configMapRef }) => configMapRef?.name);
    expect([...refs, ...sources], 'where the currency comes from; see `kubectl get deployment -n till till -o yaml`').toContain('till');
  });

  test('emptied', async () => {
    expect((await lab.get('nodes', 'node-2'))?.spec?.unschedulable, lab.say`node-2 to take no Pods; see ${'kubectl get nodes'}`).toBe(true);
    const left = (await lab.list('pods', { namespace }))
      .filter(({ spec }) => spec?.nodeName === 'node-2')
      .map(({ metadata }) => metadata.name);
    expect(left, lab.say`no Pod of the till on node-2; see ${'kubectl get pods -n till -o wide'}`).toEqual([]);
    expect((await pods('2.0', true)).length, 'ready Pods of the till; see `kubectl get pods -n till`').toBeGreaterThanOrEqual(3);
    expect((await budgets()).length, lab.say`a budget that leaves two Pods at least; see ${'kubectl get pdb -n till'}`).toBeGreaterThan(0);
    expect(
      deletedByHand().map(({ name }) => name),
      lab.say`no Pod to have been deleted without asking the budget; see ${'kubectl drain --help'}`,
    ).toEqual([]);
    expect(lab.history.evictions({ namespace }).length, 'evictions that were granted; see `kubectl drain --help`').toBeGreaterThan(0);
  });

  test('served', () => {
    const low = lab.history.lowest(({ endpoints }) => endpoints('till/till').ready);
    expect(low.value, `ready endpoints ${low.at}, when ${low.cause}; see \`kubectl events -n till\``).toBeGreaterThanOrEqual(2);
  });

  // What hints wait for.
  test('not-begun', async () => expect(await pods('2.0')).toEqual([]));
  test('key-missing', async () => expect(await waitsFor()).toContain('CreateContainerConfigError'));
  test('value-refused', async () => {
    const restarts = (await pods('2.0')).flatMap(({ status }) => (status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));
    expect(Math.max(0, ...restarts)).toBeGreaterThan(0);
  });
  test('budget-gone', async () => expect(await lab.list('poddisruptionbudgets', { namespace })).toEqual([]));
  test('deleted-past-it', () => expect(deletedByHand()).not.toEqual([]));
}
