import { describe, expect, test } from 'vitest';
import { fieldErrorText } from '../../machinery/field-error.ts';
import { selectorFromObject } from '../../machinery/labels.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import type { Kind } from '../kind.ts';
import { createErrors, finished, row, strategyContext, updateErrors } from '../testing.ts';
import { daemonSets } from './daemon-set.ts';
import { deployments } from './deployment.ts';
import { replicaSets } from './replica-set.ts';
import { statefulSets } from './stateful-set.ts';

const labels = { app: 'web' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } };
const spec = { selector: { matchLabels: labels }, template };

describe('defaults of workloads', () => {
  test.each<{ name: string; kind: Kind<ApiObject>; want: object }>([
    {
      name: 'Deployment',
      kind: deployments as Kind<ApiObject>,
      want: {
        replicas: 1,
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 10,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      },
    },
    { name: 'ReplicaSet', kind: replicaSets as Kind<ApiObject>, want: { replicas: 1 } },
    {
      name: 'DaemonSet',
      kind: daemonSets as Kind<ApiObject>,
      want: { revisionHistoryLimit: 10, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } },
    },
    {
      name: 'StatefulSet',
      kind: statefulSets as Kind<ApiObject>,
      want: {
        replicas: 1,
        revisionHistoryLimit: 10,
        podManagementPolicy: 'OrderedReady',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      },
    },
  ])('$name', ({ kind, want }) => {
    const object = finished(kind, { spec }) as ApiObject & { readonly spec: object };
    expect(object.spec).toMatchObject({
      ...want,
      template: { spec: { restartPolicy: 'Always', containers: [{ imagePullPolicy: 'IfNotPresent' }] } },
    });
    expect(kind.setDefaults(object)).toBe(object);
  });

  test('Recreate has no parameters', () => {
    expect(finished(deployments, { spec: { ...spec, strategy: { type: 'Recreate' } } }).spec.strategy).toEqual({ type: 'Recreate' });
  });
});

const mismatch = 'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`';

describe('validation of workloads', () => {
  test.each<{ name: string; kind: Kind<ApiObject>; spec: object; want: readonly string[] }>([
    { name: 'a good Deployment', kind: deployments as Kind<ApiObject>, spec, want: [] },
    {
      name: 'a selector that misses',
      kind: deployments as Kind<ApiObject>,
      spec: { ...spec, selector: { matchLabels: { app: 'db' } } },
      want: [mismatch],
    },
    { name: 'no selector', kind: deployments as Kind<ApiObject>, spec: { template }, want: ['spec.selector: Required value', mismatch] },
    { name: 'no selector of a DaemonSet', kind: daemonSets as Kind<ApiObject>, spec: { template }, want: [mismatch] },
    {
      name: 'an empty selector',
      kind: replicaSets as Kind<ApiObject>,
      spec: { ...spec, selector: {} },
      want: ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
    },
    {
      name: 'fewer than none',
      kind: deployments as Kind<ApiObject>,
      spec: { ...spec, replicas: -1 },
      want: ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    },
    {
      name: 'Pods that end',
      kind: daemonSets as Kind<ApiObject>,
      spec: { ...spec, template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
      want: ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    },
    {
      name: 'no room to move',
      kind: deployments as Kind<ApiObject>,
      spec: { ...spec, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
      want: ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0'],
    },
    {
      name: 'a deadline too early',
      kind: deployments as Kind<ApiObject>,
      spec: { ...spec, minReadySeconds: 700 },
      want: ['spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds'],
    },
    {
      name: 'no image in the template',
      kind: replicaSets as Kind<ApiObject>,
      spec: { ...spec, template: { ...template, spec: { containers: [{ name: 'a' }] } } },
      want: ['spec.template.spec.containers[0].image: Required value'],
    },
    {
      name: 'both kinds of room in a DaemonSet',
      kind: daemonSets as Kind<ApiObject>,
      spec: { ...spec, updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
      want: ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero'],
    },
    { name: 'a good StatefulSet', kind: statefulSets as Kind<ApiObject>, spec, want: [] },
    {
      name: 'a StatefulSet that mounts what no volume is',
      kind: statefulSets as Kind<ApiObject>,
      spec: {
        ...spec,
        template: { ...template, spec: { containers: [{ name: 'a', image: 'b', volumeMounts: [{ name: 'c', mountPath: '/c' }] }] } },
      },
      want: ['spec.template.spec.containers[0].volumeMounts[0].name: Not found: "c"'],
    },
    {
      name: 'a StatefulSet with much that is wrong',
      kind: statefulSets as Kind<ApiObject>,
      spec: {
        selector: {},
        replicas: -1,
        ordinals: { start: -1 },
        podManagementPolicy: 'Sometimes',
        updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } },
        persistentVolumeClaimRetentionPolicy: { whenScaled: 'Keep' },
        template: { ...template, spec: { ...template.spec, restartPolicy: 'Never', activeDeadlineSeconds: 3 } },
      },
      want: [
        "spec.podManagementPolicy: Invalid value: \"Sometimes\": must be 'OrderedReady' or 'Parallel'",
        'spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy \'RollingUpdate\'',
        'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Retain", "Delete"',
        'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        'spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0',
        'spec.selector: Invalid value: {}: empty selector is invalid for statefulset',
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported',
      ],
    },
  ])('$name', ({ kind, spec: own, want }) => expect(createErrors(kind, { spec: own })).toEqual(want));

  test('what a StatefulSet keeps', () => {
    const to = { ...spec, replicas: 4, minReadySeconds: 3, ordinals: { start: 1 }, updateStrategy: { type: 'OnDelete' } };
    expect(updateErrors(statefulSets, { spec }, { spec: to })).toEqual([]);
    expect(updateErrors(statefulSets, { spec }, { spec: { ...to, serviceName: 'other' } })).toEqual([
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ]);
  });

  test('the selector stays', () => {
    const other = { selector: { matchLabels: { app: 'db' } }, template: { ...template, metadata: { labels: { app: 'db' } } } };
    expect(updateErrors(deployments, { spec }, { spec: other })).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"db"}}: field is immutable',
    ]);
  });
});

describe('rows and scale', () => {
  test('wide columns', () => {
    const status = { replicas: 3, readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 };
    expect(row(deployments, { spec: { ...spec, replicas: 3 }, status })).toEqual({
      Name: 'x',
      Ready: '2/3',
      'Up-to-date': 3,
      Available: 2,
      Age: '5m',
      Containers: 'web',
      Images: 'nginx:1.27',
      Selector: 'app=web',
    });
    expect(row(statefulSets, { spec, status: { replicas: 1, readyReplicas: 1 } })).toEqual({
      Name: 'x',
      Ready: '1/1',
      Age: '5m',
      Containers: 'web',
      Images: 'nginx:1.27',
    });
    expect(row(daemonSets, { spec })).toMatchObject({ Desired: 0, 'Node Selector': '<none>', Selector: 'app=web' });
  });

  test('scale reads and writes replicas alone', () => {
    const deployment = finished(deployments, { spec: { ...spec, replicas: 3 }, status: { replicas: 2 } });
    const scale = deployments.subresources.scale!;
    if (!('prepareForUpdate' in scale)) throw new Error('scale is an object subresource');
    const view = scale.as!.get(deployment);
    expect(view).toMatchObject({ kind: 'Scale', spec: { replicas: 3 }, status: { replicas: 2, selector: 'app=web' } });
    const next = scale.prepareForUpdate(
      scale.as!.set(deployment, { ...view, spec: { replicas: 5 } } as ApiObject),
      deployment,
      strategyContext,
    );
    expect([next.spec.replicas, next.spec.template]).toEqual([5, deployment.spec.template]);
    const negative = scale.as!.set(deployment, { ...view, spec: { replicas: -1 } } as ApiObject);
    expect(scale.validateUpdate!(negative, deployment).map(fieldErrorText)).toEqual([
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ]);
    expect(selectorFromObject(next.spec.selector).matches(labels)).toBe(true);
  });
});
