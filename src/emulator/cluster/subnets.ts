/** Which addresses a cluster has: kubeadm's `networking.podSubnet` and `networking.serviceSubnet`, each a block or a pair of them. */
import { formatIPv6 } from '../machinery/ipv6.ts';
import type { Block } from '../node/network/index.ts';
import { formatIPv4, isBlock6, parseBlocks } from '../node/network/index.ts';
import type { ClusterSpec } from './spec.ts';

export interface Subnets {
  /** `10.244.0.0/16`, `fd00:10:244::/56`, or both with a comma between. */
  readonly pods: string;
  readonly services: string;
  /** Addresses of the Services `kubernetes` and `kube-dns`: the first and the tenth. */
  readonly apiService: string;
  readonly dns: string;
  /** Of which families machines, Pods and Services have addresses. */
  readonly hasIPv4: boolean;
  readonly hasIPv6: boolean;
}

export const defaultServiceSubnet = '10.96.0.0/16';
const serviceSubnet6 = 'fd00:10:96::/112';

/** Throws an `Error` that says which subnet is none. */
export function subnetsOf({ podSubnet, serviceSubnet, dualStack, ipv6 }: ClusterSpec, nodes: number): Subnets {
  if (dualStack && ipv6) throw new Error('a cluster is either dual-stack or of IPv6 alone');
  // A block of 256 addresses a node: the usual /16 has 256 of them, and a larger cluster gets a larger block.
  const usual = nodes <= 256 ? '10.244.0.0/16' : '10.128.0.0/9';
  const podSubnet6 = nodes <= 256 ? 'fd00:10:244::/56' : 'fd00:10:244::/48';
  const pods = podSubnet ?? (ipv6 ? podSubnet6 : dualStack ? `${usual},${podSubnet6}` : usual);
  const usualServices = dualStack ? `${defaultServiceSubnet},${serviceSubnet6}` : defaultServiceSubnet;
  const services = serviceSubnet ?? (ipv6 ? serviceSubnet6 : usualServices);
  const [podBlocks, serviceBlocks] = [checked('podSubnet', pods), checked('serviceSubnet', services)];
  const families = podBlocks.map(isBlock6);
  if (families.join() !== serviceBlocks.map(isBlock6).join())
    throw new Error(`podSubnet ${pods} and serviceSubnet ${services} must be of the same families`);
  return {
    pods,
    services,
    apiService: addressIn(serviceBlocks[0]!, 1),
    dns: addressIn(serviceBlocks[0]!, 10),
    hasIPv4: families.includes(false),
    hasIPv6: families.includes(true),
  };
}

const addressIn = (block: Block, offset: number): string =>
  isBlock6(block) ? formatIPv6(block.base + BigInt(offset)) : formatIPv4(block.base + offset);

/** Differs from Kubernetes: of two families, IPv4 comes first. */
function checked(name: string, text: string): readonly Block[] {
  const blocks = parseBlocks(text);
  const isGood =
    blocks.length === text.split(',').length &&
    (blocks.length === 1 || (blocks.length === 2 && !isBlock6(blocks[0]!) && isBlock6(blocks[1]!)));
  if (!isGood) throw new Error(`${name} ${text} is neither a block nor a block of IPv4 and one of IPv6, separated by a comma`);
  return blocks;
}
