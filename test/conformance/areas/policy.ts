import type { Area } from '../area.ts';

const files: Readonly<Record<string, string>> = {
  'limits.yaml': `apiVersion: v1
kind: LimitRange
metadata: {name: bounds}
spec:
  limits:
  - {type: Container, max: {memory: 1Gi}, min: {memory: 100Mi}}
  - {type: Pod, max: {cpu: "2"}}
  - {type: PersistentVolumeClaim, max: {storage: 10Gi}, min: {storage: 1Gi}}
`,
  'quota.yaml': `apiVersion: v1
kind: ResourceQuota
metadata: {name: room}
spec:
  hard: {pods: "4", requests.cpu: "1", requests.memory: 1Gi, limits.cpu: "2", count/deployments.apps: "3", requests.nvidia.com/gpu: 4}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: idle}
spec: {hard: {pods: "10"}, scopes: [BestEffort]}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: classy}
spec:
  hard: {pods: "10"}
  scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]}
`,
  'bad-quota.yaml': `apiVersion: v1
kind: ResourceQuota
metadata: {name: bad}
spec: {hard: {widgets: "4"}, scopes: [BestEffort, Terminating, NotTerminating]}
`,
  'bad-limits.yaml': `apiVersion: v1
kind: LimitRange
metadata: {name: bad}
spec: {limits: [{type: Container, max: {cpu: "1"}, min: {cpu: "2"}}, {type: Node}]}
`,
  'pod.yaml': `apiVersion: v1
kind: Pod
metadata: {name: greedy}
spec: {containers: [{name: a, image: nginx, resources: {requests: {memory: 2Gi}, limits: {memory: 2Gi}}}]}
`,
  'privileged.yaml': `apiVersion: v1
kind: Pod
metadata: {name: root, namespace: strict}
spec: {hostNetwork: true, containers: [{name: a, image: nginx, securityContext: {privileged: true}}]}
`,
  'workload.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: strict}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: nginx}]}}
`,
  'csr.yaml': `apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: jane}
spec:
  request: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlJQ216Q0NBWU1DQVFBd0tURU5NQXNHQTFVRUF3d0VhbUZ1WlRFTU1Bb0dBMVVFQ2d3RFpHVjJNUW93Q0FZRApWUVFMREFGNE1JSUJJakFOQmdrcWhraUc5dzBCQVFFRkFBT0NBUThBTUlJQkNnS0NBUUVBdzhldTgwTm51MWYzCmVYSGxIU0FyYUNOd016eUltRkFnZXgvWlRBbFR6Nm1OMmxBTksxTzNmOFQ4ckFlZzlPcXd1VmNHTy9yOEQyY2oKa3FURHQyb2JTcjgwSVliZ1MrUGtxZUdzVlU4STRsM3VWYlpBOEFQS0N4cnJZTXBGY2FJT2s5Ym9FOHpJMzV6YQpZRHFKZklyVGJhR0t0bFhUWTdxakZVT3BJandZbjVjNmxaMnNMZmNvOTQxRGhmZzl3VnJQNWk4anI0cG5TUngyCnkxRG41TDJrWG9ZUWRUb1JJWVgzRjdSSEh4U1g1WGYvNFpRZ0xjR2l1aWFWcGRJZmhUcjArd1JTNUZuLzJONngKU3A4MTRpa1NSeGxSYlRLN3QrcndSd3EyRHpIUTlRUUZVU2lEcjBMR2N6Z0JRaWN2K0hOQkUwNnNoTk1CUFNtQQpWYm1rNGpYTi93SURBUUFCb0Mwd0t3WUpLb1pJaHZjTkFRa09NUjR3SERBYUJnTlZIUkVFRXpBUmdnbGhMbVY0CllXMXdiR1dIQkFvQUFBRXdEUVlKS29aSWh2Y05BUUVMQlFBRGdnRUJBRGNyVldRZUNBZDRURG5KVWlDdGhGSW0KaktUSFVtdmhZSlEvWjd1ZFRONk9HSk1mKzJ1bnpUNlpxVVJMa3A4ZjA0TEtVT1plRjFLeWExL3JiMjBNelVFaAo4NG1ab0FqUUdpNFRoR3BNcWUyZXVCK1ErNkJiRUFpOUw3em5haGtiYmNYUUVLc0pvQmFiYVBmWjI1WVJPemxxCm11QjRoc25UM1FSSjhyTEtYL1pmNEtuVy9nVnR2aGk5VWRaZmM4M0NPMnNIOWNXVVpTdnFobk5oaHZzeU5kaXMKS1Y4MUd2NWpBZHY5Q2RoeWdyNjlLN2hYd1lOL0l1U3lvOHp2S1VEcDB6S21QUmcwZ1NRS2dpNUpCNzljM0RhdwpjYk5aY20zZDJDZkdLUlEvZjhabVRzS3J1TlMwM2R5K3JCMy9lU0xqUjZ6V2FPbHkwN01pRnpodFZZekhJUFU9Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=
  signerName: kubernetes.io/kube-apiserver-client
  expirationSeconds: 86400
  usages: [client auth]
`,
};

/** What bounds a namespace and its Pods, and certificates. */
export const policy: Area = {
  name: 'policy',
  cluster: 'control-plane',
  files,
  commands: [
    'kubectl create -f limits.yaml',
    'kubectl get limits',
    'kubectl describe limits bounds',
    'kubectl get limits bounds -o yaml',
    'kubectl create -f bad-limits.yaml',
    'kubectl create -f quota.yaml',
    'kubectl create -f bad-quota.yaml',
    'kubectl create quota made --hard=configmaps=10,secrets=2 --scopes=',
    'kubectl create quota made --hard=configmaps=10,secrets=2',
    'kubectl get quota',
    'kubectl get resourcequotas -o wide',
    'kubectl describe quota',
    'kubectl describe quota room',
    'kubectl describe ns default',
    'kubectl create -f pod.yaml',
    'kubectl apply -f pod.yaml --dry-run=server',
    'kubectl explain quota.spec.hard',
    'kubectl explain limits.spec.limits',
    'kubectl create namespace strict',
    'kubectl label ns strict pod-security.kubernetes.io/enforce=tight',
    'kubectl label ns strict pod-security.kubernetes.io/enforce=restricted pod-security.kubernetes.io/enforce-version=v1.34',
    'kubectl create -f privileged.yaml',
    'kubectl create -f workload.yaml',
    'kubectl create -f csr.yaml',
    'kubectl get csr',
    'kubectl describe csr jane',
    'kubectl certificate approve jane',
    'kubectl get csr jane',
    'kubectl get csr jane -o jsonpath={.status.conditions[0].reason}',
    'kubectl certificate deny jane',
    'kubectl create priorityclass high --value=1000 --description=fast',
    'kubectl create priorityclass system-low --value=1',
    'kubectl get pc',
    'kubectl describe pc high',
    'kubectl patch pc high -p {"value":2}',
    'kubectl delete quota --all',
    'kubectl delete limits bounds',
  ],
};
