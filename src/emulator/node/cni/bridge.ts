/**
 * The plugin bridge with host-local addresses: Pods hang on `cni0`, whose own address is the first of the Pod CIDR.
 * Routes between nodes come from the network configuration's daemon: they exist as soon as a node's CIDR is known.
 */

import type { Cidr, NodeNetwork, PodNetwork } from '../network/index.ts';
import { parseCidr } from '../network/index.ts';
import { CniError } from './plugin.ts';
import { PodLinks } from './pod-links.ts';

/** Packets fit what a cable carries, and the routes between nodes are plain ones. */
const bridgeNetwork: PodNetwork = { plugin: 'bridge', bridge: 'cni0', carrier: 'plain', routeProtocol: '', mtu: 1500 };

/** Sets the node's Pod CIDR on the wire. Throws a `CniError` when the subnet is no IPv4 block. */
export function setUpBridge(node: NodeNetwork, subnet: string): Cidr {
  const cidr = parseBlock(subnet);
  node.podNetwork = bridgeNetwork;
  node.network.setPodCIDR(node, cidr);
  return cidr;
}

/** A block that has room for Pods. Throws a `CniError`. */
export function parseBlock(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr || cidr.prefixLength > 30) throw new CniError(`invalid CIDR address: ${text}`);
  return cidr;
}

/** A bridge that is ready for Pods. */
export function createBridge(node: NodeNetwork, { name, subnet }: { readonly name: string; readonly subnet: string }): PodLinks {
  const cidr = setUpBridge(node, subnet);
  return new PodLinks(node, { name, type: 'bridge', block: () => cidr });
}
