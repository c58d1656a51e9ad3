import { describe, expect, test } from 'vitest';
import type { Container, PodSpec, ResourceRequirements, Volume } from '../../generated/types.ts';
import { defaultPodSpec, defaultTemplatePodSpec } from './defaults.ts';
import { qosClass } from './qos.ts';

const minimal: PodSpec = { containers: [{ name: 'web', image: 'nginx:1.27' }] };

const finishedContainer = {
  name: 'web',
  image: 'nginx:1.27',
  imagePullPolicy: 'IfNotPresent',
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};

function check(input: Partial<PodSpec>, want: object): void {
  expect(defaultPodSpec({ ...minimal, ...input })).toMatchObject(want);
}

const container = (fields: Partial<Container>): Partial<PodSpec> => ({ containers: [{ ...minimal.containers[0]!, ...fields }] });
const volume = (fields: Partial<Volume>): Partial<PodSpec> => ({ volumes: [{ name: 'v', ...fields }] });

describe('defaults of a Pod', () => {
  test('the smallest Pod, complete', () => {
    expect(defaultPodSpec(minimal)).toEqual({
      containers: [finishedContainer],
      dnsPolicy: 'ClusterFirst',
      enableServiceLinks: true,
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    });
  });

  test.each([
    {
      name: 'no tag is latest, which is always pulled',
      input: container({ image: 'nginx' }),
      want: { containers: [{ imagePullPolicy: 'Always' }] },
    },
    {
      name: 'a port of the registry is no tag',
      input: container({ image: 'local:5000/nginx' }),
      want: { containers: [{ imagePullPolicy: 'Always' }] },
    },
    {
      name: 'a digest is not latest',
      input: container({ image: `nginx@sha256:${'0'.repeat(64)}` }),
      want: { containers: [{ imagePullPolicy: 'IfNotPresent' }] },
    },
    {
      name: 'ports are TCP',
      input: container({ ports: [{ containerPort: 80 }] }),
      want: { containers: [{ ports: [{ containerPort: 80, protocol: 'TCP' }] }] },
    },
    {
      name: 'ports in the network of the node',
      input: { ...container({ ports: [{ containerPort: 80 }] }), hostNetwork: true },
      want: { containers: [{ ports: [{ hostPort: 80 }] }] },
    },
    {
      name: 'probes',
      input: container({ livenessProbe: { httpGet: { port: 80 } } }),
      want: {
        containers: [
          {
            livenessProbe: {
              httpGet: { path: '/', port: 80, scheme: 'HTTP' },
              timeoutSeconds: 1,
              periodSeconds: 10,
              successThreshold: 1,
              failureThreshold: 3,
            },
          },
        ],
      },
    },
    {
      name: 'requests from limits, in canonical form',
      input: container({ resources: { limits: { cpu: '0.5', memory: '1024Mi' }, requests: { cpu: '250m' } } }),
      want: { containers: [{ resources: { limits: { cpu: '500m', memory: '1Gi' }, requests: { cpu: '250m', memory: '1Gi' } } }] },
    },
    { name: 'a volume without a source', input: volume({}), want: { volumes: [{ name: 'v', emptyDir: {} }] } },
    { name: 'the mode of files', input: volume({ configMap: { name: 'c' } }), want: { volumes: [{ configMap: { defaultMode: 420 } }] } },
    {
      name: 'the type of a hostPath',
      input: volume({ hostPath: { path: '/var' } }),
      want: { volumes: [{ hostPath: { path: '/var', type: '' } }] },
    },
    {
      name: 'a projected token',
      input: volume({ projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }),
      want: {
        volumes: [{ projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }] } }],
      },
    },
    {
      name: 'the older name of the account',
      input: { serviceAccount: 'robot' },
      want: { serviceAccount: 'robot', serviceAccountName: 'robot' },
    },
    { name: 'a given grace period of zero', input: { terminationGracePeriodSeconds: 0 }, want: { terminationGracePeriodSeconds: 0 } },
  ])('$name', ({ input, want }) => check(input, want));

  test('a template gets no requests and no service links', () => {
    const spec = defaultTemplatePodSpec({ ...minimal, ...container({ resources: { limits: { cpu: '1' } } }) });
    expect([spec.enableServiceLinks, spec.containers[0]!.resources]).toEqual([undefined, { limits: { cpu: '1' } }]);
  });

  test('Pods of one template share one finished spec', () => {
    const template = defaultTemplatePodSpec(minimal);
    expect(defaultTemplatePodSpec(template)).toBe(template);
    const spec = defaultPodSpec(template);
    expect([defaultPodSpec(template), defaultPodSpec(spec), spec.containers]).toEqual([spec, spec, template.containers]);
    expect(spec.containers).toBe(template.containers);
  });
});

describe('quality of service', () => {
  test.each([
    { name: 'nothing asked', resources: {}, want: 'BestEffort' },
    { name: 'only a request', resources: { requests: { cpu: '1' } }, want: 'Burstable' },
    { name: 'limits of both', resources: { limits: { cpu: '1', memory: '1Gi' } }, want: 'Guaranteed' },
    {
      name: 'equal in other words',
      resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1000m', memory: '1024Mi' } },
      want: 'Guaranteed',
    },
    { name: 'a limit of one only', resources: { limits: { cpu: '1' } }, want: 'Burstable' },
    { name: 'storage does not count', resources: { requests: { 'ephemeral-storage': '1Gi' } }, want: 'BestEffort' },
  ])('$name', ({ resources, want }) =>
    expect(qosClass({ ...minimal, ...container({ resources: resources as ResourceRequirements }) })).toBe(want),
  );
});
