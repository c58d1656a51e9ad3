/** StatefulSets, Jobs, CronJobs and ReplicationControllers, on a cluster that runs them. */
import type { Area } from '../area.ts';

const files: Readonly<Record<string, string>> = {
  'sts.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web, labels: {app: web}}
spec:
  serviceName: web
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: nginx, image: "nginx:1.27", ports: [{containerPort: 80, name: http}]}]
`,
  'claims.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  podManagementPolicy: Parallel
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}
  updateStrategy: {type: OnDelete}
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: "redis:7", volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
  - metadata: {name: data, labels: {tier: db, a: b}, annotations: {note: hi}}
    spec: {accessModes: [ReadWriteOnce], storageClassName: standard, resources: {requests: {storage: 1Gi}}}
  - metadata: {name: more}
    spec: {accessModes: [ReadWriteOnce, ReadOnlyMany], resources: {}}
`,
  'job.yaml': `apiVersion: batch/v1
kind: Job
metadata: {name: work}
spec:
  completions: 3
  parallelism: 2
  completionMode: Indexed
  activeDeadlineSeconds: 600
  ttlSecondsAfterFinished: 86400
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: busybox, command: [sh, -c, 'echo one; echo two']}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: fails}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: busybox, command: ["false"]}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: later}
spec:
  suspend: true
  parallelism: 3
  template:
    metadata: {labels: {app: later}}
    spec:
      restartPolicy: OnFailure
      containers: [{name: main, image: busybox, command: [sleep, "5"]}]
`,
  'bad-job.yaml': `apiVersion: batch/v1
kind: Job
metadata: {name: bad}
spec:
  backoffLimitPerIndex: 1
  template:
    spec: {containers: [{name: main, image: busybox}]}
`,
  'cron.yaml': `apiVersion: batch/v1
kind: CronJob
metadata: {name: tick, labels: {app: tick}}
spec:
  schedule: "*/5 * * * *"
  timeZone: Europe/Berlin
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 100
  jobTemplate:
    spec:
      completions: 1
      activeDeadlineSeconds: 60
      template:
        spec:
          restartPolicy: OnFailure
          containers: [{name: main, image: busybox, command: [date]}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: never}
spec:
  schedule: "59 23 31 2 *"
  suspend: true
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: main, image: busybox, command: [date]}]
`,
  'bad-cron.yaml': `apiVersion: batch/v1
kind: CronJob
metadata: {name: bad}
spec:
  schedule: "61 * * * *"
  timeZone: Mars/Olympus
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: busybox}]}}}}
`,
  'rc.yaml': `apiVersion: v1
kind: ReplicationController
metadata: {name: old}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: old}}
    spec: {terminationGracePeriodSeconds: 1, containers: [{name: nginx, image: "nginx:1.27"}]}
---
apiVersion: v1
kind: PodTemplate
metadata: {name: stencil}
template:
  metadata: {labels: {app: stencil}}
  spec: {containers: [{name: nginx, image: "nginx:1.27"}]}
`,
};

export const workloads: Area = {
  name: 'workloads',
  cluster: 'nodes',
  files,
  commands: [
    'create -f sts.yaml',
    'rollout status sts/web --watch=false',
    'settle',
    'rollout status sts/web',
    'get sts,pods,controllerrevisions',
    'get sts -o wide',
    'describe sts web --show-events=false',
    'rollout history sts/web',
    'scale sts web --replicas=3 --current-replicas=5',
    'scale sts web --replicas=3',
    'settle',
    'get pods',
    'set image sts/web nginx=nginx:1.28',
    'rollout status sts/web',
    'rollout history sts/web --revision=2',
    'rollout history sts/web --revision=7',
    'rollout undo sts/web --dry-run=client',
    'rollout undo sts/web',
    'rollout undo sts/web --to-revision=9',
    'settle',
    'rollout history statefulset web',
    'rollout pause sts/web',
    'rollout restart sts/web',
    'settle',
    'expose sts web --port=80',
    'patch sts web -p \'{"spec":{"serviceName":"other"}}\'',
    'patch sts web -p \'{"spec":{"updateStrategy":{"rollingUpdate":{"partition":2}}}}\'',
    'describe sts web --show-events=false',
    'create -f claims.yaml',
    'rollout status sts/db',
    'settle',
    'describe sts db --show-events=false',
    'delete sts web --cascade=orphan',
    'get pods -l app=web -o name',
    'create -f job.yaml',
    'settle',
    'get jobs',
    'get jobs -o wide',
    'get pods -l job-name=work -o name',
    'describe job work --show-events=false',
    'describe job fails --show-events=false',
    'describe job later --show-events=false',
    'logs job/work',
    'get jobs --field-selector=status.successful=3',
    'scale job work --replicas=2',
    'wait --for=condition=complete job/work',
    'wait --for=condition=failed job/fails --timeout=0s',
    'patch job work -p \'{"spec":{"completions":7}}\'',
    'patch job later -p \'{"spec":{"suspend":false}}\'',
    'settle',
    'get job later',
    'rollout status job/work',
    'create -f bad-job.yaml',
    'delete job later',
    'get pods -l app=later',
    'create -f cron.yaml',
    'create -f bad-cron.yaml',
    'get cronjobs',
    'get cj -o wide',
    'describe cronjob tick --show-events=false',
    'describe cj never --show-events=false',
    'create job now --from=cronjob/tick',
    'settle',
    'set image cj/tick main=busybox:1.36',
    'logs cj/tick',
    'delete cj tick',
    'create -f rc.yaml',
    'settle',
    'get rc,podtemplates',
    'get rc -o wide',
    'describe rc old --show-events=false',
    'scale rc old --replicas=1',
    'settle',
    'get pods -l app=old -o name',
    'expose rc old --port=80',
    'rollout status rc/old',
    'rollout restart rc/old',
    'set image rc/old nginx=nginx:1.28',
    'logs rc/old',
    'delete rc old --cascade=orphan',
    'get pods -l app=old -o name',
    'get sts,jobs,cj,rc -o name',
  ],
};
