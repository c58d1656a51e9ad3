import type { Call, Connection, Program, Service, Sys } from '../../kernel/index.ts';
import { isErrno, utf8, WaitQueue } from '../../kernel/index.ts';
import { parseFlags } from '../component-base/flags.ts';
import type { FlagTypes, Flags } from '../component-base/flags.ts';
import { etcdVersion } from './endpoint.ts';
import { memberHttp } from './http.ts';
import { EtcdMember } from './member.ts';
import type { DataDirectory, Member } from './membership.ts';
import { createDirectory, createJoining, defaultToken, findDirectory, foundingMembers, writeDirectory } from './membership.ts';
import type { PeerEndpoint } from './peers.ts';
import { unbracketed } from '../../machinery/ipv6.ts';
import { addressOfUrl, peerProblem, Peers } from './peers.ts';
import type { Greeting } from './tls.ts';
import { clientFiles, greetingOf, peerFiles, serverTls } from './tls.ts';

const flagTypes: FlagTypes = {
  'advertise-client-urls': 'list',
  'cert-file': 'string',
  'client-cert-auth': 'boolean',
  'data-dir': 'string',
  'election-timeout': 'integer',
  'experimental-initial-corrupt-check': 'boolean',
  'experimental-watch-progress-notify-interval': 'duration',
  'feature-gates': 'list',
  'heartbeat-interval': 'integer',
  'initial-advertise-peer-urls': 'list',
  'initial-cluster': 'list',
  'initial-cluster-state': 'string',
  'initial-cluster-token': 'string',
  'key-file': 'string',
  'listen-client-urls': 'list',
  'log-level': 'string',
  'listen-metrics-urls': 'list',
  'listen-peer-urls': 'list',
  name: 'string',
  'peer-cert-file': 'string',
  'peer-client-cert-auth': 'boolean',
  'peer-key-file': 'string',
  'peer-trusted-ca-file': 'string',
  'quota-backend-bytes': 'integer',
  'snapshot-count': 'integer',
  'trusted-ca-file': 'string',
  'watch-progress-notify-interval': 'duration',
};
const files = ['cert-file', 'key-file', 'trusted-ca-file', 'peer-cert-file', 'peer-key-file', 'peer-trusted-ca-file'];

function missingFile(sys: Sys, flags: Flags): string | undefined {
  for (const flag of files) {
    const path = flags.text(flag);
    if (path !== undefined && !sys.fs.find(path)) return `open ${path}: no such file or directory`;
  }
  return undefined;
}

type Log = (level: 'info' | 'warn' | 'error' | 'fatal' | 'panic', msg: string, more?: object) => void;

/** A line as zap writes it; `caller` and `logger` stand before the message. */
function loggerOf(sys: Sys): Log {
  return (level, msg, more = {}) => {
    const { logger, caller, ...rest } = more as { readonly logger?: string; readonly caller?: string };
    const head = { level, ts: sys.kernel.clock.microTime(), ...(logger && { logger }), ...(caller && { caller }) };
    sys.tryWrite(2, utf8(`${JSON.stringify({ ...head, msg, ...rest })}\n`));
  };
}

interface RemoteCluster {
  readonly clusterId: string;
  readonly members: readonly Member[];
}

/** Asks those who run already who belongs to the group. Upstream: etcdserver/cluster_util.go, GetClusterFromRemotePeers. */
function* askPeers(sys: Sys, others: readonly Member[], greet: Greeting | undefined, log: Log): Call<RemoteCluster | undefined> {
  for (const url of others.flatMap(({ peerURLs }) => peerURLs)) {
    const address = addressOfUrl(url);
    if (!address) continue;
    let connection: Connection | undefined;
    try {
      connection = yield* sys.net.connect(address, { timeoutMs: 5000 });
      greet?.(connection, address.ip);
      const endpoint = connection.service.endpoint as PeerEndpoint | undefined;
      const found = endpoint?.members && { clusterId: endpoint.clusterId, members: endpoint.members() };
      connection.close();
      if (found) return found;
    } catch (error) {
      if (!isErrno(error)) throw error;
      connection?.close();
      log('warn', 'failed to get cluster response', {
        caller: 'etcdserver/cluster_util.go:84',
        address: `${url}/members`,
        error: `Get "${url}/members": ${peerProblem(error, address)}`,
      });
    }
  }
  return undefined;
}

/** A cluster as Go prints it (membership/cluster.go, String). */
function clusterText({ clusterId, members }: RemoteCluster): string {
  const all = members.map(
    ({ id, name, peerURLs, clientURLs, isLearner }) =>
      `&{ID:${id} RaftAttributes:{PeerURLs:[${peerURLs.join(' ')}] IsLearner:${isLearner}} Attributes:{Name:${name} ClientURLs:[${clientURLs.join(' ')}]}}`,
  );
  return `{ClusterID:${clusterId} Members:[${all.join(' ')}] RemovedMemberIDs:[]}`;
}

/** Why the members that the flags name are not those of the cluster (ValidateClusterAndAssignIDs). */
function mismatch(own: readonly Member[], remote: RemoteCluster): string | undefined {
  if (own.length !== remote.members.length) return 'member count is unequal';
  const urls = new Set(own.map(({ peerURLs }) => peerURLs.join()));
  const stranger = remote.members.find(({ peerURLs }) => !urls.has(peerURLs.join()));
  if (!stranger) return undefined;
  const [theirs, last] = [stranger.peerURLs, own.at(-1)!.peerURLs];
  const why = `resolved urls: "${theirs[0]}" != "${last[0]}"`;
  return `PeerURLs: no match found for existing member (${stranger.id}, [${theirs.join(' ')}]), last resolver error (${why})`;
}

/** What lies in the data directory; at the first start what the flags say. Undefined, with a line in the log, when they do not fit. */
function* openDirectory(sys: Sys, flags: Flags, name: string, log: Log): Call<DataDirectory | undefined> {
  const path = sys.path(flags.text('data-dir') ?? `${name}.etcd`);
  const found = findDirectory(sys.fs, path);
  if (found) return found;
  const peerURLs = flags.has('initial-advertise-peer-urls') ? flags.list('initial-advertise-peer-urls') : ['http://localhost:2380'];
  const initial = flags.has('initial-cluster') ? flags.list('initial-cluster') : peerURLs.map((url) => `${name}=${url}`);
  const members = foundingMembers(initial, flags.text('initial-cluster-token') ?? defaultToken);
  const self = members.find((member) => member.name === name);
  if (!self) {
    log('fatal', 'discovery failed', {
      caller: 'etcdmain/etcd.go:183',
      error: `couldn't find local name "${name}" in the initial cluster configuration`,
    });
    return undefined;
  }
  let directory: DataDirectory;
  if (flags.text('initial-cluster-state') === 'existing') {
    const others = members.filter((member) => member !== self);
    const remote = yield* askPeers(sys, others, greetingOf(sys, peerFiles(flags)), log);
    const problem = remote && mismatch(members, remote);
    if (!remote || problem !== undefined) {
      const error = remote
        ? `error validating peerURLs ${clusterText(remote)}: ${problem}`
        : 'cannot fetch cluster info from peer urls: could not retrieve cluster information from the given URLs';
      log('fatal', 'discovery failed', { caller: 'etcdmain/etcd.go:183', error });
      return undefined;
    }
    const place = remote.members.find((member) => member.peerURLs.some((url) => self.peerURLs.includes(url)))!;
    directory = createJoining(sys.kernel, remote.members, place.id, remote.clusterId);
  } else directory = createDirectory(sys.kernel, members, self.id);
  writeDirectory(sys.fs, path, directory);
  return directory;
}

/** `etcd`, one member of a cluster. Flags as kubeadm's manifest gives them. */
export const etcd: Program = function* (sys) {
  const parsed = parseFlags(sys.argv.slice(1), flagTypes);
  if ('error' in parsed) {
    const unknown = /^unknown flag: --(.*)$/.exec(parsed.error)?.[1];
    yield* sys.print(
      2,
      unknown === undefined
        ? `error verifying flags, ${parsed.error}. See 'etcd --help'.\n`
        : `flag provided but not defined: -${unknown}\n`,
    );
    return 2;
  }
  const { flags } = parsed;
  const log = loggerOf(sys);
  const missing = missingFile(sys, flags);
  if (missing) {
    log('fatal', 'discovery failed', { caller: 'etcdmain/etcd.go:183', error: missing });
    return 1;
  }
  const name = flags.text('name') ?? 'default';
  log('info', 'starting an etcd server', {
    caller: 'embed/etcd.go:324',
    'etcd-version': etcdVersion,
    name,
    'data-dir': flags.text('data-dir'),
  });
  const directory = yield* openDirectory(sys, flags, name, log);
  if (!directory) return 1;
  return yield* serve(sys, flags, name, directory, log);
};

function* serve(sys: Sys, flags: Flags, name: string, directory: DataDirectory, log: Log): Call<number> {
  const { kernel } = sys;
  const ended = new WaitQueue();
  let code: number | undefined;
  const peers = new Peers({
    kernel,
    net: sys.net,
    localId: directory.memberId,
    members: () => directory.members,
    greet: greetingOf(sys, peerFiles(flags)),
    log,
  });
  const quota = flags.integer('quota-backend-bytes', 0);
  const member = new EtcdMember({
    kernel,
    directory,
    name,
    heartbeatMs: flags.integer('heartbeat-interval', 100),
    electionMs: flags.integer('election-timeout', 1000),
    snapshotCount: flags.integer('snapshot-count', 10_000),
    ...(quota > 0 && { quotaBytes: quota }),
    log,
    send: (message) => peers.send(message),
    onEnd: (exitCode) => {
      code = exitCode;
      ended.wake();
    },
  });
  sys.own(() => member.stop());
  sys.own(() => peers.close());
  const listen = (url: string, service: Service): void => {
    const match = /^(https?):\/\/(.*):(\d+)$/.exec(url);
    if (!match) return;
    const [scheme, ip, port] = [match[1], unbracketed(match[2]!), match[3]];
    const listener = sys.net.listen(Number(port), { ...service, isTls: scheme === 'https' }, ip === '0.0.0.0' ? {} : { ip });
    sys.own(() => listener.close());
  };
  const http = memberHttp(member, peers);
  const peer: PeerEndpoint = {
    memberId: directory.memberId,
    clusterId: directory.clusterId,
    clock: kernel.clock,
    members: () => [...directory.members.values()],
    receive: (message) => member.receive(message),
  };
  for (const url of flags.list('listen-peer-urls')) listen(url, { endpoint: peer, ...serverTls(sys, peerFiles(flags), 'peer', log) });
  for (const url of flags.has('listen-client-urls') ? flags.list('listen-client-urls') : ['http://127.0.0.1:2379'])
    listen(url, { http, endpoint: member, ...serverTls(sys, clientFiles(flags), 'client', log) });
  for (const url of flags.list('listen-metrics-urls')) listen(url, { http });
  const clientURLs = flags.list('advertise-client-urls');
  kernel.fiber(member.publish(name, clientURLs), { background: true });
  for (const url of flags.list('listen-client-urls'))
    log('info', 'serving client traffic securely', {
      caller: 'embed/serve.go:283',
      traffic: 'grpc+http',
      address: url.replace(/^https?:\/\//, ''),
    });
  while (code === undefined) yield* sys.block(ended, 'pause');
  if (code === 0) {
    const error = 'the member has been permanently removed from the cluster';
    log('warn', 'server error', { caller: 'etcdserver/server.go:860', error });
    log('warn', 'data-dir used by this member must be removed', { caller: 'etcdserver/server.go:861' });
  }
  return code;
}
