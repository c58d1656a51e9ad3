import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const workers = ['node-1', 'node-2', 'node-3'];

async function expectPlugin(lab: LabContext): Promise<void> {
  const node = await lab.get('nodes', 'node-3');
  expect(node && lab.conditionOf(node, 'Ready'), lab.say`node-3 to be Ready; see ${'kubectl describe node node-3'}`).toBe('True');
  const singer = await lab.get('pods', 'band/singer');
  expect(singer, lab.say`a Pod singer in the namespace band; see ${'kubectl get pods -n band'}`).toBeDefined();
  expect(singer!.spec?.nodeName, lab.say`it on node-3; see ${'kubectl get pod -n band singer -o wide'}`).toBe('node-3');
  expect(singer!.spec?.hostNetwork ?? false, 'whether singer uses the address of its node; see `kubectl get pods -n band -o wide`').toBe(
    false,
  );
  expect(lab.conditionOf(singer!, 'Ready'), lab.say`it to be ready; see ${'kubectl describe pod -n band singer'}`).toBe('True');
}

export default function checks(lab: LabContext) {
  test('plugin', () => expectPlugin(lab));

  test('addresses', async () => {
    const pods = await lab.list('pods', { namespace: 'band', labels: { app: 'crowd' }, ready: true });
    expect(pods.length, lab.say`ten ready Pods of crowd; see ${'kubectl get pods -n band -l app=crowd'}`).toBeGreaterThanOrEqual(10);
    const elsewhere = pods.filter(({ spec }) => spec?.nodeName !== 'node-2').map(({ metadata }) => metadata.name);
    expect(elsewhere, lab.say`all of them on node-2; see ${'kubectl get pods -n band -o wide'}`).toEqual([]);
    const block = (await lab.get('nodes', 'node-2'))?.spec?.podCIDR ?? '';
    const [, prefix] = /^(\d+\.\d+\.\d+\.)\d+\/24$/.exec(block)!;
    const strangers = pods.map(({ status }) => status?.podIP ?? '').filter((ip) => !ip.startsWith(prefix!));
    expect(strangers, lab.say`addresses from ${block} only; see ${'kubectl get pods -n band -o wide'}`).toEqual([]);
    const file = '/etc/cni/net.d/10-bridge.conflist';
    expect(await lab.file('node-2', file), lab.say`the plugin to hand out all of ${block}; see ${`ssh node-2 cat ${file}`}`).toContain(
      `"${block}"`,
    );
  });

  test('rules', async () => {
    await expectPlugin(lab);
    expect(
      await lab.readyEndpoints('band/encore'),
      lab.say`a Service encore with two Pods; see ${'kubectl get endpointslices -n band'}`,
    ).toBe(2);
    for (const name of workers) {
      const { ok, why } = await lab.connects(name, 'services/band/encore:80');
      expect(ok, lab.say`encore to be reached from ${name}, but ${why}; see ${`ssh ${name} iptables-save -t nat`}`).toBe(true);
    }
    const proxies = await lab.list('pods', { namespace: 'kube-system', labels: { 'k8s-app': 'kube-proxy' }, ready: true });
    expect(
      proxies.map(({ spec }) => spec?.nodeName).sort(),
      lab.say`a ready kube-proxy on each node; see ${'kubectl get daemonset -n kube-system'}`,
    ).toEqual(['control-plane', ...workers]);
  });
}
