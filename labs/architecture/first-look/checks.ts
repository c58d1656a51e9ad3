import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

export default function checks(lab: LabContext) {
  test('findings', async () => {
    const findings = await lab.get('configmaps', 'default/findings');
    expect(findings, lab.say`a ConfigMap named findings; see ${'kubectl get configmaps'}`).toBeDefined();
    const scheduler = (await lab.list('pods', { namespace: 'kube-system', labels: { component: 'kube-scheduler' } }))[0];
    expect(
      findings?.data?.scheduler?.trim(),
      lab.say`the key scheduler to name the node of the Pod kube-scheduler-…; see ${'kubectl get pods -n kube-system -o wide'}`,
    ).toBe(scheduler?.spec?.nodeName);
    const dns = await lab.get('services', 'kube-system/kube-dns');
    expect(
      findings?.data?.dns?.trim(),
      lab.say`the key dns to hold the cluster IP of the DNS Service; see ${'kubectl get services -n kube-system'}`,
    ).toBe(dns?.spec?.clusterIP);
  });

  test('hello', async () => {
    const pod = await lab.get('pods', 'tour/hello');
    expect(pod, lab.say`a Pod hello in the namespace tour; see ${'kubectl get pods -n tour'}`).toBeDefined();
    expect(pod?.spec?.containers[0]?.image, 'its image; see `kubectl describe pod -n tour hello`').toBe('nginx:1.29');
    expect(lab.conditionOf(pod!, 'Ready'), lab.say`it to be ready; see ${'kubectl describe pod -n tour hello'}`).toBe('True');
  });

  test('visited', async () => {
    const home = (await lab.get('pods', 'tour/hello'))?.spec?.nodeName;
    const visited = (await lab.list('nodes', { labels: { tour: 'visited' } })).map((node) => node.metadata.name);
    expect(
      visited,
      lab.say`the label on the node of hello only; see ${'kubectl get nodes -L tour'} and ${'kubectl get pod -n tour hello -o wide'}`,
    ).toEqual([home]);
  });
}
