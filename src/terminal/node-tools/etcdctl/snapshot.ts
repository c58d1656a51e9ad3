/** etcdctl snapshot save. Upstream: etcdctl/ctlv3/command/snapshot_command.go, client/v3/snapshot/v3_snapshot.go. */
import { writeSnapshot } from '../../../emulator/control-plane/etcd/index.ts';
import type { Call } from '../../../emulator/kernel/index.ts';
import { isErrno, utf8 } from '../../../emulator/kernel/index.ts';
import { CallError, EtcdClient } from './client.ts';
import type { Context } from './context.ts';
import { exitCodes, UsageError } from './context.ts';
import { humanBytes } from './table.ts';

/** No end unless --command-timeout is given: so long a client waits for a member that does not answer. */
const patienceMs = 3_600_000;

export function* snapshotSave(context: Context): Call<number> {
  const { sys, given, endpoints, client } = context;
  const [path, ...more] = given.words;
  if (path === undefined || more.length > 0) throw new UsageError('snapshot save expects one argument <filename>');
  const interrupted = (why: string): UsageError => new UsageError(why, exitCodes.interrupted);
  if (endpoints.length !== 1) throw interrupted(`snapshot must be requested to one selected node, not multiple [${endpoints.join(' ')}]`);
  const part = `${path}.part`;
  const log = (line: number, msg: string, more: Readonly<Record<string, unknown>>): Call<void> =>
    client.log('info', msg, { caller: `snapshot/v3_snapshot.go:${line}`, ...more });
  try {
    sys.fs.writeFile(sys.path(part), utf8(''), 0o600);
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw interrupted(`could not open ${part} (open ${part}: ${error.message.toLowerCase()})`);
  }
  yield* log(83, 'created temporary db file', { path: part });
  const patient = context.isTimeoutGiven ? client : new EtcdClient(sys, client.tls, patienceMs);
  try {
    const { text, version } = yield* patient.call(endpoints, 'Maintenance/Snapshot', function* (etcd) {
      return { text: writeSnapshot(etcd.data), version: etcd.status().version };
    });
    yield* log(96, 'fetching snapshot', { endpoint: endpoints[0] });
    sys.fs.writeFile(sys.path(path), utf8(text), 0o600);
    yield* log(111, 'fetched snapshot', { endpoint: endpoints[0], size: humanBytes(text.length), took: '11.3ms', 'etcd-version': version });
    yield* log(121, 'saved', { path });
    yield* sys.print(1, `Snapshot saved at ${path}\nServer version ${version}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw interrupted(error.message);
  } finally {
    if (sys.fs.find(sys.path(part))) sys.fs.remove(sys.path(part));
  }
}
