/** One machine of the cluster: its files, its hardware, its part of the network, its runtime and its services. */

import { cloudControllerManager } from '../control-plane/cloud-controller-manager/index.ts';
import { buildTree, programsIn } from '../images/index.ts';
import type { Call, DirectoryInode, Kernel, Machine, NetNamespace, Program } from '../kernel/index.ts';
import { addDevices, createMachine, FileSystem, fileInode, programInode, utf8 } from '../kernel/index.ts';
import { quantityValue } from '../machinery/quantity.ts';
import { bridgeTemplate, CniError, dualStackTemplate, cniTemplatePath, ipv6Template, loadCniPlugin } from '../node/cni/index.ts';
import type { Registry, SandboxConfig } from '../node/container-runtime/index.ts';
import { ContainerRuntime, logDirectories, RuntimeError, runtimeService } from '../node/container-runtime/index.ts';
import { kubelet } from '../node/kubelet/index.ts';
import type { Hardware } from '../node/kubelet/node-status.ts';
import { hardwareService } from '../node/kubelet/node-status.ts';
import { imageBytes, systemDiskBytes } from '../node/kubelet/stats.ts';
import type { Namespace, Network, NodeNetwork } from '../node/network/index.ts';
import { segment6 } from '../node/network/index.ts';
import { networkPolicyAgent } from '../node/network-policy/index.ts';
import { Systemd, TimeSync, timeSyncService, timeSyncUnit } from '../node/systemd/index.ts';
import type { CniChoice, NodeSpec } from './spec.ts';
import type { Subnets } from './subnets.ts';
import { defaultServiceSubnet } from './subnets.ts';
import { enabledUnits, installPolicies, unitFiles } from './unit-files.ts';

export interface NodeMachine {
  readonly spec: NodeSpec;
  readonly machine: Machine;
  readonly network: NodeNetwork;
  readonly runtime: ContainerRuntime;
  readonly systemd: Systemd;
  isPoweredOn: boolean;
}

export interface NodeParts {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly registry: Registry;
  readonly programs: ReadonlyMap<string, Program>;
  /** `bridge` by default. */
  readonly cni?: CniChoice | undefined;
  readonly subnets: Subnets;
}

/** What names are asked of in a cluster of IPv6 alone: the host beside the machines. */
const gatewayAddress6 = segment6.replace('/64', '1');

const templates = { IPv4: bridgeTemplate, IPv6: ipv6Template, both: dualStackTemplate };
const templateInodes = {
  IPv4: fileInode(utf8(templates.IPv4)),
  IPv6: fileInode(utf8(templates.IPv6)),
  both: fileInode(utf8(templates.both)),
};

const trees = new WeakMap<ReadonlyMap<string, Program>, DirectoryInode>();

/** Files that every machine has alike: one tree below all of them. */
function baseTree(programs: ReadonlyMap<string, Program>): DirectoryInode {
  let tree = trees.get(programs);
  if (!tree) {
    tree = buildTree({
      ...programsIn('/usr/bin', [...programs.keys()], programs),
      '/usr/bin/kubelet': kubelet,
      '/usr/bin/cloud-controller-manager': cloudControllerManager,
      '/usr/bin/kube-network-policies': networkPolicyAgent,
      '/etc/os-release':
        'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL="https://www.debian.org/"\n',
      '/etc/debian_version': '12.11\n',
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
      '/etc/group': 'root:x:0:\nnogroup:x:65534:\n',
      '/etc/nsswitch.conf': 'hosts: files dns\n',
      '/etc/resolv.conf': 'nameserver 172.18.0.1\n',
      '/etc/ssl/certs/ca-certificates.crt': '',
      '/var/lib/kubelet/config.yaml': kubeletConfiguration,
      '/var/lib/kubelet/kubeadm-flags.env':
        'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.10.1"\n',
      ...unitFiles,
      '/etc/crictl.yaml':
        'runtime-endpoint: unix:///run/containerd/containerd.sock\nimage-endpoint: unix:///run/containerd/containerd.sock\n',
    });
    // /bin and /sbin are links to /usr, as Debian has them.
    for (const name of ['bin', 'sbin']) tree.entries.set(name, { kind: 'symlink', mode: 0o777, mtimeMs: 0, target: `usr/${name}` });
    (tree.entries.get('etc') as DirectoryInode).entries.set('systemd', enabledUnits());
    const shell = programs.get('bash') ?? programs.get('sh');
    const usrBin = (tree.entries.get('usr') as DirectoryInode).entries.get('bin') as DirectoryInode;
    if (shell) for (const name of ['bash', 'sh']) usrBin.entries.set(name, programInode(programs.get(name) ?? shell));
    trees.set(programs, tree);
  }
  return tree;
}

const kubeletConfiguration = `apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  webhook:
    cacheTTL: 0s
    enabled: true
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
authorization:
  mode: Webhook
  webhook:
    cacheAuthorizedTTL: 0s
    cacheUnauthorizedTTL: 0s
cgroupDriver: systemd
clusterDNS:
- 10.96.0.10
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cpuManagerReconcilePeriod: 0s
evictionPressureTransitionPeriod: 0s
fileCheckFrequency: 0s
healthzBindAddress: 127.0.0.1
healthzPort: 10248
httpCheckFrequency: 0s
imageMaximumGCAge: 0s
imageMinimumGCAge: 0s
kind: KubeletConfiguration
logging:
  flushFrequency: 0
  options:
    json:
      infoBufferSize: "0"
    text:
      infoBufferSize: "0"
  verbosity: 0
memorySwap: {}
nodeStatusReportFrequency: 0s
nodeStatusUpdateFrequency: 0s
rotateCertificates: true
runtimeRequestTimeout: 0s
shutdownGracePeriod: 0s
shutdownGracePeriodCriticalPods: 0s
staticPodPath: /etc/kubernetes/manifests
streamingConnectionIdleTimeout: 0s
syncFrequency: 0s
volumeStatsAggPeriod: 0s
`;

export function createNodeMachine(
  { kernel: shared, network, registry, programs, subnets, cni = 'bridge' }: NodeParts,
  spec: NodeSpec,
  { ip, ip6 }: { readonly ip: string; readonly ip6?: string | undefined },
): NodeMachine {
  const kernel = shared.ofMachine();
  const { loop, random } = kernel;
  const nodeNetwork = network.addNode({ name: spec.name, ip, ip6 });
  const fs = new FileSystem(() => loop.now, baseTree(programs));
  addDevices(fs, random);
  fs.link('/etc/hostname', fileInode(utf8(`${spec.name}\n`)));
  fs.link(
    '/etc/hosts',
    fileInode(utf8(`127.0.0.1\tlocalhost\n${subnets.hasIPv4 ? '' : '::1\tlocalhost ip6-localhost ip6-loopback\n'}${ip}\t${spec.name}\n`)),
  );
  if (!subnets.hasIPv4) fs.writeFile('/etc/resolv.conf', utf8(`nameserver ${gatewayAddress6}\n`));
  fs.mkdirs('/etc/kubernetes/manifests');
  fs.mkdirs('/etc/containerd');
  if (cni === 'bridge' || cni === 'bridge-only')
    fs.link(cniTemplatePath, templateInodes[!subnets.hasIPv6 ? 'IPv4' : subnets.hasIPv4 ? 'both' : 'IPv6']);
  const machine = createMachine({ hostname: spec.name, id: spec.name, net: nodeNetwork.namespace, fs, kernel, maxProcesses: 4096 });
  machine.services.set('network', nodeNetwork);
  const hardware = hardwareOf(kernel, spec);
  machine.services.set(hardwareService, hardware);
  fs.link('/etc/machine-id', fileInode(utf8(`${hardware.machineID}\n`)));
  const cpuMilli = hardware.cpu * 1000;
  const runtime = new ContainerRuntime({ kernel, machine, registry, cpuMilli, network: sandboxNetwork(fs, nodeNetwork) });
  machine.services.set(runtimeService, runtime);
  fs.disk = { capacityBytes: hardware.diskBytes, otherBytes: () => systemDiskBytes + imageBytes(runtime) };
  const logs = logDirectories(runtime);
  fs.link('/var/log/pods', logs.pods);
  fs.link('/var/log/containers', logs.containers);
  const systemd = new Systemd(kernel, machine);
  const timeSync = new TimeSync({
    loop,
    clock: kernel.clock,
    journal: systemd.journal,
    isConnected: () => nodeNetwork.isUp && nodeNetwork.loss < 1,
  });
  machine.services.set(timeSyncService, timeSync);
  systemd.add(timeSyncUnit, timeSync);
  systemd.add('containerd.service', {
    onStart: () => {
      runtime.isServing = true;
    },
    onStop: () => {
      runtime.isServing = false;
    },
  });
  const configuration = configurationFor(spec, subnets);
  if (configuration !== kubeletConfiguration) fs.writeFile('/var/lib/kubelet/config.yaml', utf8(configuration));
  const extra = [
    ...(subnets.hasIPv6 ? [`--node-ip=${nodeNetwork.namespace.addresses.join(',')}`] : []),
    ...(spec.taints?.length ? [`--register-with-taints=${spec.taints.join(',')}`] : []),
  ];
  if (extra.length > 0) fs.writeFile('/etc/default/kubelet', utf8(`KUBELET_EXTRA_ARGS="${extra.join(' ')}"\n`));
  systemd.add('kubelet.service');
  if (cni === 'bridge') {
    installPolicies(fs);
    systemd.add('kube-network-policies.service');
  }
  return { spec, machine, network: nodeNetwork, runtime, systemd, isPoweredOn: false };
}

/** The file /var/lib/kubelet/config.yaml. */
export function configurationFor({ maxPods }: Pick<NodeSpec, 'maxPods'>, { services, dns }: Subnets): string {
  const own = services === defaultServiceSubnet ? kubeletConfiguration : kubeletConfiguration.replace('- 10.96.0.10\n', `- ${dns}\n`);
  return maxPods === undefined ? own : `${own}maxPods: ${maxPods}\n`;
}

function hardwareOf({ random }: Kernel, { cpu = 4, memory = '8Gi', labels, zone }: NodeSpec): Hardware {
  return {
    cpu: Number(cpu),
    memoryBytes: quantityValue(memory),
    diskBytes: 100 * 1024 ** 3,
    machineID: random.hex(32),
    systemUUID: random.uuid(),
    bootID: random.uuid(),
    labels: { ...(zone ? { 'topology.kubernetes.io/zone': zone } : {}), ...labels },
  };
}

/** Joins the runtime with the CNI plugin; a host-network Pod shares the node's namespace. */
function sandboxNetwork(fs: FileSystem, node: NodeNetwork): ConstructorParameters<typeof ContainerRuntime>[0]['network'] {
  const namespaces = new Map<string, Namespace>();
  return {
    *add(id: string, config: SandboxConfig): Call<{ readonly ips: readonly string[]; readonly net: NetNamespace }> {
      if (config.isHostNetwork) return { ips: node.namespace.addresses, net: node.namespace };
      try {
        const plugin = loadCniPlugin(fs, node);
        if (!plugin) throw new CniError('cni plugin not initialized');
        const namespace = node.createNamespace(`${config.namespace}/${config.name}`);
        const { ips } = plugin.add(id, namespace, config.portMappings);
        namespaces.set(id, namespace);
        return { ips, net: namespace };
      } catch (error) {
        if (!(error instanceof CniError)) throw error;
        throw new RuntimeError(`failed to setup network for sandbox ${JSON.stringify(id)}: ${error.message}`);
      }
    },
    remove(id) {
      const namespace = namespaces.get(id);
      if (!namespace) return;
      try {
        const plugin = loadCniPlugin(fs, node);
        if (!plugin) throw new CniError('cni plugin not initialized');
        plugin.del(id, namespace);
      } catch (error) {
        if (!(error instanceof CniError)) throw error;
        throw new RuntimeError(`failed to destroy network for sandbox ${JSON.stringify(id)}: ${error.message}`);
      }
      namespaces.delete(id);
    },
    unplug(id) {
      const namespace = namespaces.get(id);
      if (!namespace) return;
      namespaces.delete(id);
      node.detach(namespace);
    },
  };
}
