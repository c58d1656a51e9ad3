import { formatIPv6, isIPv6Text, parseIPv6 } from '../../machinery/ipv6.ts';
import { formatIPv4, parseIPv4 } from './ipv4.ts';
import type { NodeNetwork } from './node-network.ts';

/** How Pods hang on a node and how nodes reach one another's Pods: what a CNI plugin and its daemon set up on a machine. */
export interface PodNetwork {
  /** Which plugin it is. Two nodes reach each other's Pods only when it is the same. */
  readonly plugin: 'bridge' | 'flannel' | 'calico';
  /** The bridge that Pods hang on; undefined where each has a route of its own. */
  readonly bridge: string | undefined;
  /** How packets for Pods of another node travel: as they are, or wrapped in UDP. */
  readonly carrier: 'plain' | 'vxlan';
  /** Who programs the routes to other nodes' Pods, as `ip route` names it; '' when it says nothing. */
  readonly routeProtocol: string;
  /** The blocks of all Pods, where the plugin gives Pods a route to them. */
  readonly subnets?: readonly string[];
  /** What fits into one packet of a Pod. */
  readonly mtu: number;
}

/** VXLAN as flannel uses it: Linux' old port, network 1, and 50 bytes of headers around each packet. */
export const vxlan = { port: 8472, id: 1, overheadBytes: 50 } as const;

/** The device of the tunnel for packets of the family that an address is of; each family has its own. */
export const tunnelDevice = (ip: string): string => (isIPv6Text(ip) ? 'flannel-v6.1' : 'flannel.1');

/** What Pods address their packets to where there is no bridge: nobody has it, the node answers ARP for it. */
export const linkLocalGateway = '169.254.1.1';
/** The same of IPv6: the address that each host's end of a link has, since each has the same hardware address (ee:ee:ee:ee:ee:ee). */
export const linkLocalGateway6 = 'fe80::ecee:eeff:feee:eeee';

const hexByte = (n: number): string => n.toString(16).padStart(2, '0');

/** Any 32 bits that differ from address to address; of IPv4 the address itself. */
function bitsOf(ip: string): number {
  const six = parseIPv6(ip);
  if (six === undefined) return parseIPv4(ip) ?? 0;
  return (
    [96n, 64n, 32n, 0n].reduce((hash, shift) => Math.imul(hash ^ Number((six >> shift) & 0xffff_ffffn), 0x0100_0193), 0x811c_9dc5) >>> 0
  );
}

/** A hardware address made from an IP address, as several drivers do. */
export function macOf(prefix: string, ip: string): string {
  const value = bitsOf(ip);
  return `${prefix}:${[24, 16, 8, 0].map((shift) => hexByte((value >>> shift) & 255)).join(':')}`;
}

/** The hardware address of a Pod's eth0. */
export const podMac = (ip: string): string => macOf('0a:58', ip);
/** The hardware address of a node's eth0. */
export const nodeMac = (ip: string): string => macOf('02:42', ip);
/** The hardware address of a node's end of the tunnel for the family of an address. */
export const tunnelMac = (node: NodeNetwork, ip: string): string => macOf('0e:42', tunnelAddress(node, ip) ?? node.ip);

/** The host's end of a Pod's link: eight digits on a bridge (the plugin bridge), eleven where it has a route of its own (Calico). */
export function hostLinkOf({ podNetwork }: NodeNetwork, ip: string): string {
  const digits = (Math.imul(bitsOf(ip), 2_654_435_761) >>> 0).toString(16).padStart(8, '0');
  return podNetwork && podNetwork.bridge === undefined ? `cali${digits}${digits.slice(0, 3)}` : `veth${digits}`;
}

/** The address of a node's end of the tunnel for the family of an address: the first of its block of that family. */
export function tunnelAddress({ podNetwork, podCIDR, podCIDR6 }: NodeNetwork, ip: string): string | undefined {
  if (podNetwork?.carrier !== 'vxlan') return undefined;
  if (isIPv6Text(ip)) return podCIDR6 && formatIPv6(podCIDR6.base);
  return podCIDR && formatIPv4(podCIDR.base);
}
