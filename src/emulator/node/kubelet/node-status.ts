/** The Node object that a kubelet registers and keeps (upstream pkg/kubelet/kubelet_node_status.go and nodestatus/setters.go). */
import type { Node, NodeCondition, NodeStatus } from '../../api/generated/types.ts';
import type { EventSubject } from '../../client/index.ts';
import type { Draft } from '../../machinery/objects.ts';
import type { ContainerRuntime } from '../container-runtime/index.ts';
import type { Reserved } from './configuration.ts';

/** What the machine is made of. Offered by a machine under `hardwareService`. */
export interface Hardware {
  readonly cpu: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly machineID: string;
  readonly systemUUID: string;
  bootID: string;
  /** Labels of a cloud or an administrator: `topology.kubernetes.io/zone`. */
  readonly labels: Readonly<Record<string, string>>;
}
export const hardwareService = 'hardware';

export const containerRuntimeVersion = 'containerd://2.1.4';
const osImage = 'Debian GNU/Linux 12 (bookworm)';
const kernelVersion = '6.1.0-38-amd64';

export interface NodeFacts {
  readonly name: string;
  readonly ip: string;
  readonly ip6: string | undefined;
  readonly release: string;
  readonly hardware: Hardware;
  readonly maxPods: number;
  /** Not allocatable. */
  readonly reserved: Reserved;
  /** What the node runs short of. */
  readonly pressure: ReadonlySet<string>;
  readonly runtime: ContainerRuntime;
  /** Why the node is not ready. */
  readonly problem: string | undefined;
  readonly now: string;
}

const sizes = new Map<
  string,
  { readonly capacity: Readonly<Record<string, string>>; readonly allocatable: Readonly<Record<string, string>> }
>();

/** Nodes of one size share their lists of resources. */
function sizeOf(
  { cpu, memoryBytes, diskBytes }: Hardware,
  maxPods: number,
  reserved: Reserved,
): { readonly capacity: Readonly<Record<string, string>>; readonly allocatable: Readonly<Record<string, string>> } {
  const key = `${cpu}/${memoryBytes}/${diskBytes}/${maxPods}/${reserved.cpuMilli}/${reserved.memoryBytes}`;
  let size = sizes.get(key);
  if (size) return size;
  const of = (cpuMilli: number, memory: number, disk: string): Readonly<Record<string, string>> => ({
    cpu: cpuMilli % 1000 === 0 ? String(cpuMilli / 1000) : `${cpuMilli}m`,
    'ephemeral-storage': disk,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: `${Math.floor(memory / 1024)}Ki`,
    pods: String(maxPods),
  });
  size = {
    capacity: of(cpu * 1000, memoryBytes, `${Math.floor(diskBytes / 1024)}Ki`),
    allocatable: of(cpu * 1000 - reserved.cpuMilli, memoryBytes - reserved.memoryBytes, String(Math.floor(diskBytes * 0.9))),
  };
  sizes.set(key, size);
  return size;
}

export function allocatableOf(
  hardware: Hardware,
  reserved: Reserved,
): {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralBytes: number;
} {
  return {
    cpuMilli: hardware.cpu * 1000 - reserved.cpuMilli,
    memoryBytes: hardware.memoryBytes - reserved.memoryBytes,
    ephemeralBytes: Math.floor(hardware.diskBytes * 0.9),
  };
}

export function nodeStatus(facts: NodeFacts, previous: NodeStatus | undefined): NodeStatus {
  const { name, ip, ip6, hardware, maxPods, runtime, reserved } = facts;
  return {
    addresses: [
      { address: ip, type: 'InternalIP' },
      ...(ip6 === undefined ? [] : [{ address: ip6, type: 'InternalIP' }]),
      { address: name, type: 'Hostname' },
    ],
    ...sizeOf(hardware, maxPods, reserved),
    conditions: conditionsOf(facts, previous?.conditions ?? []),
    daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
    images: imagesOf(runtime),
    nodeInfo: {
      architecture: 'amd64',
      bootID: hardware.bootID,
      containerRuntimeVersion,
      kernelVersion,
      kubeProxyVersion: '',
      kubeletVersion: facts.release,
      machineID: hardware.machineID,
      operatingSystem: 'linux',
      osImage,
      systemUUID: hardware.systemUUID,
    },
    runtimeHandlers: [
      { features: { recursiveReadOnlyMounts: true, userNamespaces: true }, name: '' },
      { features: { recursiveReadOnlyMounts: true, userNamespaces: true }, name: 'runc' },
    ],
    features: { supplementalGroupsPolicy: true },
    volumesAttached: previous?.volumesAttached,
    volumesInUse: previous?.volumesInUse,
  };
}

function imagesOf(runtime: ContainerRuntime): NonNullable<NodeStatus['images']> {
  return runtime.images
    .list()
    .map(({ image, tags }) => ({ names: [`${image.repository}@${image.digest}`, ...tags], sizeBytes: image.sizeBytes }))
    .sort((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, 50);
}

function conditionsOf({ problem, now, pressure }: NodeFacts, previous: readonly NodeCondition[]): NodeCondition[] {
  const make = (type: string, status: string, reason: string, message: string): NodeCondition => {
    const old = previous.find((condition) => condition.type === type);
    return {
      lastHeartbeatTime: now,
      lastTransitionTime: old?.status === status ? old.lastTransitionTime : now,
      message,
      reason,
      status,
      type,
    };
  };
  const own = [
    pressure.has('MemoryPressure')
      ? make('MemoryPressure', 'True', 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available')
      : make('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    pressure.has('DiskPressure')
      ? make('DiskPressure', 'True', 'KubeletHasDiskPressure', 'kubelet has disk pressure')
      : make('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    pressure.has('PIDPressure')
      ? make('PIDPressure', 'True', 'KubeletHasInsufficientPID', 'kubelet has insufficient PID available')
      : make('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    problem === undefined
      ? make('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')
      : make('Ready', 'False', 'KubeletNotReady', problem),
  ];
  return [...previous.filter(({ type }) => !own.some((condition) => condition.type === type)), ...own];
}

/** Events about a node name it, and have its name for a UID (pkg/kubelet/kubelet_node_status.go). */
export function nodeSubject(name: string): EventSubject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, uid: name } };
}

/** The Node as the kubelet first creates it. */
export function newNode(
  facts: NodeFacts,
  labels: Readonly<Record<string, string>>,
  taints: readonly { readonly key: string; readonly value?: string | undefined; readonly effect: string }[],
): Draft<Node> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: facts.name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': facts.name,
        'kubernetes.io/os': 'linux',
        ...facts.hardware.labels,
        ...labels,
      },
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: taints.length > 0 ? { taints } : {},
    status: nodeStatus(facts, undefined),
  } as Draft<Node>;
}
