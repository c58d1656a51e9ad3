import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

async function expectArchive(lab: LabContext): Promise<void> {
  const catalogue = await lab.get('configmaps', 'archive/catalogue');
  expect(
    catalogue?.data,
    lab.say`the ConfigMap catalogue with all that it held; see ${'kubectl get configmap -n archive catalogue -o yaml'}`,
  ).toEqual({
    'shelf-4471': 'letters, 1871 to 1902',
  });
  const anew = lab.history.creations('namespaces', { name: 'archive', by: 'learner' });
  expect(anew.length, lab.say`the namespace archive to be the old one; see ${'kubectl get namespace archive -o yaml'}`).toBe(0);
  const pods = await lab.list('pods', { namespace: 'archive', labels: { app: 'reading-room' }, ready: true });
  expect(pods.length, lab.say`two ready Pods of reading-room; see ${'kubectl get pods -n archive'}`).toBeGreaterThanOrEqual(2);
  const answer = await lab.connects('node-1', 'services/archive/reading-room:80');
  expect(answer.ok, lab.say`a container that answers behind the Service reading-room; see ${'ssh node-1 crictl ps'}`).toBe(true);
}

export default function checks(lab: LabContext) {
  test('back', () => expectArchive(lab));

  test('kept', async () => {
    const logbook = await lab.get('configmaps', 'default/logbook');
    expect(logbook?.data?.tuesday, lab.say`the entry of tuesday; see ${'kubectl get configmap logbook -o yaml'}`).toBe(
      'water in the cellar, forty boxes saved',
    );
  });

  test('lasting', async () => {
    const namespace = await lab.get('namespaces', 'archive');
    expect(namespace?.status?.phase, lab.say`the namespace archive; see ${'kubectl get namespaces --show-labels'}`).toBe('Active');
  });
}
