/** getent, for hosts: what libc makes of a name. */
import type { Program } from '../../../../emulator/kernel/index.ts';
import { ResolveError, resolveAll } from '../../../../emulator/node/network/index.ts';

export const getent: Program = function* (sys) {
  const [database = '', ...keys] = sys.argv.slice(1);
  if (database !== 'hosts' && database !== 'ahosts' && database !== 'ahostsv4' && database !== 'ahostsv6') {
    yield* sys.print(2, `Unknown database: ${database}\nTry \`getent --help' or \`getent --usage' for more information.\n`);
    return 1;
  }
  let code = 0;
  for (const key of keys) {
    try {
      const families = { ahostsv4: 'IPv4', ahostsv6: 'IPv6' } as const;
      const addresses = yield* resolveAll(sys, key, families[database as keyof typeof families]);
      const lines =
        database === 'hosts'
          ? [`${addresses[0]!.padEnd(15)} ${key}`]
          : addresses.flatMap((ip) => [`${ip.padEnd(15)} STREAM ${key}`, `${ip.padEnd(15)} DGRAM  `, `${ip.padEnd(15)} RAW    `]);
      yield* sys.print(1, lines.map((line) => `${line}\n`).join(''));
    } catch (error) {
      if (!(error instanceof ResolveError)) throw error;
      code = 2;
    }
  }
  return code;
};
