import type { LabContext, Resources } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

type Pod = Resources['pods'];

const namespace = 'studio';
const bytes = (quantity: string): number => {
  const [, amount, unit = ''] = /^(\d+)(Ki|Mi|Gi|k|M|G)?$/.exec(quantity) ?? [];
  return Number(amount) * { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, k: 1e3, M: 1e6, G: 1e9 }[unit]!;
};
const limitOf = (pod: Pod | undefined): number => bytes(pod?.spec?.containers[0]?.resources?.limits?.memory ?? '');
const restarts = (pod: Pod | undefined): number | undefined => pod?.status?.containerStatuses?.[0]?.restartCount;

export default function checks(lab: LabContext) {
  const pods = async (app: string, ready?: boolean): Promise<readonly Pod[]> =>
    (await lab.list('pods', { namespace, labels: { app }, ...(ready && { ready }) })).filter(({ metadata }) => !metadata.deletionTimestamp);
  const describe = (app: string) => `kubectl describe pod -n ${namespace} -l app=${app}`;
  const probeOf = async () => (await pods('catalogue'))[0]?.spec?.containers[0]?.livenessProbe;
  const secondsToNotice = async (): Promise<number> => {
    const { periodSeconds = 10, failureThreshold = 3 } = (await probeOf()) ?? {};
    return periodSeconds * failureThreshold;
  };

  test('darkroom', async () => {
    const ready = await pods('darkroom', true);
    expect(ready.length, lab.say`one running Pod of darkroom; see ${describe('darkroom')}`).toBe(1);
    expect(restarts(ready[0]), 'restarts of a Pod that fits; see `kubectl get pods -n studio`').toBe(0);
    expect(limitOf(ready[0]), 'its memory limit in bytes; see `kubectl get deployment -n studio darkroom -o yaml`').toBeLessThanOrEqual(
      256 * 2 ** 20,
    );
  });

  test('album', async () => {
    const ready = await pods('album', true);
    expect(ready.length, lab.say`one running Pod of album; see ${describe('album')}`).toBe(1);
    expect(restarts(ready[0]), lab.say`no restarts; see ${`kubectl get pods -n ${namespace}`}`).toBe(0);
    expect(
      ready[0]?.spec?.containers[0]?.image,
      'the version that grows; see `kubectl get deployment -n studio album -o yaml`',
    ).not.toContain('album:2.1');
    expect(ready[0]?.spec?.containers[0]?.image, 'what runs; see `kubectl get deployments -n studio -o wide`').toContain(
      'registry.example/album',
    );
  });

  test('catalogue', async () => {
    const ready = await pods('catalogue', true);
    expect(ready.length, lab.say`one ready Pod of catalogue; see ${describe('catalogue')}`).toBe(1);
    expect(ready[0]?.spec?.containers[0]?.image, 'what runs; see `kubectl get deployments -n studio -o wide`').toContain(
      'registry.example/catalogue',
    );
  });

  test('watched', async () => {
    expect(await probeOf(), lab.say`a livenessProbe; see ${`kubectl get deployment catalogue -n ${namespace} -o yaml`}`).toBeDefined();
    expect(
      await secondsToNotice(),
      'seconds until a program that hangs is found out (period × failureThreshold); see `kubectl explain pod.spec.containers.livenessProbe`',
    ).toBeLessThanOrEqual(60);
  });

  // What hints wait for.
  test('darkroom-unread', () => {
    const read = lab.history.requests({ by: 'learner', verb: 'list', resource: 'events', namespace });
    expect(read).toEqual([]);
  });
  test('darkroom-limitless', async () => expect((await pods('darkroom')).some((pod) => Number.isNaN(limitOf(pod)))).toBe(true));
  test('album-larger', async () => {
    const growing = (await pods('album')).filter(({ spec }) => spec?.containers[0]?.image?.endsWith(':2.1'));
    expect(growing.some((pod) => !(limitOf(pod) <= 96 * 2 ** 20))).toBe(true);
  });
  test('not-asked', async () => expect(await probeOf()).toBeUndefined());
  test('too-patient', async () => expect(await secondsToNotice()).toBeGreaterThan(60));
}
