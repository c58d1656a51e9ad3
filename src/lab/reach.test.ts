/** Questions about connections: asked of a cluster with a shop, a guard that lets one client in, and traffic of its own. */
import { beforeAll, expect, test } from 'vitest';
import { runScript } from './attempt.ts';
import { playground } from './playground.ts';
import { LabSession } from './session.ts';

const script = `kubectl create deployment shop --image=nginx:1.29 --replicas=3
kubectl expose deployment shop --port=8080 --target-port=80 --type=NodePort --overrides='{"spec":{"sessionAffinity":"ClientIP"}}'
kubectl create service clusterip nobody --tcp=80
kubectl create service clusterip half --tcp=80
kubectl run friend --image=busybox:1.36 --labels=role=friend -- sleep 1d
kubectl run stranger --image=busybox:1.36 -- sleep 1d
kubectl run half --image=nginx:1.29 --labels=app=half
kubectl run other-half --image=busybox:1.36 --labels=app=half -- sleep 1d
kubectl apply -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: shop }
spec:
  podSelector: { matchLabels: { app: shop } }
  ingress:
  - from: [{ podSelector: { matchLabels: { role: friend } } }]
YAML
kubectl wait --for=condition=Ready pod --all --timeout=60s
sleep 5
kubectl exec friend -- wget -qO- -T 2 http://shop:8080 >/dev/null
kubectl exec stranger -- wget -qO- -T 2 http://shop:8080
`;

let session: LabSession;
beforeAll(async () => {
  session = new LabSession(playground());
  await runScript(session, script);
});

test.each([
  { name: 'a Service, on each of its ways', from: 'default/friend', to: 'services/default/shop:8080', ok: true, why: /reaches/ },
  {
    name: 'a policy',
    from: 'default/stranger',
    to: 'services/default/shop:8080',
    ok: false,
    why: /is isolated for ingress by default\/shop, and no rule lets 10\.\S+ in on port 80\/TCP: dropped/,
  },
  { name: 'no endpoints', from: 'default/friend', to: 'services/default/nobody:80', ok: false, why: /no ready endpoints/ },
  {
    name: 'one of two ways',
    from: 'default/friend',
    to: 'services/default/half:80',
    ok: false,
    why: /Nothing in default\/other-half listens on port 80\/TCP \(on 1 of 2 ways\)/,
  },
  {
    name: 'a closed port of a Pod',
    from: 'default/friend',
    to: 'pods/default/half:81',
    ok: false,
    why: /Nothing in default\/half listens/,
  },
  { name: 'DNS', from: 'default/friend', to: '10.96.0.10:53/UDP', ok: true, why: /reaches/ },
  {
    name: 'from outside, to Pods',
    from: 'outside',
    to: 'services/default/half:80',
    ok: false,
    why: /Nobody has 10\.96\.\S+: it went to the default gateway/,
  },
  { name: 'nobody', from: 'default/nobody', to: 'node-1:80', ok: false, why: /there is no default\/nobody/ },
  { name: 'to nobody', from: 'node-1', to: 'pods/default/nobody:80', ok: false, why: /has no address/ },
])('$name: $ok', async ({ from, to, ok, why }) => {
  const reach = await session.context.connects(from, to);
  expect(reach.why).toMatch(why);
  expect(reach.ok).toBe(ok);
});

test('asking changes nothing: the next number drawn is that of a session in which nobody asked', async () => {
  const silent = new LabSession(playground());
  await runScript(silent, script);
  await silent.runTo(session.nowMs);
  expect(session.cluster.kernel.random.uint32()).toBe(silent.cluster.kernel.random.uint32());
});

test('connections are remembered with who got them', async () => {
  const [service] = (await session.context.list('services')).filter(({ metadata }) => metadata.name === 'shop');
  const to = `${service!.spec!.clusterIP}:8080/TCP`;
  const { history } = session.context;
  expect(history.connections({ from: 'default/friend', to }).map(({ reached }) => reached)).toEqual([
    expect.stringMatching(/^default\/shop-/),
  ]);
  const lost = history.connections({ from: 'default/stranger', to });
  expect(lost.length).toBeGreaterThan(0);
  expect(lost.filter(({ reached }) => reached)).toEqual([]);
});
