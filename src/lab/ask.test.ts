/** Questions to the API server: answered, and without a trace. */
import { beforeAll, expect, test } from 'vitest';
import type { Pod } from '../emulator/api/generated/types.ts';
import type { Proposal } from './api.ts';
import { runScript } from './attempt.ts';
import { playground } from './playground.ts';
import { LabSession } from './session.ts';
import { hashTrace } from './trace-hash.ts';

const script = `kubectl create namespace shop
kubectl label namespace shop pod-security.kubernetes.io/enforce=restricted
kubectl create serviceaccount robot -n shop
kubectl create role reader -n shop --verb=get --resource=pods,pods/log,deployments.apps
kubectl create rolebinding reader -n shop --role=reader --user=jane --group=ops --serviceaccount=shop:robot
`;

let session: LabSession;
beforeAll(async () => {
  session = new LabSession(playground({ workers: 1 }));
  await runScript(session, script);
});

test.each([
  { name: 'a user', attempt: { user: 'jane', verb: 'get', resource: 'pods', namespace: 'shop' }, want: true },
  { name: 'in another namespace', attempt: { user: 'jane', verb: 'get', resource: 'pods', namespace: 'default' }, want: false },
  { name: 'in all namespaces', attempt: { user: 'jane', verb: 'get', resource: 'pods' }, want: false },
  { name: 'a subresource', attempt: { user: 'jane', verb: 'get', resource: 'pods/log', namespace: 'shop' }, want: true },
  { name: 'another group of the API', attempt: { user: 'jane', verb: 'get', resource: 'deployments.apps', namespace: 'shop' }, want: true },
  { name: 'a member of a group', attempt: { user: 'joe', groups: ['ops'], verb: 'get', resource: 'pods', namespace: 'shop' }, want: true },
  {
    name: 'a service account',
    attempt: { user: 'system:serviceaccount:shop:robot', verb: 'get', resource: 'pods', namespace: 'shop' },
    want: true,
  },
  { name: 'another verb', attempt: { user: 'jane', verb: 'delete', resource: 'pods', namespace: 'shop' }, want: false },
])('may: $name', async ({ attempt, want }) => expect(await session.context.may(attempt)).toBe(want));

const pod = (name: string, more: object = {}, namespace = 'shop'): Proposal<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [{ name: 'c', image: 'nginx:1.29', ...more }] },
});

test('accepts: what admission lets through, and why not', async () => {
  const strict = {
    securityContext: {
      allowPrivilegeEscalation: false,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
  expect(await session.context.accepts('pods', pod('a', strict))).toEqual({ ok: true, why: '' });
  expect((await session.context.accepts('pods', pod('a'))).why).toContain('violates PodSecurity "restricted:latest"');
  expect(session.cluster.list('pods').filter(({ metadata }) => metadata.namespace === 'shop')).toEqual([]);
});

test('whether somebody asked cannot be told afterwards', async () => {
  const run = async (isAsking: boolean): Promise<string> => {
    const lived = new LabSession(playground({ workers: 1, seed: 3 }));
    const hash = hashTrace(lived.cluster.kernel.trace);
    if (isAsking) await lived.context.accepts('pods', pod('a', {}, 'default'));
    if (isAsking) await lived.context.may({ user: 'jane', verb: 'get', resource: 'pods' });
    await runScript(lived, 'kubectl run web --image=nginx:1.29\nsleep 10\nkubectl get pod web -o jsonpath={.metadata.uid}\n');
    return hash.value;
  };
  expect(await run(true)).toBe(await run(false));
});
