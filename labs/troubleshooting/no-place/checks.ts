import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const namespace = 'harbour';
const quay = 'harbour.example/quay';

export default function checks(lab: LabContext) {
  const pods = (app: string, ready?: boolean) => lab.list('pods', { namespace, labels: { app }, ...(ready && { ready }) });
  const alive = async () => (await pods('cranes')).filter(({ metadata }) => !metadata.deletionTimestamp);
  const taintsOfNode2 = async () => (await lab.get('nodes', 'node-2'))?.spec?.taints ?? [];
  const template = async () => (await lab.get('deployments', 'harbour/cranes'))?.spec?.template.spec;
  const isTainted = async (): Promise<boolean> =>
    (await taintsOfNode2()).some(({ key, value, effect }) => key === quay && value === 'deep' && effect === 'NoSchedule');
  const hard = async () => (await lab.list('resourcequotas', { namespace })).map(({ spec }) => spec?.hard);

  test('made', async () => {
    const requests = (await alive()).map(({ spec }) => spec?.containers[0]?.resources?.requests?.cpu);
    expect(requests, lab.say`three Pods that ask for 500m each; see ${'kubectl describe replicasets -n harbour'}`).toEqual([
      '500m',
      '500m',
      '500m',
    ]);
    expect(await hard(), lab.say`the one quota, unchanged; see ${'kubectl describe quota -n harbour'}`).toEqual([
      { 'requests.cpu': '3', pods: '8' },
    ]);
  });

  test('placed', async () => {
    const nodes = (await pods('cranes', true)).map(({ spec }) => spec?.nodeName);
    expect(nodes, lab.say`three ready cranes on node-2; see ${'kubectl get pods -n harbour -o wide'}`).toEqual([
      'node-2',
      'node-2',
      'node-2',
    ]);
    const labelled = (await lab.list('nodes'))
      .filter(({ metadata }) => metadata.labels?.[quay] !== undefined)
      .map(({ metadata }) => metadata.name);
    expect(labelled, lab.say`nodes with a quay; see ${`kubectl get nodes -L ${quay}`}`).toEqual(['node-2']);
    expect(await isTainted(), lab.say`node-2 to keep others away; see ${'kubectl describe node node-2'}`).toBe(true);
  });

  test('pilot', async () => {
    const nodes = (await pods('pilot', true)).map(({ spec }) => spec?.nodeName);
    expect(nodes, lab.say`a ready pilot on node-3; see ${'kubectl get nodes'}`).toEqual(['node-3']);
  });

  test('stays', async () => {
    const gone = lab.history.deletions('pods', { namespace, after: (lab.history.greenAt('placed') ?? Number.POSITIVE_INFINITY) - 1 });
    expect(gone.length, 'cranes that were thrown away; see `kubectl get pods -n harbour`').toBeGreaterThanOrEqual(3);
    const ready = (await pods('cranes', true)).filter(({ spec }) => spec?.nodeName === 'node-2');
    expect(ready.length, lab.say`three new cranes on node-2; see ${'kubectl describe pods -n harbour -l app=cranes'}`).toBe(3);
    expect(await isTainted(), 'whether node-2 keeps others away; see `kubectl describe node node-2`').toBe(true);
  });

  // What hints wait for.
  test('nobody-asked', () => expect(lab.history.requests({ by: 'learner', resource: 'events' })).toEqual([]));
  test('quota-changed', async () => expect((await hard())[0]).not.toEqual({ 'requests.cpu': '3', pods: '8' }));
  test('selector-wrong', async () => expect((await template())?.nodeSelector?.[quay]).toBe('depe'));
  test('not-tolerated', async () => expect((await template())?.tolerations ?? []).toEqual([]));
  test('taint-gone', async () => expect(await isTainted()).toBe(false));
  test('pilot-moved', async () => expect((await pods('pilot', true)).some(({ spec }) => spec?.nodeName !== 'node-3')).toBe(true));
}
