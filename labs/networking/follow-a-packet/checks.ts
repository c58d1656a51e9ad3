import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

async function expectReach(lab: LabContext, from: string, to: string, where: string): Promise<void> {
  const { ok, why } = await lab.connects(from, to);
  expect(ok, lab.say`${from} to reach ${to}, but ${why}; see ${where}`).toBe(true);
}

export default function checks(lab: LabContext) {
  test('arrived', async () => {
    const ip = (await lab.get('services', 'post/mail'))?.spec?.clusterIP ?? '';
    const last = lab.history.connections({ from: 'post/sender-1', to: `${ip}:80/TCP` }).at(-1);
    expect(
      last,
      lab.say`a call of sender-1 to the Service mail; see ${'kubectl exec -n post sender-1 -- curl -s http://mail'}`,
    ).toBeDefined();
    const labelled = await lab.list('pods', { namespace: 'post', labels: { letter: 'received' } });
    expect(labelled.length, lab.say`one Pod with the label letter=received; see ${'kubectl get pods -n post -L letter'}`).toBe(1);
    const isRight = labelled[0]!.metadata.name === last!.reached?.split('/')[1];
    expect(isRight, lab.say`the label on the Pod that got the last call of sender-1; on its node, see ${'conntrack -L'}`).toBe(true);
  });

  test('refused', async () => {
    await expectReach(lab, 'post/sender-1', 'services/post/stamps:80', 'kubectl describe service -n post stamps');
    expect(await lab.readyEndpoints('post/stamps'), 'Pods behind the Service stamps; see `kubectl get endpointslices -n post`').toBe(2);
  });

  test('stale', async () => {
    await expectReach(lab, 'post/sender-2', 'services/post/mail:80', 'ssh node-2 iptables-save -t nat');
    expect((await lab.get('pods', 'post/sender-2'))?.spec?.nodeName, 'the node of sender-2; see `kubectl get pods -n post -o wide`').toBe(
      'node-2',
    );
    const nodes = (await lab.list('pods', { namespace: 'kube-system', labels: { 'k8s-app': 'kube-proxy' }, ready: true })).map(
      ({ spec }) => spec?.nodeName,
    );
    expect(nodes, lab.say`the rules of node-2 to be kept up to date from now on; see ${'kubectl get daemonset -n kube-system'}`).toContain(
      'node-2',
    );
  });

  test('dropped', async () => {
    await expectReach(lab, 'post/sender-3', 'services/post/parcels:80', 'kubectl describe networkpolicy -n post');
    const stranger = await lab.connects('post/stranger', 'services/post/parcels:80');
    expect(stranger.ok, lab.say`the stranger to be kept out; see ${'kubectl describe networkpolicy -n post'}`).toBe(false);
    expect(
      (await lab.get('pods', 'post/stranger'))?.metadata.labels?.role,
      'the role of the stranger; see `kubectl get pods -n post --show-labels`',
    ).toBe('stranger');
  });
}
