import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const workers = ['node-1', 'node-2', 'node-3'];

async function expectReady(lab: LabContext, name: string): Promise<void> {
  const node = await lab.get('nodes', name);
  expect(node, lab.say`a node ${name}; see ${'kubectl get nodes'}`).toBeDefined();
  expect(lab.conditionOf(node!, 'Ready'), lab.say`${name} to be Ready; see ${`kubectl describe node ${name}`}`).toBe('True');
}

async function expectPress(lab: LabContext): Promise<void> {
  const pods = await lab.list('pods', { namespace: 'default', labels: { app: 'press' }, ready: true });
  expect(pods.length, lab.say`six ready Pods of the Deployment press; see ${'kubectl get pods -o wide'}`).toBeGreaterThanOrEqual(6);
}

export default function checks(lab: LabContext) {
  test('silent', () => expectReady(lab, 'node-1'));
  test('deaf', () => expectReady(lab, 'node-2'));
  test('runtime', () => expectReady(lab, 'node-3'));
  test('work', () => expectPress(lab));

  test('lasting', async () => {
    for (const name of workers) {
      for (const service of ['kubelet', 'containerd']) {
        const unit = await lab.unit(name, service);
        expect(
          unit?.isEnabled,
          lab.say`${service} of ${name} to start with the machine; see ${`ssh ${name} systemctl status ${service}`}`,
        ).toBe(true);
      }
      await expectReady(lab, name);
    }
    const rebooted = (await lab.list('events', { namespace: 'default' })).filter(({ reason }) => reason === 'Rebooted');
    const names = new Set(rebooted.map(({ involvedObject }) => involvedObject.name));
    expect(names.has('node-1') && names.has('node-3'), lab.say`both machines to be back; see ${'kubectl get events | grep Rebooted'}`).toBe(
      true,
    );
    await expectPress(lab);
  });
}
