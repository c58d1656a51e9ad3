import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const policies = 'kubectl describe networkpolicy -n clinic';

async function expectReach(lab: LabContext, from: string, to: string, wanted: boolean): Promise<void> {
  const { ok, why } = await lab.connects(from, to);
  expect(ok, lab.say`${from} ${wanted ? 'to reach' : 'not to reach'} ${to}${ok ? '' : `, but ${why}`}; see ${policies}`).toBe(wanted);
}

export default function checks(lab: LabContext) {
  test('observed', async () => {
    const findings = (await lab.get('configmaps', 'clinic/findings'))?.data ?? {};
    expect(findings.device, lab.say`the device of the tunnel; see ${'ip route'}`).toBe('flannel.1');
    expect(findings.port, lab.say`the UDP port of the tunnel; see ${'ip -d link show'}`).toBe('8472');
    expect(findings.mtu, lab.say`what a Pod may send in one packet; see ${'kubectl exec -n clinic doctor -- ip addr'}`).toBe('1450');
  });

  test('enforced', async () => {
    const policy = await lab.get('networkpolicies', 'clinic/records');
    expect(policy?.spec?.ingress?.[0]?.from?.[0]?.podSelector?.matchLabels, lab.say`the policy as it was; see ${policies}`).toEqual({
      role: 'doctor',
    });
    await expectReach(lab, 'clinic/visitor', 'services/clinic/records:80', false);
    expect(
      (await lab.get('pods', 'clinic/visitor'))?.metadata.labels?.role,
      'the role of the visitor; see `kubectl get pods -n clinic --show-labels`',
    ).toBe('visitor');
    await expectReach(lab, 'clinic/doctor', 'services/clinic/records:80', true);
  });

  test('whole', async () => {
    const agents = (await lab.list('daemonsets')).filter(({ metadata }) => metadata.name !== 'kube-proxy');
    expect(
      agents.map(({ status }) => status?.numberReady),
      lab.say`one plugin, ready on three nodes; see ${'kubectl get daemonsets -A'}`,
    ).toEqual([3]);
    for (const node of ['control-plane', 'node-1', 'node-2']) {
      const left = await lab.file(node, '/etc/cni/net.d/10-flannel.conflist');
      expect(left === undefined, lab.say`nothing of flannel on ${node}; see ${'ls /etc/cni/net.d'}`).toBe(true);
    }
    await expectReach(lab, 'clinic/doctor', '10.96.0.10:53/UDP', true);
  });
}
