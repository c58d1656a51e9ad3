/**
 * etcdctl and etcdutl, as in etcd 3.6.
 *
 * - `keys.ts` get, put, del, watch, txn-less; `members.ts`, `endpoint.ts`, `lease.ts`, `snapshot.ts` the rest, one file a family.
 * - Commands that ask each member for itself (`endpoint`, `defrag`, `move-leader`) go through all endpoints; others take the first
 *   that answers.
 *
 * Differs from Kubernetes: values are shown as JSON, and encrypted ones are encrypted JSON. A real etcd holds the API's objects as protobuf, which a terminal cannot show.
 * Differs from Kubernetes: without flags or environment the certificates of /etc/kubernetes/pki/etcd are used, if they are there.
 */
import type { EtcdMember } from '../../../emulator/control-plane/etcd/index.ts';
import { EtcdError, etcdVersion } from '../../../emulator/control-plane/etcd/index.ts';
import type { Call, Program, Sys } from '../../../emulator/kernel/index.ts';
import { isErrno } from '../../../emulator/kernel/index.ts';
import type { FlagSpec } from '../arguments.ts';
import { parseArguments } from '../arguments.ts';
import type { Context, Reached, Unreached } from './context.ts';
import { exitCodes, usage } from './context.ts';
import { defrag, endpoint } from './endpoint.ts';
import { getPrinters } from './get.ts';
import { compaction, del, get, put, watch } from './keys.ts';
import { lease } from './lease.ts';
import { alarm, member, moveLeader } from './members.ts';
import { snapshot } from './snapshot.ts';

export { etcdutl } from './snapshot.ts';

const value = (name: string) => ({ name, takesValue: true });
const flags: FlagSpec = {
  '--endpoints': value('endpoints'),
  '--cacert': value('cacert'),
  '--cert': value('cert'),
  '--key': value('key'),
  '--prefix': { name: 'prefix' },
  '--keys-only': { name: 'keys-only' },
  '--limit': value('limit'),
  '--count-only': { name: 'count-only' },
  '--from-key': { name: 'from-key' },
  '--rev': value('rev'),
  '-w': value('write-out'),
  '--write-out': value('write-out'),
  '--print-value-only': { name: 'print-value-only' },
  '--prev-kv': { name: 'prev-kv' },
  '--command-timeout': value('command-timeout'),
  '--dial-timeout': value('dial-timeout'),
  '--cluster': { name: 'cluster' },
  '--order': value('order'),
  '--sort-by': value('sort-by'),
  '--debug': { name: 'debug' },
  '--peer-urls': value('peer-urls'),
  '--learner': { name: 'learner' },
  '--lease': value('lease'),
  '--keys': { name: 'keys' },
  '--once': { name: 'once' },
  '--consistency': value('consistency'),
};

interface Command {
  readonly run: (context: Context) => Call<number>;
  /** Differs from Kubernetes: not every command prints in every form of the real etcdctl. */
  readonly formats: readonly string[];
  /** It asks every endpoint for itself. */
  readonly asksEach?: boolean;
}

const commands: Readonly<Record<string, Command>> = {
  alarm: { run: alarm, formats: ['simple'] },
  compaction: { run: compaction, formats: ['simple'] },
  defrag: { run: defrag, formats: ['simple'], asksEach: true },
  del: { run: del, formats: ['simple'] },
  endpoint: { run: endpoint, formats: ['simple', 'table', 'json'], asksEach: true },
  get: { run: get, formats: Object.keys(getPrinters) },
  lease: { run: lease, formats: ['simple'] },
  member: { run: member, formats: ['simple', 'table', 'json'] },
  'move-leader': { run: moveLeader, formats: ['simple'], asksEach: true },
  put: { run: put, formats: ['simple'] },
  snapshot: { run: snapshot, formats: ['simple'] },
  watch: { run: watch, formats: ['simple'] },
};

/** Commands of the real one that are not here; a beginning that one of them shares is ambiguous. */
const absent = ['auth', 'check', 'completion', 'elect', 'help', 'lock', 'make-mirror', 'role', 'txn', 'user', 'version'];

/** A command by its name, or by a beginning that no other has (`cobra.EnablePrefixMatching`): `etcdctl compact`. */
function commandOf(name: string): Command | undefined {
  const named = [...Object.keys(commands), ...absent].filter((known) => known.startsWith(name));
  const full = named.includes(name) || named.length !== 1 ? name : named[0]!;
  return Object.hasOwn(commands, full) ? commands[full] : undefined;
}

const unprintable = (format: string): string =>
  ['fields', 'json', 'protobuf', 'simple', 'table'].includes(format)
    ? `${format} is not supported as output format here`
    : 'unsupported output format';

/** --command-timeout, which ends before the server's own. */
const commandTimeoutMs = 5000;

/** Waits as long as the client keeps trying, and logs as it does. */
function* reach(sys: Sys, address: string): Call<Reached | Unreached> {
  const [, ip = '', port = ''] = /^(?:https?:\/\/)?(.+):(\d+)$/.exec(address) ?? [];
  let why = 'transport: authentication handshake failed: EOF';
  const since = sys.nowMs;
  try {
    const connection = yield* sys.net.connect(
      { ip: ip === 'localhost' ? '127.0.0.1' : ip, port: Number(port) },
      { timeoutMs: commandTimeoutMs },
    );
    sys.own(() => connection.close());
    const etcd = connection.service.endpoint as EtcdMember | undefined;
    if (etcd?.data) return { endpoint: address, etcd };
  } catch (error) {
    if (!isErrno(error)) throw error;
    why = `transport: Error while dialing: dial tcp ${ip}:${port}: connect: ${error.message.toLowerCase()}`;
  }
  const left = commandTimeoutMs - (sys.nowMs - since);
  if (left > 0) yield* sys.sleep(left);
  const error = `rpc error: code = DeadlineExceeded desc = latest balancer error: last connection error: connection error: desc = "${why}"`;
  const warning = {
    level: 'warn',
    ts: sys.kernel.clock.microTime(),
    logger: 'etcd-client',
    caller: 'v3@v3.6.5/retry_interceptor.go:65',
    msg: 'retrying of unary invoker failed',
    target: `etcd-endpoints://0x1/${address}`,
    attempt: 0,
    error,
  };
  yield* sys.print(2, `${JSON.stringify(warning)}\n`);
  return { endpoint: address, error: 'context deadline exceeded' };
}

/** The first member that answers; undefined after the last word on standard error. */
function* firstOf(sys: Sys, endpoints: readonly string[]): Call<Reached | undefined> {
  let last = '';
  for (const address of endpoints) {
    const reached = yield* reach(sys, address);
    if ('etcd' in reached) return reached;
    last = reached.error;
  }
  yield* usage(sys, last);
  return undefined;
}

export const etcdctl: Program = function* (sys): Call<number> {
  const parsed = parseArguments(sys.argv.slice(1), flags);
  const [name, ...words] = parsed.words;
  if (parsed.unknown !== undefined) return yield* usage(sys, `unknown flag: ${parsed.unknown}`);
  if (name === 'version') {
    yield* sys.print(1, `etcdctl version: ${etcdVersion}\nAPI version: 3.6\n`);
    return 0;
  }
  const command = name === undefined ? undefined : commandOf(name);
  if (!command) {
    if (name !== undefined) return yield* usage(sys, `unknown command ${JSON.stringify(name)} for "etcdctl"`);
    const verbs = Object.keys(commands).map((verb) => `\t${verb}\n`);
    yield* sys.print(
      1,
      `NAME:\n\tetcdctl - A simple command line client for etcd3.\n\nUSAGE:\n\tetcdctl [flags]\n\nCOMMANDS:\n${verbs.join('')}`,
    );
    return 0;
  }
  const files = [
    parsed.flags.get('cacert') ?? sys.env.get('ETCDCTL_CACERT') ?? '/etc/kubernetes/pki/etcd/ca.crt',
    parsed.flags.get('cert') ?? sys.env.get('ETCDCTL_CERT') ?? '/etc/kubernetes/pki/etcd/server.crt',
    parsed.flags.get('key') ?? sys.env.get('ETCDCTL_KEY') ?? '/etc/kubernetes/pki/etcd/server.key',
  ];
  const missing = files.find((file) => !sys.fs.find(sys.path(file)));
  if (missing !== undefined) return yield* usage(sys, `open ${missing}: no such file or directory`);
  const format = parsed.flags.get('write-out') ?? 'simple';
  if (!command.formats.includes(format)) return yield* usage(sys, unprintable(format), exitCodes.badFeature);
  return yield* run(sys, command, { ...parsed, words, format });
};

function* run(sys: Sys, command: Command, given: Pick<Context, 'flags' | 'words' | 'format'>): Call<number> {
  let endpoints = (given.flags.get('endpoints') ?? sys.env.get('ETCDCTL_ENDPOINTS') ?? '127.0.0.1:2379').split(',');
  const isForAll = given.flags.has('cluster');
  const first = command.asksEach && !isForAll ? undefined : yield* firstOf(sys, endpoints);
  if (!first && !(command.asksEach && !isForAll)) return exitCodes.error;
  if (isForAll) endpoints = first!.etcd.status().members.flatMap(({ clientURLs }) => clientURLs);
  try {
    return yield* command.run({ ...given, sys, endpoints, etcd: first?.etcd as EtcdMember, reach: (address) => reach(sys, address) });
  } catch (error) {
    if (!(error instanceof EtcdError)) throw error;
    return yield* usage(sys, error.message);
  }
}
