/** ip: interfaces, addresses and routes of the network namespace, as iproute2 prints them; and `ip link set eth0 down`. */
import type { Program, Sys } from '../../../../emulator/kernel/index.ts';
import type { NodeNetwork } from '../../../../emulator/node/network/index.ts';
import { Namespace, parseIPv4 } from '../../../../emulator/node/network/index.ts';

interface Interface {
  readonly name: string;
  /** What follows the name: `eth0@if7`. */
  readonly peer: string;
  readonly mac: string;
  readonly address: string | undefined;
  readonly prefixLength: number;
  readonly isUp: boolean;
  readonly master?: string;
}

const hexByte = (n: number): string => n.toString(16).padStart(2, '0');

function mac(prefix: string, ip: string): string {
  const value = parseIPv4(ip) ?? 0;
  return `${prefix}:${[24, 16, 8, 0].map((shift) => hexByte((value >>> shift) & 255)).join(':')}`;
}

/** The host's end of a Pod's link has a name of eight digits. */
function vethName(ip: string): string {
  return `veth${((Math.imul(parseIPv4(ip)!, 2_654_435_761) >>> 0).toString(16)).padStart(8, '0')}`;
}

const loopback: Interface = { name: 'lo', peer: '', mac: '00:00:00:00:00:00', address: '127.0.0.1', prefixLength: 8, isUp: true };

function interfacesOf(namespace: Namespace): readonly Interface[] {
  const { node } = namespace;
  if (!namespace.isRoot) {
    const [ip] = namespace.addresses;
    if (ip === undefined) return [loopback];
    return [
      loopback,
      { name: 'eth0', peer: '@if3', mac: mac('0a:58', ip), address: ip, prefixLength: node.podCIDR?.prefixLength ?? 24, isUp: true },
    ];
  }
  const found: Interface[] = [
    loopback,
    { name: 'eth0', peer: '@if9', mac: mac('02:42', node.ip), address: node.ip, prefixLength: 16, isUp: node.isUp },
  ];
  if (node.podCIDR)
    found.push({
      name: 'cni0',
      peer: '',
      mac: mac('0a:58', node.gatewayIP!),
      address: node.gatewayIP!,
      prefixLength: node.podCIDR.prefixLength,
      isUp: node.pods.size > 0,
    });
  for (const ip of node.pods.keys())
    found.push({
      name: vethName(ip),
      peer: '@if2',
      mac: mac('0e:58', ip),
      address: undefined,
      prefixLength: 0,
      isUp: true,
      master: 'cni0',
    });
  return found;
}

function linkLine(index: number, { name, peer, isUp, master }: Interface): string {
  const isLoopback = name === 'lo';
  const flags = isLoopback ? 'LOOPBACK,UP,LOWER_UP' : isUp ? 'BROADCAST,MULTICAST,UP,LOWER_UP' : 'BROADCAST,MULTICAST';
  return `${index}: ${name}${peer}: <${flags}> mtu ${isLoopback ? 65_536 : 1500} qdisc noqueue ${master ? `master ${master} ` : ''}state ${isLoopback ? 'UNKNOWN' : isUp ? 'UP' : 'DOWN'} group default qlen 1000\n    link/${isLoopback ? 'loopback' : 'ether'} `;
}

function addressLines({ name, address, prefixLength }: Interface): string {
  if (address === undefined) return '';
  const value = parseIPv4(address)!;
  const broadcast = (value | (2 ** (32 - prefixLength) - 1)) >>> 0;
  const text = [24, 16, 8, 0].map((shift) => (broadcast >>> shift) & 255).join('.');
  const scope = name === 'lo' ? 'scope host lo' : `brd ${text} scope global ${name}`;
  return `    inet ${address}/${prefixLength} ${scope}\n       valid_lft forever preferred_lft forever\n`;
}

function routesOf(namespace: Namespace): readonly string[] {
  const { node } = namespace;
  const cidr = node.podCIDR;
  if (!namespace.isRoot) {
    const [ip] = namespace.addresses;
    return ip === undefined || !cidr
      ? []
      : [`default via ${node.gatewayIP} dev eth0 `, `${cidr.text} dev eth0 proto kernel scope link src ${ip} `];
  }
  if (!node.isUp) return cidr ? [`${cidr.text} dev cni0 proto kernel scope link src ${node.gatewayIP} `] : [];
  const [a, b] = node.ip.split('.');
  const routes: { readonly to: string; readonly rest: string }[] = [];
  for (const other of node.network.nodes.values()) {
    if (!other.podCIDR) continue;
    routes.push({
      to: other.podCIDR.text,
      rest: other === node ? `dev cni0 proto kernel scope link src ${node.gatewayIP} ` : `via ${other.ip} dev eth0 `,
    });
  }
  routes.push({ to: `${a}.${b}.0.0/16`, rest: `dev eth0 proto kernel scope link src ${node.ip} ` });
  routes.sort((x, y) => parseIPv4(x.to.split('/')[0]!)! - parseIPv4(y.to.split('/')[0]!)!);
  return [`default via ${a}.${b}.0.1 dev eth0 `, ...routes.map(({ to, rest }) => `${to} ${rest}`)];
}

function brief({ name, peer, isUp, address, prefixLength, mac: hardware }: Interface, isLink: boolean): string {
  const state = name === 'lo' ? 'UNKNOWN' : isUp ? 'UP' : 'DOWN';
  const detail = isLink ? `${hardware} ` : address === undefined ? '' : `${address}/${prefixLength} `;
  return `${`${name}${peer}`.padEnd(16)} ${state.padEnd(14)} ${detail}\n`;
}

function setLink(sys: Sys, node: NodeNetwork, args: readonly string[]): { readonly text: string; readonly code: number } {
  const [name = '', state] = args[0] === 'dev' ? args.slice(1) : args;
  if (state !== 'up' && state !== 'down')
    return { text: `Error: argument "${state ?? ''}" is wrong: only up and down can be set here\n`, code: 255 };
  if (!(sys.net instanceof Namespace) || !sys.net.isRoot) return { text: 'RTNETLINK answers: Operation not permitted\n', code: 2 };
  if (name !== 'eth0') return { text: `Cannot find device "${name}"\n`, code: 1 };
  node.setUp(state === 'up');
  return { text: '', code: 0 };
}

export const ip: Program = function* (sys) {
  const args = sys.argv.slice(1);
  const isBrief = args.some((arg) => arg === '-br' || arg === '-brief');
  const [object = 'help', ...rest] = args.filter((arg) => !arg.startsWith('-'));
  if (!(sys.net instanceof Namespace)) throw new Error('ip needs the wire');
  const all = interfacesOf(sys.net);
  const names = rest.filter((word) => !['show', 's', 'list', 'l', 'ls', 'dev', 'sh', 'lst'].includes(word));
  const isLink = 'link'.startsWith(object);
  if ('route'.startsWith(object)) {
    yield* sys.print(
      1,
      routesOf(sys.net)
        .map((line) => `${line}\n`)
        .join(''),
    );
    return 0;
  }
  if (isLink && rest[0] === 'set') {
    const { text, code } = setLink(sys, sys.net.node, rest.slice(1));
    yield* sys.print(2, text);
    return code;
  }
  if (!isLink && !'address'.startsWith(object)) {
    yield* sys.print(2, `Object "${object}" is unknown, try "ip help".\n`);
    return 1;
  }
  if (names[0] !== undefined && !all.some(({ name }) => name === names[0])) {
    yield* sys.print(2, `Device "${names[0]}" does not exist.\n`);
    return 1;
  }
  for (const [i, one] of all.entries()) {
    if (names[0] !== undefined && names[0] !== one.name) continue;
    const broadcast = one.name === 'lo' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff';
    yield* sys.print(
      1,
      isBrief ? brief(one, isLink) : `${linkLine(i + 1, one)}${one.mac} brd ${broadcast}\n${isLink ? '' : addressLines(one)}`,
    );
  }
  return 0;
};
