/** Which addresses a cluster has: kubeadm's `networking.podSubnet` and `networking.serviceSubnet`, each a block or a pair of them. */
import type { Block, Cidr } from '../node/network/index.ts';
import { formatIPv4, isBlock6, parseBlocks } from '../node/network/index.ts';
import type { ClusterSpec } from './spec.ts';

export interface Subnets {
  /** `10.244.0.0/16`, or with `,fd00:10:244::/56` behind it. */
  readonly pods: string;
  readonly services: string;
  /** Addresses of the Services `kubernetes` and `kube-dns`: the first and the tenth. */
  readonly apiService: string;
  readonly dns: string;
  /** Whether machines, Pods and Services have addresses of both families. */
  readonly isDualStack: boolean;
}

export const defaultServiceSubnet = '10.96.0.0/16';
const podSubnet6 = 'fd00:10:244::/56';
const serviceSubnet6 = 'fd00:10:96::/112';

/** Throws an `Error` that says which subnet is none. */
export function subnetsOf({ podSubnet, serviceSubnet, dualStack }: ClusterSpec, nodes: number): Subnets {
  // A block of 256 addresses a node: the usual /16 has 256 of them, and a larger cluster gets a larger block.
  const usual = nodes <= 256 ? '10.244.0.0/16' : '10.128.0.0/9';
  const pods = podSubnet ?? (dualStack ? `${usual},${podSubnet6}` : usual);
  const services = serviceSubnet ?? (dualStack ? `${defaultServiceSubnet},${serviceSubnet6}` : defaultServiceSubnet);
  const [podBlocks, serviceBlocks] = [checked('podSubnet', pods), checked('serviceSubnet', services)];
  if (podBlocks.length !== serviceBlocks.length)
    throw new Error(`podSubnet ${pods} and serviceSubnet ${services} must both be a pair, or none`);
  const first = serviceBlocks[0] as Cidr;
  return { pods, services, apiService: formatIPv4(first.base + 1), dns: formatIPv4(first.base + 10), isDualStack: podBlocks.length === 2 };
}

/** Differs from Kubernetes: IPv4 comes first, and a cluster of IPv6 alone is not possible. */
function checked(name: string, text: string): readonly Block[] {
  const blocks = parseBlocks(text);
  const isGood =
    blocks.length === text.split(',').length && blocks.length <= 2 && blocks.every((block, i) => isBlock6(block) === (i === 1));
  if (!isGood) throw new Error(`${name} ${text} is neither a block of IPv4 nor such a block and one of IPv6, separated by a comma`);
  return blocks;
}
