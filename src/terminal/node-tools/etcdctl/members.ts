/** member, move-leader and alarm. Upstream: etcdctl/ctlv3/command/{member,move_leader,alarm}_command.go. */
import type { EtcdMember, Member } from '../../../emulator/control-plane/etcd/index.ts';
import type { Call } from '../../../emulator/kernel/index.ts';
import { quote } from '../../../emulator/machinery/go-quote.ts';
import type { Context } from './context.ts';
import { bigId, exitCodes, headerOf, UsageError } from './context.ts';
import { memberId } from './integers.ts';
import { isSerializable } from './keys.ts';
import type { Message } from './messages.ts';
import { print, unsupported } from './print.ts';
import { bordered } from './table.ts';

const inOrder = (members: readonly Member[]): readonly Member[] => [...members].sort((a, b) => (a.id < b.id ? -1 : 1));

const memberMessage = ({ id, name, peerURLs, clientURLs, isLearner }: Member): Message => ({
  ID: bigId(id),
  name,
  peerURLs,
  clientURLs,
  isLearner,
});

const membersOf = (etcd: EtcdMember): readonly Message[] => inOrder(etcd.status().members).map(memberMessage);

/** Identifiers without leading zeros. */
const short = (id: string): string => id.replace(/^0+(?=.)/, '');

export function* memberList(context: Context): Call<number> {
  const { sys, given, call, format, isHex } = context;
  const isLocal = isSerializable(given);
  const { header, members } = yield* call('Cluster/MemberList', function* (etcd) {
    if (!isLocal) yield* etcd.linearizable();
    return { header: headerOf(etcd, false), members: inOrder(etcd.status().members) };
  });
  const rows = members.map(({ id, name, peerURLs, clientURLs, isLearner }) => [
    short(id),
    name === '' ? 'unstarted' : 'started',
    name,
    peerURLs.join(','),
    clientURLs.join(','),
    String(isLearner),
  ]);
  if (format === 'table') yield* sys.print(1, bordered([['ID', 'STATUS', 'NAME', 'PEER ADDRS', 'CLIENT ADDRS', 'IS LEARNER'], ...rows]));
  else if (format === 'json' && isHex) yield* sys.print(1, hexJson(header, members));
  else {
    const simple = rows.map((row) => `${row.join(', ')}\n`).join('');
    yield* print(context, 'members', { header, members: members.map(memberMessage) }, simple);
  }
  return 0;
}

/** The one answer that --hex changes in JSON. */
function hexJson({ cluster_id: cluster, member_id: self, raft_term: term }: Message, members: readonly Member[]): string {
  const hex = (id: Message[string]): string => (id as bigint).toString(16);
  const rows = members.map(
    ({ id, name, peerURLs, clientURLs }) =>
      `{"ID":"${short(id)}","name":"${name}","peerURLs":${JSON.stringify(peerURLs)},"clientURLs":${JSON.stringify(clientURLs)}}`,
  );
  const list = rows.length === 0 ? '' : `,"members":[${rows.join(',')}]`;
  return `{"header":{"cluster_id":"${hex(cluster)}","member_id":"${hex(self)}","raft_term":${term}}${list}}\n`;
}

function peerURLs({ given }: Context): readonly string[] {
  const text = given.text('peer-urls');
  if (text === '') throw new UsageError('member peer urls not provided');
  return text.split(',');
}

export function* memberAdd(context: Context): Call<number> {
  const { sys, given, call, format } = context;
  const [name, ...more] = given.words;
  if (name === undefined) throw new UsageError('member name not provided');
  if (more.length > 0) {
    const guesses = given.words.filter((word) => /^http/i.test(word)).map((url) => `, did you mean --peer-urls=${url}`);
    throw new UsageError(`too many arguments${guesses.join('')}`);
  }
  const urls = peerURLs(context);
  const isLearner = given.has('learner');
  const { added, header, members } = yield* call('Cluster/MemberAdd', function* (etcd) {
    const added = yield* etcd.addMember(urls, isLearner);
    return { added, header: headerOf(etcd, false), members: etcd.status().members };
  });
  const text = `Member ${padded(added.id)} added${isLearner ? ' as learner ' : ' '}to cluster ${clusterOf(header)}\n`;
  yield* print(context, 'memberAdd', { header, member: memberMessage(added), members: inOrder(members).map(memberMessage) }, text);
  if (format !== 'simple') return 0;
  const all = inOrder(members).flatMap((known) => known.peerURLs.map((url) => `${known.id === added.id ? name : known.name}=${url}`));
  const variables = [
    `ETCD_NAME=${quote(name)}`,
    `ETCD_INITIAL_CLUSTER=${quote(all.join(','))}`,
    `ETCD_INITIAL_ADVERTISE_PEER_URLS=${quote(urls.join(','))}`,
    'ETCD_INITIAL_CLUSTER_STATE="existing"',
  ];
  yield* sys.print(1, `\n${variables.join('\n')}\n`);
  return 0;
}

/** `%16x`. */
const padded = (id: string): string => short(id).padStart(16);
const clusterOf = ({ cluster_id: id }: Message): string => (id as bigint).toString(16).padStart(16);

/** Changes one member, and says so. */
function* change(context: Context, method: string, done: string, act: (etcd: EtcdMember, id: string) => Call<unknown>): Call<number> {
  const [word, ...more] = context.given.words;
  if (word === undefined || more.length > 0) throw new UsageError('member ID is not provided');
  const id = memberId(word);
  const message = yield* context.call(method, function* (etcd): Call<Message> {
    yield* act(etcd, id);
    return { header: headerOf(etcd, false), members: membersOf(etcd) };
  });
  if (context.format === 'fields') throw unsupported('fields');
  yield* print(context, 'members', message, `Member ${padded(id)} ${done} cluster ${clusterOf(message.header as Message)}\n`);
  return 0;
}

export const memberRemove = (context: Context): Call<number> =>
  change(context, 'Cluster/MemberRemove', 'removed from', (etcd, id) => etcd.removeMember(id));

export const memberPromote = (context: Context): Call<number> =>
  change(context, 'Cluster/MemberPromote', 'promoted in', (etcd, id) => etcd.promoteMember(id));

export const memberUpdate = (context: Context): Call<number> =>
  change(context, 'Cluster/MemberUpdate', 'updated in', (etcd, id) => etcd.updateMember(id, peerURLs(context)));

export function* moveLeader(context: Context): Call<number> {
  const { given, client, endpoints } = context;
  const [word, ...more] = given.words;
  if (word === undefined || more.length > 0) throw new UsageError('move-leader command needs 1 argument');
  const target = memberId(word, exitCodes.badArguments, '');
  for (const endpoint of endpoints) {
    const isLeader = yield* client.call([endpoint], 'Maintenance/Status', function* (etcd) {
      return etcd.status().isLeader;
    });
    if (!isLeader) continue;
    const { id, header } = yield* client.call([endpoint], 'Maintenance/MoveLeader', function* (etcd) {
      const header = headerOf(etcd);
      yield* etcd.moveLeader(target);
      return { id: etcd.status().id, header };
    });
    yield* print(context, 'headerOnly', { header }, `Leadership transferred from ${short(id)} to ${short(target)}\n`);
    return 0;
  }
  throw new UsageError(`no leader endpoint given at [${endpoints.join(' ')}]`);
}

function* alarms(context: Context, name: string, act: (etcd: EtcdMember, all: readonly string[]) => Call<void>): Call<number> {
  if (context.given.words.length > 0) throw new UsageError(`alarm ${name} command accepts no arguments`);
  const message = yield* context.call('Maintenance/Alarm', function* (etcd): Call<Message> {
    const all = etcd.status().alarms;
    yield* act(etcd, all);
    return { header: headerOf(etcd), alarms: all.map((id) => ({ memberID: bigId(id), alarm: 1 })) };
  });
  yield* print(context, 'alarm', message);
  return 0;
}

export const alarmList = (context: Context): Call<number> => alarms(context, 'list', (etcd) => etcd.linearizable());

export const alarmDisarm = (context: Context): Call<number> =>
  alarms(context, 'disarm', function* (etcd, all) {
    for (const id of all) yield* etcd.setAlarm(id, false);
  });
