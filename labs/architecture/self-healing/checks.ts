import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

/** Pods that answer for the kiosk: Ready, and not on their way out. */
const kioskPods = (lab: LabContext) => lab.list('pods', { namespace: 'kiosk', labels: { app: 'kiosk' }, ready: true });

export default function checks(lab: LabContext) {
  test('running', async () => {
    const pods = await kioskPods(lab);
    expect(
      pods.map((pod) => pod.spec?.containers[0]?.image),
      lab.say`three ready Pods labelled app=kiosk; see ${'kubectl get pods -n kiosk --show-labels'}`,
    ).toEqual(Array(3).fill('registry.example/kiosk:1.0'));
    expect(new Set(pods.map((pod) => pod.spec?.nodeName)).size, 'nodes in use; see `kubectl get pods -n kiosk -o wide`').toBeGreaterThan(1);
    expect(
      await lab.readyEndpoints('kiosk/kiosk'),
      lab.say`the Service to select all three; see ${'kubectl get endpointslices -n kiosk'}`,
    ).toBe(3);
  });

  test('container', async () => {
    const restarted = (await kioskPods(lab)).filter((pod) => pod.status?.containerStatuses?.some((status) => status.restartCount > 0));
    expect(restarted.length, lab.say`a ready Pod whose RESTARTS is above 0; see ${'kubectl get pods -n kiosk'}`).toBeGreaterThan(0);
  });

  test('pod', async () => {
    const deleted = lab.history.deletions('pods', { namespace: 'kiosk', by: 'learner' });
    expect(deleted.length, lab.say`a Pod that you deleted; see ${'kubectl get events -n kiosk'}`).toBeGreaterThan(0);
    const heirs = lab.history.creations('pods', { namespace: 'kiosk', by: 'replicaset-controller', after: deleted[0]!.time });
    expect(heirs.length, 'Pods that the ReplicaSet controller made afterwards; see `kubectl events -n kiosk`').toBeGreaterThan(0);
  });

  test('node', async () => {
    const lost = (await lab.list('nodes')).filter((node) => lab.conditionOf(node, 'Ready') === 'Unknown').map((node) => node.metadata.name);
    expect(lost.length, lab.say`a node that no longer reports; see ${'kubectl get nodes'}`).toBeGreaterThan(0);
    const alive = (await kioskPods(lab)).filter((pod) => !lost.includes(pod.spec?.nodeName ?? ''));
    expect(
      alive.length,
      lab.say`three ready Pods on nodes that are Ready; Pods of a lost node are given up after their toleration ends, see ${'kubectl get pods -n kiosk -o wide'}`,
    ).toBe(3);
  });

  test('served', () => {
    const low = lab.history.lowest(({ endpoints }) => endpoints('kiosk/kiosk').ready, { since: 'running' });
    expect(low.value, `ready endpoints at ${low.at}, when ${low.cause}; see \`kubectl events -n kiosk\``).toBeGreaterThanOrEqual(2);
  });
}
