/**
 * The plugin bridge with host-local addresses: Pods hang on `cni0`, whose own address is the first of the Pod CIDR.
 * Routes between nodes come from the network configuration's daemon: they exist as soon as a node's CIDR is known.
 */

import type { Block, NodeNetwork, PodNetwork } from '../network/index.ts';
import { isBlock6, parseBlock } from '../network/index.ts';
import { CniError } from './plugin.ts';
import { PodLinks } from './pod-links.ts';

/** Packets fit what a cable carries, and the routes between nodes are plain ones. */
const bridgeNetwork: PodNetwork = { plugin: 'bridge', bridge: 'cni0', carrier: 'plain', routeProtocol: '', mtu: 1500 };

/** Sets the node's Pod CIDRs on the wire. Throws a `CniError` when a subnet is no block. */
export function setUpBridge(node: NodeNetwork, subnets: readonly string[]): readonly Block[] {
  const found = podBlocks(subnets);
  node.podNetwork = bridgeNetwork;
  node.network.setPodBlocks(node, found);
  return found;
}

/** Blocks that have room for Pods: one, or one of each family. Throws a `CniError`. */
export function podBlocks(texts: readonly string[]): readonly Block[] {
  return (texts.length === 0 ? [''] : texts).map((text) => {
    const block = parseBlock(text);
    if (!block || block.prefixLength > (isBlock6(block) ? 126 : 30)) throw new CniError(`invalid CIDR address: ${text}`);
    return block;
  });
}

/** A bridge that is ready for Pods. */
export function createBridge(node: NodeNetwork, { name, subnet }: { readonly name: string; readonly subnet: string }): PodLinks {
  const blocks = setUpBridge(node, subnet.split(','));
  return new PodLinks(node, { name, type: 'bridge', blocks: () => blocks });
}
