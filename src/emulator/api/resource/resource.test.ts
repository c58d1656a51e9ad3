import { describe, expect, test } from 'vitest';
import type { Kind } from '../kind.ts';
import { createErrors, finished, row, updateErrors } from '../testing.ts';
import { deviceClasses, resourceSlices } from './device-class.ts';
import { resourceClaims, resourceClaimTemplates } from './resource-claim.ts';

const claim = (...requests: readonly object[]) => ({ spec: { devices: { requests } } });
const gpu = { name: 'gpu', exactly: { deviceClassName: 'gpu.example.com' } };

test('a request is for one device unless it says how many', () => {
  const { requests } = finished(resourceClaims, claim(gpu, { name: 'all', exactly: { deviceClassName: 'c', allocationMode: 'All' } })).spec
    .devices!;
  expect(requests).toMatchObject([{ exactly: { allocationMode: 'ExactCount', count: 1 } }, { exactly: { allocationMode: 'All' } }]);
  expect(resourceClaims.warnings!(finished(resourceClaims, claim(gpu)), undefined)).toEqual([
    'spec: accepted, but this emulator does not allocate devices',
  ]);
});

describe('validation', () => {
  const slice = { driver: 'gpu.example.com', nodeName: 'n', pool: { name: 'p', generation: 1, resourceSliceCount: 1 } };
  test.each<{ name: string; kind: unknown; body: object; want: readonly string[] }>([
    { name: 'a good claim', kind: resourceClaims, body: claim(gpu), want: [] },
    {
      name: 'a claim of no class',
      kind: resourceClaims,
      body: claim({ name: 'gpu', exactly: {} }),
      want: ['spec.devices.requests[0].exactly.deviceClassName: Required value'],
    },
    {
      name: 'requests of one name, one of them for nothing',
      kind: resourceClaims,
      body: claim(gpu, { name: 'gpu' }),
      want: [
        'spec.devices.requests[1]: Required value: exactly one of `exactly` or `firstAvailable` is required',
        'spec.devices.requests[1].name: Duplicate value: "gpu"',
      ],
    },
    {
      name: 'a template of a mode that does not exist',
      kind: resourceClaimTemplates,
      body: { spec: claim({ name: 'gpu', exactly: { deviceClassName: 'c', allocationMode: 'Some' } }) },
      want: ['spec.spec.devices.requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"'],
    },
    {
      name: 'a class that selects by nothing',
      kind: deviceClasses,
      body: { spec: { selectors: [{ cel: { expression: '' } }] } },
      want: [
        expect.stringContaining('spec.selectors[0].cel.expression: Invalid value: "": compilation failed: ERROR: <input>:1:0: ') as string,
      ],
    },
    {
      name: 'a class that selects by what is known of a device',
      kind: deviceClasses,
      body: {
        spec: {
          selectors: [
            { cel: { expression: 'device.driver == "gpu.example.com" && device.attributes["gpu.example.com"].model == "a"' } },
            { cel: { expression: 'device.capacity["gpu.example.com"].memory.compareTo(quantity("1Gi")) >= 0' } },
            { cel: { expression: 'device.driver' } },
          ],
        },
      },
      want: ['spec.selectors[2].cel.expression: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string'],
    },
    { name: 'a good slice', kind: resourceSlices, body: { spec: slice }, want: [] },
    {
      name: 'a slice of nowhere',
      kind: resourceSlices,
      body: { spec: { ...slice, nodeName: undefined } },
      want: ['spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'],
    },
  ])('$name', ({ kind, body, want }) => expect(createErrors(kind as Kind, body)).toEqual(want));

  test('a claim stays as it is', () => {
    expect(updateErrors(resourceClaims, claim(gpu), claim())).toEqual([
      expect.stringContaining('spec: Invalid value: {"devices":{"requests":[]}}: field is immutable'),
    ]);
  });
});

test('rows', () => {
  expect(row(resourceClaims, { ...claim(gpu), status: { allocation: {}, reservedFor: [{}] } })).toMatchObject({
    State: 'allocated,reserved',
  });
  expect(row(resourceClaims, claim(gpu))).toMatchObject({ State: 'pending' });
});
