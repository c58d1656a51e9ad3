import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const namespace = 'gallery';

interface Login {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
}

export default function checks(lab: LabContext) {
  const pods = async (app: string, ready?: boolean) =>
    (await lab.list('pods', { namespace, labels: { app }, ...(ready && { ready }) })).filter(({ metadata }) => !metadata.deletionTimestamp);
  const imagesOf = async (app: string) => (await pods(app, true)).map(({ spec }) => spec?.containers[0]?.image);
  const describe = (app: string) => `kubectl describe pods -n ${namespace} -l app=${app}`;
  /** Names of the pull secrets of the newest Pods of frames. */
  const named = async (): Promise<readonly string[]> => [
    ...new Set((await pods('frames')).flatMap(({ spec }) => (spec?.imagePullSecrets ?? []).map(({ name = '' }) => name))),
  ];
  const holdsLogin = async (name: string): Promise<boolean> => {
    const json = (await lab.get('secrets', `${namespace}/${name}`))?.data?.['.dockerconfigjson'];
    const { auths = {} } = json === undefined ? {} : (JSON.parse(atob(json)) as { auths?: Record<string, Login> });
    return Object.values(auths).some(
      ({ username, password, auth = '' }) =>
        (username === 'curator' && password === 'oak-and-gold') || atob(auth) === 'curator:oak-and-gold',
    );
  };

  test('hall', async () => {
    const images = await imagesOf('hall');
    expect(images.length, lab.say`a ready Pod of hall; see ${describe('hall')}`).toBe(1);
    expect(images[0], 'its image; see `kubectl get deployment -n gallery hall -o yaml`').toMatch(/(^|\/)nginx:1\.29/);
  });

  test('cards', async () => {
    expect(await imagesOf('cards'), lab.say`a ready Pod of cards; see ${describe('cards')}`).toEqual(['registry.example/postcards:1.0']);
  });

  test('frames', async () => {
    const ready = await pods('frames', true);
    expect(
      ready.map(({ spec }) => spec?.containers[0]?.image),
      lab.say`two ready Pods of frames; see ${describe('frames')}`,
    ).toEqual(Array(2).fill('registry.example/vault/frames:2.0'));
    expect(new Set(ready.map(({ spec }) => spec?.nodeName)).size, 'nodes that they are on; see `kubectl get pods -n gallery -o wide`').toBe(
      2,
    );
  });

  test('stays', async () => {
    const gone = lab.history.deletions('pods', { namespace, after: (lab.history.greenAt('frames') ?? Number.POSITIVE_INFINITY) - 1 });
    expect(gone.length, 'Pods of frames that had to move; see `kubectl get pods -n gallery -o wide`').toBeGreaterThanOrEqual(2);
    expect((await pods('frames', true)).length, lab.say`two ready Pods on other nodes; see ${describe('frames')}`).toBe(2);
    const verdicts = await Promise.all((await named()).map(holdsLogin));
    expect(
      verdicts,
      lab.say`a pull secret with the login, named by the Pods or by their account; see ${'kubectl get secrets -n gallery'}`,
    ).toContain(true);
  });

  // What hints wait for.
  test('events-unread', () => expect(lab.history.requests({ by: 'learner', resource: 'events' })).toEqual([]));
  test('nothing-named', async () => expect(await named()).toEqual([]));
  test('wrong-login', async () => {
    const names = await named();
    const there = await Promise.all(
      names.map(async (name) => (await lab.get('secrets', `${namespace}/${name}`)) !== undefined && !(await holdsLogin(name))),
    );
    expect(there).toContain(true);
  });
  test('by-hand', async () => {
    expect(lab.history.greenAt('frames')).toBeDefined();
    expect(await named()).toEqual([]);
  });
}
