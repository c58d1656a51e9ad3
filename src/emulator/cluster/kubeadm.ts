/**
 * What `kubeadm init` puts into a new cluster through its API, as the cluster's administrator: configuration, the control
 * plane's label and taint, kube-proxy and CoreDNS (cmd/kubeadm/app/phases). Our own add-on for storage comes with it.
 */
import { daemonSets } from '../api/apps/daemon-set.ts';
import { deployments } from '../api/apps/deployment.ts';
import { configMaps } from '../api/core/config-map.ts';
import { nodes } from '../api/core/node.ts';
import { services } from '../api/core/service.ts';
import { serviceAccounts } from '../api/core/service-account.ts';
import type { Kind } from '../api/kind.ts';
import { apiVersionOf } from '../api/kind.ts';
import { kinds } from '../api/kinds.ts';
import type { Client } from '../client/index.ts';
import { kubeadmPolicy } from '../control-plane/kube-apiserver/authorization/bootstrap-policy/index.ts';
import type { Call, Kernel } from '../kernel/index.ts';
import { isErrno } from '../kernel/index.ts';
import type { ApiObject, Draft } from '../machinery/objects.ts';
import { isAlreadyExists, StatusError } from '../machinery/status-error.ts';
import { gatewayKinds } from '../addons/gateway-api/index.ts';
import { parseYamlDocuments } from '../machinery/yaml.ts';
import { addonObjects, coreDnsDeployment, coreDnsService, corefile, kubeProxyConfiguration, kubeProxyDaemonSet } from './addons.ts';
import { installStorage } from './storage.ts';
import { systemVersions } from './versions.ts';

const retryMs = 250;

export interface InitOptions {
  /** Where the API server listens. */
  readonly url: string;
  /** Host and port of the load balancer before several API servers. */
  readonly controlPlaneEndpoint: string | undefined;
  /** Names of the control-plane nodes. */
  readonly controlPlanes: readonly string[];
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  /** The address of the Service kube-dns. */
  readonly dnsIP: string;
  /** What all kubelets are configured with, without what is a node's own. */
  readonly kubeletConfiguration: string;
  /** PEM in base64. */
  readonly certificateAuthority: () => string;
  /** The manifest of a network plugin, where one is installed by it. */
  readonly podNetwork: string | undefined;
  /** What is installed beside kube-proxy, CoreDNS and the provisioner of volumes. */
  readonly addons: readonly string[];
  /** Address of the NFS server. */
  readonly storageServer: string;
}

/** Waits for the API server, then makes everything. */
export function* initialize(kernel: Kernel, client: Client, options: InitOptions): Call<void> {
  const { url, podSubnet, dnsIP, certificateAuthority, podNetwork, addons, storageServer, controlPlanes } = options;
  const make = function* <T extends ApiObject>(kind: Kind<T>, object: Draft<T>): Call<void> {
    for (;;) {
      try {
        yield* client.create(kind, object);
        return;
      } catch (error) {
        if (isAlreadyExists(error)) return;
        if (!(error instanceof StatusError) && !isErrno(error)) throw error;
        yield* kernel.sleep(retryMs);
      }
    }
  };
  const configMap = (
    namespace: string,
    name: string,
    data: Readonly<Record<string, string>>,
    labels?: Readonly<Record<string, string>>,
  ): Call<void> => make(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name, labels }, data });
  yield* configMap('kube-system', 'kubeadm-config', { ClusterConfiguration: clusterConfiguration(options) });
  // The socket of the runtime is each node's own.
  const kubelet = options.kubeletConfiguration.replace(/^containerRuntimeEndpoint: .*$/m, 'containerRuntimeEndpoint: ""');
  yield* configMap('kube-system', 'kubelet-config', { kubelet });
  for (const object of policyObjects()) yield* make(object.kind, object.draft);
  yield* configMap('kube-public', 'cluster-info', { kubeconfig: clusterInfo(url, certificateAuthority()) });
  yield* make(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'kube-system', name: 'coredns' } });
  yield* configMap('kube-system', 'coredns', { Corefile: corefile });
  yield* make(services, coreDnsService(dnsIP));
  yield* make(deployments, coreDnsDeployment());
  yield* make(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'kube-system', name: 'kube-proxy' } });
  yield* configMap(
    'kube-system',
    'kube-proxy',
    { 'config.conf': kubeProxyConfiguration(podSubnet), 'kubeconfig.conf': kubeProxyKubeconfig(url) },
    { app: 'kube-proxy' },
  );
  yield* make(daemonSets, kubeProxyDaemonSet());
  yield* installStorage(storageServer, make);
  const network = podNetwork === undefined ? [] : (parseYamlDocuments(podNetwork) as Draft<ApiObject>[]);
  for (const draft of [...network, ...addons.flatMap(addonObjects)]) {
    const kind = [...kinds, ...gatewayKinds].find(
      (candidate) => candidate.kind === draft.kind && apiVersionOf(candidate) === draft.apiVersion,
    )!;
    yield* make(kind, draft);
  }
  for (const name of controlPlanes) yield* markControlPlane(kernel, client, name);
}

/** Once the kubelet has registered the node. */
function* markControlPlane(kernel: Kernel, client: Client, name: string): Call<void> {
  const labels = { 'node-role.kubernetes.io/control-plane': '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' };
  for (;;) {
    try {
      const node = yield* client.get(nodes, { name });
      const taints = [...(node.spec?.taints ?? []), { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }];
      yield* client.update(nodes, {
        ...node,
        metadata: {
          ...node.metadata,
          labels: { ...node.metadata.labels, ...labels },
          annotations: { ...node.metadata.annotations, 'node.alpha.kubernetes.io/ttl': '0' },
        },
        spec: { ...node.spec, taints },
      });
      return;
    } catch (error) {
      if (!(error instanceof StatusError) && !isErrno(error)) throw error;
      yield* kernel.sleep(retryMs);
    }
  }
}

function policyObjects(): { readonly kind: Kind; readonly draft: Draft<ApiObject> }[] {
  const policy = kubeadmPolicy();
  const objects: readonly object[] = [...policy.clusterRoles, ...policy.clusterRoleBindings, ...policy.roles, ...policy.roleBindings];
  return objects.map((object) => {
    const draft = object as Draft<ApiObject>;
    return { kind: kinds.find(({ kind }) => kind === draft.kind)!, draft };
  });
}

const clusterConfiguration = ({ podSubnet, serviceSubnet, controlPlaneEndpoint }: InitOptions): string => `apiServer: {}
apiVersion: kubeadm.k8s.io/v1beta4
caCertificateValidityPeriod: 87600h0m0s
certificateValidityPeriod: 8760h0m0s
certificatesDir: /etc/kubernetes/pki
clusterName: kubernetes
${controlPlaneEndpoint === undefined ? '' : `controlPlaneEndpoint: ${controlPlaneEndpoint}\n`}controllerManager: {}
dns: {}
encryptionAlgorithm: ECDSA-P256
etcd:
  local:
    dataDir: /var/lib/etcd
imageRepository: registry.k8s.io
kind: ClusterConfiguration
kubernetesVersion: ${systemVersions.kubernetes}
networking:
  dnsDomain: cluster.local
  podSubnet: ${podSubnet}
  serviceSubnet: ${serviceSubnet}
proxy: {}
scheduler: {}
`;

function clusterInfo(url: string, certificateAuthority: string): string {
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${certificateAuthority}
    server: ${url}
  name: ""
contexts: null
current-context: ""
kind: Config
preferences: {}
users: null
`;
}

function kubeProxyKubeconfig(url: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
    server: ${url}
  name: default
contexts:
- context:
    cluster: default
    namespace: default
    user: default
  name: default
current-context: default
users:
- name: default
  user:
    tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
`;
}
