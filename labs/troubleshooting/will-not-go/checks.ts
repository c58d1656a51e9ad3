import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const orders = '1041,apples,3\n1042,pears,12';

export default function checks(lab: LabContext) {
  const namespaceOf = (name: string) => lab.get('namespaces', name);
  const leftovers = async (): Promise<readonly string[]> => {
    const kinds = ['configmaps', 'secrets', 'serviceaccounts', 'deployments', 'pods'] as const;
    const lists = await Promise.all(kinds.map((kind) => lab.list(kind, { namespace: 'old-shop' })));
    return lists.flatMap((list, i) => list.map(({ metadata }) => `${kinds[i]}/${metadata.name}`));
  };
  const copy = async (): Promise<string> => Object.values((await lab.get('configmaps', 'archive/orders'))?.data ?? {}).join('\n');

  test('asked', async () => {
    const namespace = await namespaceOf('old-shop');
    expect(
      !namespace || namespace.metadata.deletionTimestamp !== undefined,
      lab.say`a deletion of it; see ${'kubectl get namespaces'}`,
    ).toBe(true);
  });

  test('saved', async () => {
    expect(await copy(), lab.say`the orders; see ${'kubectl get configmap orders -n archive -o yaml'}`).toContain(orders);
  });

  test('apis', async () => {
    const silent = (await lab.list('apiservices')).filter((service) => lab.conditionOf(service, 'Available') !== 'True');
    expect(
      silent.map(({ metadata }) => metadata.name),
      lab.say`no API that does not answer; see ${'kubectl get apiservices'}`,
    ).toEqual([]);
  });

  test('gone', async () => {
    expect(await namespaceOf('old-shop'), lab.say`no such namespace; see ${'kubectl describe namespace old-shop'}`).toBeUndefined();
    expect(await leftovers(), lab.say`nothing left of it; see ${'kubectl get configmaps -A'}`).toEqual([]);
  });

  // What hints wait for.
  test('conditions-unread', () => {
    const read = lab.history
      .requests({ by: 'learner', resource: 'namespaces' })
      .filter(({ verb, name }) => verb === 'get' && name === 'old-shop');
    expect(read).toEqual([]);
  });
  test('lost', async () => {
    expect(await lab.get('configmaps', 'old-shop/orders')).toBeUndefined();
    expect(await copy()).not.toContain(orders);
  });
  test('server-without-program', async () => expect(await lab.get('services', 'archive/stats-api')).toBeDefined());
  test('orphans', async () => {
    expect(await namespaceOf('old-shop')).toBeUndefined();
    expect(await leftovers()).not.toEqual([]);
  });
}
