import type { LabImage } from '../images/index.ts';
import type { Program } from '../kernel/index.ts';
import { unixMs } from '../kernel/index.ts';

export interface NodeSpec {
  readonly name: string;
  readonly cpu?: number | string | undefined;
  readonly memory?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** `key=value:Effect`. */
  readonly taints?: readonly string[] | undefined;
  readonly zone?: string | undefined;
  readonly maxPods?: number | undefined;
  /** `worker` unless said otherwise; the machine `control-plane` always is one. Several control planes stand behind a load balancer. */
  readonly role?: 'control-plane' | 'worker' | undefined;
}

/**
 * `bridge`: the runtime's own bridge on each node, and an agent that enforces NetworkPolicies. `bridge-only`: the same without the
 * agent. `flannel` and `calico` come as DaemonSets, the first without policies. `none`: whatever somebody installs.
 */
export type CniChoice = (typeof cniChoices)[number];

export const cniChoices = ['bridge', 'bridge-only', 'flannel', 'calico', 'none'] as const;

export interface ClusterSpec {
  /** How many workers (`node-1` …) beside `control-plane`; or every machine by name, `control-plane` among them. 3 by default. */
  readonly nodes?: number | readonly (string | NodeSpec)[] | undefined;
  /** How many control planes there are where `nodes` is a number: `control-plane`, `control-plane-2` … 1 by default. */
  readonly controlPlanes?: number | undefined;
  readonly seed?: number | undefined;
  /** The network plugin; `bridge` by default. */
  readonly cni?: CniChoice | undefined;
  /** Addresses of both families for machines, Pods and Services. */
  readonly dualStack?: boolean | undefined;
  /** Addresses of IPv6 alone. */
  readonly ipv6?: boolean | undefined;
  /** kubeadm's `networking.podSubnet`: a block, or one of each family with a comma between. It decides of which families the cluster is. */
  readonly podSubnet?: string | undefined;
  /** kubeadm's `networking.serviceSubnet`. */
  readonly serviceSubnet?: string | undefined;
  /** What is installed beside CoreDNS and kube-proxy: `metrics-server`. */
  readonly addons?: readonly string[] | undefined;
  /** Images that a lab describes, beside the well-known ones. */
  readonly images?: readonly LabImage[] | undefined;
  /** Commands for machines and images, by name; the terminal's room has them. */
  readonly programs?: ReadonlyMap<string, Program> | undefined;
  /** What lies in the learner's home folder, by path relative to it. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** Unix milliseconds at the cluster's birth. */
  readonly epochMs?: number | undefined;
  /** Size of a worker unless its own entry says otherwise. */
  readonly node?: Omit<NodeSpec, 'name'> | undefined;
}

/** Not today: the same input gives the same cluster on any day. */
export const defaultEpochMs = unixMs(2025, 11, 3, 9);

export const controlPlaneName = 'control-plane';

export function isControlPlane({ name, role }: NodeSpec): boolean {
  return name === controlPlaneName || role === 'control-plane';
}

/** Every machine of the cluster, control planes first. */
export function nodeSpecs({ nodes = 3, node, controlPlanes = 1 }: ClusterSpec): readonly NodeSpec[] {
  const list: (string | NodeSpec)[] = typeof nodes === 'number' ? [] : [...nodes];
  if (typeof nodes === 'number') {
    for (let i = 2; i <= controlPlanes; i++) list.push({ name: `${controlPlaneName}-${i}`, role: 'control-plane' });
    for (let i = 1; i <= nodes; i++) list.push(`node-${i}`);
  }
  const specs = list.map((entry) => (typeof entry === 'string' ? { name: entry } : entry));
  const first = specs.find(({ name }) => name === controlPlaneName) ?? { name: controlPlaneName };
  const others = specs.filter((spec) => spec !== first);
  return [first, ...others.filter(isControlPlane), ...others.filter((spec) => !isControlPlane(spec)).map((spec) => ({ ...node, ...spec }))];
}
