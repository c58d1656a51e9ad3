import { subnetsByFamily } from './subnets.ts';

/** Version and manifest of Calico as its project publishes it (manifests/calico.yaml), cut down to what runs here. */

export const calicoVersion = 'v3.30.3';

/** Which words of Calico's mean the node's blocks: one, or a range for each family. */
function addressing(podSubnet: string): string {
  const { ip4, ip6 } = subnetsByFamily(podSubnet);
  if (ip6 === undefined) return '"subnet": "usePodCidr"';
  const six = '[{"subnet": "usePodCidrIPv6"}]';
  return `"ranges": [${ip4 === undefined ? six : `[{"subnet": "usePodCidr"}], ${six}`}]`;
}

/** The daemon's environment, as far as it depends on the family. */
function pools(podSubnet: string): string {
  const { ip4, ip6 } = subnetsByFamily(podSubnet);
  const variables = [
    ...(ip4 === undefined
      ? [
          ['IP', 'none'],
          ['CALICO_ROUTER_ID', 'hash'],
        ]
      : [
          ['CALICO_IPV4POOL_CIDR', ip4],
          ['CALICO_IPV4POOL_IPIP', 'Never'],
          ['CALICO_IPV4POOL_VXLAN', 'Never'],
        ]),
    ...(ip6 === undefined
      ? []
      : [
          ['IP6', 'autodetect'],
          ['CALICO_IPV6POOL_CIDR', ip6],
          ['FELIX_IPV6SUPPORT', '"true"'],
        ]),
  ];
  return variables.map(([name, value]) => `        - name: ${name}\n          value: ${value}\n`).join('');
}

export const calicoManifest = (podSubnet: string): string => `apiVersion: v1
kind: ServiceAccount
metadata:
  name: calico-node
  namespace: kube-system
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: calico-node
rules:
- apiGroups: [""]
  resources: [pods, nodes, namespaces]
  verbs: [get, list, watch]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [nodes/status]
  verbs: [patch, update]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: calico-node
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: calico-node
subjects:
- kind: ServiceAccount
  name: calico-node
  namespace: kube-system
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: calico-config
  namespace: kube-system
data:
  calico_backend: bird
  cni_network_config: |
    {
      "name": "k8s-pod-network",
      "cniVersion": "0.3.1",
      "plugins": [
        {
          "type": "calico",
          "log_level": "info",
          "datastore_type": "kubernetes",
          "nodename": "__KUBERNETES_NODE_NAME__",
          "mtu": __CNI_MTU__,
          "ipam": {
            "type": "host-local",
            ${addressing(podSubnet)}
          },
          "policy": {
            "type": "k8s"
          },
          "kubernetes": {
            "kubeconfig": "__KUBECONFIG_FILEPATH__"
          }
        },
        {
          "type": "portmap",
          "snat": true,
          "capabilities": {"portMappings": true}
        }
      ]
    }
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: calico-node
  namespace: kube-system
  labels:
    k8s-app: calico-node
spec:
  selector:
    matchLabels:
      k8s-app: calico-node
  updateStrategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 1
  template:
    metadata:
      labels:
        k8s-app: calico-node
    spec:
      nodeSelector:
        kubernetes.io/os: linux
      hostNetwork: true
      tolerations:
      - effect: NoSchedule
        operator: Exists
      - key: CriticalAddonsOnly
        operator: Exists
      - effect: NoExecute
        operator: Exists
      serviceAccountName: calico-node
      terminationGracePeriodSeconds: 0
      priorityClassName: system-node-critical
      initContainers:
      - name: install-cni
        image: docker.io/calico/cni:${calicoVersion}
        imagePullPolicy: IfNotPresent
        command: ["/opt/cni/bin/install"]
        env:
        - name: CNI_CONF_NAME
          value: 10-calico.conflist
        - name: CNI_NETWORK_CONFIG
          valueFrom:
            configMapKeyRef:
              name: calico-config
              key: cni_network_config
        - name: KUBERNETES_NODE_NAME
          valueFrom:
            fieldRef:
              fieldPath: spec.nodeName
        volumeMounts:
        - mountPath: /host/opt/cni/bin
          name: cni-bin-dir
        - mountPath: /host/etc/cni/net.d
          name: cni-net-dir
        securityContext:
          privileged: true
      containers:
      - name: calico-node
        image: docker.io/calico/node:${calicoVersion}
        imagePullPolicy: IfNotPresent
        env:
        - name: DATASTORE_TYPE
          value: kubernetes
        - name: NODENAME
          valueFrom:
            fieldRef:
              fieldPath: spec.nodeName
        - name: CALICO_NETWORKING_BACKEND
          valueFrom:
            configMapKeyRef:
              name: calico-config
              key: calico_backend
        - name: CLUSTER_TYPE
          value: k8s,bgp
${pools(podSubnet)}        - name: USE_POD_CIDR
          value: "true"
        securityContext:
          privileged: true
        resources:
          requests:
            cpu: 250m
        livenessProbe:
          exec:
            command: [/bin/calico-node, -felix-live, -bird-live]
          periodSeconds: 10
          initialDelaySeconds: 10
          failureThreshold: 6
          timeoutSeconds: 10
        readinessProbe:
          exec:
            command: [/bin/calico-node, -felix-ready, -bird-ready]
          periodSeconds: 10
          timeoutSeconds: 10
        volumeMounts:
        - mountPath: /host/etc/cni/net.d
          name: cni-net-dir
        - mountPath: /lib/modules
          name: lib-modules
          readOnly: true
        - mountPath: /run/xtables.lock
          name: xtables-lock
      volumes:
      - name: lib-modules
        hostPath:
          path: /lib/modules
      - name: xtables-lock
        hostPath:
          path: /run/xtables.lock
          type: FileOrCreate
      - name: cni-bin-dir
        hostPath:
          path: /opt/cni/bin
          type: DirectoryOrCreate
      - name: cni-net-dir
        hostPath:
          path: /etc/cni/net.d
`;
