/**
 * Every fault of the chart, in one cluster one after the other: the sign is found, the chart points to the steps that the
 * cluster's own words make sensible, each of their commands runs, and what was run is marked, whatever flags were used.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { textOf } from '../../emulator/kernel/index.ts';
import type { DiagnosisView, Trouble } from '../page/protocol.ts';
import { playground } from '../playground.ts';
import { startScript } from '../script.ts';
import { LabSession } from '../session.ts';
import { branches, commandOf, wide } from './flow.ts';
import type { Sign } from './step.ts';
import { LookRecorder } from './looks.ts';
import { diagnosisView } from './view.ts';

let session: LabSession;
let looks: LookRecorder;

const view = (): DiagnosisView => diagnosisView(session.cluster, session.history.startMs, looks);

async function run(text: string, limitMs = 600_000): Promise<{ readonly code: number | undefined; readonly output: string }> {
  let output = '';
  const running = startScript(session.cluster.kernel, session.cluster.machine('control-plane')!, {
    text: `${text}\n`,
    thinkMs: 0,
    onOutput: (_stream, bytes) => (output += textOf(bytes)),
  });
  const endMs = session.nowMs + limitMs;
  while (running.exitCode === undefined && session.nowMs < endMs) await session.runTo(session.nowMs + 500);
  return { code: running.exitCode, output };
}

const pod = (name: string, spec: object): string =>
  `kubectl apply -f - <<'END'\n${JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec })}\nEND`;
const container = (more: object = {}) => ({ name: 'c', image: 'nginx:1.29', ...more });

interface Fault {
  readonly name: string;
  readonly sign: Sign;
  readonly make: string;
  readonly mend: string;
  /** What the cluster says. */
  readonly evidence: RegExp;
  /** The steps that the chart goes through, in this order. */
  readonly steps: readonly string[];
}

const faults: readonly Fault[] = [
  {
    name: 'a quota',
    sign: 'missing',
    make: 'kubectl create namespace lean; kubectl create quota q -n lean --hard=pods=0; kubectl create deployment web -n lean --image=nginx:1.29; sleep 3',
    mend: 'kubectl delete namespace lean',
    evidence: /exceeded quota: q/,
    steps: ['missing-owner', 'missing-events', 'missing-quota'],
  },
  {
    name: 'an account that does not exist',
    sign: 'missing',
    make: `kubectl create deployment web --image=nginx:1.29; kubectl patch deployment web -p '{"spec":{"template":{"spec":{"serviceAccountName":"web"}}}}'; sleep 5`,
    mend: 'kubectl delete deployment web',
    evidence: /serviceaccount "web" not found/,
    steps: ['missing-owner', 'missing-events', 'missing-account'],
  },
  {
    name: 'a standard of Pod Security',
    sign: 'missing',
    make: 'kubectl create namespace strict; kubectl label namespace strict pod-security.kubernetes.io/enforce=restricted; sleep 2; kubectl create deployment web -n strict --image=nginx:1.29; sleep 3',
    mend: 'kubectl delete namespace strict',
    evidence: /violates PodSecurity/,
    steps: ['missing-owner', 'missing-events', 'missing-standard'],
  },
  {
    name: 'a webhook whose Service does not exist',
    sign: 'missing',
    make: `kubectl apply -f - <<'END'\n${JSON.stringify({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'guard' }, webhooks: [{ name: 'guard.example.com', sideEffects: 'None', admissionReviewVersions: ['v1'], clientConfig: { service: { namespace: 'default', name: 'guard' } }, rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }] }] })}\nEND\nsleep 2; kubectl create deployment web --image=nginx:1.29; sleep 5`,
    mend: 'kubectl delete deployment/web validatingwebhookconfiguration/guard',
    evidence: /failed calling webhook "guard\.example\.com"/,
    steps: ['missing-owner', 'missing-events', 'missing-webhook'],
  },
  {
    name: 'no controller manager',
    sign: 'missing',
    make: `mv /etc/kubernetes/manifests/kube-controller-manager.yaml /root; sleep 5; kubectl apply -f - <<'END'\n${JSON.stringify({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'idle' }, spec: { selector: { matchLabels: { app: 'idle' } }, template: { metadata: { labels: { app: 'idle' } }, spec: { containers: [container()] } } } })}\nEND\nsleep 25`,
    mend: 'mv /root/kube-controller-manager.yaml /etc/kubernetes/manifests; kubectl delete replicaset idle --cascade=orphan; sleep 60; kubectl delete pods -l app=idle --now',
    evidence: /^$/,
    steps: ['missing-owner', 'missing-events', 'missing-manager'],
  },
  {
    name: 'a claim that was never made',
    sign: 'pending',
    make: `${pod('hopeful', { containers: [container()], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'nix' } }] })}\nsleep 2`,
    mend: 'kubectl delete pod hopeful',
    evidence: /persistentvolumeclaim "nix" not found/,
    steps: ['pending-events', 'pending-claims'],
  },
  {
    name: 'too little memory',
    sign: 'crash',
    make: `${pod('hog', { containers: [container({ image: 'polinux/stress', command: ['stress', '--vm', '1', '--vm-bytes', '250M'], resources: { limits: { memory: '100Mi' } } })] })}\nsleep 40`,
    mend: 'kubectl delete pod hog --now',
    evidence: /^OOMKilled$/,
    steps: ['crash-log', 'crash-events', 'crash-memory'],
  },
  {
    name: 'no room',
    sign: 'pending',
    make: `${pod('big', { containers: [container({ resources: { requests: { cpu: '100' } } })] })}\nsleep 2`,
    mend: 'kubectl delete pod big',
    evidence: /Insufficient cpu/,
    // To describe the nodes shows their taints too.
    steps: ['pending-events', 'pending-room'],
  },
  {
    name: 'a selector that no node has',
    sign: 'pending',
    make: `${pod('picky', { containers: [container()], nodeSelector: { disk: 'ssd' } })}\nsleep 2`,
    mend: 'kubectl delete pod picky',
    evidence: /didn't match Pod's node affinity\/selector/,
    steps: ['pending-events', 'pending-labels'],
  },
  {
    name: 'nodes that somebody has cordoned',
    sign: 'pending',
    make: `kubectl cordon node-1 node-2; ${pod('locked-out', { containers: [container()] })}\nsleep 2`,
    mend: 'kubectl uncordon node-1 node-2; kubectl delete pod locked-out',
    evidence: /2 node\(s\) were unschedulable/,
    steps: ['pending-events', 'pending-taints'],
  },
  {
    name: 'a scheduler that does not exist',
    sign: 'pending',
    make: `${pod('orphan', { containers: [container()], schedulerName: 'nobody' })}\nsleep 2`,
    mend: 'kubectl delete pod orphan',
    evidence: /^$/,
    steps: ['pending-events', 'pending-scheduler'],
  },
  {
    name: 'a claim of a class that does not exist',
    sign: 'claim',
    make: `kubectl apply -f - <<'END'\n${JSON.stringify({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: { storageClassName: 'fast', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } })}\nEND\n${pod('db', { containers: [container()], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] })}\nsleep 25`,
    mend: 'kubectl delete pod/db pvc/data',
    evidence: /^$/,
    steps: ['claim-events', 'claim-classes', 'claim-volumes'],
  },
  {
    name: 'an image that does not exist',
    sign: 'waiting',
    make: 'kubectl run typo --image=nginx:9.99; sleep 10',
    mend: 'kubectl delete pod typo --now',
    evidence: /^(ErrImagePull|ImagePullBackOff): /,
    steps: ['waiting-events', 'waiting-image'],
  },
  {
    name: 'a ConfigMap that does not exist',
    sign: 'waiting',
    make: `${pod('lost', { containers: [container({ envFrom: [{ configMapRef: { name: 'settings' } }] })] })}\nsleep 10`,
    mend: 'kubectl delete pod lost --now',
    evidence: /^CreateContainerConfigError: .*"settings" not found/,
    steps: ['waiting-events', 'waiting-config'],
  },
  {
    name: 'a volume that does not come',
    sign: 'waiting',
    make: `${pod('stuck', { containers: [container()], volumes: [{ name: 'v', configMap: { name: 'pages' } }] })}\nsleep 30`,
    mend: 'kubectl delete pod stuck --now',
    evidence: /^ContainerCreating/,
    steps: ['waiting-events', 'waiting-claims'],
  },
  {
    name: 'a program that fails',
    sign: 'crash',
    make: 'kubectl run boom --image=busybox:1.36 -- sh -c "echo no config; exit 3"; sleep 30',
    mend: 'kubectl delete pod boom --now',
    evidence: /^Error$/,
    steps: ['crash-log', 'crash-events'],
  },
  {
    name: 'a probe at the wrong port',
    sign: 'unready',
    make: `${pod('shy', { containers: [container({ readinessProbe: { httpGet: { port: 8081 }, periodSeconds: 2 } })] })}\nsleep 40`,
    mend: 'kubectl delete pod shy --now',
    evidence: /containers with unready status: \[c\]/,
    steps: ['unready-events', 'unready-log'],
  },
  {
    name: 'a selector that finds no Pod',
    sign: 'service',
    make: 'kubectl create service clusterip lonely --tcp=80; sleep 2',
    mend: 'kubectl delete service lonely',
    evidence: /^no endpoints$/,
    steps: ['service-slices', 'service-spec', 'service-labels'],
  },
  {
    name: 'a port on which nobody listens',
    sign: 'service',
    make: 'kubectl run web --image=nginx:1.29; kubectl expose pod web --port=80 --target-port=81; kubectl run ask --image=busybox:1.36 -- sleep 1h; kubectl wait --for=condition=Ready pod --all --timeout=60s; sleep 3; kubectl exec ask -- wget -qO- -T 2 http://web',
    mend: 'kubectl delete pod/web pod/ask service/web --now',
    evidence: /^addresses$/,
    steps: ['service-slices', 'service-spec', 'service-policies', 'service-dns'],
  },
  {
    name: 'a kubelet that is stopped',
    sign: 'node',
    make: 'ssh node-1 systemctl stop kubelet; sleep 60',
    mend: 'ssh node-1 systemctl start kubelet; sleep 20',
    evidence: /^Kubelet stopped posting node status\.$/,
    steps: ['node-conditions', 'node-kubelet', 'node-journal', 'node-runtime'],
  },
  {
    name: 'no API server',
    sign: 'silent',
    make: 'mv /etc/kubernetes/manifests/kube-apiserver.yaml /root; sleep 30',
    mend: 'mv /root/kube-apiserver.yaml /etc/kubernetes/manifests; sleep 60',
    evidence: /^$/,
    steps: ['silent-container', 'silent-kubelet', 'silent-manifest', 'silent-journal'],
  },
];

/** As in life: systemctl says 3 of a unit that does not run. */
const exitCodes: Readonly<Record<string, number>> = { 'node-kubelet': 3 };

beforeAll(async () => {
  session = new LabSession(playground({ workers: 2 }));
  looks = new LookRecorder(session.cluster.kernel);
  await session.runTo(1000);
});

test('a healthy cluster has no signs; the wide questions come first, and count however they are asked', async () => {
  expect(view()).toEqual({ troubles: [], looked: [], next: 'nodes' });
  await run('kubectl get pods -n kube-system -o name');
  expect(view().looked).toEqual(['parts']);
  await run('kubectl get po,no -A --sort-by=.metadata.name');
  expect(view()).toMatchObject({ looked: ['nodes', 'parts', 'pods'], next: 'events' });
  for (const step of wide) expect(await run(commandOf(step)), step.command).toMatchObject({ code: 0 });
  expect(view()).toEqual({ troubles: [], looked: wide.map(({ id }) => id), next: undefined });
  // Plain data: it goes through a message.
  expect(structuredClone(view())).toEqual(view());
});

describe.each(faults)('$name', ({ sign, make, mend, evidence, steps }) => {
  test('is found, gone after step by step, and gone when it is mended', async () => {
    await run(make);
    const find = (): Trouble | undefined => view().troubles.find((trouble) => trouble.sign === sign);
    const trouble = find();
    expect(trouble?.evidence).toMatch(evidence);
    const taken: string[] = [];
    for (let next = view().next; next !== undefined && !taken.includes(next); next = view().next) {
      taken.push(next);
      const step = branches.flatMap((branch) => branch.steps).find(({ id }) => id === next)!;
      const command = commandOf(step, trouble);
      const { code, output } = await run(command);
      expect(code, `${command}\n${output}`).toBe(exitCodes[next] ?? 0);
      expect(output, command).not.toBe('');
    }
    expect(taken).toEqual(steps);
    await run(mend);
    expect(find()).toBeUndefined();
  });
});

test('every step has a name of its own, and the placeholders are known', () => {
  const all = [...wide, ...branches.flatMap(({ steps }) => steps)];
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  for (const step of all) expect(commandOf(step)).not.toMatch(/\{[a-z]+\}/);
  expect(new Set(branches.map(({ sign }) => sign)).size).toBe(branches.length);
});

test('every step of every branch was taken above', () => {
  const taken = new Set(faults.flatMap(({ steps }) => steps));
  const never = branches.flatMap(({ steps }) => steps.map(({ id }) => id)).filter((id) => !taken.has(id));
  expect(never).toEqual([]);
});
