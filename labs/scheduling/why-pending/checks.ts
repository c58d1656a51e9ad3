import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

export default function checks(lab: LabContext) {
  const readyPods = (app: string) => lab.list('pods', { namespace: 'depot', labels: { app }, ready: true });
  const describe = (app: string) => `kubectl describe pods -n depot -l app=${app}`;

  test('press', async () => {
    const pods = await readyPods('press');
    expect(pods.length, lab.say`a ready Pod of press; see ${describe('press')}`).toBe(1);
    const cpu = pods[0]?.spec?.containers[0]?.resources?.requests?.cpu ?? '0';
    expect(
      millis(cpu),
      lab.say`press to ask for two CPUs or more; see ${'kubectl get deployment press -n depot -o yaml'}`,
    ).toBeGreaterThanOrEqual(2000);
  });

  test('scanner', async () => {
    const nodes = (await readyPods('scanner')).map((pod) => pod.spec?.nodeName);
    expect(nodes, lab.say`one ready Pod of scanner, on node-3; see ${'kubectl get pods -n depot -o wide'}`).toEqual(['node-3']);
    const others = (await lab.list('nodes', { labels: { 'depot.example/reader': 'barcode' } })).map((node) => node.metadata.name);
    expect(others, lab.say`only node-3 to be labelled; see ${'kubectl get nodes -L depot.example/reader'}`).toEqual(['node-3']);
  });

  test('pair', async () => {
    const orders = await readyPods('orders');
    const stock = await readyPods('stock');
    expect(orders.length, lab.say`a ready Pod of orders; see ${describe('orders')}`).toBe(1);
    expect(stock.length, lab.say`a ready Pod of stock; see ${describe('stock')}`).toBe(1);
    expect(orders[0]?.spec?.nodeName, lab.say`both on one node; see ${'kubectl get pods -n depot -o wide'}`).toBe(stock[0]?.spec?.nodeName);
  });

  test('ledger', async () => {
    const pods = await readyPods('ledger');
    expect(pods.length, lab.say`two ready Pods of ledger; see ${describe('ledger')}`).toBe(2);
    const constrained = pods.every((pod) =>
      pod.spec?.topologySpreadConstraints?.some(
        ({ topologyKey, whenUnsatisfiable }) => topologyKey === 'topology.kubernetes.io/zone' && whenUnsatisfiable === 'DoNotSchedule',
      ),
    );
    expect(
      constrained,
      lab.say`each to carry a strict constraint over topology.kubernetes.io/zone; see ${'kubectl get deployment ledger -n depot -o yaml'}`,
    ).toBe(true);
    const nodes = await lab.list('nodes');
    const zones = pods.map(
      (pod) => nodes.find((node) => node.metadata.name === pod.spec?.nodeName)?.metadata.labels?.['topology.kubernetes.io/zone'],
    );
    expect(zones.sort(), lab.say`one in each zone; see ${'kubectl get pods -n depot -o wide'}`).toEqual(['east', 'west']);
  });

  test('gate', async () => {
    expect((await readyPods('audit')).length, lab.say`a ready Pod of audit; see ${'kubectl get pods -n depot -l app=audit'}`).toBe(1);
  });
}

const millis = (cpu: string): number => (cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000);
