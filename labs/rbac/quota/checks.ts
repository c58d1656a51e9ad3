import type { LabContext, Proposal, Resources } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

type Pod = Proposal<Resources['pods']>;

const share = { pods: '10', 'requests.cpu': '300m', 'requests.memory': '256Mi', 'limits.cpu': '600m', 'limits.memory': '512Mi' };

export default function checks(lab: LabContext) {
  test('defaults', async () => {
    const limits = (await lab.list('limitranges', { namespace: 'bakery' })).flatMap(({ spec }) => spec?.limits ?? []);
    const container = limits.filter(({ type }) => type === 'Container');
    const see = lab.say`a LimitRange for containers; see ${'kubectl describe limitrange -n bakery'}`;
    expect(
      container.some((limit) => limit.defaultRequest?.cpu === '100m' && limit.defaultRequest.memory === '64Mi'),
      `default requests of 100m and 64Mi: ${see}`,
    ).toBe(true);
    expect(
      container.some((limit) => limit.default?.cpu === '200m' && limit.default.memory === '128Mi'),
      `default limits of 200m and 128Mi: ${see}`,
    ).toBe(true);
  });

  test('oven', async () => {
    const pods = await lab.list('pods', { namespace: 'bakery', labels: { app: 'oven' }, ready: true });
    expect(pods.length, lab.say`three ready Pods; see ${'kubectl describe rs -n bakery'}`).toBe(3);
  });

  test('ceiling', async () => {
    const greedy: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'greedy', namespace: 'bakery' },
      spec: { containers: [{ name: 'c', image: 'nginx:1.29', resources: { limits: { cpu: '500m' }, requests: { cpu: '10m' } } }] },
    };
    const { ok, why } = await lab.accepts('pods', greedy);
    expect(ok, lab.say`a container with 500m to be refused; see ${'kubectl describe limitrange -n bakery'}`).toBe(false);
    expect(why, 'the reason of the refusal; see `kubectl describe limitranges -n bakery`').toContain(
      'maximum cpu usage per Container is 400m',
    );
  });

  test('rolled', async () => {
    const pods = await lab.list('pods', { namespace: 'bakery', labels: { app: 'oven' }, ready: true });
    expect(
      pods.map(({ spec }) => spec?.containers[0]?.image),
      lab.say`three ready Pods of the new image; see ${'kubectl rollout status deployment/oven -n bakery'}`,
    ).toEqual(Array(3).fill('nginx:1.29'));
    const low = lab.history.lowest(({ endpoints }) => endpoints('bakery/oven').ready, { since: 'oven' });
    expect(low.value, `ready endpoints ${low.at}, when ${low.cause}; see \`kubectl events -n bakery\``).toBeGreaterThanOrEqual(2);
  });

  test('quota', async () => {
    const quotas = await lab.list('resourcequotas', { namespace: 'bakery' });
    expect(
      quotas.map(({ spec }) => spec?.hard),
      lab.say`the one quota, unchanged; see ${'kubectl describe quota -n bakery'}`,
    ).toEqual([share]);
  });
}
