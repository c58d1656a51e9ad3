import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

async function expectRoom(lab: LabContext): Promise<void> {
  const node = await lab.get('nodes', 'node-1');
  expect(node, lab.say`a node node-1; see ${'kubectl get nodes'}`).toBeDefined();
  expect(lab.conditionOf(node!, 'DiskPressure'), lab.say`DiskPressure of node-1; see ${'kubectl describe node node-1'}`).toBe('False');
  expect(lab.conditionOf(node!, 'Ready'), lab.say`node-1 to be Ready; see ${'kubectl describe node node-1'}`).toBe('True');
}

async function expectTower(lab: LabContext): Promise<void> {
  const pods = await lab.list('pods', { namespace: 'default', labels: { app: 'tower' }, ready: true });
  expect(pods.length, lab.say`six ready Pods of the Deployment tower; see ${'kubectl get pods -o wide'}`).toBeGreaterThanOrEqual(6);
  const here = pods.filter(({ spec }) => spec?.nodeName === 'node-1');
  expect(here.length, lab.say`ready Pods of tower on node-1; see ${'kubectl get pods -o wide'}`).toBeGreaterThanOrEqual(2);
}

export default function checks(lab: LabContext) {
  test('room', () => expectRoom(lab));

  test('work', () => expectTower(lab));

  test('lasting', async () => {
    const events = await lab.list('events', { namespace: 'default' });
    const isBack = events.some(({ reason, involvedObject }) => reason === 'Rebooted' && involvedObject.name === 'node-1');
    expect(isBack, lab.say`node-1 to be back; see ${'kubectl get events | grep Rebooted'}`).toBe(true);
    await expectRoom(lab);
    await expectTower(lab);
  });
}
