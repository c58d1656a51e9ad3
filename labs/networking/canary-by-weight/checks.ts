import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const counted = 40;

/** Which Deployments have answered the last requests of the gateway, oldest first. */
async function answered(lab: LabContext): Promise<readonly ('shop' | 'shop-next')[]> {
  const gateways = (await lab.list('pods', { namespace: 'nginx-gateway' })).map(({ metadata }) => `nginx-gateway/${metadata.name}`);
  return gateways
    .flatMap((from) => lab.history.connections({ from }))
    .flatMap(({ reached }) => (reached?.startsWith('shop/') ? [reached.startsWith('shop/shop-next-') ? 'shop-next' : 'shop'] : []))
    .slice(-counted) as ('shop' | 'shop-next')[];
}

async function expectReady(lab: LabContext, name: string, asks: string): Promise<void> {
  const pod = await lab.get('pods', `shop/${name}`);
  expect(
    pod && lab.conditionOf(pod, 'Ready'),
    lab.say`${name} to get what it asks for; see ${`kubectl describe pod -n shop ${name}`} and ${'kubectl describe httproute -n shop'}`,
  ).toBe('True');
  expect(
    pod?.spec?.containers[0]?.readinessProbe?.exec?.command?.at(-1),
    `what ${name} asks; see \`kubectl describe pod -n shop ${name}\``,
  ).toContain(asks);
}

export default function checks(lab: LabContext) {
  test('route', () => expectReady(lab, 'visitor', 'http://shop.example/'));

  test('canary', async () => {
    const requests = await answered(lab);
    expect(requests.length, lab.say`${counted} requests that a Pod has answered; see ${'kubectl get httproute -n shop -o yaml'}`).toBe(
      counted,
    );
    const next = requests.filter((name) => name === 'shop-next').length;
    expect(next, 'of the last 40 requests, those that reached shop-next; see `kubectl describe httproute -n shop`').toBeGreaterThan(1);
    expect(next, 'of the last 40 requests, those that reached shop-next; see `kubectl describe httproute -n shop`').toBeLessThan(13);
  });

  test('testers', async () => {
    await expectReady(lab, 'tester', 'x-tester: yes');
    const requests = await answered(lab);
    expect(requests.includes('shop'), 'other visitors to see shop 1.0 still, most of them').toBe(true);
  });

  test('everybody', async () => {
    const requests = await answered(lab);
    const next = requests.filter((name) => name === 'shop-next').length;
    expect(next, lab.say`of the last 40 requests, those that reached shop-next; see ${'kubectl get httproute -n shop -o yaml'}`).toBe(
      counted,
    );
    const low = lab.history.lowest(
      ({ list }) => list('pods', { namespace: 'shop', ready: true }).filter(({ metadata }) => metadata.name === 'visitor').length,
      { since: 'route' },
    );
    expect(low.value, `ready visitors at ${low.at}, when ${low.cause}; see \`kubectl events -n shop\``).toBe(1);
  });
}
