/** The plain HTTP side of a member: health, version and metrics. Upstream: server/etcdserver/api/etcdhttp/{health,metrics}.go. */
import type { Call, HttpHandler, HttpResponse } from '../../kernel/index.ts';
import { utf8 } from '../../kernel/index.ts';
import { etcdVersion } from './endpoint.ts';
import { EtcdError } from './errors.ts';
import type { EtcdMember } from './member.ts';
import type { Peers } from './peers.ts';

const json = { 'content-type': 'application/json' };
const text = { 'content-type': 'text/plain; charset=utf-8' };
const answer = (status: number, headers: Record<string, string>, body: string): HttpResponse => ({ status, headers, body: utf8(body) });

/** How long a probe waits for a read. */
const probeTimeoutMs = 5000;

export function memberHttp(member: EtcdMember, peers: Peers): HttpHandler {
  return function* (request): Call<HttpResponse> {
    const [path, query = ''] = request.target.split('?');
    switch (path) {
      case '/grpc.health.v1.Health/Check':
        return { status: 200, headers: { ...json, 'grpc-status': '0' }, body: { status: 'SERVING' } };
      case '/health':
        return yield* health(member);
      case '/livez':
        return checks([['serializable_read', undefined]], query);
      case '/readyz':
        return checks(
          [
            ['data_corruption', undefined],
            ['serializable_read', undefined],
            ['linearizable_read', yield* readProblem(member)],
          ],
          query,
        );
      case '/version':
        return answer(200, json, `{"etcdserver":"${etcdVersion}","etcdcluster":"3.6.0","storage":"3.6.0"}`);
      case '/metrics':
        return answer(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, metrics(member, peers));
      default:
        return answer(404, text, '404 page not found\n');
    }
  };
}

function* readProblem(member: EtcdMember): Call<string | undefined> {
  if (!member.hasLeader) return 'RAFT NO LEADER';
  try {
    yield* member.linearizable(undefined, probeTimeoutMs);
    return undefined;
  } catch (error) {
    if (error instanceof EtcdError) return error.message;
    throw error;
  }
}

function* health(member: EtcdMember): Call<HttpResponse> {
  const problem = member.directory.alarms.size > 0 ? 'ALARM NOSPACE' : yield* readProblem(member);
  const body = JSON.stringify({ health: String(problem === undefined), reason: problem ?? '' });
  return answer(problem === undefined ? 200 : 503, json, body);
}

function checks(all: readonly (readonly [name: string, problem: string | undefined])[], query: string): HttpResponse {
  const isGood = all.every(([, problem]) => problem === undefined);
  if (isGood && !/\bverbose\b/.test(query)) return answer(200, text, 'ok\n');
  const lines = all.map(([name, problem]) => (problem === undefined ? `[+]${name} ok\n` : `[-]${name} failed: ${problem}\n`));
  return answer(isGood ? 200 : 503, text, `${lines.join('')}${isGood ? 'ok\n' : ''}`);
}

function metrics(member: EtcdMember, peers: Peers): string {
  const { isLeader, isLearner, raftIndex, raftAppliedIndex, dbSizeBytes, dbInUseBytes, quotaBytes, id, alarms } = member.status();
  const number = (flag: boolean): number => (flag ? 1 : 0);
  const rows: readonly (readonly [name: string, type: 'gauge' | 'counter', help: string, value: number])[] = [
    ['etcd_debugging_mvcc_current_revision', 'gauge', 'The current revision of store.', member.data.revision],
    ['etcd_debugging_mvcc_compact_revision', 'gauge', 'The revision of the last compaction in store.', member.data.compactRevision],
    ['etcd_mvcc_db_total_size_in_bytes', 'gauge', 'Total size of the underlying database physically allocated in bytes.', dbSizeBytes],
    ['etcd_mvcc_db_total_size_in_use_in_bytes', 'gauge', 'Total size of the underlying database logically in use in bytes.', dbInUseBytes],
    ['etcd_server_has_leader', 'gauge', 'Whether or not a leader exists. 1 is existence, 0 is not.', number(member.hasLeader)],
    ['etcd_server_is_leader', 'gauge', 'Whether or not this member is a leader. 1 if is, 0 otherwise.', number(isLeader)],
    ['etcd_server_is_learner', 'gauge', 'Whether or not this member is a learner. 1 if is, 0 otherwise.', number(isLearner)],
    ['etcd_server_leader_changes_seen_total', 'counter', 'The number of leader changes seen.', member.leaderChanges],
    ['etcd_server_proposals_applied_total', 'gauge', 'The total number of consensus proposals applied.', raftAppliedIndex],
    ['etcd_server_proposals_committed_total', 'gauge', 'The total number of consensus proposals committed.', raftIndex],
    ['etcd_server_proposals_failed_total', 'counter', 'The total number of failed proposals seen.', member.proposalsFailed],
    ['etcd_server_proposals_pending', 'gauge', 'The current number of pending proposals to commit.', member.proposalsPending],
    ['etcd_server_quota_backend_bytes', 'gauge', 'Current backend storage quota size in bytes.', quotaBytes],
  ];
  const families = rows.map(([name, type, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`);
  families.push(
    `# HELP etcd_server_id Server or member ID in hexadecimal format. 1 for 'server_id' label with current ID.\n# TYPE etcd_server_id gauge\netcd_server_id{server_id="${id}"} 1\n`,
    `# HELP etcd_server_version Which version is running. 1 for 'server_version' label with current version.\n# TYPE etcd_server_version gauge\netcd_server_version{server_version="${etcdVersion}"} 1\n`,
  );
  if (peers.all.length > 0) families.push(...peerMetrics(id, peers));
  if (alarms.length > 0) {
    const help =
      "Alarms for every member in cluster. 1 for 'server_id' label with current ID. 2 for 'alarm_type' label with type of this alarm";
    const raised = alarms.map((by) => `etcd_debugging_server_alarms{alarm_type="NOSPACE",server_id="${by}"} 1\n`);
    families.push(`# HELP etcd_debugging_server_alarms ${help}\n# TYPE etcd_debugging_server_alarms gauge\n${raised.join('')}`);
  }
  return families.sort().join('');
}

/** Of each other member: whether there is a connection, how often it was lost, what could not be sent (rafthttp/metrics.go). */
function peerMetrics(id: string, { all }: Peers): readonly string[] {
  const both = (remote: string): string => `Local="${id}",Remote="${remote}"`;
  const family = (name: string, type: string, help: string, rows: readonly string[]): string =>
    `# HELP etcd_network_${name} ${help}\n# TYPE etcd_network_${name} ${type}\n${rows.map((row) => `etcd_network_${name}${row}\n`).join('')}`;
  return [
    family(
      'active_peers',
      'gauge',
      'The current number of active peer connections.',
      all.map((peer) => `{${both(peer.id)}} ${peer.isActive ? 1 : 0}`),
    ),
    family(
      'disconnected_peers_total',
      'counter',
      'The total number of disconnected peers.',
      all.map((peer) => `{${both(peer.id)}} ${peer.disconnects}`),
    ),
    family(
      'peer_sent_failures_total',
      'counter',
      'The total number of send failures from peers.',
      all.map((peer) => `{To="${peer.id}"} ${peer.sendFailures}`),
    ),
  ];
}
