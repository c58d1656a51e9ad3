import type { Attempt, LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const user = 'system:serviceaccount:delivery:pipeline';
const list = `kubectl auth can-i --list --as=${user} -n shop`;
const web = { resource: 'deployments.apps', namespace: 'shop', name: 'web' };

export default function checks(lab: LabContext) {
  const may = (attempt: Omit<Attempt, 'user'>) => lab.may({ user, ...attempt });

  test('dethroned', async () => {
    expect(
      await may({ verb: '*', resource: '*' }),
      lab.say`no rule of stars for pipeline; see ${`kubectl auth can-i --list --as=${user}`}`,
    ).toBe(false);
    expect(
      await may({ verb: 'delete', resource: 'namespaces', name: 'shop' }),
      lab.say`pipeline not to be allowed to delete the namespace shop; see ${`kubectl auth can-i --list --as=${user}`}`,
    ).toBe(false);
  });

  test('delivers', async () => {
    for (const verb of ['get', 'patch']) {
      expect(await may({ verb, ...web }), lab.say`pipeline to be allowed to ${verb} the Deployment web; see ${list}`).toBe(true);
    }
    for (const verb of ['list', 'watch']) {
      const byName = await may({ verb, ...web });
      expect(byName, lab.say`pipeline to be allowed to ${verb} Deployments, or web at least; see ${list}`).toBe(true);
    }
  });

  test('no-more', async () => {
    const attempts: readonly Omit<Attempt, 'user'>[] = [
      { verb: 'patch', resource: 'deployments.apps', namespace: 'shop', name: 'ledger' },
      { verb: 'update', resource: 'deployments.apps', namespace: 'shop', name: 'ledger' },
      { verb: 'delete', ...web },
      { verb: 'create', resource: 'pods', namespace: 'shop' },
      { verb: 'create', resource: 'deployments.apps', namespace: 'shop' },
      { verb: 'get', resource: 'secrets', namespace: 'shop', name: 'card-processor' },
      { verb: 'create', resource: 'pods/exec', namespace: 'shop' },
      { verb: 'patch', resource: 'deployments.apps', namespace: 'kube-system', name: 'coredns' },
      { verb: 'get', resource: 'secrets', namespace: 'delivery' },
      { verb: 'create', resource: 'rolebindings.rbac.authorization.k8s.io', namespace: 'shop' },
    ];
    for (const attempt of attempts) {
      const what = `${attempt.verb} ${attempt.resource} ${attempt.name ?? ''} in ${attempt.namespace}`;
      expect(await may(attempt), lab.say`${what} to be forbidden; see ${list}`).toBe(false);
    }
  });

  test('delivered', async () => {
    const patched = lab.history.requests({ by: 'serviceaccount:delivery:pipeline', resource: 'deployments', namespace: 'shop' });
    expect(
      patched.filter(({ verb, code }) => (verb === 'patch' || verb === 'update') && code === 200).length,
      lab.say`a change of web that pipeline made; see ${`kubectl set image deployment/web -n shop web=nginx:1.29 --as=${user}`}`,
    ).toBeGreaterThan(0);
    const pods = await lab.list('pods', { namespace: 'shop', labels: { app: 'web' }, ready: true });
    expect(
      pods.map(({ spec }) => spec?.containers[0]?.image),
      lab.say`two ready Pods of the new image; see ${'kubectl get pods -n shop'}`,
    ).toEqual(['nginx:1.29', 'nginx:1.29']);
  });
}
