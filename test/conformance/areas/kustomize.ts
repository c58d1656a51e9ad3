/** Kustomizations: kubectl kustomize, -k, and what is wrong with a kustomization. */
import type { Area } from '../area.ts';

const web = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {tier: front}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec:
      serviceAccountName: robot
      initContainers:
      - {name: init, image: "registry.example.com:5000/tools/init:1"}
      containers:
      - name: nginx
        image: nginx:1.27
        ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]
        env: [{name: MODE, value: dev}, {name: HOST, value: $(SERVICE)}]
        envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: pass}}]
      volumes:
      - {name: conf, configMap: {name: settings}}
      - {name: data, persistentVolumeClaim: {claimName: data}}
`;
const service = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, name: http}]}
`;
const rest = `apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: robot}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: robot, namespace: default}, {kind: ServiceAccount, name: default, namespace: default}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [secrets], resourceNames: [pass], verbs: [get]}]
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: tidy}
spec:
  schedule: "0 * * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox}]}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {rules: [{host: web.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: thing}
spec: {list: [{name: a, x: 1}, {name: b}], containers: [{image: nginx:1.27}]}
`;

const overlay = (text: string): string => `resources: [../base]\n${text}`;

/** A directory for each, with this kustomization and the base beside it. */
const overlays: Readonly<Record<string, string>> = {
  prefix: overlay('namePrefix: dev-\nnameSuffix: "-v2"\n'),
  namespace: overlay('namespace: shop2\n'),
  labels: overlay(
    'labels:\n- pairs: {team: a}\n- pairs: {env: dev}\n  includeSelectors: true\n- pairs: {part: of}\n  includeTemplates: true\n',
  ),
  'common-labels': overlay('commonLabels: {team: a}\ncommonAnnotations: {note: "yes"}\n'),
  images: overlay(
    'images:\n- {name: nginx, newName: registry.example.com/web, newTag: "1.29"}\n- {name: "registry.example.com:5000/tools/init", digest: "sha256:abc"}\n- {name: busybox, newTag: "1.36"}\n',
  ),
  replicas: overlay('replicas:\n- {name: web, count: 5}\n'),
  'replicas-unknown': overlay('replicas:\n- {name: nobody, count: 5}\n'),
  patch: overlay(`patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, annotations: {a: b}}
    spec:
      replicas: null
      template:
        spec:
          containers:
          - name: side
            image: busybox
          - name: nginx
            env: [{name: MODE, value: prod}, {name: MORE, value: "1"}]
            ports: [{containerPort: 53, protocol: UDP, name: dns}, {containerPort: 81}]
          volumes:
          - {name: data, $patch: delete}
`),
  'patch-file': overlay('patches: [{path: p.yaml}]\n'),
  'patch-target': overlay(`patches:
- target: {kind: "Deployment|Service", labelSelector: "tier!=back"}
  patch: |
    - {op: add, path: /metadata/annotations/x~1y, value: "1"}
- target: {kind: Deployment}
  patch: '[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "nginx:9"}, {"op": "remove", "path": "/spec/replicas"}]'
- target: {name: w.*}
  patch: |-
    kind: any
    metadata: {name: any, labels: {patched: "true"}}
`),
  'patch-delete': overlay(`patches:
- patch: |
    $patch: delete
    apiVersion: v1
    kind: Service
    metadata: {name: web}
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec: {template: {spec: {$patch: replace, containers: [{name: only, image: a}]}}}
`),
  'patch-custom': overlay(
    'patches: [{patch: "apiVersion: example.com/v1\\nkind: Widget\\nmetadata: {name: thing}\\nspec: {list: [{name: c}], more: {a: 1}}"}]\n',
  ),
  'patch-rename': overlay(
    'patches: [{target: {kind: Service}, patch: "apiVersion: v1\\nkind: Service\\nmetadata: {name: other}", options: {allowNameChange: true}}]\n',
  ),
  'patch-nobody': overlay('patches: [{patch: "apiVersion: v1\\nkind: Service\\nmetadata: {name: nobody}"}]\n'),
  'patch-missing-file': overlay('patches: [{path: nofile.yaml}]\n'),
  'patch-both': overlay('patches: [{path: p.yaml, patch: "a: b"}]\n'),
  'patch-none': overlay('patches: [{target: {kind: Service}}]\n'),
  'patch-nonsense': overlay('patches: [{patch: "a: b: c"}]\n'),
  'patch-untargeted': overlay('patches: [{patch: \'[{"op": "remove", "path": "/spec"}]\'}]\n'),
  'patch-bad-path': overlay('patches: [{target: {kind: Service}, patch: \'[{"op": "remove", "path": "/spec/nothing"}]\'}]\n'),
  'old-patches': overlay(
    'patchesStrategicMerge: [p.yaml]\npatchesJson6902: [{target: {version: v1, kind: Service, name: web}, path: ops.yaml}]\n',
  ),
  generators: overlay(`namePrefix: dev-
generatorOptions: {labels: {made: here}, annotations: {by: me}}
configMapGenerator:
- {name: settings, literals: [color=blue, 'quoted="a b"', empty=], files: [app.conf, renamed=app.conf]}
- {name: envs, envs: [app.env], options: {disableNameSuffixHash: true, immutable: true, labels: {made: there}}}
- {name: none, namespace: other}
secretGenerator:
- {name: pass, literals: [password=s3cret], type: example.com/pass}
- {name: long, files: [long.txt]}
`),
  'generator-merge':
    'resources: [../generators]\nconfigMapGenerator:\n- {name: settings, behavior: merge, literals: [color=red, more=1]}\n- {name: envs, behavior: replace, literals: [only=this]}\n',
  'generator-twice': overlay('configMapGenerator: [{name: a, literals: [x=1]}, {name: a, literals: [x=1]}]\n'),
  'generator-no-base': overlay('configMapGenerator: [{name: a, behavior: merge, literals: [x=1]}]\n'),
  'generator-no-file': overlay('configMapGenerator: [{name: a, files: [nofile]}]\n'),
  'generator-bad-literal': overlay('configMapGenerator: [{name: a, literals: [nothing]}]\n'),
  'generator-repeats': overlay('configMapGenerator: [{name: a, literals: [x=1, x=2]}]\n'),
  'generator-no-name': overlay('configMapGenerator: [{literals: [x=1]}]\n'),
  replacements: overlay(`replacements:
- source: {kind: Service, name: web, fieldPath: "spec.ports.[name=http].port"}
  targets:
  - {select: {kind: Deployment}, fieldPaths: ["spec.template.spec.containers.[name=nginx].env.[name=MODE].value", spec.replicas]}
- source: {kind: Deployment, fieldPath: "spec.template.spec.containers.0.image", options: {delimiter: ":", index: 1}}
  targets:
  - {select: {kind: Service}, fieldPaths: [metadata.annotations.version], options: {create: true}}
  - {select: {kind: CronJob}, fieldPaths: ["spec.jobTemplate.spec.template.spec.containers.*.image"], options: {delimiter: ":", index: 1}}
- source: {kind: Namespace}
  targets: [{select: {name: web}, reject: [{kind: Ingress}, {kind: HorizontalPodAutoscaler}], fieldPaths: ["metadata.labels.[a.b/c]"], options: {create: true}}]
`),
  'replacement-none': overlay('replacements: [{source: {kind: Nothing}, targets: [{select: {kind: Service}}]}]\n'),
  'replacement-many': overlay('replacements: [{source: {name: web}, targets: [{select: {kind: Service}}]}]\n'),
  'replacement-no-field': overlay(
    'replacements: [{source: {kind: Service}, targets: [{select: {kind: Deployment}, fieldPaths: [spec.nothing]}]}]\n',
  ),
  'replacement-no-source-field': overlay(
    'replacements: [{source: {kind: Service, fieldPath: spec.nothing}, targets: [{select: {kind: Deployment}}]}]\n',
  ),
  vars: overlay('namePrefix: dev-\nvars: [{name: SERVICE, objref: {kind: Service, name: web, apiVersion: v1}}]\n'),
  components: overlay('components: [../component]\nnamePrefix: with-\n'),
  component:
    'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nreplicas: [{name: web, count: 7}]\nconfigMapGenerator: [{name: extra, literals: [a=b]}]\n',
  'component-as-base': 'resources: [../component]\n',
  'base-as-component': 'components: [../base]\n',
  fifo: overlay('sortOptions: {order: fifo}\n'),
  'legacy-order': overlay('sortOptions: {order: legacy, legacySortOptions: {orderFirst: [Widget], orderLast: [Namespace]}}\n'),
  'bad-order': overlay('sortOptions: {order: random}\n'),
  two: 'resources: [../prefix, ../replicas, d.yaml]\nnamespace: both\n',
  bases: 'bases: [../base]\nimageTags: [{name: nginx, newTag: "2"}]\n',
  configured: overlay('configurations: [config.yaml]\nnamePrefix: dev-\nimages: [{name: nginx, newTag: "3"}]\n'),
  local: overlay('commonAnnotations: {config.kubernetes.io/local-config: "true"}\nresources: [d.yaml]\n'),
  'unknown-field': overlay('nameprefix: a\nfoo: 1\n'),
  'wrong-type': overlay('namePrefix: 3\n'),
  'wrong-list': 'resources: ../base\n',
  'wrong-tag': overlay('images: [{name: nginx, newTag: 1.27}]\n'),
  'wrong-label': overlay('labels: [{pairs: {a: true}}]\n'),
  'wrong-count': overlay('replicas: [{name: web, count: many}]\n'),
  'wrong-map': overlay('commonLabels: [a]\n'),
  'wrong-struct': overlay('patches: [p.yaml]\n'),
  'wrong-kind': 'kind: Other\nresources: [d.yaml]\n',
  'wrong-version': 'apiVersion: v1\nresources: [d.yaml]\n',
  empty: '',
  'no-resource': 'resources: [nothing.yaml]\n',
  outside: 'resources: [../base/service.yaml]\n',
  itself: 'resources: [../itself]\n',
  twice: 'resources: [d.yaml, d.yaml]\n',
  'bad-yaml': 'resources: [bad.yaml]\n',
  'bad-kustomization': 'resources: [a]\nb: c: d\n',
  'no-kind': 'resources: [nokind.yaml]\n',
  'no-name': 'resources: [noname.yaml]\n',
};

const beside: Readonly<Record<string, string>> = {
  'd.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\ndata: {a: "1"}\n',
  'p.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 9}\n',
  'ops.yaml': '- {op: replace, path: /spec/ports/0/port, value: 81}\n',
  'app.conf': 'one=1\ntwo=2\n',
  'app.env': '# comment\nA=1\n  B=two words\nC\n\n',
  'long.txt': `${'0123456789'.repeat(12)}\n`,
  'config.yaml':
    'nameReference:\n- {kind: Deployment, fieldSpecs: [{kind: Widget, path: spec/list/name}]}\nimages: [{path: spec/list/name}]\n',
  'bad.yaml': 'kind: Pod\na: b: c\n',
  'nokind.yaml': 'a: b\n',
  'noname.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {labels: {a: b}}\n',
};

export const kustomize: Area = {
  name: 'kustomize',
  cluster: 'control-plane',
  files: {
    'base/kustomization.yaml': 'resources: [deployment.yaml, service.yaml, rest.yaml]\n',
    'base/deployment.yaml': web,
    'base/service.yaml': service,
    'base/rest.yaml': rest,
    'small/kustomization.yaml': 'namePrefix: k-\nconfigMapGenerator: [{name: made, literals: [a=b]}]\nresources: [d.yaml]\n',
    'small/d.yaml': beside['d.yaml']!,
    'two-files/kustomization.yaml': 'resources: [d.yaml]\n',
    'two-files/Kustomization': 'resources: [d.yaml]\n',
    'none/d.yaml': beside['d.yaml']!,
    ...Object.fromEntries(
      Object.entries(overlays).flatMap(([name, text]) => [
        [`${name}/kustomization.yaml`, text],
        ...Object.entries(beside).map(([file, content]) => [`${name}/${file}`, content]),
      ]),
    ),
  },
  commands: [
    'kustomize base',
    ...Object.keys(overlays).map((name) => `kustomize ${name}`),
    'kustomize two-files',
    'kustomize none',
    'kustomize nowhere',
    'kustomize base/service.yaml',
    'kustomize base prefix',
    'kustomize',
    'kustomize base --bogus',
    'kustomize outside --load-restrictor=LoadRestrictionsNone',
    'kustomize outside --load-restrictor=Bogus',
    'apply -k small --dry-run=client',
    'apply -k small',
    'apply -k small',
    'get -k small',
    'diff -k small',
    'describe -k small',
    'apply -k small -f base/service.yaml',
    'apply -k small -R',
    'apply -k nowhere',
    'label -k small a=b',
    'create -k small',
    'delete -k small',
    'delete -k small --ignore-not-found',
  ],
};
