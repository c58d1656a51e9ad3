import type { Program } from '../../../../emulator/kernel/index.ts';
import { isErrno } from '../../../../emulator/kernel/index.ts';
import { Namespace, ResolveError, resolveHost, tunnelAddress } from '../../../../emulator/node/network/index.ts';
import { jitterMs } from './flavour.ts';
import { getopt } from './getopt.ts';

/**
 * The routers on the way to an address: the node's bridge, or the node itself, when a Pod asks; and the node of a Pod elsewhere, by its
 * end of the tunnel where there is one.
 */
function routersTo(from: Namespace, ip: string): readonly string[] {
  const { node } = from;
  const far = node.network.nodeOf(ip);
  const own = node.gatewayLike(ip) ?? node.addressLike(ip);
  const routers = from.isRoot || from.addresses.length === 0 || ip === own || own === undefined ? [] : [own];
  if (far && far !== node && far.addressLike(ip) !== ip) routers.push(tunnelAddress(far, ip) ?? far.addressLike(ip) ?? far.ip);
  return node.podAt(ip) ? [] : routers;
}

/** traceroute: who passes a packet on. Silent routers are printed as stars. */
export const traceroute: Program = function* (sys) {
  const options = getopt(sys.argv.slice(1), { short: '46nIm:w:q:p:' });
  const host = 'problem' in options ? undefined : options.operands[0];
  if ('problem' in options || host === undefined || !(sys.net instanceof Namespace)) {
    yield* sys.print(2, 'Usage: traceroute [-nI] [-m MAXTTL] [-q PROBES] [-p PORT] [-w WAIT_SEC] HOST [BYTES]\n');
    return 1;
  }
  let ip: string;
  try {
    ip = yield* resolveHost(sys, host, options.has('6') ? 'IPv6' : undefined);
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    yield* sys.print(2, `traceroute: bad address '${host}'\n`);
    return 1;
  }
  const maxHops = options.number('m') ?? 30;
  const waitMs = (options.number('w') ?? 5) * 1000;
  yield* sys.print(1, `traceroute to ${host} (${ip}), ${maxHops} hops max, 46 byte packets\n`);
  const hops = [...routersTo(sys.net, ip), ip];
  for (let i = 0; i < maxHops; i++) {
    const hop = hops[i] ?? ip;
    let line = '';
    for (let probe = 0; probe < 3; probe++) {
      try {
        const ms = (yield* sys.net.ping(hop, { timeoutMs: waitMs })) + jitterMs(sys, hop, probe);
        line += `${probe === 0 ? `  ${hop} (${hop})` : ''}  ${ms.toFixed(3)} ms`;
      } catch (error) {
        if (!isErrno(error)) throw error;
        line += error.code === 'ETIMEDOUT' ? '  *' : `${probe === 0 ? `  ${sys.net.addresses[0]}` : ''}  !H`;
      }
    }
    yield* sys.print(1, `${String(i + 1).padStart(2)}${line}\n`);
    if (i >= hops.length - 1 && line.includes('(')) return 0;
    if (line.includes('!H')) return 0;
  }
  return 0;
};
