/** Fields of Pods and workloads, each by what the cluster does with it; every row makes its objects anew, and takes them away. */
import { beforeAll } from 'vitest';
import type { TestShell } from '../network/shell.ts';
import { bootShell } from '../network/shell.ts';
import { testRows } from './field-rows.ts';

let shell: TestShell;

beforeAll(() => {
  const zoned = (name: string, zone: string) => ({ name, zone });
  shell = bootShell({ nodes: ['control-plane', zoned('node-1', 'a'), zoned('node-2', 'b'), zoned('node-3', 'b')], seed: 4 });
  shell.run(
    'kubectl label node node-1 disk=ssd; kubectl label node node-2 disk=hdd; kubectl taint node node-3 k=v:NoSchedule; kubectl create ns other; kubectl label ns other team=x',
  );
  const peer = (name: string, node: string, namespace: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}\nspec: {nodeName: ${node}, containers: [{name: main, image: nginx}]}`;
  shell.apply([peer('near', 'node-2', 'default'), peer('far', 'node-2', 'other')].join('\n---\n'));
});

const pod = (name: string, spec: string, container = 'image: nginx'): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec: {${spec === '' ? '' : `${spec}, `}containers: [{name: main, ${container}}]}`;
const onNode = (name: string): string => `kubectl get pod ${name} -o jsonpath='{.spec.nodeName} {.status.phase}'`;
const term = (app: string, more = ''): string =>
  `{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: ${app}}}${more}}`;
const preferring = (disk: string, weight: number): string =>
  `{weight: ${weight}, preference: {matchExpressions: [{key: disk, operator: In, values: [${disk}]}]}}`;
const deployment = (name: string, spec: string, image = 'nginx'): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec: {selector: {matchLabels: {app: ${name}}}, ${spec}, template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: main, image: ${image}}]}}}`;
const stateful = (name: string, spec: string): string =>
  `apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: ${name}}\nspec: {serviceName: ${name}, replicas: 1, selector: {matchLabels: {app: ${name}}}, ${spec}, volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}], template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: main, image: nginx}]}}}`;
const cronJob = (name: string, spec: string, command: string): string =>
  `apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: ${name}}\nspec: {schedule: '* * * * *', ${spec}, jobTemplate: {spec: {backoffLimit: 0, template: {spec: {restartPolicy: Never, containers: [{name: main, image: busybox, command: [${command}]}]}}}}}`;
/** How many claims are left a while after something was done. */
const claimsAfter = (name: string, what: string): string =>
  `kubectl ${what} statefulset ${name} >/dev/null; sleep 20; kubectl get pvc --no-headers 2>/dev/null | grep -c data-${name}`;
const badImage = (name: string): string =>
  `kubectl set image deployment/${name} main=no-such >/dev/null; sleep 40; kubectl get deployment ${name} -o jsonpath='{.status.availableReplicas} {.status.replicas}'`;

testRows(() => shell, 'w', [
  {
    name: 'the greater weight of two preferred node terms',
    objects: (name) => [
      pod(
        name,
        `affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [${preferring('ssd', 1)}, ${preferring('hdd', 100)}]}}`,
      ),
    ],
    ask: onNode,
    want: 'node-2 Running',
  },
  {
    name: 'preferred company',
    objects: (name) => [
      pod(
        name,
        `affinity: {podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 100, podAffinityTerm: ${term('near')}}]}}`,
      ),
    ],
    ask: onNode,
    want: 'node-2 Running',
  },
  {
    name: 'required company',
    objects: (name) => [pod(name, `affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [${term('near')}]}}`)],
    ask: onNode,
    want: 'node-2 Running',
  },
  {
    name: 'company in a namespace that is named',
    objects: (name) => [
      pod(name, `affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [${term('far', ', namespaces: [other]')}]}}`),
    ],
    ask: onNode,
    want: 'node-2 Running',
  },
  {
    name: 'company in a namespace that is selected',
    objects: (name) => [
      pod(
        name,
        `affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [${term('far', ', namespaceSelector: {matchLabels: {team: x}}')}]}}`,
      ),
    ],
    ask: onNode,
    want: 'node-2 Running',
  },
  {
    name: 'preferred distance',
    objects: (name) => [
      pod(
        name,
        `affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 100, podAffinityTerm: ${term('near')}}]}}`,
      ),
    ],
    ask: onNode,
    want: 'node-1 Running',
  },
  {
    name: 'a toleration of one value',
    objects: (name) => [pod(name, 'nodeSelector: {kubernetes.io/hostname: node-3}, tolerations: [{key: k, value: v, effect: NoSchedule}]')],
    ask: onNode,
    want: 'node-3 Running',
  },
  {
    name: 'a toleration of any value',
    objects: (name) => [pod(name, 'nodeSelector: {kubernetes.io/hostname: node-3}, tolerations: [{key: k, operator: Exists}]')],
    ask: onNode,
    want: 'node-3 Running',
  },
  {
    name: 'a toleration of another effect',
    objects: (name) => [
      pod(name, 'nodeSelector: {kubernetes.io/hostname: node-3}, tolerations: [{key: k, value: v, effect: PreferNoSchedule}]'),
    ],
    ask: onNode,
    want: / Pending/,
  },
  {
    name: 'a domain too few',
    objects: (name) => [
      pod(
        name,
        `topologySpreadConstraints: [{maxSkew: 1, minDomains: 3, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {tier: ${name}}}}]`,
      ).replace(`{app: ${name}}}\nspec`, `{app: ${name}, tier: ${name}}}\nspec`),
      pod(
        `${name}-2`,
        `topologySpreadConstraints: [{maxSkew: 1, minDomains: 3, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {tier: ${name}}}}]`,
      ).replace(`{app: ${name}-2}}\nspec`, `{app: ${name}-2, tier: ${name}}}\nspec`),
      pod(
        `${name}-3`,
        `topologySpreadConstraints: [{maxSkew: 1, minDomains: 3, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {tier: ${name}}}}]`,
      ).replace(`{app: ${name}-3}}\nspec`, `{app: ${name}-3, tier: ${name}}}\nspec`),
    ],
    ask: (name) => `kubectl get pods -l tier=${name} --field-selector status.phase=Pending --no-headers | wc -l`,
    want: /^1$/,
  },
  {
    name: 'a priority class',
    objects: (name) => [
      `apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: ${name}}\nvalue: 4711\npreemptionPolicy: Never`,
      pod(name, `priorityClassName: ${name}`),
    ],
    ask: (name) => `kubectl get pod ${name} -o jsonpath='{.spec.priority} {.spec.preemptionPolicy}'`,
    want: '4711 Never',
  },
  {
    name: 'names as the node has them',
    objects: (name) => [pod(name, 'dnsPolicy: Default')],
    ask: (name) => `kubectl exec ${name} -- cat /etc/resolv.conf`,
    want: 'nameserver 172.18.0.1',
  },
  {
    name: 'no variables of Services',
    objects: (name) => [
      `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: 80}]}`,
      pod(name, 'enableServiceLinks: false'),
    ],
    ask: (name) => `kubectl exec ${name} -- env | grep -c ${name.toUpperCase()}_SERVICE_HOST`,
    want: /^0/,
  },
  {
    name: 'standard input',
    objects: (name) => [pod(name, 'restartPolicy: Never', 'image: busybox, command: [cat], stdin: true')],
    ask: (name) => onNode(name),
    want: / Running/,
  },
  {
    name: 'a grace period',
    objects: (name) => [
      pod(name, 'terminationGracePeriodSeconds: 2', `image: busybox, command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"]`),
    ],
    ask: (name) => `kubectl delete pod ${name} --wait=false >/dev/null; sleep 6; kubectl get pod ${name} 2>&1`,
    want: 'NotFound',
  },
  {
    name: 'resources of another container',
    objects: (name) => [
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: main, image: nginx, env: [{name: CPU, valueFrom: {resourceFieldRef: {containerName: side, resource: limits.cpu}}}]}, {name: side, image: busybox, command: [sleep, "9999"], resources: {limits: {cpu: 3}}}]}`,
    ],
    ask: (name) => `kubectl exec ${name} -c main -- printenv CPU`,
    want: /^3$/,
  },
  {
    name: 'binary data, and what may not change',
    objects: (name) => [
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\nimmutable: true\nbinaryData: {f: aGVsbG8=}`,
      `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}}\nimmutable: true`,
    ],
    ask: (name) =>
      `kubectl get cm ${name} -o jsonpath='{.binaryData.f}'; for k in cm secret; do kubectl patch $k ${name} -p '{"data":{"x":"eA=="}}' 2>&1; done`,
    want: /aGVsbG8=[\s\S]*ConfigMap[\s\S]*field is immutable[\s\S]*Secret[\s\S]*field is immutable/,
  },
  {
    name: 'a rollout that keeps to its bounds',
    objects: (name) => [deployment(name, 'replicas: 4, strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 2}}')],
    ask: badImage,
    want: /^2 4$/,
  },
  {
    name: 'a rollout that takes all down first',
    objects: (name) => [deployment(name, 'replicas: 2, strategy: {type: Recreate}')],
    ask: badImage,
    want: /^ 2$/,
  },
  {
    name: 'not available yet',
    objects: (name) => [deployment(name, 'replicas: 1, minReadySeconds: 300')],
    ask: (name) => `kubectl get deployment ${name} -o jsonpath='{.status.readyReplicas} {.status.unavailableReplicas}'`,
    want: /^1 1$/,
  },
  {
    name: 'claims that go when a set shrinks',
    objects: (name) => [stateful(name, 'persistentVolumeClaimRetentionPolicy: {whenScaled: Delete}')],
    ask: (name) => claimsAfter(name, 'scale --replicas=0'),
    want: /^0$/,
  },
  {
    name: 'claims that go with a set',
    objects: (name) => [stateful(name, 'persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}')],
    ask: (name) => claimsAfter(name, 'delete'),
    want: /^0$/,
  },
  {
    name: 'Jobs that went well and are kept',
    objects: (name) => [cronJob(name, 'successfulJobsHistoryLimit: 1', '"true"')],
    afterMs: 250_000,
    ask: (name) => `kubectl get jobs --no-headers | grep -c ${name}; kubectl delete cronjob ${name} >/dev/null`,
    want: /^1$/,
  },
  {
    name: 'Jobs that failed and are kept',
    objects: (name) => [cronJob(name, 'failedJobsHistoryLimit: 2', '"false"')],
    afterMs: 250_000,
    ask: (name) => `kubectl get jobs --no-headers | grep -c ${name}; kubectl delete cronjob ${name} >/dev/null`,
    want: /^2$/,
  },
  {
    name: 'a budget that lets go of what is not healthy',
    objects: (name) => [
      `apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: ${name}}\nspec: {minAvailable: 1, unhealthyPodEvictionPolicy: AlwaysAllow, selector: {matchLabels: {app: ${name}}}}`,
      pod(name, 'nodeName: node-1', 'image: nginx, readinessProbe: {exec: {command: ["false"]}}'),
    ],
    ask: (name) =>
      `kubectl drain node-1 --pod-selector=app=${name} --force --timeout=5s >/dev/null 2>&1; echo $?; kubectl uncordon node-1 >/dev/null`,
    want: /^0$/,
  },
]);
