/** The page's view of the network, on a cluster with a Service, a policy and traffic. */
import { beforeAll, expect, test } from 'vitest';
import { runScript } from '../attempt.ts';
import { playground } from '../playground.ts';
import { LabSession } from '../session.ts';
import { networkView } from './network-view.ts';
import type { NetworkView } from './protocol.ts';

let session: LabSession;
const look = (change: Partial<Parameters<typeof networkView>[2]> = {}): NetworkView =>
  networkView(session.cluster, session.history.startMs, {
    about: 'network',
    namespace: 'default',
    showsAll: false,
    showsMatrix: false,
    ...change,
  });

beforeAll(async () => {
  session = new LabSession(playground());
  await runScript(
    session,
    `kubectl run web --image=nginx:1.29 --port=80 --expose
kubectl run friend --image=busybox:1.36 --labels=role=friend -- sleep 1d
kubectl apply -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec: { podSelector: { matchLabels: { run: web } }, ingress: [] }
YAML
kubectl wait --for=condition=Ready pod --all --timeout=60s
sleep 5
kubectl exec friend -- wget -qO- -T 2 http://web
`,
  );
});

test('Services with their slices, and policies with the Pods that they isolate', () => {
  const { services, policies, pods, namespaces, plugin, matrix } = look();
  expect(services.map(({ name, type, ports }) => `${name} ${type} ${ports.join(' ')}`)).toEqual([
    'kubernetes ClusterIP 443/TCP',
    'web ClusterIP 80/TCP',
  ]);
  expect(services[1]!.slices).toMatchObject([
    { endpoints: [{ address: `${pods.find(({ name }) => name === 'web')!.ip}:80`, pod: 'web', isReady: true }] },
  ]);
  expect(policies).toEqual([{ name: 'web', types: ['Ingress'], pods: ['web'] }]);
  expect(pods.map((pod) => pod.policies)).toEqual(pods.map(({ name }) => (name === 'web' ? ['web'] : [])));
  expect(namespaces).toContain('kube-system');
  expect([plugin, matrix]).toEqual([{ name: 'bridge', enforcesPolicies: true }, undefined]);
});

test('the last packets, newest first, with the path of each; components only when asked for', () => {
  const { packets } = look();
  expect(packets.map(({ program, outcome, attempts }) => `${program} ${outcome} ${attempts}`)).toEqual([
    'wget ETIMEDOUT 2',
    'wget delivered 1',
  ]);
  expect(packets[0]!.why).toMatch(
    /^default\/web is isolated for ingress by default\/web, and no rule lets \S+ in on port 80\/TCP: dropped\.$/,
  );
  expect(packets[0]!.hops.at(-2)).toMatchObject({ kind: 'policy', policies: [{ name: 'default/web', allows: false }] });
  expect(packets[1]!.about).toBe('A web.default.svc.cluster.local.');
  expect(look({ showsAll: true }).packets.length).toBeGreaterThan(2);
  // Plain data: it goes through a message.
  expect(structuredClone(look({ showsMatrix: true }))).toEqual(look({ showsMatrix: true }));
});

test('who reaches whom, measured when it is asked for', () => {
  const { matrix } = look({ showsMatrix: true });
  expect(matrix!.sources).toEqual(['default/friend', 'default/web']);
  const column = matrix!.targets.findIndex(({ name }) => name === 'default/web:80');
  expect(matrix!.cells.map((row) => row[column]!.verdict)).toEqual(['ingress', 'yes']);
});

test('a namespace that nobody made is empty', () => {
  expect(look({ namespace: 'nix', showsMatrix: true })).toMatchObject({
    services: [],
    pods: [],
    policies: [],
    matrix: { sources: [], targets: [] },
  });
});

test('a lab may name its network plugin, and the view tells when that leaves policies alone', () => {
  const { lab, ...rest } = playground({ workers: 1, seed: 1 });
  const other = new LabSession({ ...rest, lab: { ...lab, cluster: { ...lab.cluster, cni: 'flannel' } } });
  const question = { about: 'network', namespace: 'kube-flannel', showsAll: false, showsMatrix: false } as const;
  expect(networkView(other.cluster, 0, question).plugin).toEqual({ name: 'flannel', enforcesPolicies: false });
});
