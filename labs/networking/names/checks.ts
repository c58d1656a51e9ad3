import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

type Pod = Awaited<ReturnType<typeof ofApp>>[number];

const ofApp = (lab: LabContext, app: string) => lab.list('pods', { namespace: 'orchestra', labels: { app } });

/** What the kubelet asks to find out whether the Pod is ready: each of them fetches something by a name. */
const question = (pod: Pod | undefined): string | undefined => pod?.spec?.containers[0]?.readinessProbe?.exec?.command?.at(-1);

function expectReady(lab: LabContext, pods: readonly Pod[], name: string, asks: string): void {
  const ready = pods.filter((pod) => !pod.metadata.deletionTimestamp && lab.conditionOf(pod, 'Ready') === 'True');
  expect(ready.length, lab.say`${name} to be ready; see ${`kubectl describe pod -n orchestra ${name}`}`).toBe(1);
  expect(question(ready[0]), `what ${name} asks for; see \`kubectl describe pod -n orchestra ${name}\``).toContain(asks);
}

export default function checks(lab: LabContext) {
  test('violin', async () => {
    expectReady(lab, await ofApp(lab, 'violin'), 'violin', '$SCORE');
  });

  test('cello', async () => {
    expectReady(lab, await ofApp(lab, 'cello'), 'cello', 'http://scores.library.svc.cluster.local');
  });

  test('tuner', async () => {
    const tuner = await lab.get('pods', 'orchestra/tuner');
    expectReady(lab, tuner ? [tuner] : [], 'tuner', 'http://players-1.players:8080');
  });

  test('archive', async () => {
    const archivist = await lab.get('pods', 'orchestra/archivist');
    expectReady(lab, archivist ? [archivist] : [], 'archivist', 'http://archive.example.org');
    expect(
      archivist?.spec?.hostAliases ?? [],
      lab.say`the archivist as it was, without a list of names of its own; see ${'kubectl get pod -n orchestra archivist -o yaml'}`,
    ).toEqual([]);
  });
}
