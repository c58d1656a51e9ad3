/**
 * etcdctl and etcdutl, as in etcd 3.6.
 *
 * - `commands.ts` holds the commands and their flags as data; `flags.ts` reads them, `help.ts` prints them.
 * - `keys.ts` get, put, del, compaction; `txn.ts`, `watch.ts`; `members.ts`, `endpoint.ts`, `lease.ts`, `snapshot.ts`, `auth.ts`: one
 *   file a family. `etcdutl.ts` is the other program.
 * - An answer is made once, as etcd's protobuf message (`messages.ts`); `print.ts` chooses among its forms.
 * - `client.ts` is the way to a member: TLS, deadlines and the log of etcd's client.
 *
 * Differs from Kubernetes: values are shown as JSON, and encrypted ones are encrypted JSON. A real etcd holds the API's objects as protobuf, which a terminal cannot show.
 * Differs from Kubernetes: without flags or environment the certificates of /etc/kubernetes/pki/etcd are used, if they are there.
 */
import type { Call, Program, Sys } from '../../../emulator/kernel/index.ts';
import { etcdVersion } from '../../../emulator/control-plane/etcd/index.ts';
import { authDisable, authEnable, authStatus, userOrRole } from './auth.ts';
import { CallError, EtcdClient } from './client.ts';
import type { ClientTls } from './client.ts';
import type { Context, Format } from './context.ts';
import { exitCodes, UsageError } from './context.ts';
import { defrag, endpointHashKV, endpointHealth, endpointStatus } from './endpoint.ts';
import { durationMs, findCommand, readEnvironment, readFlags, suggestionsFor } from './flags.ts';
import type { GivenFlags } from './flags.ts';
import { help } from './help.ts';
import { compaction, del, get, put } from './keys.ts';
import { leaseGrant, leaseKeepAlive, leaseList, leaseRevoke, leaseTimeToLive } from './lease.ts';
import { alarmDisarm, alarmList, memberAdd, memberList, memberPromote, memberRemove, memberUpdate, moveLeader } from './members.ts';
import { snapshotSave } from './snapshot.ts';
import { txn } from './txn.ts';
import { watch } from './watch.ts';

export { etcdutl } from './etcdutl.ts';

const programs: Readonly<Record<string, (context: Context, path: string) => Call<number>>> = {
  'alarm disarm': alarmDisarm,
  'alarm list': alarmList,
  'auth disable': authDisable,
  'auth enable': authEnable,
  'auth status': authStatus,
  compaction,
  defrag,
  del,
  'endpoint hashkv': endpointHashKV,
  'endpoint health': endpointHealth,
  'endpoint status': endpointStatus,
  get,
  'lease grant': leaseGrant,
  'lease keep-alive': leaseKeepAlive,
  'lease list': leaseList,
  'lease revoke': leaseRevoke,
  'lease timetolive': leaseTimeToLive,
  'member add': memberAdd,
  'member list': memberList,
  'member promote': memberPromote,
  'member remove': memberRemove,
  'member update': memberUpdate,
  'move-leader': moveLeader,
  put,
  'snapshot save': snapshotSave,
  txn,
  watch,
};

/** Commands that read the environment before they look at --command-timeout; the others look first. */
const readsTimeoutLate = /^(endpoint|defrag|move-leader|snapshot)/;

const formats: readonly string[] = ['simple', 'fields', 'json', 'protobuf', 'table'];

/** Certificates that kubeadm lays down, if they are there and nobody names others. */
const usual = {
  cacert: '/etc/kubernetes/pki/etcd/ca.crt',
  cert: '/etc/kubernetes/pki/etcd/server.crt',
  key: '/etc/kubernetes/pki/etcd/server.key',
};

/** Throws a UsageError for files that cannot be read. */
function tlsOf(sys: Sys, given: GivenFlags): ClientTls | undefined {
  for (const name of ['cert', 'key', 'cacert'])
    if (given.values.get(name) === '') throw new UsageError(`empty string is passed to --${name} option`);
  const isNamed = ['cacert', 'cert', 'key'].some((name) => given.has(name));
  const isUsual = !isNamed && [usual.cacert, usual.cert, usual.key].every((file) => sys.fs.find(file));
  const [cacert, cert, key] = isUsual
    ? [usual.cacert, usual.cert, usual.key]
    : [given.text('cacert'), given.text('cert'), given.text('key')];
  const skipsVerification = given.has('insecure-skip-tls-verify');
  if (cacert === '' && cert === '' && key === '' && !skipsVerification && given.has('insecure-transport')) return undefined;
  if ((cert === '') !== (key === '')) throw new UsageError(`KeyFile and CertFile must both be present[key: ${key}, cert: ${cert}]`);
  for (const file of [cert, key, cacert])
    if (file !== '' && !sys.fs.find(sys.path(file))) throw new UsageError(`open ${file}: no such file or directory`);
  return { cacert, cert, skipsVerification };
}

function contextOf(sys: Sys, path: string, given: GivenFlags, timeout: string): Context {
  const format = given.text('write-out');
  const client = new EtcdClient(sys, tlsOf(sys, given), durationMs(timeout)!);
  if (!formats.includes(format)) throw new UsageError('unsupported output format', exitCodes.badFeature);
  const endpoints = given
    .text('endpoints')
    .split(',')
    .map((endpoint) => endpoint.trim());
  return {
    sys,
    given,
    client,
    endpoints,
    format: format as Format,
    isHex: given.has('hex'),
    isValueOnly: path === 'get' && given.has('print-value-only'),
    isTimeoutGiven: given.values.has('command-timeout'),
    call: (method, run) => client.call(endpoints, method, run),
  };
}

function* runCommand(sys: Sys, path: string, given: GivenFlags): Call<number> {
  const early = given.text('command-timeout');
  const problems = readEnvironment(sys, path, given);
  for (const { level, msg, variable } of problems) {
    const client = new EtcdClient(sys, undefined, 0);
    yield* client.log(level, msg, { caller: `flags/flag.go:${level === 'fatal' ? 85 : 94}`, 'environment-variable': variable });
    if (level === 'fatal') return exitCodes.error;
  }
  const timeout = readsTimeoutLate.test(path) ? given.text('command-timeout') : early;
  const run = programs[path] ?? (/^(user|role) /.test(path) ? userOrRole : undefined);
  if (!run) throw new UsageError(`etcdctl ${path} is not simulated here`, exitCodes.error);
  return yield* run(contextOf(sys, path, given, timeout), path);
}

export const etcdctl: Program = function* (sys): Call<number> {
  const argv = sys.argv.slice(1);
  const found = findCommand(argv[0] === 'help' ? argv.slice(1) : argv);
  if (!found) {
    const word = argv.find((arg) => !arg.startsWith('-'))!;
    const near = suggestionsFor(word);
    const hint = near.length === 0 ? '' : `\n\nDid you mean this?\n${near.map((name) => `\t${name}\n`).join('')}`;
    yield* sys.print(2, `Error: unknown command ${JSON.stringify(word)} for "etcdctl"${hint}\nRun 'etcdctl --help' for usage.\n`);
    return exitCodes.error;
  }
  const { path, rest } = found;
  const read = readFlags(path, rest, true);
  if ('problem' in read) {
    yield* sys.print(2, `Error: ${read.problem}\n`);
    yield* sys.print(1, help(path));
    return exitCodes.error;
  }
  if (path === 'version' && !read.has('help')) {
    yield* sys.print(1, `etcdctl version: ${etcdVersion}\nAPI version: 3.6\n`);
    return 0;
  }
  const isCommand =
    programs[path] !== undefined ||
    /^(user|role) /.test(path) ||
    ['completion', 'elect', 'lock', 'make-mirror'].includes(path) ||
    /^(check|downgrade) /.test(path);
  if (!isCommand || read.has('help') || argv[0] === 'help') {
    yield* sys.print(1, help(path));
    return 0;
  }
  try {
    return yield* runCommand(sys, path, read);
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof CallError)) throw error;
    const isPanic = error.message.startsWith('panic: ');
    yield* sys.print(2, isPanic ? `${error.message}\n` : `Error: ${error.message}\n`);
    return error instanceof UsageError ? error.code : exitCodes.error;
  }
};
