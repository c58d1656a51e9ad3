/**
 * What the plugins bridge, flannel and calico do for one Pod: an address from the node's block (host-local), and a link to the node.
 * Where the link hangs, and how other nodes are reached, is the node's `podNetwork`, which each plugin's daemon sets up.
 */

import type { Block, Namespace, NodeNetwork, PortMapping } from '../network/index.ts';
import { addressAt, endOf, HostLocal } from './host-local.ts';
import type { CniPlugin } from './plugin.ts';
import { CniError } from './plugin.ts';

export class PodLinks implements CniPlugin {
  readonly name: string;
  /** The plugin's type in its configuration. */
  readonly type: string;
  readonly #node: NodeNetwork;
  /** The node's blocks, one or one of each family, asked at each use: they may be known late, or become others. Throws a `CniError` when there is none. */
  blocks: () => readonly Block[];
  readonly #ipams: HostLocal[] = [];

  constructor(node: NodeNetwork, config: { readonly name: string; readonly type: string; readonly blocks: () => readonly Block[] }) {
    this.name = config.name;
    this.type = config.type;
    this.#node = node;
    this.blocks = config.blocks;
  }

  add(
    containerID: string,
    namespace: Namespace,
    portMappings: readonly PortMapping[] = [],
  ): { readonly ips: readonly string[]; readonly gateway: string | undefined } {
    const ips: string[] = [];
    for (const [i, block] of this.blocks().entries()) {
      const ipam = this.#addresses(i, block);
      const ip = ipam.allocate(containerID);
      if (ip === undefined) {
        for (const other of this.#ipams) other.release(containerID);
        const delegated = this.type === 'flannel' ? 'failed to delegate add: ' : '';
        throw new CniError(
          `plugin type="${this.type}" failed (add): ${delegated}failed to allocate for range ${i}: no IP addresses available in range set: ${rangeOf(block)}`,
        );
      }
      ips.push(ip);
    }
    this.#node.attach(namespace, ips[0]!, ips[1]);
    for (const mapping of portMappings) this.#map(ips, mapping);
    return { ips, gateway: this.#node.gatewayLike(ips[0]!) };
  }

  del(containerID: string, namespace: Namespace): void {
    for (const [key, { ips }] of this.#node.hostPorts ?? [])
      if (namespace.addresses.some((ip) => ips.includes(ip))) this.#node.hostPorts!.delete(key);
    for (const owner of [containerID, ...namespace.addresses]) for (const ipam of this.#ipams) ipam.release(owner);
    this.#node.detach(namespace);
  }

  check(containerID: string, namespace: Namespace): void {
    const ip = this.#ipams[0]?.addressOf(containerID);
    if (ip === undefined || this.#node.pods.get(ip) !== namespace)
      throw new CniError(`container ${containerID} is not attached to network ${this.name}`);
  }

  #addresses(i: number, block: Block): HostLocal {
    const known = this.#ipams[i];
    if (known?.cidr.text === block.text) return known;
    const ipam = new HostLocal(block);
    // Reservations outlive a change of the configuration, as their files in /var/lib/cni/networks do. The address stands for its owner.
    for (const { addresses } of this.#node.pods.values()) for (const ip of addresses) ipam.reserve(ip, ip);
    this.#ipams[i] = ipam;
    return ipam;
  }

  /** The scheduler and the kubelet see to it that a port is asked for once. */
  #map(ips: readonly string[], { hostPort, containerPort, protocol, hostIP }: PortMapping): void {
    const isAnywhere = hostIP === undefined || hostIP === '' || hostIP === '0.0.0.0' || hostIP === '::';
    (this.#node.hostPorts ??= new Map()).set(`${hostPort}/${protocol}`, {
      ips,
      port: containerPort,
      hostIP: isAnywhere ? undefined : hostIP,
    });
  }
}

/** As host-local prints a range: first and last address that is neither network nor broadcast. */
function rangeOf(block: Block): string {
  return `${addressAt(block, 1)}-${addressAt(block, endOf(block) - 1)}`;
}
