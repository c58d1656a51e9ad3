/** lease grant|revoke|timetolive|list|keep-alive. Upstream: etcdctl/ctlv3/command/lease_command.go, client/v3/lease.go. */
import type { EtcdMember } from '../../../emulator/control-plane/etcd/index.ts';
import { EtcdError, etcdErrors } from '../../../emulator/control-plane/etcd/index.ts';
import type { Call } from '../../../emulator/kernel/index.ts';
import { base64, textOf, utf8 } from '../../../emulator/kernel/index.ts';
import type { ByteString } from '../../../emulator/kernel/index.ts';
import { CallError } from './client.ts';
import type { Context } from './context.ts';
import { exitCodes, headerOf, hexId, UsageError } from './context.ts';
import { fieldPrinters } from './fields.ts';
import { goInteger, hexInteger } from './integers.ts';
import type { Message } from './messages.ts';
import { json, protobuf, schemas } from './messages.ts';
import { print, unsupported } from './print.ts';

/**
 * Prints an answer about leases. They are structs of the client around the header of the message, so that JSON has the header's
 * fields beside their own, and protobuf the header alone.
 */
function* show({ sys, format, isHex }: Context, fields: string, message: Message, own: string, simple: string): Call<void> {
  const header = message.header as Message;
  if (format === 'simple') return yield* sys.print(1, simple);
  if (format === 'json') return yield* sys.print(1, `${json(schemas.header, header).slice(0, -1)},${own}}\n`);
  if (format === 'protobuf') return yield* sys.write(1, protobuf(schemas.header, header));
  if (format === 'table') throw unsupported('table');
  yield* sys.print(1, fieldPrinters[fields]!(message, isHex));
}

function one({ given }: Context, missing: string): string {
  const [word, ...more] = given.words;
  if (word === undefined || more.length > 0) throw new UsageError(missing);
  return word;
}

const leaseId = (context: Context, missing: string): number => hexInteger(one(context, missing), 'bad lease ID arg');

/** Runs a call whose failure has its own words or exit code. */
function* orElse<T>(call: Call<T>, code: number, what = ''): Call<T> {
  try {
    return yield* call;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw new UsageError(what === '' ? error.message : `failed to ${what} lease (${error.message})`, code);
  }
}

/** Leases last at least one and a half times the election timeout, in whole seconds (server/etcdserver/server.go). */
const minSeconds = 2;
const maxSeconds = 9_000_000_000;

export function* leaseGrant(context: Context): Call<number> {
  const asked = goInteger(one(context, 'lease grant command needs TTL argument'), exitCodes.badArguments, 'bad TTL');
  const seconds = Math.max(minSeconds, asked);
  const grant = context.call('Lease/LeaseGrant', function* (etcd): Call<Message> {
    if (asked > maxSeconds) throw new EtcdError(etcdErrors.leaseTTLTooLarge);
    const ID = yield* etcd.grant(seconds * 1000);
    return { header: headerOf(etcd), ID, TTL: seconds };
  });
  const message = yield* orElse(grant, exitCodes.error, 'grant');
  const own = `"ID":${message.ID},"TTL":${seconds},"Error":""`;
  yield* show(context, 'lease', message, own, `lease ${hexId(message.ID as number)} granted with TTL(${seconds}s)\n`);
  return 0;
}

export function* leaseRevoke(context: Context): Call<number> {
  const id = leaseId(context, 'lease revoke command needs 1 argument');
  const revoke = context.call('Lease/LeaseRevoke', function* (etcd): Call<Message> {
    yield* etcd.revoke(id);
    return { header: headerOf(etcd) };
  });
  const message = yield* orElse(revoke, exitCodes.error, 'revoke');
  if (context.format === 'fields') yield* show(context, 'leaseRevoke', message, '', '');
  else yield* print(context, 'headerOnly', message, `lease ${hexId(id)} revoked\n`);
  return 0;
}

export function* leaseTimeToLive(context: Context): Call<number> {
  const id = leaseId(context, 'lease timetolive command needs lease ID as argument');
  const areKeysWanted = context.given.has('keys');
  const ask = context.call('Lease/LeaseTimeToLive', function* (etcd) {
    yield* etcd.linearizable();
    const found = etcd.data.leases.find(id);
    const keys = found?.keys.map(({ keyspace, directory, name }) => utf8(keyspace.prefix + directory + name)).sort();
    const [ttl, granted] = found ? [Math.floor(found.leftMs / 1000), Math.round(found.ttlMs / 1000)] : [-1, 0];
    return { header: headerOf(etcd), ttl, granted, keys: (areKeysWanted && keys) || [] };
  });
  const { header, ttl, granted, keys } = yield* orElse(ask, exitCodes.badConnection);
  const attached = areKeysWanted ? `, attached keys([${keys.map((key) => textOf(key)).join(' ')}])` : '';
  const list = keys.length === 0 ? 'null' : `[${keys.map((key: ByteString) => `"${base64(key)}"`).join(',')}]`;
  const simple =
    granted === 0 && ttl === -1
      ? `lease ${hexId(id)} already expired\n`
      : `lease ${hexId(id)} granted with TTL(${granted}s), remaining(${ttl}s)${attached}\n`;
  const message = { header, ID: id, TTL: ttl, grantedTTL: granted, keys };
  yield* show(context, 'leaseTimeToLive', message, `"id":${id},"ttl":${ttl},"granted-ttl":${granted},"keys":${list}`, simple);
  return 0;
}

export function* leaseList(context: Context): Call<number> {
  const ask = context.call('Lease/LeaseLeases', function* (etcd) {
    yield* etcd.linearizable();
    return { header: headerOf(etcd), ids: etcd.data.leases.ids };
  });
  const { header, ids } = yield* orElse(ask, exitCodes.badConnection);
  const leases = ids.map((ID) => ({ ID }));
  const own = `"leases":[${ids.map((id) => `{"id":${id}}`).join(',')}]`;
  const simple = `found ${ids.length} leases\n${ids.map((id) => `${hexId(id)}\n`).join('')}`;
  yield* show(context, 'leases', { header, leases }, own, simple);
  return 0;
}

/** Renews a lease. Undefined when it is gone. */
function* renew(etcd: EtcdMember, id: number): Call<Message | undefined> {
  const found = etcd.data.leases.find(id);
  if (!found) return undefined;
  yield* etcd.keepAlive(id);
  return { header: headerOf(etcd), ID: id, TTL: Math.round(found.ttlMs / 1000) };
}

export function* leaseKeepAlive(context: Context): Call<number> {
  const { sys, given, call, format } = context;
  const id = leaseId(context, 'lease keep-alive command needs lease ID as argument');
  for (;;) {
    const message = yield* orElse(
      call('Lease/LeaseKeepAlive', (etcd) => renew(etcd, id)),
      exitCodes.badConnection,
    );
    if (!message && given.has('once')) throw new UsageError(etcdErrors.leaseNotFound, exitCodes.badConnection);
    if (!message) {
      if (format === 'simple') yield* sys.print(1, `lease ${hexId(id)} expired or revoked.\n`);
      return 0;
    }
    const seconds = message.TTL as number;
    yield* show(context, 'lease', message, `"ID":${id},"TTL":${seconds}`, `lease ${hexId(id)} keepalived with TTL(${seconds})\n`);
    if (given.has('once')) return 0;
    yield* sys.sleep((seconds * 1000) / 3);
  }
}
