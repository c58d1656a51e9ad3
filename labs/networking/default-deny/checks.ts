import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const policies = 'kubectl describe networkpolicies -n bank';

/** The only ready Pod of a Deployment, as connections are asked for. */
async function podOf(lab: LabContext, app: string): Promise<string> {
  const [pod] = await lab.list('pods', { namespace: 'bank', labels: { app }, ready: true });
  expect(pod, lab.say`a ready Pod of ${app}; see ${'kubectl get pods -n bank'}`).toBeDefined();
  return `bank/${pod!.metadata.name}`;
}

async function expectOpen(lab: LabContext, from: string, to: string): Promise<void> {
  const { ok, why } = await lab.connects(from, to);
  expect(ok, lab.say`${from} to reach ${to}, but ${why}; see ${policies}`).toBe(true);
}

async function expectClosed(lab: LabContext, from: string, to: string): Promise<void> {
  const { ok } = await lab.connects(from, to);
  expect(ok, lab.say`${from} not to reach ${to}; see ${policies}`).toBe(false);
}

export default function checks(lab: LabContext) {
  test('closed', async () => {
    await expectClosed(lab, 'street/stranger', 'services/bank/vault:600');
    await expectClosed(lab, 'street/stranger', 'services/bank/ledger:80');
    const forAll = (await lab.list('networkpolicies', { namespace: 'bank' })).filter(({ spec }) => {
      const { podSelector, policyTypes = ['Ingress'], ingress = [] } = spec ?? {};
      const selectsAll = !podSelector || Object.values(podSelector).every((part) => Object.keys(part as object).length === 0);
      return selectsAll && policyTypes.includes('Ingress') && ingress.length === 0;
    });
    expect(
      forAll.length,
      lab.say`a policy that selects every Pod of bank, also of tomorrow, and lets nothing in; see ${policies}`,
    ).toBeGreaterThan(0);
  });

  test('chain', async () => {
    const [counter, ledger] = [await podOf(lab, 'counter'), await podOf(lab, 'ledger')];
    await expectOpen(lab, counter, 'services/bank/ledger:80');
    await expectOpen(lab, ledger, 'services/bank/vault:600');
    await expectClosed(lab, counter, 'services/bank/vault:600');
  });

  test('customers', async () => {
    await expectOpen(lab, 'street/customer', 'services/bank/counter:80');
    await expectClosed(lab, 'street/stranger', 'services/bank/counter:80');
    await expectClosed(lab, 'audit/double', 'services/bank/counter:80');
  });

  test('auditor', async () => {
    expect(
      await lab.get('networkpolicies', 'bank/vault-from-auditor'),
      lab.say`the policy of auditor.yaml; see ${'kubectl apply -f auditor.yaml'}`,
    ).toBeDefined();
    await expectOpen(lab, 'audit/auditor', 'services/bank/vault:610');
    await expectClosed(lab, 'audit/auditor', 'services/bank/vault:600');
    await expectClosed(lab, 'audit/double', 'services/bank/vault:610');
  });

  test('out', async () => {
    const ledger = await podOf(lab, 'ledger');
    await expectOpen(lab, ledger, 'services/bank/vault:600');
    await expectOpen(lab, ledger, '10.96.0.10:53/UDP');
    // CoreDNS' own numbers are closed with everything else, and so is a machine beside the cluster.
    await expectClosed(lab, ledger, '10.96.0.10:9153');
    await expectClosed(lab, ledger, 'node-3:10250');
    await expectClosed(lab, ledger, 'services/bank/counter:80');
  });
}
