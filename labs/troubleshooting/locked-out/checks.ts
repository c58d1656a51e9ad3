import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const account = 'serviceaccount:crew:deployer';
const user = `system:${account}`;

const serverOf = (config: string): string => /server: (\S+)/.exec(config)?.[1] ?? '';
const namespacesIn = (config: string): readonly string[] => [...config.matchAll(/namespace: "?([^"\s]+)"?/g)].map(([, name]) => name!);

export default function checks(lab: LabContext) {
  const config = async (): Promise<string> => (await lab.file('control-plane', '/root/deployer.conf')) ?? '';
  const isUnverified = async (): Promise<boolean> => /insecure-skip-tls-verify: true/.test(await config());
  const mayOnDeployments = (verb: string, namespace: string) => lab.may({ user, verb, resource: 'deployments.apps', namespace });

  test('known', async () => {
    const asked = lab.history.requests({ by: account }).filter(({ code }) => code !== 401);
    expect(asked.length, lab.say`a request of ${user}; try ${'kubectl --kubeconfig deployer.conf get deployments'}`).toBeGreaterThan(0);
    const see = 'kubectl config view --kubeconfig deployer.conf';
    expect(await isUnverified(), lab.say`deployer.conf to have the server's certificate verified; see ${see}`).toBe(false);
    expect(serverOf(await config()), lab.say`the API server's own port, 6443, in deployer.conf; see ${see}`).toContain(':6443');
  });

  test('allowed', async () => {
    const verbs = ['get', 'list', 'create', 'update', 'patch'];
    const granted = await Promise.all(verbs.map((verb) => mayOnDeployments(verb, 'crew')));
    expect(
      verbs.filter((_, i) => !granted[i]),
      `verbs on Deployments of crew that ${user} lacks; see \`kubectl describe rolebinding -n crew\``,
    ).toEqual([]);
    const list = `kubectl auth can-i --list -n crew --as=${user}`;
    expect(await mayOnDeployments('list', 'default'), lab.say`it not to be allowed to list Deployments of default; see ${list}`).toBe(
      false,
    );
    const mayRead = await lab.may({ user, verb: 'get', resource: 'secrets', namespace: 'crew' });
    expect(mayRead, lab.say`it not to be allowed to read Secrets of crew; see ${list}`).toBe(false);
  });

  test('deployed', async () => {
    const made = lab.history.creations('deployments', { namespace: 'crew', name: 'hello', by: account });
    expect(
      made.length,
      lab.say`a Deployment hello made by the account; see ${'kubectl --kubeconfig deployer.conf auth whoami'}`,
    ).toBeGreaterThan(0);
    expect(
      namespacesIn(await config()),
      lab.say`the context in deployer.conf to name the namespace crew; see ${'kubectl config get-contexts --kubeconfig deployer.conf'}`,
    ).toContain('crew');
  });

  // What hints wait for.
  test('nobody-there', async () => expect(await config()).toContain(':6444'));
  test('unknown-authority', async () => {
    expect(await config()).toContain(':6443');
    expect(await config()).toContain('front-proxy-ca.crt');
  });
  test('not-verified', async () => expect(await isUnverified()).toBe(true));
  test('unauthorized', async () => {
    expect(await config()).toMatch(/:6443/);
    expect(await config()).not.toContain('front-proxy-ca.crt');
    expect(lab.history.requests({ by: account })).toEqual([]);
  });
  test('too-much', async () => expect(await lab.may({ user, verb: 'get', resource: 'secrets', namespace: 'crew' })).toBe(true));
  test('made-by-admin', () => {
    expect(lab.history.creations('deployments', { namespace: 'crew', name: 'hello', by: 'learner' })).not.toEqual([]);
  });
}
