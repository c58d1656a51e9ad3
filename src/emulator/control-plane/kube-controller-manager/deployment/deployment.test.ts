import { expect, test } from 'vitest';
import { deployments } from '../../../api/apps/deployment.ts';
import { replicaSets } from '../../../api/apps/replica-set.ts';
import { pods } from '../../../api/core/pod.ts';
import type { Pod } from '../../../api/generated/types.ts';
import { replicaSetController } from '../replicaset/index.ts';
import type { ControllerTest } from '../testing.ts';
import { createControllerTest } from '../testing.ts';
import { deploymentController } from './index.ts';

const template = (image: string) => ({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } });
const web = (replicas: number, more: object = {}) => ({
  metadata: { name: 'web' },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template('nginx:1'), ...more },
});

function begin(deployment: object): ControllerTest {
  const plane = createControllerTest([replicaSetController, deploymentController]);
  plane.create(deployments, deployment);
  plane.settle();
  return plane;
}

/** Makes every Pod ready that is not, and ends those that are being deleted, until nothing changes. */
function converge(plane: ControllerTest, isGood: (pod: Pod) => boolean = () => true): void {
  for (let turn = 0; turn < 50; turn++) {
    plane.settle();
    const waiting = plane
      .list(pods)
      .filter(
        (pod) =>
          pod.metadata.deletionTimestamp === undefined &&
          !pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') &&
          isGood(pod),
      );
    if (waiting.length === 0) return;
    for (const pod of waiting) plane.setReady(pod);
  }
}

const imagesOf = (plane: ControllerTest): string[] =>
  plane
    .list(pods)
    .map((pod) => pod.spec.containers[0]!.image!)
    .sort();
const sizes = (plane: ControllerTest): number[] => plane.list(replicaSets).map((rs) => rs.spec.replicas!);

test('a new Deployment makes a ReplicaSet and its Pods, and says so', () => {
  const plane = begin(web(3));
  const [rs] = plane.list(replicaSets);
  expect(rs!.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{6,10}$/);
  expect(rs!.metadata.annotations).toEqual({
    'deployment.kubernetes.io/desired-replicas': '3',
    'deployment.kubernetes.io/max-replicas': '4',
    'deployment.kubernetes.io/revision': '1',
  });
  expect(plane.list(pods)).toHaveLength(3);
  expect(plane.list(pods)[0]!.metadata.name).toMatch(new RegExp(`^${rs!.metadata.name}-[a-z0-9]{5}$`));
  expect(plane.eventsOf('web')).toEqual([`Normal ScalingReplicaSet Scaled up replica set ${rs!.metadata.name} from 0 to 3`]);
  expect(plane.eventsOf(rs!.metadata.name).sort()).toEqual(
    plane
      .list(pods)
      .map((pod) => `Normal SuccessfulCreate Created pod: ${pod.metadata.name}`)
      .sort(),
  );
  converge(plane);
  const { status } = plane.get(deployments, 'web');
  expect(status).toMatchObject({ replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3, observedGeneration: 1 });
  expect(status!.conditions!.map(({ type, status: s, reason, message }) => [type, s, reason, message])).toEqual([
    ['Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'],
    ['Progressing', 'True', 'NewReplicaSetAvailable', `ReplicaSet "${rs!.metadata.name}" has successfully progressed.`],
  ]);
});

test('a rolling update never has too many or too few, and keeps the old ReplicaSet for an undo', () => {
  const plane = begin(web(4, { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } }));
  converge(plane);
  const seen: number[] = [];
  plane.change(deployments, 'web', (d) => ({ ...d, spec: { ...d.spec, template: template('nginx:2') } }));
  for (let i = 0; i < 20; i++) {
    plane.settle();
    const alive = plane.list(pods).filter((pod) => !pod.metadata.deletionTimestamp);
    const ready = alive.filter((pod) => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'));
    seen.push(alive.length);
    expect(ready.length).toBeGreaterThanOrEqual(3);
    const next = alive.find((pod) => !ready.includes(pod));
    if (!next) break;
    plane.setReady(next);
  }
  expect(Math.max(...seen)).toBeLessThanOrEqual(5);
  expect(imagesOf(plane)).toEqual(Array(4).fill('nginx:2'));
  expect(sizes(plane).sort()).toEqual([0, 4]);
  expect(plane.get(deployments, 'web').metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '2' });
  plane.change(deployments, 'web', (d) => ({ ...d, spec: { ...d.spec, template: template('nginx:1') } }));
  converge(plane);
  expect(imagesOf(plane)).toEqual(Array(4).fill('nginx:1'));
  expect(plane.list(replicaSets)).toHaveLength(2);
  expect(plane.get(deployments, 'web').metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '3' });
});

test('Recreate waits until all old Pods are gone', () => {
  const plane = begin(web(2, { strategy: { type: 'Recreate' } }));
  converge(plane);
  plane.change(deployments, 'web', (d) => ({ ...d, spec: { ...d.spec, template: template('nginx:2') } }));
  plane.settle();
  converge(plane);
  expect(imagesOf(plane)).toEqual(['nginx:2', 'nginx:2']);
});

test('a paused Deployment scales and does not roll', () => {
  const plane = begin(web(2));
  converge(plane);
  plane.change(deployments, 'web', (d) => ({ ...d, spec: { ...d.spec, paused: true, replicas: 3, template: template('nginx:2') } }));
  converge(plane);
  expect(imagesOf(plane)).toEqual(['nginx:1', 'nginx:1', 'nginx:1']);
  expect(plane.get(deployments, 'web').status!.conditions!.find(({ type }) => type === 'Progressing')).toMatchObject({
    status: 'Unknown',
    reason: 'DeploymentPaused',
  });
});

test('a rollout that makes no progress is reported after its deadline', () => {
  const plane = begin(web(2, { progressDeadlineSeconds: 60 }));
  converge(plane);
  plane.change(deployments, 'web', (d) => ({ ...d, spec: { ...d.spec, template: template('broken') } }));
  plane.settle();
  plane.advance(70_000);
  const [rs] = plane.list(replicaSets).filter((set) => set.spec.template!.spec.containers[0]!.image === 'broken');
  expect(plane.get(deployments, 'web').status!.conditions!.find(({ type }) => type === 'Progressing')).toMatchObject({
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: `ReplicaSet "${rs!.metadata.name}" has timed out progressing.`,
  });
});

test('revisionHistoryLimit drops the oldest revisions', () => {
  const plane = begin(web(1, { revisionHistoryLimit: 1 }));
  converge(plane);
  for (const image of ['nginx:2', 'nginx:3', 'nginx:4']) {
    plane.change(deployments, 'web', (d) => ({ ...d, spec: { ...d.spec, template: template(image) } }));
    converge(plane);
  }
  expect(plane.list(replicaSets)).toHaveLength(2);
});
