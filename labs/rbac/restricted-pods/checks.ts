import type { LabContext, Resources } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

type Pod = Resources['pods'];

/** What of the standard restricted a Pod lacks. */
function lacks({ spec }: Pod): readonly string[] {
  const own = spec?.securityContext;
  const wrong: string[] = [];
  if (spec?.hostPID || spec?.hostNetwork || spec?.hostIPC) wrong.push('shares a namespace of the host');
  for (const { name, securityContext: context } of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]) {
    const runsAsNonRoot = context?.runAsNonRoot ?? own?.runAsNonRoot;
    if (!runsAsNonRoot) wrong.push(`${name}: runAsNonRoot`);
    if (context?.privileged) wrong.push(`${name}: privileged`);
    if (context?.allowPrivilegeEscalation !== false) wrong.push(`${name}: allowPrivilegeEscalation`);
    if (!context?.capabilities?.drop?.includes('ALL')) wrong.push(`${name}: capabilities.drop`);
    const profile = (context?.seccompProfile ?? own?.seccompProfile)?.type;
    if (profile !== 'RuntimeDefault' && profile !== 'Localhost') wrong.push(`${name}: seccompProfile`);
  }
  return wrong;
}

export default function checks(lab: LabContext) {
  test('mended', async () => {
    for (const app of ['menu', 'orders']) {
      const pods = await lab.list('pods', { namespace: 'guests', labels: { app } });
      expect(
        pods.filter(({ metadata }) => !metadata.deletionTimestamp).flatMap(lacks),
        lab.say`Pods of ${app} that lack nothing; see ${`kubectl get pods -n guests -l app=${app} -o yaml`}`,
      ).toEqual([]);
      const ready = await lab.list('pods', { namespace: 'guests', labels: { app }, ready: true });
      expect(ready.length, lab.say`two ready Pods of ${app}; see ${`kubectl describe pods -n guests -l app=${app}`}`).toBe(2);
    }
  });

  test('enforced', async () => {
    const loose = { metadata: { name: 'loose', namespace: 'guests' }, spec: { containers: [{ name: 'c', image: 'nginx:1.29' }] } };
    const { ok, why } = await lab.accepts('pods', { apiVersion: 'v1', kind: 'Pod', ...loose });
    expect(ok, lab.say`a Pod without a securityContext to be refused; see ${'kubectl get namespace guests --show-labels'}`).toBe(false);
    expect(why, 'the reason of the refusal; see `kubectl get namespace guests --show-labels`').toMatch(/violates PodSecurity "restricted:/);
  });

  test('agents', async () => {
    const pods = await lab.list('pods', { namespace: 'agents', labels: { app: 'node-agent' }, ready: true });
    expect(pods.length, lab.say`a ready Pod of node-agent on each worker; see ${'kubectl get pods -n agents -o wide'}`).toBe(2);
    const again = await lab.accepts('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'again', namespace: 'agents' },
      spec: { containers: pods[0]!.spec!.containers, volumes: pods[0]!.spec!.volumes },
    });
    expect(again.why, lab.say`such a Pod to be let in again; see ${'kubectl get namespace agents --show-labels'}`).toBe('');
  });

  test('served', () => {
    for (const service of ['guests/menu', 'guests/orders']) {
      const low = lab.history.lowest(({ endpoints }) => endpoints(service).ready);
      expect(
        low.value,
        `ready endpoints of ${service} ${low.at}, when ${low.cause}; see \`kubectl events -n guests\``,
      ).toBeGreaterThanOrEqual(1);
    }
  });
}
