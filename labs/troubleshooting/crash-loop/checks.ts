import type { LabContext, Resources } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

type Pod = Resources['pods'];

const namespace = 'newsroom';
const restarts = (pod: Pod): number => pod.status?.containerStatuses?.reduce((sum, { restartCount }) => sum + restartCount, 0) ?? 0;

export default function checks(lab: LabContext) {
  const podsOf = (desk: string, ready?: boolean) => lab.list('pods', { namespace, labels: { desk }, ...(ready && { ready }) });
  const isRead = (desk: string): boolean =>
    lab.history.requests({ resource: 'pods/log', namespace }).some(({ name, code }) => name.startsWith(`${desk}-`) && code === 200);
  const runsNginxWithSite = ({ spec }: Pod): boolean =>
    (spec?.containers.some(
      ({ command, volumeMounts }) => !command && volumeMounts?.some(({ mountPath }) => mountPath.startsWith('/etc/nginx/conf.d')),
    ) ??
      false) &&
    (spec?.volumes?.some(({ configMap, projected }) =>
      [configMap?.name, ...(projected?.sources ?? []).map((source) => source.configMap?.name)].includes('front-site'),
    ) ??
      false);

  test('front', async () => {
    const pods = await podsOf('front', true);
    expect(pods.length, lab.say`two ready Pods of front; see ${'kubectl get pods -n newsroom'}`).toBe(2);
    expect(
      pods.filter(runsNginxWithSite).length,
      'Pods that run nginx with the ConfigMap front-site in /etc/nginx/conf.d; see `kubectl get deployment -n newsroom front -o yaml`',
    ).toBe(2);
    for (const { metadata } of pods) {
      const { ok, why } = await lab.connects('node-1', `pods/newsroom/${metadata.name}:8080`);
      expect(
        ok,
        lab.say`somebody to listen at port 8080 of ${metadata.name}, but ${why}; see ${'kubectl logs -n newsroom deployment/front'}`,
      ).toBe(true);
    }
  });

  test('ticker', async () => {
    const pods = await podsOf('ticker', true);
    expect(pods.length, lab.say`one running Pod of ticker; see ${'kubectl logs -n newsroom deployment/ticker --previous'}`).toBe(1);
    expect(pods.map(restarts), lab.say`a Pod that was not restarted; see ${'kubectl get pods -n newsroom'}`).toEqual([0]);
    const variable = pods[0]?.spec?.containers[0]?.env?.find(({ name }) => name === 'WIRE_URL');
    const from = pods[0]?.spec?.containers[0]?.envFrom?.map(({ configMapRef }) => configMapRef?.name) ?? [];
    expect(
      [variable?.valueFrom?.configMapKeyRef?.name, ...from],
      'where WIRE_URL comes from; see `kubectl get deployment -n newsroom ticker -o yaml`',
    ).toContain('ticker');
  });

  test('mailer', async () => {
    const pods = await podsOf('mailer', true);
    expect(pods.length, lab.say`one ready Pod of mailer; see ${'kubectl describe pod -n newsroom -l desk=mailer'}`).toBe(1);
    const ref = pods[0]?.spec?.containers[0]?.env?.find(({ name }) => name === 'PASSWORD')?.valueFrom?.secretKeyRef;
    expect(ref?.name, 'a Secret that gives PASSWORD; see `kubectl get deployment -n newsroom mailer -o yaml`').toBeDefined();
    const secret = await lab.get('secrets', `${namespace}/${ref?.name}`);
    expect(secret?.data?.[ref?.key ?? ''], lab.say`the password that was there; see ${'kubectl get secrets -n newsroom'}`).toBe(
      btoa('pigeon-7'),
    );
  });

  test('stays', async () => {
    const gone = lab.history.deletions('pods', { namespace, after: (lab.history.greenAt('mailer') ?? Number.POSITIVE_INFINITY) - 1 });
    expect(gone.length, 'Pods that were thrown away; see `kubectl get pods -n newsroom`').toBeGreaterThan(0);
    for (const [desk, count] of [
      ['front', 2],
      ['ticker', 1],
      ['mailer', 1],
    ] as const) {
      const owned = (await podsOf(desk, true)).filter(({ metadata }) =>
        metadata.ownerReferences?.some(({ kind }) => kind === 'ReplicaSet'),
      );
      expect(owned.length, lab.say`ready Pods of the Deployment ${desk}; see ${'kubectl get pods -n newsroom'}`).toBe(count);
    }
  });

  // What hints wait for.
  test('front-log-unread', () => expect(isRead('front')).toBe(false));
  test('front-untouched', async () => {
    expect(isRead('front')).toBe(true);
    expect((await lab.get('configmaps', `${namespace}/front-site`))?.data?.['default.conf']).toContain('lisen');
  });
  test('front-without-site', async () => {
    const pods = await podsOf('front', true);
    expect(pods.some((pod) => !runsNginxWithSite(pod))).toBe(true);
  });
  test('ticker-log-unread', () => expect(isRead('ticker')).toBe(false));
  test('ticker-by-value', async () => {
    const env = (await podsOf('ticker')).flatMap(({ spec }) => spec?.containers[0]?.env ?? []);
    expect(env.some(({ name, value }) => name === 'WIRE_URL' && value !== undefined)).toBe(true);
  });
}
