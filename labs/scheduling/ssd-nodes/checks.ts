import type { LabContext, Resources } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

type Pod = Resources['pods'];
type NodeAffinity = NonNullable<NonNullable<NonNullable<Pod['spec']>['affinity']>['nodeAffinity']>;

const key = 'disktype';

/** Whether the Pod's own rules let it onto a node with this value of the label. */
function mayGo({ spec }: Pod, value: string): boolean {
  const wanted = spec?.nodeSelector?.[key];
  if (wanted !== undefined && wanted !== value) return false;
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return !terms || terms.some((term) => (term.matchExpressions ?? []).every((rule) => holds(rule, value)));
}

function holds(
  rule: { readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined },
  value: string,
): boolean {
  if (rule.key !== key) return true;
  if (rule.operator === 'In') return rule.values?.includes(value) ?? false;
  if (rule.operator === 'NotIn') return !rule.values?.includes(value);
  return rule.operator === 'Exists';
}

const prefersSsd = (affinity: NodeAffinity | undefined): boolean =>
  affinity?.preferredDuringSchedulingIgnoredDuringExecution?.some(({ preference }) =>
    preference.matchExpressions?.some((rule) => rule.key === key && holds(rule, 'ssd') && !holds(rule, 'hdd')),
  ) ?? false;

export default function checks(lab: LabContext) {
  const readyPods = (app: string) => lab.list('pods', { namespace: 'library', labels: { app }, ready: true });
  const all = (app: string) => lab.list('pods', { namespace: 'library', labels: { app } });
  const where = 'kubectl get pods -n library -o wide';
  const diskOf = async (pod: Pod) =>
    (await lab.list('nodes')).find((node) => node.metadata.name === pod.spec?.nodeName)?.metadata.labels?.[key];
  const disks = async (pods: readonly Pod[]) => (await Promise.all(pods.map(diskOf))).sort();

  test('labels', async () => {
    const named = async (value: string) => (await lab.list('nodes', { labels: { [key]: value } })).map((node) => node.metadata.name).sort();
    expect(await named('ssd'), lab.say`node-2 and node-4 to be labelled disktype=ssd; see ${'kubectl get nodes -L disktype'}`).toEqual([
      'node-2',
      'node-4',
    ]);
    expect(await named('hdd'), lab.say`node-1 and node-3 to be labelled disktype=hdd; see ${'kubectl get nodes -L disktype'}`).toEqual([
      'node-1',
      'node-3',
    ]);
  });

  test('database', async () => {
    const pods = await readyPods('database');
    expect(await disks(pods), lab.say`two ready Pods on nodes with an SSD, and no others; see ${where}`).toEqual(['ssd', 'ssd']);
    expect((await all('database')).length, 'Pods of database, old ones too; see `kubectl get pods -n library -o wide`').toBe(2);
    const strict = pods.every((pod) => mayGo(pod, 'ssd') && !mayGo(pod, 'hdd'));
    expect(strict, lab.say`a rule in the Pods that forbids other nodes; see ${'kubectl get deployment database -n library -o yaml'}`).toBe(
      true,
    );
  });

  test('search', async () => {
    const pods = await readyPods('search');
    expect(pods.length, lab.say`six ready Pods of search; see ${where}`).toBe(6);
    const prefer = pods.every((pod) => prefersSsd(pod.spec?.affinity?.nodeAffinity) && mayGo(pod, 'hdd'));
    expect(
      prefer,
      lab.say`each to prefer disktype=ssd and to demand nothing; see ${'kubectl get deployment search -n library -o yaml'}`,
    ).toBe(true);
    const fast = (await disks(pods)).filter((disk) => disk === 'ssd').length;
    expect(fast, lab.say`the room on the nodes with an SSD to be used first; see ${where}`).toBeGreaterThanOrEqual(3);
    expect(fast, lab.say`some of them elsewhere; see ${where}`).toBeLessThan(6);
  });

  test('archive', async () => {
    const pods = await readyPods('archive');
    expect(await disks(pods), lab.say`two ready Pods on nodes without an SSD; see ${where}`).toEqual(['hdd', 'hdd']);
    const strict = pods.every((pod) => !mayGo(pod, 'ssd'));
    expect(
      strict,
      lab.say`a rule in the Pods that forbids nodes with an SSD; see ${'kubectl get deployment archive -n library -o yaml'}`,
    ).toBe(true);
  });
}
