/** Autoscaling by custom and external metrics, with an adapter that Pods and people tell its numbers. */
import { beforeAll, expect, test } from 'vitest';
import { metricsAdapterManifest } from '../../src/emulator/addons/metrics-adapter/index.ts';
import type { TestShell } from '../network/shell.ts';
import { bootShell } from '../network/shell.ts';

let shell: TestShell;
let run = 0;

beforeAll(() => {
  shell = bootShell({ nodes: 2, seed: 3 });
  shell.apply(metricsAdapterManifest);
  shell.apply(
    'apiVersion: v1\nkind: Pod\nmetadata: {name: client}\nspec: {containers: [{name: main, image: nicolaka/netshoot, command: [sleep, "99999"]}]}',
  );
  shell.cluster.advance(60_000);
});

const tell = (path: string, value: string): string =>
  `kubectl exec client -- curl -s -X POST -d '"${value}"' http://metrics-adapter.custom-metrics/write-metrics/namespaces/default/${path}`;
const average = (value: string): string => `{type: AverageValue, averageValue: ${value}}`;

interface Row {
  readonly name: string;
  /** Lines that tell the adapter. `pods` stands for each of the two Pods. */
  readonly told: readonly { readonly path: string; readonly value: string }[];
  readonly metric: (name: string) => string;
  /** Replicas afterwards, and the cell TARGETS. */
  readonly want: readonly [replicas: string, targets: string];
  readonly why: string;
}

test.each<Row>([
  {
    name: 'of each Pod',
    told: [{ path: 'pods/*/packets', value: '3k' }],
    metric: () => `{type: Pods, pods: {metric: {name: packets}, target: ${average('1k')}}}`,
    want: ['4', '3k/1k'],
    why: 'pods metric packets above target',
  },
  {
    name: 'of an object, as a whole',
    told: [{ path: 'services/front/queue', value: '30' }],
    metric: () =>
      '{type: Object, object: {metric: {name: queue}, describedObject: {apiVersion: v1, kind: Service, name: front}, target: {type: Value, value: "20"}}}',
    want: ['3', '30/20'],
    why: 'Service metric queue above target',
  },
  {
    name: 'of an object, for each Pod',
    told: [{ path: 'ingresses.networking.k8s.io/door/requests', value: '90' }],
    metric: () =>
      `{type: Object, object: {metric: {name: requests}, describedObject: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: door}, target: ${average('"30"')}}}`,
    want: ['3', '45/30 (avg)'],
    why: 'external metric requests(nil) above target',
  },
  {
    name: 'from outside, as a whole',
    told: [{ path: 'mails', value: '40' }],
    metric: () => '{type: External, external: {metric: {name: mails}, target: {type: Value, value: "20"}}}',
    want: ['4', '40/20'],
    why: 'external metric mails(nil) above target',
  },
  {
    name: 'from outside, for each Pod',
    told: [{ path: 'letters', value: '50' }],
    metric: () => `{type: External, external: {metric: {name: letters}, target: ${average('"10"')}}}`,
    want: ['4', '25/10 (avg)'],
    why: 'external metric letters(nil) above target',
  },
])('a metric $name', ({ told, metric, want, why }) => {
  const name = `h${run++}`;
  const { cluster, run: type } = shell;
  shell.apply(
    [
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec: {replicas: 2, selector: {matchLabels: {app: ${name}}}, template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: main, image: nginx}]}}}`,
      `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: ${name}}\nspec: {maxReplicas: 9, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}, metrics: [${metric(name)}]}`,
    ].join('\n---\n'),
  );
  const names = type(`kubectl get pods -l app=${name} -o name`).split('\n');
  for (const { path, value } of told)
    for (const pod of path.includes('*') ? names : ['']) type(tell(path.replace('*', pod.replace('pod/', '')), value));
  cluster.advance(20_000);
  const events = type(
    `kubectl get events --field-selector involvedObject.name=${name},reason=SuccessfulRescale -o custom-columns=M:.message`,
  );
  const found = type(`kubectl get deployment ${name} -o jsonpath={.spec.replicas}; echo; kubectl get hpa ${name} --no-headers`).split('\n');
  type(`kubectl delete hpa,deployment ${name}`);
  expect(events).toContain(why);
  expect([found[0], found[1]?.split(/ {2,}/)[2]]).toEqual(want);
});

test('an adapter that knows nothing of a metric, and one that is gone', () => {
  const { cluster, run: type } = shell;
  shell.apply(
    [
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {containers: [{name: main, image: nginx}]}}}',
      'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\nspec: {maxReplicas: 9, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: x}, metrics: [{type: Object, object: {metric: {name: none}, describedObject: {apiVersion: v1, kind: Service, name: s}, target: {type: Value, value: "1"}}}]}',
    ].join('\n---\n'),
  );
  const why = (): string => type(`kubectl get hpa x -o jsonpath='{.status.conditions[?(@.type=="ScalingActive")].message}'`);
  cluster.advance(20_000);
  const problem =
    'the HPA was unable to compute the replica count: unable to get metric none: Service on default s/unable to fetch metrics from';
  expect(why()).toBe(`${problem} custom metrics API: the server could not find the metric none for services s`);
  type('kubectl scale deployment metrics-adapter -n custom-metrics --replicas=0');
  cluster.advance(60_000);
  expect(why()).toBe(
    `${problem} custom metrics API: the server is currently unable to handle the request (get services.custom.metrics.k8s.io s)`,
  );
});
