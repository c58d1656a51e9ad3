kubectl apply -f - <<'YAML'
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: house-rules }
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - { apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments] }
  variables:
  - name: pod
    expression: object.spec.template.spec
  - name: images
    expression: variables.pod.containers.map(c, c.image) + variables.pod.?initContainers.orValue([]).map(c, c.image)
  - name: foreign
    expression: variables.images.filter(image, !image.startsWith('registry.house/'))
  validations:
  - expression: has(object.metadata.labels) && 'team' in object.metadata.labels
    message: a Deployment must name its team in the label team
  - expression: variables.foreign.size() == 0
    messageExpression: "'not from registry.house: ' + variables.foreign.join(', ')"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: house-rules-production }
spec:
  policyName: house-rules
  validationActions: [Deny]
  matchResources:
    namespaceSelector: { matchLabels: { env: production } }
YAML
sleep 3
kubectl create deployment web -n billing --image=nginx:1.29
kubectl create deployment web -n sandbox --image=nginx:1.29
kubectl scale deployment legacy -n shop --replicas=3
kubectl rollout status deployment/legacy -n shop
