/** What the kubelet does with a container by the fields of its Pod: a row for each, told by the Pod's status or the container's output. */
import { describe, expect, test } from 'vitest';
import { programs } from '../../../terminal/programs.ts';
import { configMaps } from '../../api/core/config-map.ts';
import { pods } from '../../api/core/pod.ts';
import type { TestNode } from './testing.ts';
import { createTestNode } from './testing.ts';

const sh = (script: string) => ({ command: ['sh', '-c', script] });
const status = (t: TestNode) => t.pod('p')!.status!;
const state = (t: TestNode) => status(t).containerStatuses![0]!.state!;
const isReady = (t: TestNode) => status(t).containerStatuses![0]!.ready;
const hasCommand = { exec: { command: ['true'] } };

function outputOf(t: TestNode, name = 'c'): string {
  const found = [...t.node.runtime.containers.values()].find(({ config }) => config.name === name);
  return (found?.log?.lines ?? []).map(({ text }) => text.trim()).join(' ');
}

interface Row {
  readonly name: string;
  readonly spec?: object;
  readonly container: object;
  /** Virtual seconds, and what is to be seen then. */
  readonly seen: readonly (readonly [number, unknown])[];
  readonly look: (t: TestNode) => unknown;
}

test.each<Row>([
  {
    name: 'a probe begins late',
    container: { readinessProbe: { ...hasCommand, initialDelaySeconds: 20 } },
    look: isReady,
    seen: [
      [15, false],
      [35, true],
    ],
  },
  {
    name: 'a probe must succeed several times',
    container: { readinessProbe: { ...hasCommand, periodSeconds: 5, successThreshold: 4 } },
    look: isReady,
    seen: [
      [12, false],
      [30, true],
    ],
  },
  {
    name: 'a probe may take its time',
    container: { readinessProbe: { exec: { command: ['sleep', '3'] }, timeoutSeconds: 5, periodSeconds: 10 } },
    look: isReady,
    seen: [[25, true]],
  },
  {
    name: 'a container that does not start up is started again',
    container: { startupProbe: { exec: { command: ['false'] }, failureThreshold: 2, periodSeconds: 5, terminationGracePeriodSeconds: 1 } },
    look: (t) => status(t).containerStatuses![0]!.restartCount > 0,
    seen: [
      [4, false],
      [25, true],
    ],
  },
  {
    name: 'what a container leaves as its message',
    spec: { restartPolicy: 'Never' },
    container: { ...sh('echo bye > /tmp/m; exit 1'), terminationMessagePath: '/tmp/m' },
    look: (t) => state(t).terminated?.message,
    seen: [[10, 'bye\n']],
  },
  {
    name: 'its output stands for the message',
    spec: { restartPolicy: 'Never' },
    container: { ...sh('echo oops; exit 1'), terminationMessagePolicy: 'FallbackToLogsOnError' },
    look: (t) => state(t).terminated?.message,
    seen: [[10, 'oops\n']],
  },
  {
    name: 'an image that may not be pulled',
    container: { imagePullPolicy: 'Never' },
    look: (t) => state(t).waiting?.reason,
    seen: [[10, 'ErrImageNeverPull']],
  },
  {
    name: 'a root filesystem that cannot be written',
    container: { ...sh('touch /x 2>&1; sleep 100'), securityContext: { readOnlyRootFilesystem: true } },
    look: outputOf,
    seen: [[10, "touch: cannot touch '/x': Read-only file system"]],
  },
  {
    name: 'a volume that cannot be written',
    spec: { volumes: [{ name: 'v', emptyDir: {} }] },
    container: { ...sh('touch /v/x 2>&1; sleep 100'), volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true }] },
    look: outputOf,
    seen: [[10, "touch: cannot touch '/v/x': Read-only file system"]],
  },
  {
    name: 'a Pod that must not be root',
    spec: { securityContext: { runAsNonRoot: true } },
    container: {},
    look: (t) => state(t).waiting?.reason,
    seen: [[10, 'CreateContainerConfigError']],
  },
  {
    name: 'a Pod that waits for a condition of its own',
    spec: { readinessGates: [{ conditionType: 'example.com/ok' }] },
    container: {},
    look: (t) => status(t).conditions!.find(({ type }) => type === 'Ready')!.reason,
    seen: [[10, 'ReadinessGatesNotReady']],
  },
  {
    name: "the node's name servers",
    spec: { dnsPolicy: 'Default' },
    container: sh('grep -c search /etc/resolv.conf; sleep 100'),
    look: outputOf,
    seen: [[10, '0']],
  },
])('$name', ({ spec, container, look, seen }) => {
  const t = createTestNode({ programs });
  t.create('p', { containers: [{ name: 'c', image: 'busybox', ...sh('sleep 1000'), ...container }], ...spec });
  let at = 0;
  for (const [seconds, want] of seen) {
    t.advance((seconds - at) * 1000);
    at = seconds;
    expect(look(t)).toEqual(want);
  }
});

describe('a Pod that is to go', () => {
  test.each([
    { name: 'waits for what comes before', lifecycle: { preStop: { sleep: { seconds: 8 } } }, there: 6, gone: 14 },
    { name: 'waits no longer than it may', lifecycle: { preStop: { sleep: { seconds: 20 } } }, period: 25, there: 18, gone: 30 },
    {
      name: 'goes when its process does not listen',
      lifecycle: undefined,
      period: 5,
      script: 'trap "" TERM; while true; do sleep 1; done',
      there: 3,
      gone: 9,
    },
  ])('$name', ({ lifecycle, period = 30, script = 'trap "exit 0" TERM; while true; do sleep 1; done', there, gone }) => {
    const t = createTestNode({ programs });
    t.create('p', {
      terminationGracePeriodSeconds: period,
      containers: [{ name: 'c', image: 'busybox', ...sh(script), ...(lifecycle && { lifecycle }) }],
    });
    t.advance(8000);
    t.run(t.admin.call({ verb: 'delete', kind: pods, namespace: 'default', name: 'p' }));
    t.advance(there * 1000);
    expect(t.pod('p')).toBeDefined();
    t.advance((gone - there) * 1000);
    expect(t.pod('p')).toBeUndefined();
  });
});

test.each([
  { name: 'its arguments', container: { command: ['echo'], args: ['a', 'b'] }, want: 'a b' },
  { name: 'its variables', container: { ...sh('echo $X'), env: [{ name: 'X', value: 'y' }] }, want: 'y' },
  { name: 'variables from elsewhere', container: { ...sh('echo $key'), envFrom: [{ configMapRef: { name: 'm' } }] }, want: 'value' },
  { name: 'its directory', container: { ...sh('pwd'), workingDir: '/tmp' }, want: '/tmp' },
  { name: 'its user', container: { ...sh('id -u'), securityContext: { runAsUser: 5 } }, want: '5' },
  { name: 'volumes of the Pod', container: { ...sh('cat /v/key; echo'), volumeMounts: [{ name: 'v', mountPath: '/v' }] }, want: 'value' },
  { name: 'a terminal', container: { ...sh('test -t 1 && echo yes'), tty: true, stdin: true }, want: 'yes' },
])('an ephemeral container has $name', ({ container, want }) => {
  const t = createTestNode({ programs });
  const metadata = { name: 'm', namespace: 'default' };
  t.make(configMaps as never, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { key: 'value' } });
  t.create('p', {
    containers: [{ name: 'c', image: 'busybox', ...sh('sleep 1000') }],
    volumes: [{ name: 'v', configMap: { name: 'm' } }],
  });
  t.advance(5000);
  const pod = t.pod('p')!;
  const object = { ...pod, spec: { ...pod.spec, ephemeralContainers: [{ name: 'e', image: 'busybox', ...container }] } };
  t.run(
    t.admin.call({
      verb: 'update',
      kind: pods,
      namespace: 'default',
      name: 'p',
      subresource: 'ephemeralcontainers',
      object: object as never,
    }),
  );
  t.advance(5000);
  expect(outputOf(t, 'e')).toBe(want);
});
