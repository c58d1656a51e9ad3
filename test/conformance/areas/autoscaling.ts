import type { Area } from '../area.ts';

const files: Readonly<Record<string, string>> = {
  'hpa.yaml': `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 10
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}
  - type: Resource
    resource: {name: memory, target: {type: AverageValue, averageValue: 500Mi}}
  - type: ContainerResource
    containerResource: {name: cpu, container: web, target: {type: Utilization, averageUtilization: 60}}
  - type: Pods
    pods: {metric: {name: packets-per-second}, target: {type: AverageValue, averageValue: 1k}}
  - type: Object
    object: {metric: {name: requests-per-second}, describedObject: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: main-route}, target: {type: Value, value: 10k}}
  - type: External
    external: {metric: {name: queue, selector: {matchLabels: {q: a}}}, target: {type: AverageValue, averageValue: "30"}}
  behavior:
    scaleDown: {stabilizationWindowSeconds: 60, policies: [{type: Percent, value: 10, periodSeconds: 60}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: plain}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: plain}
  maxReplicas: 3
`,
  'bad.yaml': `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: bad}
spec:
  scaleTargetRef: {kind: Deployment}
  minReplicas: 5
  maxReplicas: 3
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization}}
`,
  'v1.yaml': `apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: php-apache}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: php-apache}
  minReplicas: 1
  maxReplicas: 10
  targetCPUUtilizationPercentage: 50
`,
  'patch.yaml': `spec:
  maxReplicas: 20
`,
};

/** HorizontalPodAutoscalers, as they are written and shown. */
export const autoscaling: Area = {
  name: 'autoscaling',
  cluster: 'control-plane',
  files,
  commands: [
    'get hpa',
    'apply -f hpa.yaml',
    'apply -f hpa.yaml',
    'get hpa',
    'get hpa web -o wide',
    'get hpa plain -o yaml',
    'get horizontalpodautoscalers.autoscaling -o name',
    'describe hpa web',
    'describe hpa plain',
    'apply -f bad.yaml',
    'patch hpa plain --patch-file patch.yaml',
    'get hpa plain',
    'explain hpa.spec.behavior.scaleDown.policies',
    'apply -f v1.yaml',
    'apply -f v1.yaml',
    'get hpa php-apache',
    'describe hpa php-apache',
    'get hpa.v1.autoscaling web php-apache',
    'get hpa.v1.autoscaling web -o yaml',
    'patch hpa.v1.autoscaling php-apache --patch-file patch.yaml',
    'get hpa php-apache -o yaml',
    'apply --server-side --force-conflicts -f v1.yaml',
    'explain hpa.spec --api-version=autoscaling/v1',
    'api-versions',
    'delete hpa web plain php-apache',
    'top pod',
    'top node',
  ],
};
