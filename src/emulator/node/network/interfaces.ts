/** What the network tools of a machine list: interfaces, routes, neighbours and the bridge's tables, as the wire has them. */
import { formatIPv6, isIPv6Text, parseIPv6 } from '../../machinery/ipv6.ts';
import { compareIPs } from './blocks.ts';
import { formatIPv4, isLoopback, parseIPv4, sizeOf } from './ipv4.ts';
import type { Namespace } from './namespace.ts';
import type { NodeNetwork } from './node-network.ts';
import { hostLinkOf, linkLocalGateway, macOf, nodeMac, podMac, tunnelAddress, tunnelMac, vxlan } from './pod-network.ts';

/** What a cable carries. */
export const ethernetMtu = 1500;

export interface Interface {
  readonly name: string;
  /** What follows the name: `@if7`. */
  readonly peer: string;
  readonly mac: string;
  readonly address: string | undefined;
  readonly prefixLength: number;
  /** With its prefix; the link-local one follows from the hardware address. */
  readonly address6?: string | undefined;
  readonly mtu: number;
  readonly isUp: boolean;
  /** The bridge that it hangs on. */
  readonly master?: string;
  readonly kind: 'loopback' | 'ethernet' | 'bridge' | 'veth' | 'vxlan' | 'dummy';
  /** The Pod at the other end of a link. */
  readonly pod?: string;
  /** Of a dummy, each alone. */
  readonly addresses?: readonly string[];
}

const loopback: Interface = {
  name: 'lo',
  peer: '',
  mac: '00:00:00:00:00:00',
  address: '127.0.0.1',
  prefixLength: 8,
  address6: '::1/128',
  mtu: 65_536,
  isUp: true,
  kind: 'loopback',
};

/** What fits into one packet from a namespace to an address: the size of the interface by which it leaves. */
export function mtuTo({ node, isRoot }: Namespace, ip: string): number {
  if (isLoopback(ip)) return loopback.mtu;
  const far = isRoot ? node.network.nodeOf(ip) : node;
  const isToPod = far !== undefined && far.ip !== ip;
  return !isRoot || isToPod ? (node.podNetwork?.mtu ?? ethernetMtu) : ethernetMtu;
}

/** Interfaces of a namespace in the order of their numbers. */
export function interfacesOf(namespace: Namespace): readonly Interface[] {
  const { node } = namespace;
  const mtu = node.podNetwork?.mtu ?? ethernetMtu;
  if (!namespace.isRoot) {
    const [ip, ip6] = namespace.addresses;
    if (ip === undefined) return [loopback];
    const address6 = ip6 && `${ip6}/${node.podCIDR6?.prefixLength ?? 64}`;
    const prefixLength = isRouted(node) ? 32 : (node.podCIDR?.prefixLength ?? 24);
    return [loopback, { name: 'eth0', peer: '@if3', mac: podMac(ip), address: ip, prefixLength, address6, mtu, isUp: true, kind: 'veth' }];
  }
  return [
    loopback,
    {
      name: 'eth0',
      peer: '@if9',
      mac: nodeMac(node.ip),
      address: node.ip,
      prefixLength: 16,
      address6: node.ip6 && `${node.ip6}/64`,
      mtu: ethernetMtu,
      isUp: node.isUp,
      kind: 'ethernet',
    },
    ...podInterfaces(node, mtu),
    ...dummyInterface(node),
  ];
}

/** Made by kube-proxy in mode ipvs: each address of a Service is one of the node's own. */
function dummyInterface({ nat, ip }: NodeNetwork): readonly Interface[] {
  const addresses = nat?.virtualIPs;
  if (!addresses) return [];
  const mac = macOf('0e:5a', ip);
  return [{ name: 'kube-ipvs0', peer: '', mac, address: undefined, prefixLength: 32, mtu: 1500, isUp: false, kind: 'dummy', addresses }];
}

function podInterfaces(node: NodeNetwork, mtu: number): Interface[] {
  const found: Interface[] = [];
  const tunnel = tunnelAddress(node);
  if (tunnel !== undefined)
    found.push({ name: vxlan.device, peer: '', mac: tunnelMac(node), address: tunnel, prefixLength: 32, mtu, isUp: true, kind: 'vxlan' });
  const bridge = node.podNetwork ? node.podNetwork.bridge : 'cni0';
  if (bridge !== undefined && node.podCIDR)
    found.push({
      name: bridge,
      peer: '',
      mac: macOf('0a:58', node.gatewayIP!),
      address: node.gatewayIP!,
      prefixLength: node.podCIDR.prefixLength,
      address6: node.podCIDR6 && `${node.gatewayIP6}/${node.podCIDR6.prefixLength}`,
      mtu,
      isUp: node.pods.size > 0,
      kind: 'bridge',
    });
  for (const [ip, pod] of node.pods)
    found.push({
      name: hostLinkOf(node, ip),
      peer: '@if2',
      mac: hostLinkMac(node, ip),
      address: undefined,
      prefixLength: 0,
      mtu,
      isUp: true,
      kind: 'veth',
      pod: pod.name,
      ...(bridge !== undefined && { master: bridge }),
    });
  return found;
}

const isRouted = ({ podNetwork }: NodeNetwork): boolean => podNetwork !== undefined && podNetwork.bridge === undefined;

const hostLinkMac = (node: NodeNetwork, ip: string): string => (isRouted(node) ? 'ee:ee:ee:ee:ee:ee' : macOf('0e:58', ip));

export interface Route {
  /** `default`, `10.244.1.0/24`, `10.244.1.7`. */
  readonly to: string;
  readonly via?: string | undefined;
  readonly dev: string;
  /** What `ip route` prints behind that. */
  readonly rest: string;
  readonly isBlackhole?: boolean;
}

/** The main table of a namespace, as `ip route` orders it. */
export function routesOf(namespace: Namespace): readonly Route[] {
  const { node } = namespace;
  return namespace.isRoot ? nodeRoutes(node) : podRoutes(node, namespace.addresses[0]);
}

function podRoutes(node: NodeNetwork, ip: string | undefined): readonly Route[] {
  if (ip === undefined || !node.podCIDR) return [];
  if (isRouted(node))
    return [
      { to: 'default', via: linkLocalGateway, dev: 'eth0', rest: '' },
      { to: linkLocalGateway, dev: 'eth0', rest: 'scope link ' },
    ];
  const routes: Route[] = [
    { to: 'default', via: node.gatewayIP, dev: 'eth0', rest: '' },
    { to: node.podCIDR.text, dev: 'eth0', rest: `proto kernel scope link src ${ip} ` },
  ];
  const subnet = node.podNetwork?.subnet;
  if (subnet !== undefined) routes.splice(1, 0, { to: subnet, via: node.gatewayIP, dev: 'eth0', rest: '' });
  return routes;
}

function nodeRoutes(node: NodeNetwork): readonly Route[] {
  const [a, b] = node.ip.split('.');
  const routes: Route[] = [];
  if (node.podCIDR) routes.push(...ownRoutes(node, node.podCIDR.text));
  if (node.isUp) {
    for (const other of node.network.nodes.values())
      if (other !== node && other.podCIDR && node.reachesPodsOf(other)) routes.push(routeTo(node, other));
    routes.push({ to: `${a}.${b}.0.0/16`, dev: 'eth0', rest: `proto kernel scope link src ${node.ip} ` });
  }
  routes.sort((x, y) => parseIPv4(x.to.split('/')[0]!)! - parseIPv4(y.to.split('/')[0]!)!);
  return node.isUp ? [{ to: 'default', via: `${a}.${b}.0.1`, dev: 'eth0', rest: '' }, ...routes] : routes;
}

/** The main table of IPv6, as `ip -6 route` orders it: by prefix, the default route last. Empty where nobody has an address of IPv6. */
export function routes6Of({ isRoot, node, addresses }: Namespace): readonly Route[] {
  const kernel = 'proto kernel metric 256 pref medium';
  const linkLocal = (dev: string): Route => ({ to: 'fe80::/64', dev, rest: kernel });
  const last = (via: string | undefined): Route => ({ to: 'default', via, dev: 'eth0', rest: 'metric 1024 pref medium' });
  if (!isRoot) {
    if (!addresses.some(isIPv6Text) || !node.podCIDR6) return [];
    return [{ to: node.podCIDR6.text, dev: 'eth0', rest: kernel }, linkLocal('eth0'), last(node.gatewayIP6)];
  }
  if (node.ip6 === undefined) return [];
  const routes: Route[] = [];
  if (node.isUp) {
    routes.push({ to: segment6, dev: 'eth0', rest: kernel });
    for (const other of node.network.nodes.values())
      if (other !== node && other.podCIDR6 && node.reachesPodsOf(other)) routes.push(routeTo(node, other, node.ip6));
  }
  if (node.podCIDR6) routes.push({ to: node.podCIDR6.text, dev: node.podNetwork?.bridge ?? 'cni0', rest: kernel });
  routes.sort((a, b) => compareIPs(a.to.split('/')[0]!, b.to.split('/')[0]!));
  if (!node.isUp) return routes;
  return [...routes, linkLocal('eth0'), last(segment6.replace('/64', '1'))];
}

/** The block of the machines' addresses of IPv6, as kind's network has it. */
export const segment6 = 'fc00:f853:ccd:e793::/64';

/** The address that an interface gives itself, from its hardware address (RFC 4291, appendix A). */
export function linkLocalOf(mac: string): string {
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  const [a, b, c, d, e, f] = bytes as [number, number, number, number, number, number];
  const id = [(a ^ 2) * 256 + b, c * 256 + 0xff, 0xfe00 + d, e * 256 + f];
  return formatIPv6(parseIPv6(`fe80::${id.map((group) => group.toString(16)).join(':')}`)!);
}

/** Where a node's own Pods are. */
function ownRoutes(node: NodeNetwork, cidr: string): readonly Route[] {
  if (!isRouted(node))
    return [{ to: cidr, dev: node.podNetwork?.bridge ?? 'cni0', rest: `proto kernel scope link src ${node.gatewayIP} ` }];
  const protocol = `proto ${node.podNetwork!.routeProtocol} `;
  return [
    { to: cidr, dev: '', rest: protocol, isBlackhole: true },
    ...[...node.pods.keys()].map((ip) => ({ to: ip, dev: hostLinkOf(node, ip), rest: 'scope link ' })),
  ];
}

/** How a node sends packets for the Pods of another, of the family that an address is of. */
export function routeTo(node: NodeNetwork, other: NodeNetwork, ip = ''): Route {
  if (isIPv6Text(ip)) return { to: other.podCIDR6!.text, via: other.ip6, dev: 'eth0', rest: 'metric 1024 pref medium' };
  const to = other.podCIDR!.text;
  const { podNetwork } = node;
  if (podNetwork?.carrier === 'vxlan') return { to, via: tunnelAddress(other), dev: vxlan.device, rest: 'onlink ' };
  const protocol = podNetwork?.routeProtocol ? `proto ${podNetwork.routeProtocol} ` : '';
  return { to, via: other.ip, dev: 'eth0', rest: protocol };
}

/** A route in the words of `ip route`, without its trailing details. */
export function routeText({ to, via, dev, isBlackhole }: Route): string {
  return `${isBlackhole ? 'blackhole ' : ''}${to}${via === undefined ? '' : ` via ${via}`}${dev === '' ? '' : ` dev ${dev}`}`;
}

export interface Neighbour {
  readonly ip: string;
  readonly dev: string;
  readonly mac: string;
  readonly state: 'REACHABLE' | 'STALE' | 'PERMANENT' | 'FAILED';
}

/** Whose hardware address a namespace knows. */
export function neighboursOf(namespace: Namespace): readonly Neighbour[] {
  const { node } = namespace;
  if (!namespace.isRoot) {
    if (namespace.addresses.length === 0) return [];
    return isRouted(node)
      ? [{ ip: linkLocalGateway, dev: 'eth0', mac: 'ee:ee:ee:ee:ee:ee', state: 'REACHABLE' }]
      : [{ ip: node.gatewayIP!, dev: 'eth0', mac: macOf('0a:58', node.gatewayIP!), state: 'REACHABLE' }];
  }
  const found: Neighbour[] = [];
  for (const ip of node.pods.keys())
    found.push({
      ip,
      dev: isRouted(node) ? hostLinkOf(node, ip) : (node.podNetwork?.bridge ?? 'cni0'),
      mac: podMac(ip),
      state: 'REACHABLE',
    });
  const { nodes } = node.network;
  for (const other of nodes.values()) {
    if (other === node) continue;
    const tunnel = tunnelAddress(other);
    if (tunnel !== undefined && node.reachesPodsOf(other))
      found.push({ ip: tunnel, dev: vxlan.device, mac: tunnelMac(other), state: 'PERMANENT' });
    if (node.isUp) found.push({ ip: other.ip, dev: 'eth0', mac: nodeMac(other.ip), state: other.isUp ? 'REACHABLE' : 'STALE' });
  }
  return found;
}

export interface ForwardingEntry {
  readonly mac: string;
  readonly dev: string;
  /** What `bridge fdb` prints behind the device. */
  readonly rest: string;
}

/** Where frames go: multicast of each interface, ports of the bridge, and for a tunnel the node behind each hardware address. */
export function forwardingOf(node: NodeNetwork): readonly ForwardingEntry[] {
  const found: ForwardingEntry[] = [{ mac: '01:00:5e:00:00:01', dev: 'eth0', rest: 'self permanent' }];
  if (tunnelAddress(node) !== undefined)
    for (const other of node.network.nodes.values())
      if (other !== node && tunnelAddress(other) !== undefined && node.reachesPodsOf(other))
        found.push({ mac: tunnelMac(other), dev: vxlan.device, rest: `dst ${other.ip} self permanent` });
  const bridge = node.podNetwork ? node.podNetwork.bridge : 'cni0';
  if (bridge === undefined || !node.podCIDR) return found;
  for (const ip of node.pods.keys()) {
    const dev = hostLinkOf(node, ip);
    found.push(
      { mac: podMac(ip), dev, rest: `master ${bridge} ` },
      { mac: macOf('0e:58', ip), dev, rest: `vlan 1 master ${bridge} permanent` },
      { mac: macOf('0e:58', ip), dev, rest: `master ${bridge} permanent` },
    );
  }
  return found;
}

/** The last address of an interface's block. */
export function broadcastOf(address: string, prefixLength: number): string {
  return formatIPv4((parseIPv4(address)! | (sizeOf({ text: '', base: 0, prefixLength }) - 1)) >>> 0);
}
