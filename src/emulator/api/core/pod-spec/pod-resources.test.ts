/** Requests and limits that a Pod has as a whole. */
import { describe, expect, test } from 'vitest';
import { createErrors } from '../../testing.ts';
import type { PodSpec, ResourceRequirements } from '../../generated/types.ts';
import { pods } from '../pod.ts';
import { defaultPodSpec } from './defaults.ts';
import { podResources } from './pod-resources.ts';
import { qosClass } from './qos.ts';

const spec = (resources: ResourceRequirements, ...containers: readonly ResourceRequirements[]): PodSpec => ({
  resources,
  containers: [...containers, {}].map((own, i) => ({ name: `c${i}`, image: 'nginx:1.27', resources: own })),
});

describe('what a Pod asks for when it says so itself', () => {
  test.each([
    {
      name: 'its limits, when neither it nor a container asks',
      input: spec({ limits: { cpu: '1', memory: '1Gi' } }),
      requests: { cpu: '1', memory: '1Gi' },
      qos: 'Guaranteed',
    },
    {
      name: 'what its containers ask for, where it has a limit',
      input: spec({ limits: { cpu: '1', memory: '1Gi' } }, { requests: { cpu: '200m' } }, { limits: { cpu: '300m' } }),
      requests: { cpu: '500m', memory: '1Gi' },
      qos: 'Burstable',
    },
    {
      name: 'what it says, whatever its containers say',
      input: spec({ requests: { cpu: '2' } }, { requests: { cpu: '200m', memory: '1Gi' } }),
      requests: { cpu: '2', memory: '1Gi' },
      qos: 'Burstable',
    },
    {
      name: 'the overhead comes on top',
      input: { ...spec({ requests: { cpu: '1' } }), overhead: { cpu: '250m' } },
      requests: { cpu: '1250m' },
      qos: 'Burstable',
    },
  ])('$name', ({ input, requests, qos }) => {
    const finished = defaultPodSpec(input);
    expect(podResources({ spec: finished }, 'requests')).toEqual(requests);
    expect(qosClass(finished)).toBe(qos);
  });

  test('an amount that cannot be read is left to validation', () => {
    expect(defaultPodSpec(spec({ limits: { cpu: 'much' } })).resources).toEqual({ limits: { cpu: 'much' } });
  });
});

describe('validation', () => {
  test.each([
    { name: 'sound', input: spec({ requests: { cpu: '1' }, limits: { cpu: '2' } }, { limits: { cpu: '1' } }), want: [] },
    {
      name: 'a resource that only containers have',
      input: spec({ requests: { 'ephemeral-storage': '1Gi' } }),
      want: [
        'spec.resources.requests[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"',
      ],
    },
    {
      name: 'containers that ask for more',
      input: spec({ requests: { cpu: '1' } }, { requests: { cpu: '700m' } }, { requests: { cpu: '800m' } }),
      want: ['spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 1500m'],
    },
    {
      name: 'a container with a higher limit',
      input: spec({ limits: { memory: '1Gi' } }, { requests: { memory: '1Mi' }, limits: { memory: '2Gi' } }),
      want: ['spec.resources.containers[0][memory].limits: Invalid value: "2Gi": must be less than or equal to pod limits of 1Gi'],
    },
    {
      name: 'a request above the limit',
      input: spec({ requests: { cpu: '2' }, limits: { cpu: '1' } }),
      want: ['spec.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
    },
    {
      name: 'claims',
      input: spec({ claims: [{ name: 'gpu' }] }),
      want: ['spec.resources.claims: Forbidden: claims may not be set for Resources at pod-level'],
    },
    {
      name: 'Windows',
      input: { ...spec({ limits: { cpu: '1' } }), os: { name: 'windows' } },
      want: ['spec.resources: Forbidden: may not be set for a windows pod'],
    },
    {
      name: 'an amount that cannot be read',
      input: spec({ limits: { cpu: 'much' } }),
      want: [
        'spec.resources.limits[cpu]: Invalid value: "much": quantities must match the regular expression \'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$\'',
      ],
    },
  ])('$name', ({ input, want }) => {
    expect(createErrors(pods, { spec: input })).toEqual(want);
  });
});
