import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const workers = ['node-1', 'node-2', 'node-3'];
const statics = ['etcd', 'kube-apiserver', 'kube-scheduler', 'kube-controller-manager'];

async function expectNodes(lab: LabContext): Promise<void> {
  for (const name of ['control-plane', ...workers]) {
    const node = await lab.get('nodes', name);
    const where = `kubectl describe node ${name}`;
    expect(node && lab.conditionOf(node, 'Ready'), lab.say`${name} to be Ready; see ${where}`).toBe('True');
    if (name === 'control-plane') continue;
    const closed = (node!.spec?.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule').map(({ key }) => key);
    expect(closed, lab.say`${name} to take new Pods; see ${where}`).toEqual([]);
  }
}

async function expectSystem(lab: LabContext): Promise<void> {
  const ready = (labels: Record<string, string>) => lab.list('pods', { namespace: 'kube-system', labels, ready: true });
  for (const component of statics)
    expect((await ready({ component })).length, lab.say`${component} to be ready; see ${'kubectl get pods -n kube-system'}`).toBe(1);
  const where = 'kubectl get deployments,daemonsets -n kube-system';
  expect((await ready({ 'k8s-app': 'kube-dns' })).length, lab.say`two ready Pods of CoreDNS; see ${where}`).toBeGreaterThanOrEqual(2);
  const proxied = (await ready({ 'k8s-app': 'kube-proxy' })).map(({ spec }) => spec?.nodeName).sort();
  expect(proxied, lab.say`a ready kube-proxy on each node; see ${where}`).toEqual(['control-plane', ...workers]);
}

async function expectStall(lab: LabContext): Promise<void> {
  const pods = await lab.list('pods', { namespace: 'market', labels: { app: 'stall' }, ready: true });
  const current = pods.filter(({ spec }) => spec?.containers[0]?.image === 'registry.example/stall:1.1');
  expect(current.length, lab.say`three ready Pods of version 1.1; see ${'kubectl get replicasets,pods -n market'}`).toBeGreaterThanOrEqual(
    3,
  );
  expect(pods.length, lab.say`no Pod of version 1.0 any more; see ${'kubectl rollout status -n market deployment/stall'}`).toBe(
    current.length,
  );
}

/** The last three Jobs of the CronJob that have ended, of those that began later than this, in seconds. */
async function expectHeartbeats(lab: LabContext, after: number): Promise<void> {
  const made = lab.history.creations('jobs', { namespace: 'watch', by: 'cronjob-controller', after }).map(({ name }) => name);
  const jobs = (await lab.list('jobs', { namespace: 'watch' })).filter(({ metadata }) => made.includes(metadata.name));
  const ended = jobs.filter((job) => lab.conditionOf(job, 'Complete') === 'True' || lab.conditionOf(job, 'Failed') === 'True');
  const last = ended.sort((a, b) => made.indexOf(a.metadata.name) - made.indexOf(b.metadata.name)).slice(-3);
  const where = 'kubectl get jobs,pods -n watch';
  expect(last.length, lab.say`three heartbeats that have ended; see ${where}`).toBe(3);
  for (const job of last) {
    expect(lab.conditionOf(job, 'Complete'), lab.say`${job.metadata.name} to have succeeded; see ${where}`).toBe('True');
    const { containers, hostAliases } = job.spec!.template.spec!;
    expect(containers[0]?.command?.at(-1), lab.say`the heartbeat as it was; see ${'kubectl get cronjob -n watch -o yaml'}`).toBe(
      'http://stall.market/',
    );
    expect(hostAliases, lab.say`the heartbeat as it was; see ${'kubectl get cronjob -n watch -o yaml'}`).toBeUndefined();
  }
}

/** Situations in which a hint helps; they judge no task. */
function situations(lab: LabContext): void {
  const readiness = async () => (await lab.list('nodes')).map((node) => lab.conditionOf(node, 'Ready'));
  test('node-silent', async () => expect(await readiness()).toContain('Unknown'));
  test('node-complains', async () => expect(await readiness()).toContain('False'));
  test('node-closed', async () => {
    expect(new Set(await readiness())).toEqual(new Set(['True']));
    expect((await lab.list('nodes')).some(({ spec }) => spec?.unschedulable)).toBe(true);
  });

  const systemPods = (labels: Record<string, string>, ready?: boolean) =>
    lab.list('pods', { namespace: 'kube-system', labels, ...(ready !== undefined && { ready }) });
  test('static-missing', async () => {
    const counts = await Promise.all(statics.map(async (component) => (await systemPods({ component })).length));
    expect(counts).toContain(0);
  });
  test('static-failing', async () => {
    const counts = await Promise.all(statics.map(async (component) => (await systemPods({ component }, false)).length));
    expect(Math.max(...counts)).toBeGreaterThan(0);
  });
  test('addon-short', async () => {
    const dns = (await systemPods({ 'k8s-app': 'kube-dns' }, true)).length;
    const proxies = (await systemPods({ 'k8s-app': 'kube-proxy' }, true)).length;
    expect(dns < 2 || proxies < 4).toBe(true);
  });

  test('change-stuck', async () => {
    const sets = await lab.list('replicasets', { namespace: 'market', labels: { app: 'stall' } });
    expect(sets.some(({ spec, status }) => (spec?.replicas ?? 0) > (status?.replicas ?? 0))).toBe(true);
  });
}

export default function checks(lab: LabContext) {
  situations(lab);
  test('nodes', () => expectNodes(lab));
  test('system', () => expectSystem(lab));
  test('change', () => expectStall(lab));
  test('heartbeat', () => expectHeartbeats(lab, 0));

  test('lasting', async () => {
    for (const name of workers) {
      for (const service of ['kubelet', 'containerd']) {
        const unit = await lab.unit(name, service);
        expect(
          unit?.isEnabled,
          lab.say`${service} of ${name} to start with the machine; see ${`ssh ${name} systemctl status ${service}`}`,
        ).toBe(true);
      }
      const { ok, why } = await lab.connects(name, 'services/market/stall:80');
      expect(ok, lab.say`${name} to reach the Service stall, but ${why}; see ${`ssh ${name} iptables-save -t nat`}`).toBe(true);
    }
    await expectNodes(lab);
    await expectSystem(lab);
    await expectStall(lab);
    await expectHeartbeats(lab, lab.history.greenAt('heartbeat') ?? Number.POSITIVE_INFINITY);
  });
}
