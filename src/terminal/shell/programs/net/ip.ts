/** ip: interfaces, addresses, routes and neighbours of the network namespace, as iproute2 prints them; and `ip link set eth0 down`. */
import type { Program, Sys } from '../../../../emulator/kernel/index.ts';
import type { Interface, NodeNetwork } from '../../../../emulator/node/network/index.ts';
import {
  broadcastOf,
  interfacesOf,
  isLoopback,
  linkLocalOf,
  Namespace,
  neighboursOf,
  routes6Of,
  routesOf,
  routeText,
  vxlan,
} from '../../../../emulator/node/network/index.ts';

const stateOf = ({ kind, isUp }: Interface): string => (kind === 'loopback' || kind === 'vxlan' ? 'UNKNOWN' : isUp ? 'UP' : 'DOWN');

/** What stands between the angle brackets. */
export function flagsOf({ kind, isUp }: Interface): string {
  if (kind === 'loopback') return 'LOOPBACK,UP,LOWER_UP';
  if (kind === 'dummy') return 'BROADCAST,NOARP';
  return isUp ? 'BROADCAST,MULTICAST,UP,LOWER_UP' : 'BROADCAST,MULTICAST';
}

function linkLines(index: number, one: Interface): string {
  const { name, peer, mtu, master, kind, mac } = one;
  const isLoopback = kind === 'loopback';
  const broadcast = isLoopback ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff';
  return `${index}: ${name}${peer}: <${flagsOf(one)}> mtu ${mtu} qdisc ${kind === 'dummy' ? 'noop' : 'noqueue'} ${master ? `master ${master} ` : ''}state ${stateOf(one)} group default ${kind === 'dummy' ? '' : 'qlen 1000'}\n    link/${isLoopback ? 'loopback' : 'ether'} ${mac} brd ${broadcast}\n`;
}

/** What `-d` adds. */
function detailLine({ kind, address6 }: Interface, { ip4, ip6 }: NodeNetwork): string {
  return kind === 'vxlan'
    ? `    vxlan id ${vxlan.id} local ${address6 === undefined ? ip4 : ip6} dev eth0 srcport 0 0 dstport ${vxlan.port} nolearning ttl auto ageing 300\n`
    : '';
}

/** Which families are shown: `-4`, `-6`, or all. */
interface Shown {
  readonly four: boolean;
  readonly six: boolean;
}

const lasting = '       valid_lft forever preferred_lft forever\n';

function addressLines(one: Interface, { four, six }: Shown): string {
  return `${four ? address4Lines(one) : ''}${six ? address6Lines(one) : ''}`;
}

/** Every interface that is up gives itself a link-local address, as soon as anybody here has one of IPv6. */
function address6Lines({ address6, kind, mac, isUp, addresses = [] }: Interface): string {
  const dummy = addresses.filter((one) => one.includes(':')).map((one) => `    inet6 ${one}/128 scope global \n${lasting}`);
  if (dummy.length > 0) return dummy.join('');
  if (address6 === undefined) return '';
  if (kind === 'loopback') return `    inet6 ${address6} scope host \n${lasting}`;
  const own = `    inet6 ${address6} scope global ${kind === 'veth' ? '' : 'nodad '}\n${lasting}`;
  return isUp ? `${own}    inet6 ${linkLocalOf(mac)}/64 scope link \n${lasting}` : own;
}

function address4Lines({ name, address, prefixLength, kind, addresses = [] }: Interface): string {
  const dummy = addresses.filter((one) => !one.includes(':')).map((one) => `    inet ${one}/32 scope global ${name}\n${lasting}`);
  if (dummy.length > 0) return dummy.join('');
  if (address === undefined) return '';
  const broadcast = prefixLength < 32 ? `brd ${broadcastOf(address, prefixLength)} ` : '';
  const scope = kind === 'loopback' ? 'scope host lo' : `${broadcast}scope global ${name}`;
  return `    inet ${address}/${prefixLength} ${scope}\n${lasting}`;
}

function brief(one: Interface, isLink: boolean, { four, six }: Shown): string {
  const { name, peer, address, address6, prefixLength, mac, addresses } = one;
  const shown6 = six && address6 !== undefined ? `${address6} ` : '';
  const detail = isLink
    ? `${mac} `
    : addresses
      ? addresses.map((ip) => (ip.includes(':') ? `${ip}/128 ` : `${ip}/32 `)).join('')
      : `${address === undefined || !four ? '' : `${address}/${prefixLength} `}${shown6}`;
  return `${`${name}${peer}`.padEnd(16)} ${stateOf(one).padEnd(14)} ${detail}\n`;
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

const showWords: readonly string[] = ['show', 's', 'list', 'l', 'ls', 'dev', 'sh', 'lst'];

/** `ip route`, `ip neigh`: the lines about a device, or all. */
function tableLines(namespace: Namespace, object: string, device: string | undefined, { four, six }: Shown): readonly string[] {
  if ('route'.startsWith(object))
    return (six && !four ? routes6Of(namespace) : routesOf(namespace))
      .filter(({ dev }) => device === undefined || dev === device)
      .map((route) => `${routeText(route)} ${route.rest}`);
  const families = [...(four ? (['IPv4'] as const) : []), ...(six ? (['IPv6'] as const) : [])];
  return families
    .flatMap((family) => neighboursOf(namespace, family))
    .filter(({ dev }) => device === undefined || dev === device)
    .map(({ ip, dev, mac, state }) => `${ip} dev ${dev} lladdr ${mac} ${state} `);
}

export const ip: Program = function* (sys) {
  const args = sys.argv.slice(1);
  const isBrief = args.some((arg) => arg === '-br' || arg === '-brief');
  const isDetailed = args.some((arg) => arg === '-d' || arg === '-details');
  const [isFour, isSix] = ['-4', '-6'].map((flag) => args.includes(flag));
  const hasSix = sys.net.addresses.some((one) => one.includes(':') && !isLoopback(one));
  const shown: Shown = { four: !isSix, six: !isFour && (hasSix || isSix === true) };
  const [object = 'help', ...rest] = args.filter((arg) => !arg.startsWith('-'));
  const { net } = sys;
  if (!(net instanceof Namespace)) throw new Error('ip needs the wire');
  const all = interfacesOf(net);
  const [name] = rest.filter((word) => !showWords.includes(word));
  const isLink = 'link'.startsWith(object);
  if ('route'.startsWith(object) || 'neighbour'.startsWith(object) || 'neighbor'.startsWith(object)) {
    const text = tableLines(net, object, name, { four: !isSix, six: !isFour }).map((line) => `${line}\n`);
    yield* sys.print(1, text.join(''));
    return 0;
  }
  if (isLink && rest[0] === 'set') {
    const { text, code } = setLink(sys, net.node, rest.slice(1));
    yield* sys.print(2, text);
    return code;
  }
  if (!isLink && !'address'.startsWith(object)) {
    yield* sys.print(2, `Object "${object}" is unknown, try "ip help".\n`);
    return 1;
  }
  if (name !== undefined && !all.some((one) => one.name === name)) {
    yield* sys.print(2, `Device "${name}" does not exist.\n`);
    return 1;
  }
  for (const [i, one] of all.entries()) {
    if (name !== undefined && name !== one.name) continue;
    if (isSix && !isLink && address6Lines(one) === '') continue;
    const details = isDetailed ? detailLine(one, net.node) : '';
    yield* sys.print(
      1,
      isBrief ? brief(one, isLink, shown) : `${linkLines(i + 1, one)}${details}${isLink ? '' : addressLines(one, shown)}`,
    );
  }
  return 0;
};
