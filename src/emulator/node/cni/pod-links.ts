/**
 * What the plugins bridge, flannel and calico do for one Pod: an address from the node's block (host-local), and a link to the node.
 * Where the link hangs, and how other nodes are reached, is the node's `podNetwork`, which each plugin's daemon sets up.
 */

import type { Cidr, Namespace, NodeNetwork } from '../network/index.ts';
import { formatIPv4, sizeOf } from '../network/index.ts';
import { HostLocal } from './host-local.ts';
import type { CniPlugin, PortMapping } from './plugin.ts';
import { CniError } from './plugin.ts';

export class PodLinks implements CniPlugin {
  readonly name: string;
  /** The plugin's type in its configuration. */
  readonly type: string;
  readonly #node: NodeNetwork;
  /** The node's block, asked at each use: it may be known late, or become another. Throws a `CniError` when there is none. */
  block: () => Cidr;
  #ipam: HostLocal | undefined;

  constructor(node: NodeNetwork, config: { readonly name: string; readonly type: string; readonly block: () => Cidr }) {
    this.name = config.name;
    this.type = config.type;
    this.#node = node;
    this.block = config.block;
  }

  add(
    containerID: string,
    namespace: Namespace,
    portMappings: readonly PortMapping[] = [],
  ): { readonly ip: string; readonly gateway: string | undefined } {
    const ipam = this.#addresses();
    const ip = ipam.allocate(containerID);
    if (ip === undefined) {
      const delegated = this.type === 'flannel' ? 'failed to delegate add: ' : '';
      throw new CniError(
        `plugin type="${this.type}" failed (add): ${delegated}failed to allocate for range 0: no IP addresses available in range set: ${rangeOf(ipam.cidr)}`,
      );
    }
    this.#node.attach(namespace, ip);
    for (const mapping of portMappings) this.#map(ip, mapping);
    return { ip, gateway: this.#node.gatewayIP };
  }

  del(containerID: string, namespace: Namespace): void {
    for (const [key, { ip }] of this.#node.hostPorts ?? []) if (namespace.addresses.includes(ip)) this.#node.hostPorts!.delete(key);
    for (const owner of [containerID, ...namespace.addresses]) this.#ipam?.release(owner);
    this.#node.detach(namespace);
  }

  check(containerID: string, namespace: Namespace): void {
    const ip = this.#ipam?.addressOf(containerID);
    if (ip === undefined || this.#node.pods.get(ip) !== namespace)
      throw new CniError(`container ${containerID} is not attached to network ${this.name}`);
  }

  #addresses(): HostLocal {
    const cidr = this.block();
    if (this.#ipam?.cidr.text === cidr.text) return this.#ipam;
    this.#ipam = new HostLocal(cidr);
    // Reservations outlive a change of the configuration, as their files in /var/lib/cni/networks do. The address stands for its owner.
    for (const ip of this.#node.pods.keys()) this.#ipam.reserve(ip, ip);
    return this.#ipam;
  }

  /** The scheduler and the kubelet see to it that a port is asked for once. */
  #map(ip: string, { hostPort, containerPort, protocol, hostIP }: PortMapping): void {
    const isAnywhere = hostIP === undefined || hostIP === '' || hostIP === '0.0.0.0';
    (this.#node.hostPorts ??= new Map()).set(`${hostPort}/${protocol}`, {
      ip,
      port: containerPort,
      hostIP: isAnywhere ? undefined : hostIP,
    });
  }
}

/** As host-local prints a range: first and last address that is neither network nor broadcast. */
function rangeOf(cidr: Cidr): string {
  return `${formatIPv4(cidr.base + 1)}-${formatIPv4(cidr.base + sizeOf(cidr) - 2)}`;
}
