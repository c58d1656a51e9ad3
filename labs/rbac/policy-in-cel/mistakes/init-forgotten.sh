# fails: images
kubectl apply -f - <<'YAML'
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: house }
spec:
  matchConstraints:
    resourceRules: [{ apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["deployments"] }]
  validations:
  - expression: has(object.metadata.labels) && 'team' in object.metadata.labels
  - expression: object.spec.template.spec.containers.all(c, c.image.startsWith('registry.house/'))
    messageExpression: "object.spec.template.spec.containers.map(c, c.image).join(' ')"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: house }
spec:
  policyName: house
  validationActions: [Deny]
  matchResources: { namespaceSelector: { matchLabels: { env: production } } }
YAML
