/**
 * The plugin bridge with host-local addresses: Pods hang on `cni0`, whose own address is the first of the Pod CIDR.
 * Routes between nodes come from the network configuration's daemon: they exist as soon as a node's CIDR is known.
 */

import type { Block, Cidr, NodeNetwork, PodNetwork } from '../network/index.ts';
import { parseCidr, parseCidr6 } from '../network/index.ts';
import { CniError } from './plugin.ts';
import { PodLinks } from './pod-links.ts';

/** Packets fit what a cable carries, and the routes between nodes are plain ones. */
const bridgeNetwork: PodNetwork = { plugin: 'bridge', bridge: 'cni0', carrier: 'plain', routeProtocol: '', mtu: 1500 };

/** Sets the node's Pod CIDRs on the wire. Throws a `CniError` when the first subnet is no IPv4 block, or the second no IPv6 one. */
export function setUpBridge(node: NodeNetwork, subnets: readonly string[]): readonly Block[] {
  const cidr = parseBlock(subnets[0] ?? '');
  const cidr6 = subnets[1] === undefined ? undefined : parseCidr6(subnets[1]);
  if (subnets[1] !== undefined && !cidr6) throw new CniError(`invalid CIDR address: ${subnets[1]}`);
  node.podNetwork = bridgeNetwork;
  node.network.setPodCIDR(node, cidr);
  node.network.setPodCIDR6(node, cidr6);
  return cidr6 ? [cidr, cidr6] : [cidr];
}

/** A block that has room for Pods. Throws a `CniError`. */
export function parseBlock(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr || cidr.prefixLength > 30) throw new CniError(`invalid CIDR address: ${text}`);
  return cidr;
}

/** A bridge that is ready for Pods. */
export function createBridge(node: NodeNetwork, { name, subnet }: { readonly name: string; readonly subnet: string }): PodLinks {
  const blocks = setUpBridge(node, subnet.split(','));
  return new PodLinks(node, { name, type: 'bridge', blocks: () => blocks });
}
