import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const namespace = 'market';
const stall = 'services/market/stall:80';

export default function checks(lab: LabContext) {
  const pods = (ready?: boolean) => lab.list('pods', { namespace, labels: { app: 'stall' }, ...(ready && { ready }) });
  const customer = () => lab.connects('market/customer', stall);
  const addresses = async (): Promise<readonly string[]> => {
    const slices = await lab.list('endpointslices', { namespace, labels: { 'kubernetes.io/service-name': 'stall' } });
    return slices.flatMap(({ endpoints }) => (endpoints ?? []).flatMap((endpoint) => endpoint.addresses));
  };

  test('found', async () => {
    const known = new Set(await addresses());
    const found = (await pods()).filter(({ metadata, status }) => !metadata.deletionTimestamp && known.has(status?.podIP ?? ''));
    expect(found.length, lab.say`both Pods in the slices of stall; see ${'kubectl get endpointslices -n market'}`).toBe(2);
  });

  test('ready', async () => {
    const ready = await pods(true);
    expect(ready.length, lab.say`two ready Pods; see ${'kubectl describe pods -n market -l app=stall'}`).toBe(2);
    const asked = ready.filter(({ spec }) => spec?.containers.every(({ readinessProbe }) => readinessProbe));
    expect(asked.length, 'Pods with a readiness probe; see `kubectl get deployment -n market stall -o yaml`').toBe(2);
  });

  test('answers', async () => {
    const { ok, why } = await customer();
    expect(ok, lab.say`an answer: ${why}; see ${'kubectl exec -n market customer -- wget -qO- -T 2 http://stall'}`).toBe(true);
  });

  test('guarded', async () => {
    expect(
      (await customer()).ok,
      'whether the customer gets an answer; see `kubectl exec -n market customer -- wget -qO- -T 2 http://stall`',
    ).toBe(true);
    const { ok } = await lab.connects('market/stranger', stall);
    expect(ok, lab.say`the stranger to be kept out; see ${'kubectl get networkpolicies -n market'}`).toBe(false);
  });

  test('stays', async () => {
    const gone = lab.history.deletions('pods', { namespace, after: (lab.history.greenAt('guarded') ?? Number.POSITIVE_INFINITY) - 1 });
    expect(gone.length, 'Pods that were thrown away; see `kubectl get pods -n market`').toBeGreaterThan(0);
    expect((await pods(true)).length, 'ready Pods of stall; see `kubectl get pods -n market`').toBe(2);
    const { ok, why } = await customer();
    expect(ok, lab.say`an answer from the new Pods: ${why}; see ${'kubectl get pods -n market --show-labels'}`).toBe(true);
  });

  // What hints wait for.
  test('nobody-called', () =>
    expect(lab.history.connections({ from: 'market/customer' }).filter(({ to }) => to.endsWith(':80/TCP'))).toEqual([]));
  test('unasked', async () => {
    expect((await pods(true)).some(({ spec }) => spec?.containers.some(({ readinessProbe }) => !readinessProbe))).toBe(true);
  });
  test('refused', async () => expect((await customer()).why).toMatch(/refuse|listens/));
  test('dropped', async () => expect((await customer()).why).not.toMatch(/refuse|listens/));
}
