import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

/** What each visitor's kubelet asks for to find out whether it is content. */
const wishes = {
  page: 'http://shop.example/about',
  api: 'http://shop.example/api/orders',
  secure: 'https://shop.example/about',
  lost: 'http://lost.example/',
} as const;

async function expectContent(lab: LabContext, who: keyof typeof wishes): Promise<void> {
  const name = `visitor-${who}`;
  const pod = await lab.get('pods', `shop/${name}`);
  expect(
    pod && lab.conditionOf(pod, 'Ready'),
    lab.say`${name} to get what it asks for; see ${`kubectl describe pod -n shop ${name}`} and ${'kubectl describe ingress -n shop'}`,
  ).toBe('True');
  expect(pod?.spec?.containers[0]?.readinessProbe?.exec?.command?.at(-1), `what ${name} asks for`).toContain(wishes[who]);
  expect(pod?.spec?.hostAliases?.[0]?.ip, `where ${name} takes shop.example to be`).toBe('172.18.255.200');
}

export default function checks(lab: LabContext) {
  test('page', () => expectContent(lab, 'page'));

  test('api', async () => {
    await expectContent(lab, 'api');
    await expectContent(lab, 'page');
  });

  test('secure', () => expectContent(lab, 'secure'));

  test('closed', () => expectContent(lab, 'lost'));
}
