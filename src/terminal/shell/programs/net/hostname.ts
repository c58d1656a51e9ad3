/** hostname, and getent for hosts: who this machine is, and who others are. */
import type { Program } from '../../../../emulator/kernel/index.ts';
import { ResolveError, resolveAll } from '../../../../emulator/node/network/index.ts';

export const hostname: Program = function* (sys) {
  const [flag] = sys.argv.slice(1);
  const addresses = sys.net.addresses.length > 0 ? sys.net.addresses.join(' ') : '127.0.0.1';
  switch (flag) {
    case undefined:
    case '-f':
    case '--fqdn':
      yield* sys.print(1, `${sys.hostname}\n`);
      return 0;
    case '-s':
      yield* sys.print(1, `${sys.hostname.replace(/\..*/, '')}\n`);
      return 0;
    case '-i':
      yield* sys.print(1, `${addresses}\n`);
      return 0;
    case '-I':
      yield* sys.print(1, `${addresses} \n`);
      return 0;
    case '-d':
      yield* sys.print(1, '\n');
      return 0;
    default:
      // Differs from Linux: a host's name cannot be changed.
      yield* sys.print(
        2,
        flag.startsWith('-')
          ? `hostname: invalid option -- '${flag.replace(/^-+/, '')}'\n`
          : 'hostname: you must be root to change the host name\n',
      );
      return 1;
  }
};

export const getent: Program = function* (sys) {
  const [database = '', ...keys] = sys.argv.slice(1);
  if (database !== 'hosts' && database !== 'ahosts' && database !== 'ahostsv4') {
    yield* sys.print(2, `Unknown database: ${database}\nTry \`getent --help' or \`getent --usage' for more information.\n`);
    return 1;
  }
  let code = 0;
  for (const key of keys) {
    try {
      const addresses = yield* resolveAll(sys, key);
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
