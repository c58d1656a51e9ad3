/**
 * The bridge plugin with host-local addresses: Pods hang on `cni0`, whose own address is the first of the Pod CIDR.
 * Routes between nodes come from the network configuration's daemon: they exist as soon as a node's CIDR is known.
 */

import type { Cidr, Namespace, NodeNetwork, PodNetwork } from '../network/index.ts';
import { formatIPv4, parseCidr, sizeOf } from '../network/index.ts';
import { HostLocal } from './host-local.ts';
import type { CniPlugin, PortMapping } from './plugin.ts';
import { CniError } from './plugin.ts';

export class Bridge implements CniPlugin {
  readonly name: string;
  readonly ipam: HostLocal;
  readonly #node: NodeNetwork;

  /** Sets the node's Pod CIDR on the wire. Throws a `CniError` when the subnet is no IPv4 block. */
  constructor(node: NodeNetwork, config: { readonly name: string; readonly subnet: string }) {
    const cidr = parseCidr(config.subnet);
    if (!cidr || cidr.prefixLength > 30) throw new CniError(`invalid CIDR address: ${config.subnet}`);
    this.name = config.name;
    this.#node = node;
    this.ipam = new HostLocal(cidr);
    // Reservations outlive a change of the configuration, as their files in /var/lib/cni/networks do. The address stands for its owner.
    for (const ip of node.pods.keys()) this.ipam.reserve(ip, ip);
    node.podNetwork = bridgeNetwork;
    node.network.setPodCIDR(node, cidr);
  }

  add(
    containerID: string,
    namespace: Namespace,
    portMappings: readonly PortMapping[] = [],
  ): { readonly ip: string; readonly gateway: string } {
    const ip = this.ipam.allocate(containerID);
    if (ip === undefined) {
      throw new CniError(
        `plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set: ${rangeOf(this.ipam.cidr)}`,
      );
    }
    this.#node.attach(namespace, ip);
    for (const mapping of portMappings) this.#map(ip, mapping);
    return { ip, gateway: this.#node.gatewayIP! };
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

  del(containerID: string, namespace: Namespace): void {
    for (const [key, { ip }] of this.#node.hostPorts ?? []) if (namespace.addresses.includes(ip)) this.#node.hostPorts!.delete(key);
    for (const owner of [containerID, ...namespace.addresses]) this.ipam.release(owner);
    this.#node.detach(namespace);
  }

  check(containerID: string, namespace: Namespace): void {
    const ip = this.ipam.addressOf(containerID);
    if (ip === undefined || this.#node.pods.get(ip) !== namespace)
      throw new CniError(`container ${containerID} is not attached to network ${this.name}`);
  }
}

/** One frame fits what a cable carries, and the routes between nodes are plain ones. */
const bridgeNetwork: PodNetwork = { plugin: 'bridge', bridge: 'cni0', carrier: 'plain', routeProtocol: '', mtu: 1500 };

/** As host-local prints a range: first and last address that is neither network nor broadcast. */
function rangeOf(cidr: Cidr): string {
  return `${formatIPv4(cidr.base + 1)}-${formatIPv4(cidr.base + sizeOf(cidr) - 2)}`;
}
