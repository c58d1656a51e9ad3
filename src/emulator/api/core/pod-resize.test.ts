import { describe, expect, test } from 'vitest';
import { fieldErrorText } from '../../machinery/field-error.ts';
import { finished } from '../testing.ts';
import type { Container, Pod } from '../generated/types.ts';
import { prepareForResize, validatePodResize } from './pod-resize.ts';
import { pods } from './pod.ts';

const container = (resources: object, more: object = {}): Container => ({ name: 'c', image: 'nginx', resources, ...more });
const pod = (resources: object, more: object = {}, status: object = {}): Pod =>
  finished(pods, { spec: { containers: [container(resources, more)] }, status: { qosClass: 'Burstable', ...status } });

const stored = pod({ requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } });

function resize(next: Pod, previous = stored): readonly string[] {
  return validatePodResize(prepareForResize(next, previous), previous).map((error) => fieldErrorText(error).split('\n')[0]!);
}

test('takes CPU and memory and leaves the rest', () => {
  const asked = pod({ requests: { cpu: '200m', memory: '64Mi' }, limits: { memory: '128Mi' } }, { image: 'busybox' });
  const next = prepareForResize({ ...asked, metadata: { ...asked.metadata, labels: { a: 'b' } } }, stored);
  expect(next.spec.containers[0]).toEqual({ ...stored.spec.containers[0], resources: asked.spec.containers[0]!.resources });
  expect(next.metadata.labels).toBeUndefined();
  expect(resize(asked)).toEqual([]);
});

describe('refuses', () => {
  const sidecar = { name: 's', image: 'nginx', restartPolicy: 'Always', resources: { requests: { cpu: '10m' } } };
  test.each<{ name: string; next: Pod; previous?: Pod; want: readonly string[] }>([
    {
      name: 'another class of quality',
      next: pod({ requests: { cpu: '1', memory: '128Mi' }, limits: { cpu: '1', memory: '128Mi' } }),
      want: ['spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'],
    },
    {
      name: 'to take a request away',
      next: pod({ requests: { memory: '64Mi' }, limits: { memory: '128Mi' } }),
      want: ['spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed'],
    },
    {
      name: 'other resources',
      next: pod({ requests: { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '1Gi' }, limits: { memory: '128Mi' } }),
      want: ['spec: Forbidden: only cpu and memory resources are mutable'],
    },
    {
      name: 'more than the limit',
      next: pod({ requests: { cpu: '100m', memory: '1Gi' }, limits: { memory: '128Mi' } }),
      want: ['spec.containers[0].resources.requests: Invalid value: "1Gi": must be less than or equal to memory limit of 128Mi'],
    },
    {
      name: 'a node that cannot',
      next: pod({ requests: { cpu: '200m', memory: '64Mi' }, limits: { memory: '128Mi' } }),
      previous: pod(
        stored.spec.containers[0]!.resources!,
        {},
        { containerStatuses: [{ name: 'c', state: { running: { startedAt: '2026-01-01T00:00:00Z' } } }] },
      ),
      want: ['spec: Forbidden: Pod running on node without support for resize'],
    },
    {
      name: 'static Pods',
      next: pod({ requests: { cpu: '200m', memory: '64Mi' }, limits: { memory: '128Mi' } }),
      previous: { ...stored, metadata: { ...stored.metadata, annotations: { 'kubernetes.io/config.mirror': 'x' } } },
      want: [': Forbidden: static pods cannot be resized'],
    },
  ])('$name', ({ next, previous, want }) => expect(resize(next, previous)).toEqual(want));

  test('nothing of a sidecar that grows', () => {
    const withSidecar = (cpu: string) =>
      finished(pods, {
        spec: { containers: stored.spec.containers, initContainers: [{ ...sidecar, resources: { requests: { cpu } } }] },
        status: { qosClass: 'Burstable' },
      });
    expect(resize(withSidecar('20m'), withSidecar('10m'))).toEqual([]);
    expect(prepareForResize(withSidecar('20m'), withSidecar('10m')).spec.initContainers![0]!.resources!.requests).toEqual({ cpu: '20m' });
  });
});
