import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const zoneLabel = 'topology.kubernetes.io/zone';
const where = 'kubectl get pods -n port -o wide';

export default function checks(lab: LabContext) {
  /** How many ready Pods each zone has, as `harbour 2, north 2, south 2`. */
  async function spread(): Promise<string> {
    const nodes = await lab.list('nodes');
    const counts = new Map<string, number>();
    for (const { spec } of await lab.list('pods', { namespace: 'port', labels: { app: 'tickets' }, ready: true })) {
      const zone = nodes.find(({ metadata }) => metadata.name === spec?.nodeName)?.metadata.labels?.[zoneLabel] ?? 'no zone';
      counts.set(zone, (counts.get(zone) ?? 0) + 1);
    }
    return [...counts]
      .map(([zone, count]) => `${zone} ${count}`)
      .sort()
      .join(', ');
  }

  async function expectStrict(): Promise<void> {
    const pods = await lab.list('pods', { namespace: 'port', labels: { app: 'tickets' }, ready: true });
    const strict = pods.every(({ spec }) =>
      spec?.topologySpreadConstraints?.some(
        ({ topologyKey, maxSkew, whenUnsatisfiable }) =>
          topologyKey === zoneLabel && maxSkew === 1 && whenUnsatisfiable === 'DoNotSchedule',
      ),
    );
    expect(
      strict,
      lab.say`each Pod to carry a constraint over ${zoneLabel} with maxSkew 1 that is not merely a wish; see ${'kubectl get deployment tickets -n port -o yaml'}`,
    ).toBe(true);
  }

  test('even', async () => {
    expect(await spread(), lab.say`two ready Pods in each zone; see ${where}`).toBe('harbour 2, north 2, south 2');
    await expectStrict();
  });

  test('update', async () => {
    const images = (await lab.list('pods', { namespace: 'port', labels: { app: 'tickets' } })).map(
      ({ spec }) => spec?.containers[0]?.image,
    );
    expect(new Set(images), lab.say`only Pods of nginx:1.28; see ${'kubectl rollout status deployment/tickets -n port'}`).toEqual(
      new Set(['nginx:1.28']),
    );
    expect(await spread(), lab.say`two ready Pods in each zone after the update; see ${where}`).toBe('harbour 2, north 2, south 2');
    await expectStrict();
  });

  test('outage', async () => {
    const open = (await lab.list('nodes', { labels: { [zoneLabel]: 'harbour' } })).filter(({ spec }) => !spec?.unschedulable);
    expect(
      open.map(({ metadata }) => metadata.name),
      lab.say`both nodes of harbour to take no more Pods; see ${'kubectl get nodes'}`,
    ).toEqual([]);
    expect(await spread(), lab.say`three ready Pods in each of the two other zones; see ${where}`).toBe('north 3, south 3');
    await expectStrict();
  });
}
