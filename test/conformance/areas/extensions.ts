/** What extends the API server: definitions and custom resources, webhooks, policies, APIServices. */
import type { Area } from '../area.ts';

const files: Readonly<Record<string, string>> = {
  'crd.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct], categories: [all, tabs]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        description: CronTab runs an image now and then.
        properties:
          spec:
            type: object
            required: [cronSpec]
            x-kubernetes-validations:
            - {rule: "!has(self.replicas) || self.replicas <= 5", message: at most five replicas}
            properties:
              cronSpec: {type: string, pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$', description: When it runs.}
              image: {type: string, default: busybox}
              replicas: {type: integer, minimum: 1}
              suspend: {type: boolean}
          status:
            type: object
            properties: {replicas: {type: integer}, labelSelector: {type: string}}
    selectableFields: [{jsonPath: .spec.image}]
    additionalPrinterColumns:
    - {name: Spec, type: string, description: When it runs, jsonPath: .spec.cronSpec}
    - {name: Replicas, type: integer, jsonPath: .spec.replicas}
    - {name: Suspend, type: boolean, jsonPath: .spec.suspend, priority: 1}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.labelSelector}
`,
  'tabs.yaml': `apiVersion: stable.example.com/v1
kind: CronTab
metadata: {name: one, labels: {a: b}}
spec: {cronSpec: "* * * * */5", replicas: 2}
---
apiVersion: stable.example.com/v1
kind: CronTab
metadata: {name: two}
spec: {cronSpec: "0 0 * * *", image: nginx, suspend: true}
`,
  'three.yaml': `apiVersion: stable.example.com/v1
kind: CronTab
metadata: {name: three}
spec: {cronSpec: "5 5 * * *", suspend: false}
`,
  'wrong.yaml': `apiVersion: stable.example.com/v1
kind: CronTab
metadata: {name: wrong}
spec: {cronSpec: "* *", replicas: 0}
---
apiVersion: stable.example.com/v1
kind: CronTab
metadata: {name: wrong}
spec: {cronSpec: "0 0 * * *", foo: bar}
---
apiVersion: stable.example.com/v1
kind: CronTab
metadata: {name: wrong}
spec: {cronSpec: "0 0 * * *", replicas: 9}
`,
  'broken-crd.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.example.com}
spec:
  group: stable.example.com
  scope: World
  names: {plural: crontabs, kind: CronTab}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {}}}}}
`,
  'webhook.yaml': `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: pods}
webhooks:
- name: pods.example.com
  clientConfig: {service: {namespace: hooks, name: hook, path: /pods}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods], scope: Namespaced}]
  admissionReviewVersions: [v1]
  sideEffects: None
  timeoutSeconds: 5
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: pods}
webhooks:
- name: pods.example.com
  clientConfig: {url: "https://10.0.0.1/pods"}
  rules: [{apiGroups: [apps], apiVersions: [v1], operations: ["*"], resources: [deployments]}]
  matchConditions: [{name: not-me, expression: 'request.userInfo.username != "me"'}]
  admissionReviewVersions: [v1]
  sideEffects: NoneOnDryRun
  failurePolicy: Ignore
`,
  'bundle.yaml': `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: bundle}
webhooks:
- name: pods.example.com
  clientConfig: {service: {namespace: hooks, name: hook}, caBundle: <base64-encoded-ca-cert>}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  admissionReviewVersions: [v1]
  sideEffects: None
`,
  'policy.yaml': `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: replicas}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}]
  variables: [{name: size, expression: 'has(object.data) ? object.data.size() : 0'}]
  validations: [{expression: 'variables.size <= 1', messageExpression: '"has " + string(variables.size) + " keys, one is enough"', reason: Forbidden}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: replicas}
spec: {policyName: replicas, validationActions: [Deny]}
`,
  'warn.yaml': `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: replicas}
spec: {policyName: replicas, validationActions: [Warn, Audit]}
`,
};

export const extensions: Area = {
  name: 'extensions',
  cluster: 'control-plane',
  files,
  commands: [
    'apply -f tabs.yaml',
    'apply -f broken-crd.yaml',
    'apply -f crd.yaml',
    'wait --for=condition=Established crd/crontabs.stable.example.com --timeout=5s',
    'get crd',
    'get crd crontabs.stable.example.com -o wide',
    'describe crd crontabs.stable.example.com',
    'api-resources --api-group=stable.example.com',
    'api-resources --api-group=stable.example.com -o wide',
    'api-resources --api-group=apiextensions.k8s.io',
    'api-resources --api-group=admissionregistration.k8s.io -o wide',
    'api-resources --api-group=apiregistration.k8s.io',
    'apply -f tabs.yaml',
    'get ct',
    'get crontabs -o wide',
    'get crontab/one -o yaml',
    'get ct one -o json',
    'get tabs',
    'get ct --field-selector spec.image=nginx',
    'get ct --field-selector spec.cronSpec=x',
    'get ct -l a=b -o name',
    'get ct -o custom-columns=NAME:.metadata.name,IMAGE:.spec.image',
    'describe ct one',
    'explain crontab',
    'explain crontab.spec',
    'explain crontab.spec.cronSpec',
    'explain ct --recursive',
    'apply -f wrong.yaml',
    'create -f wrong.yaml --validate=false',
    'scale crontab one --replicas=3',
    'scale ct/two --current-replicas=2 --replicas=3',
    `patch ct one -p '{"spec":{"image":"redis"}}'`,
    `patch ct one --type=merge -p '{"spec":{"image":"redis"}}'`,
    `patch ct one --type=json -p '[{"op":"replace","path":"/spec/replicas","value":9}]'`,
    `patch ct one --type=merge --subresource=status -p '{"status":{"replicas":3}}'`,
    'get ct one --subresource=scale -o yaml',
    'label ct two tier=back',
    'annotate ct two note=x',
    'apply -f three.yaml --server-side',
    'apply -f three.yaml --server-side --field-manager=other',
    'get ct three -o yaml --show-managed-fields',
    'diff -f tabs.yaml',
    'delete ct two --wait=false',
    'apply -f webhook.yaml',
    'apply -f bundle.yaml',
    'get validatingwebhookconfigurations,mutatingwebhookconfigurations',
    'describe validatingwebhookconfiguration pods',
    'describe mutatingwebhookconfiguration pods',
    'delete -f webhook.yaml',
    'apply -f policy.yaml',
    'get validatingadmissionpolicies,validatingadmissionpolicybindings',
    'describe validatingadmissionpolicy replicas',
    'create configmap big --from-literal=a=1 --from-literal=b=2',
    'create configmap small --from-literal=a=1',
    'apply -f warn.yaml',
    'create configmap big --from-literal=a=1 --from-literal=b=2',
    'delete -f policy.yaml',
    'get apiservices',
    'get apiservice v1.stable.example.com -o yaml',
    'describe apiservice v1.apps',
    'delete -f crd.yaml --wait=false',
    'get ct',
    'api-versions',
  ],
};
