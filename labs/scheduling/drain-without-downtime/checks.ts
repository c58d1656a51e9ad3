import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const node = 'node-2';

export default function checks(lab: LabContext) {
  test('budget', async () => {
    const labels = { app: 'menu' };
    const budgets = (await lab.list('poddisruptionbudgets', { namespace: 'bistro' })).filter(
      ({ spec }) => spec?.selector?.matchLabels?.app === labels.app,
    );
    expect(budgets.length, lab.say`a budget that finds the Pods of menu; see ${'kubectl get pdb -n bistro'}`).toBe(1);
    const status = budgets[0]?.status;
    expect(status?.expectedPods, lab.say`it to find four Pods; see ${'kubectl describe pdb -n bistro'}`).toBe(4);
    expect(status?.desiredHealthy, lab.say`three of them to be required; see ${'kubectl get pdb -n bistro'}`).toBe(3);
  });

  test('drained', async () => {
    expect((await lab.get('nodes', node))?.spec?.unschedulable, lab.say`${node} to be cordoned; see ${'kubectl get nodes'}`).toBe(true);
    const left = (await lab.list('pods')).filter(
      ({ metadata, spec }) => spec?.nodeName === node && !metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet'),
    );
    expect(
      left.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      lab.say`nothing but DaemonSets there; see ${`kubectl get pods -A -o wide --field-selector spec.nodeName=${node}`}`,
    ).toEqual([]);
  });

  test('served', () => {
    const menu = lab.history.lowest(({ endpoints }) => endpoints('bistro/menu').ready);
    expect(menu.value, `ready endpoints of menu ${menu.at}, when ${menu.cause}; see \`kubectl events -n bistro\``).toBeGreaterThanOrEqual(
      3,
    );
    const till = lab.history.lowest(({ endpoints }) => endpoints('bistro/till').ready);
    expect(till.value, `ready endpoints of till ${till.at}, when ${till.cause}; see \`kubectl events -n bistro\``).toBeGreaterThanOrEqual(
      1,
    );
  });

  test('back', async () => {
    expect(
      (await lab.get('nodes', node))?.spec?.unschedulable ?? false,
      lab.say`${node} to be uncordoned; see ${'kubectl get nodes'}`,
    ).toBe(false);
  });
}
