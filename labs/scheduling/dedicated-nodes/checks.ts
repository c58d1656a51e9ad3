import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const dedicated = 'node-3';

export default function checks(lab: LabContext) {
  test('reserved', async () => {
    const taints = (await lab.get('nodes', dedicated))?.spec?.taints ?? [];
    // A node that is cordoned or unwell is tainted by the cluster itself; this must be the learner's own.
    const own = taints.filter(({ key }) => !key.startsWith('node.kubernetes.io/')).map(({ effect }) => effect);
    expect(own, lab.say`a taint of the effect NoExecute on ${dedicated}; see ${`kubectl describe node ${dedicated}`}`).toContain(
      'NoExecute',
    );
    const guests = (await lab.list('pods', { namespace: 'shop' })).filter(({ spec }) => spec?.nodeName === dedicated);
    expect(
      guests.map(({ metadata }) => metadata.name),
      lab.say`no Pod of shop there; see ${'kubectl get pods -n shop -o wide'}`,
    ).toEqual([]);
  });

  test('shop', async () => {
    const pods = await lab.list('pods', { namespace: 'shop', labels: { app: 'web' }, ready: true });
    expect(pods.length, lab.say`six ready Pods of web; see ${'kubectl get pods -n shop -o wide'}`).toBe(6);
    expect(
      pods.some(({ spec }) => spec?.nodeName === dedicated),
      `whether one of them is on ${dedicated}; see \`kubectl get pods -n shop -o wide\``,
    ).toBe(false);
  });

  test('training', async () => {
    const pods = await lab.list('pods', { namespace: 'ml', labels: { app: 'training' }, ready: true });
    expect(
      pods.map(({ spec }) => spec?.nodeName),
      lab.say`two ready Pods of training, both on ${dedicated}; see ${'kubectl get pods -n ml -o wide'}`,
    ).toEqual([dedicated, dedicated]);
  });

  test('agent', async () => {
    const pods = await lab.list('pods', { namespace: 'kube-system', labels: { app: 'agent' }, ready: true });
    const nodes = pods.map(({ spec }) => spec?.nodeName).filter((name) => name !== 'control-plane');
    expect(
      nodes.sort(),
      lab.say`a ready Pod of agent on each worker; see ${'kubectl get pods -n kube-system -l app=agent -o wide'}`,
    ).toEqual(['node-1', 'node-2', 'node-3']);
  });
}
