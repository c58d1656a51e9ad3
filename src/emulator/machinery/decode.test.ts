import { expect, test } from 'vitest';
import { decode, decodeRequest } from './decode.ts';
import { deepFreeze } from './deep-freeze.ts';
import { StatusError } from './status-error.ts';

const pod = (spec: unknown, more: object = {}): unknown =>
  deepFreeze({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec, ...more });
const podKind = { version: 'v1', kind: 'Pod', model: 'Pod' };

/** The message of a refusal, or the object as decoded. */
function check(input: unknown, want: unknown): void {
  let got: unknown;
  try {
    got = decodeRequest(input, podKind, { fieldValidation: 'Strict' }).object;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    got = error.message.replace('Pod in version "v1" cannot be handled as a Pod: ', '');
  }
  expect(got).toEqual(want);
}

test.each([
  ['unknown field', { containers: [], foo: 1 }, 'strict decoding error: unknown field "spec.foo"'],
  ['unknown field in a list', { containers: [{ name: 'a', imag: 'b' }] }, 'strict decoding error: unknown field "spec.containers[0].imag"'],
  ['two unknown fields', { a: 1, b: 2 }, 'strict decoding error: unknown field "spec.a", unknown field "spec.b"'],
  [
    'string for list',
    { containers: 'x' },
    'json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
  ],
  [
    'object for list',
    { containers: {} },
    'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
  ],
  [
    'string for element',
    { containers: ['x'] },
    'json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container',
  ],
  ['number for string', { nodeName: 1 }, 'json: cannot unmarshal number into Go struct field PodSpec.spec.nodeName of type string'],
  [
    'number for enumeration',
    { restartPolicy: 1 },
    'json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy',
  ],
  [
    'bool in a map',
    { nodeSelector: { a: true } },
    'json: cannot unmarshal bool into Go struct field PodSpec.spec.nodeSelector of type string',
  ],
  [
    'string for a port',
    { containers: [{ ports: [{ containerPort: '80' }] }] },
    'json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
  ],
  [
    'fraction for a port',
    { containers: [{ ports: [{ containerPort: 80.5 }] }] },
    'json: cannot unmarshal number 80.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
  ],
  [
    'bad quantity',
    { containers: [{ resources: { limits: { cpu: 'lots' } } }] },
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
])('refuses: %s', (_name, spec, want) => check(pod(spec), want));

test('returns what is clean itself', () => {
  const spec = { containers: [{ name: 'a', image: 'b', resources: { limits: { cpu: '500m' } } }], nodeSelector: { a: 'b' } };
  const object = { ...(pod(spec) as object), status: {} };
  expect(decode(object, 'Pod').object).toBe(object);
});

test('drops nulls and makes quantities canonical, sharing the rest', () => {
  const object = pod({
    nodeName: null,
    containers: [{ name: 'a', resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }],
    tolerations: [{ key: 'a' }],
  });
  const decoded = decode(object, 'Pod').object as { spec: { tolerations: unknown; containers: { resources: unknown }[] } };
  expect(decoded.spec).not.toHaveProperty('nodeName');
  expect(decoded.spec.containers[0]!.resources).toEqual({ limits: { cpu: '500m', memory: '1Gi' } });
  expect(decoded.spec.tolerations).toBe((object as { spec: { tolerations: unknown } }).spec.tolerations);
});

test('warns or keeps silent as asked', () => {
  expect(decodeRequest(pod({ foo: 1 }), podKind, { fieldValidation: 'Warn' }).warnings).toEqual(['unknown field "spec.foo"']);
  expect(decodeRequest(pod({ foo: 1 }), podKind, { fieldValidation: 'Ignore' }).warnings).toEqual([]);
});
