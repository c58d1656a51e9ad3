/** bridge and arp: the forwarding table, the ports of the bridge, and the neighbours, as iproute2 and net-tools print them. */
import type { Program } from '../../../../emulator/kernel/index.ts';
import { forwardingOf, interfacesOf, Namespace, neighboursOf } from '../../../../emulator/node/network/index.ts';
import { flagsOf } from './ip.ts';

/** The device after `dev`, if one is named. */
function deviceIn(words: readonly string[]): string | undefined {
  const at = words.indexOf('dev');
  return at >= 0 ? words[at + 1] : undefined;
}

function bridgeLines(namespace: Namespace, object: string, device: string | undefined): readonly string[] | undefined {
  if ('fdb'.startsWith(object))
    return forwardingOf(namespace.node)
      .filter(({ dev }) => device === undefined || dev === device)
      .map(({ mac, dev, rest }) => `${mac} dev ${dev} ${rest}`);
  if (!'link'.startsWith(object)) return undefined;
  return interfacesOf(namespace).flatMap((one, i) =>
    one.master === undefined || (device !== undefined && device !== one.name)
      ? []
      : [`${i + 1}: ${one.name}${one.peer}: <${flagsOf(one)}> mtu ${one.mtu} master ${one.master} state forwarding priority 32 cost 2 `],
  );
}

/** bridge: `fdb` and `link`, to look at. */
export const bridge: Program = function* (sys) {
  const [object = 'help', ...rest] = sys.argv.slice(1).filter((arg) => !arg.startsWith('-'));
  if (!(sys.net instanceof Namespace)) throw new Error('bridge needs the wire');
  const lines = sys.net.isRoot ? bridgeLines(sys.net, object, deviceIn(rest)) : [];
  if (!lines) {
    yield* sys.print(2, `Object "${object}" is unknown, try "bridge help".\n`);
    return 255;
  }
  if (rest[0] !== undefined && !['show', 'list', 'lst', 'dev'].includes(rest[0])) {
    // Differs from Linux: the tables of a bridge are the network plugin's; this tool only shows them.
    yield* sys.print(2, `Command "${rest[0]}" is unknown, try "bridge ${object} help".\n`);
    return 255;
  }
  yield* sys.print(1, lines.map((line) => `${line}\n`).join(''));
  return 0;
};

/** arp -n: the neighbours in a table. */
export const arp: Program = function* (sys) {
  if (!(sys.net instanceof Namespace)) throw new Error('arp needs the wire');
  const words = sys.argv.slice(1);
  const at = words.findIndex((word) => word === '-i' || word === '--device');
  const device = at >= 0 ? words[at + 1] : undefined;
  const found = neighboursOf(sys.net, 'IPv4').filter(({ dev }) => device === undefined || dev === device);
  yield* sys.print(1, 'Address                  HWtype  HWaddress           Flags Mask            Iface\n');
  for (const { ip, dev, mac, state } of found) {
    const flags = state === 'PERMANENT' ? 'CM' : 'C';
    yield* sys.print(1, `${ip.padEnd(24)} ${'ether'.padEnd(7)} ${mac.padEnd(19)} ${flags.padEnd(21)} ${dev}\n`);
  }
  return 0;
};
