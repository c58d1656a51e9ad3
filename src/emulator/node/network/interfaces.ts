/** What the network tools of a machine list: interfaces, routes, neighbours and the bridge's tables, as the wire has them. */
import { formatIPv6, isIPv6Text, parseIPv6 } from '../../machinery/ipv6.ts';
import type { IPFamily } from './blocks.ts';
import { compareIPs, familyOf } from './blocks.ts';
import { formatIPv4, isLoopback, parseIPv4, sizeOf } from './ipv4.ts';
import type { Namespace } from './namespace.ts';
import type { NodeNetwork } from './node-network.ts';
import {
  hostLinkOf,
  linkLocalGateway,
  linkLocalGateway6,
  macOf,
  nodeMac,
  podMac,
  tunnelAddress,
  tunnelDevice,
  tunnelMac,
} from './pod-network.ts';

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
    const [first] = namespace.addresses;
    if (first === undefined) return [loopback];
    const [address, ip6] = [namespace.addresses.find((ip) => !isIPv6Text(ip)), namespace.addresses.find(isIPv6Text)];
    const address6 = ip6 && `${ip6}/${isRouted(node) ? 128 : (node.podCIDR6?.prefixLength ?? 64)}`;
    const prefixLength = isRouted(node) ? 32 : (node.podCIDR?.prefixLength ?? 24);
    return [loopback, { name: 'eth0', peer: '@if3', mac: podMac(first), address, prefixLength, address6, mtu, isUp: true, kind: 'veth' }];
  }
  return [
    loopback,
    {
      name: 'eth0',
      peer: '@if9',
      mac: nodeMac(node.ip),
      address: node.ip4,
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
  for (const ip of node.namespace.addresses) {
    const tunnel = tunnelAddress(node, ip);
    if (tunnel === undefined) continue;
    const addresses = isIPv6Text(ip) ? { address: undefined, address6: `${tunnel}/128` } : { address: tunnel };
    found.push({
      name: tunnelDevice(ip),
      peer: '',
      mac: tunnelMac(node, ip),
      ...addresses,
      prefixLength: 32,
      mtu,
      isUp: true,
      kind: 'vxlan',
    });
  }
  const bridge = node.podNetwork ? node.podNetwork.bridge : 'cni0';
  if (bridge !== undefined && node.hasPodBlock)
    found.push({
      name: bridge,
      peer: '',
      mac: bridgeMac(node),
      address: node.gatewayIP,
      prefixLength: node.podCIDR?.prefixLength ?? 0,
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

const routedMac = 'ee:ee:ee:ee:ee:ee';
const hostLinkMac = (node: NodeNetwork, ip: string): string => (isRouted(node) ? routedMac : macOf('0e:58', ip));
const bridgeMac = (node: NodeNetwork): string => macOf('0a:58', (node.gatewayIP ?? node.gatewayIP6)!);

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
  const ip4 = namespace.addresses.find((ip) => !isIPv6Text(ip));
  if (ip4 === undefined) return [];
  return namespace.isRoot ? nodeRoutes(node, ip4) : podRoutes(node, ip4);
}

function podRoutes(node: NodeNetwork, ip: string): readonly Route[] {
  if (!node.podCIDR) return [];
  if (isRouted(node))
    return [
      { to: 'default', via: linkLocalGateway, dev: 'eth0', rest: '' },
      { to: linkLocalGateway, dev: 'eth0', rest: 'scope link ' },
    ];
  const routes: Route[] = [
    { to: 'default', via: node.gatewayIP, dev: 'eth0', rest: '' },
    { to: node.podCIDR.text, dev: 'eth0', rest: `proto kernel scope link src ${ip} ` },
  ];
  const subnet = node.podNetwork?.subnets?.find((text) => !isIPv6Text(text));
  if (subnet !== undefined) routes.splice(1, 0, { to: subnet, via: node.gatewayIP, dev: 'eth0', rest: '' });
  return routes;
}

function nodeRoutes(node: NodeNetwork, ip: string): readonly Route[] {
  const [a, b] = ip.split('.');
  const routes: Route[] = [];
  if (node.podCIDR) routes.push(...ownRoutes(node, node.podCIDR.text));
  if (node.isUp) {
    for (const other of node.network.nodes.values())
      if (other !== node && other.podCIDR && node.reachesPodsOf(other)) routes.push(routeTo(node, other, ip));
    routes.push({ to: `${a}.${b}.0.0/16`, dev: 'eth0', rest: `proto kernel scope link src ${ip} ` });
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
    const own = addresses.find(isIPv6Text);
    if (own === undefined || !node.podCIDR6) return [];
    if (isRouted(node)) return [{ to: own, dev: 'eth0', rest: kernel }, linkLocal('eth0'), last(linkLocalGateway6)];
    const subnet = node.podNetwork?.subnets?.find(isIPv6Text);
    const whole = subnet === undefined ? [] : [{ to: subnet, via: node.gatewayIP6, dev: 'eth0', rest: 'metric 1024 pref medium' }];
    return [{ to: node.podCIDR6.text, dev: 'eth0', rest: kernel }, ...whole, linkLocal('eth0'), last(node.gatewayIP6)];
  }
  if (node.ip6 === undefined) return [];
  const routes: Route[] = [];
  if (node.isUp) {
    routes.push({ to: segment6, dev: 'eth0', rest: kernel });
    for (const other of node.network.nodes.values())
      if (other !== node && other.podCIDR6 && node.reachesPodsOf(other)) routes.push(routeTo(node, other, node.ip6));
  }
  if (node.podCIDR6) routes.push(...ownRoutes6(node, node.podCIDR6.text, kernel));
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

/** The same of IPv6. */
function ownRoutes6(node: NodeNetwork, cidr: string, kernel: string): readonly Route[] {
  if (!isRouted(node)) return [{ to: cidr, dev: node.podNetwork?.bridge ?? 'cni0', rest: kernel }];
  const protocol = `proto ${node.podNetwork!.routeProtocol} `;
  return [
    { to: cidr, dev: 'lo', rest: `${protocol}metric 1024 error -22 pref medium`, isBlackhole: true },
    ...[...node.pods.values()].flatMap(({ addresses }) => {
      const ip = addresses.find(isIPv6Text);
      return ip === undefined ? [] : [{ to: ip, dev: hostLinkOf(node, addresses[0]!), rest: 'metric 1024 pref medium' }];
    }),
  ];
}

/** How a node sends packets for the Pods of another, of the family that an address is of. */
export function routeTo(node: NodeNetwork, other: NodeNetwork, ip: string): Route {
  const isSix = isIPv6Text(ip);
  const to = other.podBlockLike(ip)!.text;
  const { podNetwork } = node;
  const metric = isSix ? 'metric 1024 ' : '';
  const last = isSix ? 'pref medium' : '';
  if (podNetwork?.carrier === 'vxlan') return { to, via: tunnelAddress(other, ip), dev: tunnelDevice(ip), rest: `${metric}onlink ${last}` };
  const protocol = podNetwork?.routeProtocol ? `proto ${podNetwork.routeProtocol} ` : '';
  return { to, via: other.addressLike(ip), dev: 'eth0', rest: `${protocol}${metric}${last}` };
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

/** Whose hardware address a namespace knows, by addresses of one family. */
export function neighboursOf(namespace: Namespace, family: IPFamily): readonly Neighbour[] {
  const { node } = namespace;
  const own = namespace.addresses.find((ip) => familyOf(ip) === family);
  if (own === undefined) return [];
  if (!namespace.isRoot) {
    const ip = isRouted(node) ? (family === 'IPv6' ? linkLocalGateway6 : linkLocalGateway) : node.gatewayLike(own)!;
    return [{ ip, dev: 'eth0', mac: isRouted(node) ? routedMac : bridgeMac(node), state: 'REACHABLE' }];
  }
  const found: Neighbour[] = [];
  for (const [first, { addresses }] of node.pods) {
    const ip = addresses.find((one) => familyOf(one) === family);
    const dev = isRouted(node) ? hostLinkOf(node, first) : (node.podNetwork?.bridge ?? 'cni0');
    if (ip !== undefined) found.push({ ip, dev, mac: podMac(first), state: 'REACHABLE' });
  }
  for (const other of node.network.nodes.values()) {
    if (other === node) continue;
    const tunnel = tunnelAddress(other, own);
    if (tunnel !== undefined && node.reachesPodsOf(other))
      found.push({ ip: tunnel, dev: tunnelDevice(own), mac: tunnelMac(other, own), state: 'PERMANENT' });
    const ip = other.addressLike(own);
    if (node.isUp && ip !== undefined) found.push({ ip, dev: 'eth0', mac: nodeMac(other.ip), state: other.isUp ? 'REACHABLE' : 'STALE' });
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
  for (const own of node.namespace.addresses)
    for (const other of node.network.nodes.values())
      if (other !== node && tunnelAddress(other, own) !== undefined && node.reachesPodsOf(other))
        found.push({ mac: tunnelMac(other, own), dev: tunnelDevice(own), rest: `dst ${other.addressLike(own)} self permanent` });
  const bridge = node.podNetwork ? node.podNetwork.bridge : 'cni0';
  if (bridge === undefined || !node.hasPodBlock) return found;
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
