import { expect, test } from 'vitest';
import type { PodSpec } from '../../generated/types.ts';
import { withoutDisabledFields } from './disabled-fields.ts';

const c = { name: 'c', image: 'nginx' };
const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];

test.each<{ readonly name: string; readonly spec: PodSpec; readonly want: PodSpec }>([
  { name: 'a host name of one’s own', spec: { containers: [c], hostnameOverride: 'me' }, want: { containers: [c] } },
  {
    name: 'rules of restarting',
    spec: { containers: [{ ...c, restartPolicy: 'Never', restartPolicyRules: rules }] },
    want: { containers: [c] },
  },
  {
    name: 'rules of an init container, and its policy unless it is a sidecar’s',
    spec: {
      containers: [c],
      initContainers: [
        { ...c, restartPolicy: 'OnFailure' },
        { ...c, restartPolicy: 'Always', restartPolicyRules: rules },
      ],
    },
    want: { containers: [c], initContainers: [c, { ...c, restartPolicy: 'Always' }] },
  },
  {
    name: 'variables from files',
    spec: { containers: [{ ...c, env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'p', key: 'k' } } }] }] },
    want: { containers: [{ ...c, env: [{ name: 'A', valueFrom: {} }] }] },
  },
  {
    name: 'a signal, and nothing beside it',
    spec: { containers: [{ ...c, lifecycle: { stopSignal: 'SIGUSR1' } }] },
    want: { containers: [c] },
  },
  {
    name: 'a signal beside a hook',
    spec: { containers: [{ ...c, lifecycle: { stopSignal: 'SIGUSR1', preStop: { sleep: { seconds: 1 } } } }] },
    want: { containers: [{ ...c, lifecycle: { preStop: { sleep: { seconds: 1 } } } }] },
  },
])('$name: dropped', ({ spec, want }) => expect(withoutDisabledFields(spec)).toEqual(want));

test('a spec without such fields stays the same object', () => {
  const spec: PodSpec = { containers: [c], initContainers: [{ ...c, restartPolicy: 'Always' }] };
  expect(withoutDisabledFields(spec)).toBe(spec);
});
