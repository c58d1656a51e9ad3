kubectl label --dry-run=server namespace guests pod-security.kubernetes.io/enforce=restricted
kubectl patch deployment menu -n guests -p '
spec:
  template:
    spec:
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: RuntimeDefault } }
      containers:
      - name: menu
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }'
kubectl patch deployment orders -n guests -p '
spec:
  template:
    spec:
      hostPID: null
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: RuntimeDefault } }
      containers:
      - name: orders
        securityContext: { privileged: null, allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }'
kubectl rollout status deployment/menu -n guests
kubectl rollout status deployment/orders -n guests
kubectl label namespace guests pod-security.kubernetes.io/enforce=restricted
kubectl run loose -n guests --image=nginx:1.29
kubectl delete pods -n agents -l app=node-agent
kubectl rollout status daemonset/node-agent -n agents
