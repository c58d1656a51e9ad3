kubectl apply -f - <<'YAML'
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: team }
spec:
  matchConstraints:
    namespaceSelector: { matchExpressions: [{ key: env, operator: In, values: [production] }] }
    resourceRules: [{ apiGroups: ["apps"], apiVersions: ["*"], operations: ["CREATE", "UPDATE"], resources: ["deployments"] }]
  validations:
  - expression: "object.metadata.?labels.?team.hasValue()"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: team }
spec: { policyName: team, validationActions: [Deny] }
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: images }
spec:
  matchConstraints:
    resourceRules: [{ apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["deployments"] }]
  validations:
  - expression: object.spec.template.spec.containers.all(c, c.image.startsWith('registry.house/'))
    messageExpression: "object.spec.template.spec.containers.map(c, c.image).join(' ')"
  - expression: object.spec.template.spec.?initContainers.orValue([]).all(c, c.image.startsWith('registry.house/'))
    messageExpression: "object.spec.template.spec.initContainers.map(c, c.image).join(' ')"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: images }
spec:
  policyName: images
  validationActions: [Deny, Audit]
  matchResources: { namespaceSelector: { matchLabels: { env: production } } }
YAML
sleep 3
kubectl scale deployment legacy -n shop --replicas=3
kubectl rollout status deployment/legacy -n shop
