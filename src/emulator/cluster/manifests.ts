/** The static Pods of a control plane, as `kubeadm init` writes them (cmd/kubeadm/app/phases/controlplane and etcd). */
import { hostPort, isIPv6Text } from '../machinery/ipv6.ts';
import { releases, systemVersions } from './versions.ts';

interface ControlPlaneNode {
  readonly name: string;
  readonly ip: string;
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  /** Control planes that were there before, the first of all first: `kubeadm join` adds this one's etcd to theirs. */
  readonly joins?: readonly { readonly name: string; readonly ip: string }[];
}

interface Component {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly cpu: string;
  readonly memory?: string;
  readonly probe: {
    readonly host: string;
    readonly port: number;
    readonly scheme: 'HTTP' | 'HTTPS';
    readonly live: string;
    readonly ready: string;
  };
  /** Host paths: name, path, type, and whether the container may not write. */
  readonly volumes: readonly (readonly [
    name: string,
    path: string,
    type: 'DirectoryOrCreate' | 'FileOrCreate' | 'Directory',
    readOnly: boolean,
  ])[];
}

const certificates = [
  ['ca-certs', '/etc/ssl/certs', 'DirectoryOrCreate', true],
  ['k8s-certs', '/etc/kubernetes/pki', 'DirectoryOrCreate', true],
] as const;

function components({ name, ip, podSubnet, serviceSubnet, joins = [] }: ControlPlaneNode, kubernetes: string): readonly Component[] {
  const { etcd } = releases.get(kubernetes)!;
  const pki = '/etc/kubernetes/pki';
  const etcdMembers = [...joins, { name, ip }].map((member) => `${member.name}=https://${hostPort(member.ip, 2380)}`);
  const loopback = isIPv6Text(ip) ? '::1' : '127.0.0.1';
  const [clientURL, peerURL, localURL] = [hostPort(ip, 2379), hostPort(ip, 2380), hostPort(loopback, 2379)].map((to) => `https://${to}`);
  return [
    {
      name: 'etcd',
      image: `registry.k8s.io/etcd:${etcd}`,
      annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': clientURL! },
      command: [
        'etcd',
        `--advertise-client-urls=${clientURL}`,
        `--cert-file=${pki}/etcd/server.crt`,
        '--client-cert-auth=true',
        '--data-dir=/var/lib/etcd',
        '--feature-gates=InitialCorruptCheck=true',
        `--initial-advertise-peer-urls=${peerURL}`,
        `--initial-cluster=${etcdMembers.join(',')}`,
        ...(joins.length > 0 ? ['--initial-cluster-state=existing'] : []),
        `--key-file=${pki}/etcd/server.key`,
        `--listen-client-urls=${localURL},${clientURL}`,
        `--listen-metrics-urls=http://${hostPort(loopback, 2381)}`,
        `--listen-peer-urls=${peerURL}`,
        `--name=${name}`,
        `--peer-cert-file=${pki}/etcd/peer.crt`,
        '--peer-client-cert-auth=true',
        `--peer-key-file=${pki}/etcd/peer.key`,
        `--peer-trusted-ca-file=${pki}/etcd/ca.crt`,
        '--snapshot-count=10000',
        `--trusted-ca-file=${pki}/etcd/ca.crt`,
        '--watch-progress-notify-interval=5s',
      ],
      cpu: '100m',
      memory: '100Mi',
      probe: { host: loopback, port: 2381, scheme: 'HTTP', live: '/livez', ready: '/readyz' },
      volumes: [
        ['etcd-data', '/var/lib/etcd', 'DirectoryOrCreate', false],
        ['etcd-certs', `${pki}/etcd`, 'DirectoryOrCreate', false],
      ],
    },
    {
      name: 'kube-apiserver',
      image: `registry.k8s.io/kube-apiserver:${kubernetes}`,
      annotations: { 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': hostPort(ip, 6443) },
      command: [
        'kube-apiserver',
        `--advertise-address=${ip}`,
        '--allow-privileged=true',
        '--authorization-mode=Node,RBAC',
        `--client-ca-file=${pki}/ca.crt`,
        '--enable-admission-plugins=NodeRestriction',
        '--enable-bootstrap-token-auth=true',
        `--etcd-cafile=${pki}/etcd/ca.crt`,
        `--etcd-certfile=${pki}/apiserver-etcd-client.crt`,
        `--etcd-keyfile=${pki}/apiserver-etcd-client.key`,
        `--etcd-servers=${localURL}`,
        `--kubelet-client-certificate=${pki}/apiserver-kubelet-client.crt`,
        `--kubelet-client-key=${pki}/apiserver-kubelet-client.key`,
        '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
        `--proxy-client-cert-file=${pki}/front-proxy-client.crt`,
        `--proxy-client-key-file=${pki}/front-proxy-client.key`,
        '--requestheader-allowed-names=front-proxy-client',
        `--requestheader-client-ca-file=${pki}/front-proxy-ca.crt`,
        '--requestheader-extra-headers-prefix=X-Remote-Extra-',
        '--requestheader-group-headers=X-Remote-Group',
        '--requestheader-username-headers=X-Remote-User',
        '--secure-port=6443',
        '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
        `--service-account-key-file=${pki}/sa.pub`,
        `--service-account-signing-key-file=${pki}/sa.key`,
        `--service-cluster-ip-range=${serviceSubnet}`,
        `--tls-cert-file=${pki}/apiserver.crt`,
        `--tls-private-key-file=${pki}/apiserver.key`,
      ],
      cpu: '250m',
      probe: { host: ip, port: 6443, scheme: 'HTTPS', live: '/livez', ready: '/readyz' },
      volumes: certificates,
    },
    {
      name: 'kube-controller-manager',
      image: `registry.k8s.io/kube-controller-manager:${kubernetes}`,
      command: [
        'kube-controller-manager',
        '--allocate-node-cidrs=true',
        '--authentication-kubeconfig=/etc/kubernetes/controller-manager.conf',
        '--authorization-kubeconfig=/etc/kubernetes/controller-manager.conf',
        '--bind-address=127.0.0.1',
        `--client-ca-file=${pki}/ca.crt`,
        `--cluster-cidr=${podSubnet}`,
        '--cluster-name=kubernetes',
        `--cluster-signing-cert-file=${pki}/ca.crt`,
        `--cluster-signing-key-file=${pki}/ca.key`,
        '--controllers=*,bootstrapsigner,tokencleaner',
        '--kubeconfig=/etc/kubernetes/controller-manager.conf',
        '--leader-elect=true',
        `--requestheader-client-ca-file=${pki}/front-proxy-ca.crt`,
        `--root-ca-file=${pki}/ca.crt`,
        `--service-account-private-key-file=${pki}/sa.key`,
        `--service-cluster-ip-range=${serviceSubnet}`,
        '--use-service-account-credentials=true',
      ],
      cpu: '200m',
      probe: { host: '127.0.0.1', port: 10_257, scheme: 'HTTPS', live: '/healthz', ready: '' },
      volumes: [...certificates, ['kubeconfig', '/etc/kubernetes/controller-manager.conf', 'FileOrCreate', true]],
    },
    {
      name: 'kube-scheduler',
      image: `registry.k8s.io/kube-scheduler:${kubernetes}`,
      command: [
        'kube-scheduler',
        '--authentication-kubeconfig=/etc/kubernetes/scheduler.conf',
        '--authorization-kubeconfig=/etc/kubernetes/scheduler.conf',
        '--bind-address=127.0.0.1',
        '--kubeconfig=/etc/kubernetes/scheduler.conf',
        '--leader-elect=true',
      ],
      cpu: '100m',
      probe: { host: '127.0.0.1', port: 10_259, scheme: 'HTTPS', live: '/livez', ready: '/readyz' },
      volumes: [['kubeconfig', '/etc/kubernetes/scheduler.conf', 'FileOrCreate', true]],
    },
  ];
}

/** Contents of /etc/kubernetes/manifests by file name, for a release that exists. */
export function controlPlaneManifests(node: ControlPlaneNode, release: string = systemVersions.kubernetes): ReadonlyMap<string, string> {
  return new Map(components(node, release).map((component) => [`${component.name}.yaml`, manifest(component)]));
}

function probe({ host, port, scheme }: Component['probe'], path: string, timings: string): string {
  return `      failureThreshold: ${timings.split(' ')[0]}
      httpGet:
        host: ${host.includes(':') ? `'${host}'` : host}
        path: ${path}
        port: ${port}
        scheme: ${scheme}
${timings.split(' ')[1] === '-' ? '' : `      initialDelaySeconds: ${timings.split(' ')[1]}\n`}      periodSeconds: ${timings.split(' ')[2]}
      timeoutSeconds: 15
`;
}

function manifest({ name, image, command, annotations, cpu, memory, probe: target, volumes }: Component): string {
  const notes = annotations
    ? `  annotations:\n${Object.entries(annotations)
        .map(([key, value]) => `    ${key}: ${value.startsWith('[') ? `'${value}'` : value}\n`)
        .join('')}`
    : '';
  const [program, ...flags] = command;
  return `apiVersion: v1
kind: Pod
metadata:
${notes}  labels:
    component: ${name}
    tier: control-plane
  name: ${name}
  namespace: kube-system
spec:
  containers:
  - command:
    - ${program}
${flags.map((flag) => `    - ${flag}\n`).join('')}    image: ${image}
    imagePullPolicy: IfNotPresent
    livenessProbe:
${probe(target, target.live, '8 10 10')}    name: ${name}
${target.ready === '' ? '' : `    readinessProbe:\n${probe(target, target.ready, '3 - 1')}`}    resources:
      requests:
        cpu: ${cpu}
${memory === undefined ? '' : `        memory: ${memory}\n`}    startupProbe:
${probe(target, target.live, '24 10 10')}    volumeMounts:
${volumes.map(([volume, path, , readOnly]) => `    - mountPath: ${path}\n      name: ${volume}\n${readOnly ? '      readOnly: true\n' : ''}`).join('')}  hostNetwork: true
  priority: 2000001000
  priorityClassName: system-node-critical
  securityContext:
    seccompProfile:
      type: RuntimeDefault
${'  volumes:\n'}${volumes.map(([volume, path, type]) => `  - hostPath:\n      path: ${path}\n      type: ${type}\n    name: ${volume}\n`).join('')}status: {}
`;
}
