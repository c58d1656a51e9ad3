/** Fields of objects that are not Pods, each by what the cluster, or who reads them, makes of it. */
import { beforeAll } from 'vitest';
import type { TestShell } from '../network/shell.ts';
import { bootShell } from '../network/shell.ts';
import { testRows } from './field-rows.ts';

let shell: TestShell;

beforeAll(() => {
  const zoned = (name: string, zone: string) => ({ name, zone });
  shell = bootShell({ nodes: ['control-plane', zoned('node-1', 'a'), zoned('node-2', 'b')], seed: 4 });
});

const event = (name: string, fields: string, about = ''): string =>
  `apiVersion: v1\nkind: Event\nmetadata: {name: ${name}}\ninvolvedObject: {kind: Pod, name: ${name}, namespace: default${about}}\nreason: Tested\ntype: Normal\nmessage: something\n${fields}`;
const eventCells = (name: string, ...columns: readonly number[]): string =>
  `kubectl get events --field-selector involvedObject.name=${name} -o wide --no-headers | awk -F'  +' '{print ${columns.map((n) => `$${n}`).join('"|"')}}'`;
const claim = (name: string, spec: string): string =>
  `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: ${name}}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}, ${spec}}`;
const volume = (name: string, spec: string): string =>
  `apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: ${name}}\nspec: {capacity: {storage: 1Mi}, accessModes: [ReadWriteOnce], storageClassName: ${name}, ${spec}}`;
const storageClass = (name: string, fields: string): string =>
  `apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: ${name}}\nprovisioner: k8s-sigs.io/nfs-subdir-external-provisioner\n${fields}`;
const user = (name: string, claimName = name): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: main, image: busybox, command: [sleep, "99999"], volumeMounts: [{name: v, mountPath: /data}]}], volumes: [{name: v, persistentVolumeClaim: {claimName: ${claimName}}}]}`;
const phase = (what: string): string => `kubectl get ${what} -o jsonpath={.status.phase}`;
const mounted = (name: string): string => `kubectl exec ${name} -- sh -c 'mount | grep " /data "; grep " /data " /proc/mounts'`;
const job = (name: string, spec: string, pod = '', command = '"true"'): string =>
  `apiVersion: batch/v1\nkind: Job\nmetadata: {name: ${name}}\nspec: {${spec}, template: {metadata: {labels: {own: ${name}}}, spec: {restartPolicy: Never${pod}, containers: [{name: main, image: busybox, command: [${command}]}]}}}`;
const jobPods = (name: string): string => `kubectl get pods -l own=${name} --no-headers`;
const condition = (name: string): string => `kubectl get job ${name} -o jsonpath='{.status.conditions[*].type}'`;

testRows(() => shell, 'a', [
  {
    name: 'of which version of an object an Event speaks',
    objects: (name) => [event(name, '', ', apiVersion: v1, resourceVersion: "77", fieldPath: "spec.containers{main}"')],
    ask: (name) =>
      `kubectl get events --field-selector involvedObject.apiVersion=v1,involvedObject.resourceVersion=77,involvedObject.name=${name} -o name; ${eventCells(name, 5)}`,
    want: /^event\/a\d+\nspec\.containers\{main\}$/,
  },
  {
    name: 'when an Event happened, how often, and who says so',
    objects: (name) => [
      event(
        name,
        'firstTimestamp: "2001-01-01T00:00:00Z"\nlastTimestamp: "2011-01-01T00:00:00Z"\ncount: 7\nsource: {component: me, host: here}',
      ),
    ],
    ask: (name) => eventCells(name, 1, 5, 7, 8),
    want: /^1\dy\|me, here\|2\dy\|7$/,
  },
  {
    name: 'a series of Events, as it is told now',
    objects: (name) => [
      event(
        name,
        'eventTime: "2001-01-01T00:00:00.000000Z"\nseries: {count: 9, lastObservedTime: "2011-01-01T00:00:00.000000Z"}\nreportingComponent: me\nreportingInstance: there\naction: Doing',
      ),
    ],
    ask: (name) => eventCells(name, 1, 5, 7, 8),
    want: /^1\dy\|me, there\|2\dy\|9$/,
  },
  {
    name: 'a namespace that somebody still holds',
    objects: (name) => [`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\nspec: {finalizers: [example.com/held]}`],
    ask: (name) =>
      `kubectl delete ns ${name} --wait=false >/dev/null; sleep 10; ${phase(`ns ${name}`)}; echo '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"${name}"},"spec":{"finalizers":[]}}' | kubectl replace --raw /api/v1/namespaces/${name}/finalize -f - >/dev/null; sleep 5; kubectl get ns ${name} 2>&1`,
    want: /^Terminating[\s\S]*not found/,
  },
  {
    name: 'a claim of blocks takes no volume of files',
    objects: (name) => [
      volume(name, 'hostPath: {path: /tmp}, volumeMode: Filesystem'),
      claim(name, `storageClassName: ${name}, volumeMode: Block`),
    ],
    ask: (name) => phase(`pvc ${name}`),
    want: 'Pending',
  },
  {
    name: 'a claim of no attributes takes no volume of a class of them',
    objects: (name) => [
      volume(name, `csi: {driver: d, volumeHandle: h}, volumeAttributesClassName: gold`),
      claim(name, `storageClassName: ${name}`),
    ],
    ask: (name) => phase(`pvc ${name}`),
    want: 'Pending',
  },
  {
    name: 'a path of the node behind a claim',
    objects: (name) => [volume(name, `hostPath: {path: /srv/${name}}`), claim(name, `storageClassName: ${name}`), user(name)],
    ask: (name) => phase(`pod ${name}`),
    want: 'Running',
  },
  {
    name: 'a path of the node takes no options',
    objects: (name) => [
      volume(name, `hostPath: {path: /srv/${name}}, mountOptions: [noatime]`),
      claim(name, `storageClassName: ${name}`),
      user(name),
    ],
    ask: (name) => `kubectl get events --field-selector involvedObject.name=${name},reason=FailedMount -o custom-columns=M:.message`,
    want: /MountVolume\.MountOptionSupport check failed for volume "a\d+" : Mount options are not supported for this volume type/,
  },
  {
    name: 'options of a class, as a container sees them',
    objects: (name) => [
      storageClass(name, 'mountOptions: [hard, nfsvers=4.1, noatime]'),
      claim(name, `storageClassName: ${name}`),
      user(name),
    ],
    ask: mounted,
    want: /^172\.18\.0\.1:\/srv\/nfs\/\S+ on \/data type nfs4 \(rw,noatime,hard,vers=4\.1\)\n172\.18\.0\.1:\/srv\/nfs\/\S+ \/data nfs4 rw,noatime,hard,vers=4\.1 0 0$/,
  },
  {
    name: 'an option that nobody knows',
    objects: (name) => [storageClass(name, 'mountOptions: [quick]'), claim(name, `storageClassName: ${name}`), user(name)],
    ask: (name) => `kubectl get events --field-selector involvedObject.name=${name},reason=FailedMount -o custom-columns=M:.message`,
    want: /Mounting arguments: -t nfs -o quick 172\.18\.0\.1:\/srv\/nfs\/\S+[\s\S]*mount\.nfs: an incorrect mount option was specified/,
  },
  {
    name: 'a server’s folder that is only to be read',
    objects: (name) => [
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: main, image: busybox, command: [sleep, "99999"], volumeMounts: [{name: v, mountPath: /data}]}], volumes: [{name: v, nfs: {server: 172.18.0.1, path: /srv/nfs, readOnly: true}}]}`,
    ],
    ask: (name) => `kubectl exec ${name} -- touch /data/x`,
    want: 'Read-only file system',
  },
  {
    name: 'a class whose volumes are kept, in a folder of its pattern',
    objects: (name) => [
      storageClass(name, 'reclaimPolicy: Retain\nparameters: {pathPattern: "own/${.PVC.name}"}'),
      claim(name, `storageClassName: ${name}`),
    ],
    ask: (name) =>
      `v=$(kubectl get pvc ${name} -o jsonpath={.spec.volumeName}); kubectl delete pvc ${name} >/dev/null; sleep 3; kubectl get pv $v -o jsonpath='{.status.phase} {.spec.nfs.path}'; kubectl delete pv $v >/dev/null`,
    want: /^Released \/srv\/nfs\/own\/a\d+$/,
  },
  {
    name: 'a class of one zone',
    objects: (name) => [
      storageClass(
        name,
        'volumeBindingMode: WaitForFirstConsumer\nallowedTopologies: [{matchLabelExpressions: [{key: topology.kubernetes.io/zone, values: [b]}]}]',
      ),
      claim(`${name}-1`, `storageClassName: ${name}`),
      claim(`${name}-2`, `storageClassName: ${name}`),
      user(`${name}-1`),
      user(`${name}-2`),
    ],
    ask: (name) => `kubectl get pod ${name}-1 ${name}-2 -o jsonpath='{.items[*].spec.nodeName}'`,
    want: /^node-2 node-2$/,
  },
  {
    name: 'the selector that a Job brings',
    objects: (name) => [job(name, `manualSelector: true, selector: {matchLabels: {own: ${name}}}`)],
    ask: (name) => `kubectl get job ${name} -o jsonpath='{.spec.selector.matchLabels} {.status.succeeded}'`,
    want: /^\{"own":"a\d+"\} 1$/,
  },
  {
    name: 'a failure that only counts in another container',
    objects: (name) => [
      job(
        name,
        'backoffLimit: 1, podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {containerName: main, operator: In, values: [3]}}]}',
        ', initContainers: [{name: first, image: busybox, command: [sh, -c, "exit 3"]}]',
      ),
    ],
    afterMs: 30_000,
    ask: (name) => `kubectl get job ${name} -o jsonpath='{.status.conditions[*].reason}'`,
    want: /BackoffLimitExceeded/,
  },
  {
    name: 'a condition that must be false',
    objects: (name) => [
      job(
        name,
        'backoffLimit: 0, podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: Ready, status: "False"}]}]}',
        '',
        'sh, -c, "sleep 3; exit 1"',
      ),
    ],
    afterMs: 20_000,
    ask: (name) => `${condition(name)}; ${jobPods(name)} | wc -l`,
    want: /^[2-9]$/,
  },
  {
    name: 'a Pod that is still ending is not replaced yet',
    objects: (name) => [
      job(name, 'podReplacementPolicy: Failed', ', terminationGracePeriodSeconds: 60', `sh, -c, "trap : TERM; while :; do sleep 1; done"`),
    ],
    ask: (name) => `kubectl delete pod -l own=${name} --wait=false >/dev/null; sleep 15; ${jobPods(name)} | wc -l`,
    want: /^1$/,
  },
  {
    name: 'as many successes as it takes',
    objects: (name) => [
      job(
        name,
        'completionMode: Indexed, completions: 3, parallelism: 3, successPolicy: {rules: [{succeededCount: 1}]}',
        '',
        'sh, -c, "[ $JOB_COMPLETION_INDEX = 1 ] || sleep 9999"',
      ),
    ],
    afterMs: 12_000,
    ask: (name) => `kubectl get job ${name} -o jsonpath='{.status.conditions[0].type} {.status.conditions[0].reason}'`,
    want: /SuccessCriteriaMet SuccessPolicy/,
  },
  {
    name: 'the selector and the patience of a ReplicationController',
    objects: (name) => [
      `apiVersion: v1\nkind: ReplicationController\nmetadata: {name: ${name}}\nspec: {replicas: 1, minReadySeconds: 300, selector: {own: ${name}}, template: {metadata: {labels: {own: ${name}, more: x}}, spec: {containers: [{name: main, image: nginx}]}}}`,
    ],
    ask: (name) =>
      `kubectl get rc ${name} -o jsonpath='{.status.readyReplicas} {.status.availableReplicas}'; kubectl label pod -l own=${name} more=y --overwrite >/dev/null; sleep 3; kubectl get pods -l own=${name} --no-headers | wc -l`,
    want: /^1 ?1$/,
  },
]);
