/** lease grant|revoke|timetolive|list|keep-alive. Upstream: etcdctl/ctlv3/command/lease_command.go. */
import type { Call } from '../../../emulator/kernel/index.ts';
import type { Context } from './context.ts';
import { exitCodes, usage } from './context.ts';

const text = (id: number): string => id.toString(16).padStart(16, '0');

export function* lease({ sys, etcd, words, flags }: Context): Call<number> {
  const [verb = '', word = ''] = words;
  if (verb === 'list') {
    yield* etcd.linearizable();
    const { ids } = etcd.data.leases;
    yield* sys.print(1, `found ${ids.length} leases\n${ids.map((id) => `${text(id)}\n`).join('')}`);
    return 0;
  }
  if (!['grant', 'revoke', 'timetolive', 'keep-alive'].includes(verb))
    return yield* usage(sys, `unknown command ${JSON.stringify(verb)} for "etcdctl lease"`);
  if (verb === 'grant') {
    if (!/^\d+$/.test(word))
      return yield* usage(sys, `bad TTL (strconv.ParseInt: parsing "${word}": invalid syntax)`, exitCodes.badArguments);
    const id = yield* etcd.grant(Number(word) * 1000);
    yield* sys.print(1, `lease ${text(id)} granted with TTL(${word}s)\n`);
    return 0;
  }
  const id = Number.parseInt(word, 16);
  if (!/^[0-9a-f]+$/.test(word))
    return yield* usage(
      sys,
      `bad lease ID arg (strconv.ParseInt: parsing "${word}": invalid syntax), expecting ID in Hex`,
      exitCodes.badArguments,
    );
  if (verb === 'revoke') {
    yield* etcd.revoke(id);
    yield* sys.print(1, `lease ${text(id)} revoked\n`);
    return 0;
  }
  yield* etcd.linearizable();
  const found = etcd.data.leases.find(id);
  if (verb === 'timetolive') {
    if (!found) {
      yield* sys.print(1, `lease ${text(id)} already expired\n`);
      return 0;
    }
    const keys = found.keys.map(({ keyspace, directory, name }) => keyspace.prefix + directory + name);
    const attached = flags.has('keys') ? `, attached keys([${keys.join(' ')}])` : '';
    const [ttl, left] = [Math.round(found.ttlMs / 1000), Math.floor(found.leftMs / 1000)];
    yield* sys.print(1, `lease ${text(id)} granted with TTL(${ttl}s), remaining(${left}s)${attached}\n`);
    return 0;
  }
  for (;;) {
    const alive = etcd.data.leases.find(id);
    if (!alive) {
      yield* sys.print(1, `lease ${text(id)} expired or revoked.\n`);
      return 0;
    }
    yield* etcd.keepAlive(id);
    yield* sys.print(1, `lease ${text(id)} keepalived with TTL(${Math.round(alive.ttlMs / 1000)})\n`);
    if (flags.has('once')) return 0;
    yield* sys.sleep(alive.ttlMs / 3);
  }
}
