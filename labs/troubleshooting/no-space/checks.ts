import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

/** A ConfigMap of the namespace default that the learner made later than this, in seconds. */
function expectMade(lab: LabContext, name: string, after: number): void {
  const made = lab.history.creations('configmaps', { namespace: 'default', name, by: 'learner', after });
  expect(made.length, lab.say`a ConfigMap ${name}; see ${'etcdctl alarm list'}`).toBeGreaterThan(0);
}

export default function checks(lab: LabContext) {
  test('saved', () => expectMade(lab, 'saved', 0));

  test('lasting', async () => {
    expectMade(lab, 'still', (lab.history.greenAt('saved') ?? Number.POSITIVE_INFINITY) + 600);
    for (const node of await lab.list('nodes'))
      expect(lab.conditionOf(node, 'Ready'), lab.say`${node.metadata.name} to be Ready; see ${'kubectl get nodes'}`).toBe('True');
  });
}
