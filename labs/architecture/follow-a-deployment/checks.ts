import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const web = { namespace: 'default', labels: { app: 'web' } } as const;
const imageOf = (pod: { readonly spec?: { readonly containers: readonly { readonly image?: string | undefined }[] } | undefined }) =>
  pod.spec?.containers[0]?.image;

export default function checks(lab: LabContext) {
  test('deployed', async () => {
    const deployment = await lab.get('deployments', 'default/web');
    expect(deployment, lab.say`a Deployment web in the namespace default; see ${'kubectl get deployments'}`).toBeDefined();
    expect(deployment?.status?.readyReplicas ?? 0, lab.say`three ready replicas; see ${'kubectl get deployment web'}`).toBe(3);
    const pods = await lab.list('pods', { ...web, ready: true });
    expect(pods.map(imageOf), 'the images of its Pods; see `kubectl get pods -l app=web -o wide`').toEqual([
      'nginx:1.28',
      'nginx:1.28',
      'nginx:1.28',
    ]);
  });

  test('chain', async () => {
    const chain = await lab.get('configmaps', 'default/chain');
    expect(chain, lab.say`a ConfigMap named chain; see ${'kubectl get configmap chain -o yaml'}`).toBeDefined();
    const [pod] = await lab.list('pods', web);
    const owner = pod?.metadata.ownerReferences?.[0];
    expect(
      chain?.data?.parent?.trim().toLowerCase(),
      lab.say`the key parent to name the owner of a Pod as Kind/name; see ${'kubectl get pods -l app=web -o yaml'}`,
    ).toBe(`replicaset/${owner?.name}`);
    expect(
      chain?.data?.grandparent?.trim().toLowerCase(),
      lab.say`the key grandparent to name the owner of that ReplicaSet; see ${'kubectl get replicasets -o yaml'}`,
    ).toBe('deployment/web');
  });

  test('rolled', async () => {
    const pods = (await lab.list('pods', web)).filter((pod) => pod.metadata.deletionTimestamp === undefined);
    expect(pods.map(imageOf), lab.say`three Pods of the new image; see ${'kubectl get pods -l app=web -o wide'}`).toEqual([
      'nginx:1.29',
      'nginx:1.29',
      'nginx:1.29',
    ]);
    const sets = await lab.list('replicasets', web);
    const old = sets.find((set) => set.spec?.template && imageOf(set.spec.template as never) === 'nginx:1.28');
    expect(old, lab.say`the ReplicaSet of nginx:1.28 to be kept for an undo; see ${'kubectl get replicasets'}`).toBeDefined();
    expect(old?.spec?.replicas, 'Pods that the old ReplicaSet asks for; see `kubectl get replicasets`').toBe(0);
  });

  test('steady', () => {
    const low = lab.history.lowest(({ list }) => list('pods', { ...web, ready: true }).length, { since: 'deployed' });
    expect(
      low.value,
      `ready Pods of web at ${low.at}, when ${low.cause}; see \`kubectl rollout history deployment web\``,
    ).toBeGreaterThanOrEqual(3);
  });
}
