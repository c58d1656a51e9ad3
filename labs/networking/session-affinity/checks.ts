import type { LabContext } from 'inside-kubernetes/lab';
import type { Sent } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

/** Calls of the shopper to the Service that were answered, the last one last. */
async function calls(lab: LabContext, after = 0): Promise<readonly Sent[]> {
  const ip = (await lab.get('services', 'cart/cart'))?.spec?.clusterIP ?? '';
  return lab.history.connections({ from: 'cart/shopper', to: `${ip}:80/TCP`, after }).filter(({ reached }) => reached !== undefined);
}

const servers = (sent: readonly Sent[]): readonly string[] => [...new Set(sent.map(({ reached }) => reached!))];

export default function checks(lab: LabContext) {
  test('scattered', async () => {
    const count = servers(await calls(lab)).length;
    expect(count, lab.say`calls from ${'shopper'} to ${'http://cart'} that reached different Pods`).toBeGreaterThan(1);
  });

  test('sticky', async () => {
    const spec = (await lab.get('services', 'cart/cart'))?.spec;
    expect(spec?.sessionAffinity, lab.say`the Service to remember its clients; see ${'kubectl get service -n cart cart -o yaml'}`).toBe(
      'ClientIP',
    );
    expect(
      spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds,
      'seconds for which it remembers them; see `kubectl explain service.spec.sessionAffinityConfig`',
    ).toBe(600);
    const last = (await calls(lab)).slice(-5);
    expect(
      last.length === 5 ? servers(last).length : 'too few calls',
      lab.say`the last five calls of the shopper to reach one Pod; call ${'http://cart'} from it`,
    ).toBe(1);
  });

  test('lost', async () => {
    const before = new Set(servers(await calls(lab)));
    const deleted = lab.history
      .deletions('pods', { namespace: 'cart', by: 'learner' })
      .filter(({ name }) => before.has(`cart/${name}`))
      .at(-1);
    expect(deleted, lab.say`the Pod that served the shopper to be deleted; see ${'kubectl get pods -n cart'}`).toBeDefined();
    const since = await calls(lab, deleted!.time);
    const lastBefore = (await calls(lab)).filter(({ time }) => time < deleted!.time).at(-1);
    expect(lastBefore?.reached, 'the Pod that had answered last before you deleted one; see `kubectl events -n cart`').toBe(
      `cart/${deleted!.name}`,
    );
    expect(
      since.filter(({ reached }) => reached !== `cart/${deleted!.name}`).length,
      lab.say`two calls that another Pod has answered; call ${'http://cart'} again`,
    ).toBeGreaterThan(1);
  });
}
