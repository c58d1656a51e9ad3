/** member, move-leader and alarm. Upstream: etcdctl/ctlv3/command/{member,move_leader,alarm}_command.go, printer_simple.go. */
import type { Member } from '../../../emulator/control-plane/etcd/index.ts';
import type { Call } from '../../../emulator/kernel/index.ts';
import type { Context } from './context.ts';
import { decimal, exitCodes, usage } from './context.ts';
import { bordered } from './table.ts';

const idOf = (word: string): string | undefined => (/^[0-9a-f]{1,16}$/.test(word) ? word.padStart(16, '0') : undefined);

function* list({ sys, etcd, format }: Context): Call<number> {
  yield* etcd.linearizable();
  const { members, clusterId, id: self, raftTerm } = etcd.status();
  const rows = [...members]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, name, peerURLs, clientURLs, isLearner }) => [
      id,
      name === '' ? 'unstarted' : 'started',
      name,
      peerURLs.join(','),
      clientURLs.join(','),
      String(isLearner),
    ]);
  if (format === 'table') yield* sys.print(1, bordered([['ID', 'STATUS', 'NAME', 'PEER ADDRS', 'CLIENT ADDRS', 'IS LEARNER'], ...rows]));
  else if (format === 'json') {
    const all = members.map(({ id, name, peerURLs, clientURLs, isLearner }) => {
      const rest = JSON.stringify({ name, peerURLs, clientURLs, ...(isLearner && { isLearner }) });
      return `{"ID":${decimal(id)},${rest.slice(1)}`;
    });
    const header = `{"cluster_id":${decimal(clusterId)},"member_id":${decimal(self)},"raft_term":${raftTerm}}`;
    yield* sys.print(1, `{"header":${header},"members":[${all.join(',')}]}\n`);
  } else yield* sys.print(1, rows.map((row) => `${row.join(', ')}\n`).join(''));
  return 0;
}

function* add({ sys, etcd, words, flags }: Context): Call<number> {
  const name = words[1];
  if (name === undefined) return yield* usage(sys, 'member name not provided', exitCodes.badArguments);
  const given = flags.get('peer-urls');
  if (given === undefined) return yield* usage(sys, 'member peer urls not provided', exitCodes.badArguments);
  const urls = given.split(',');
  const isLearner = flags.has('learner');
  const added = yield* etcd.addMember(urls, isLearner);
  const { members, clusterId } = etcd.status();
  yield* sys.print(1, `Member ${added.id} added${isLearner ? ' as learner ' : ' '}to cluster ${clusterId}\n`);
  const all = members.flatMap((member: Member) => member.peerURLs.map((url) => `${member.id === added.id ? name : member.name}=${url}`));
  const variables = [
    `ETCD_NAME="${name}"`,
    `ETCD_INITIAL_CLUSTER="${all.join(',')}"`,
    `ETCD_INITIAL_ADVERTISE_PEER_URLS="${urls.join(',')}"`,
    'ETCD_INITIAL_CLUSTER_STATE="existing"',
  ];
  yield* sys.print(1, `\n${variables.join('\n')}\n`);
  return 0;
}

export function* member(context: Context): Call<number> {
  const { sys, etcd, words, flags } = context;
  const [verb = '', word = ''] = words;
  if (verb === 'list') return yield* list(context);
  if (verb === 'add') return yield* add(context);
  if (!['remove', 'promote', 'update'].includes(verb))
    return yield* usage(sys, `unknown command ${JSON.stringify(verb)} for "etcdctl member"`);
  if (word === '') return yield* usage(sys, 'member ID is not provided', exitCodes.badArguments);
  const id = idOf(word);
  if (id === undefined)
    return yield* usage(
      sys,
      `bad member ID arg (strconv.ParseUint: parsing "${word}": invalid syntax), expecting ID in Hex`,
      exitCodes.badArguments,
    );
  if (verb === 'remove') yield* etcd.removeMember(id);
  else if (verb === 'promote') yield* etcd.promoteMember(id);
  else {
    const urls = flags.get('peer-urls');
    if (urls === undefined) return yield* usage(sys, 'member peer urls not provided', exitCodes.badArguments);
    yield* etcd.updateMember(id, urls.split(','));
  }
  const done = { remove: 'removed from', promote: 'promoted in', update: 'updated in' }[verb];
  yield* sys.print(1, `Member ${id} ${done} cluster ${etcd.status().clusterId}\n`);
  return 0;
}

export function* moveLeader({ sys, words, endpoints, reach }: Context): Call<number> {
  const target = idOf(words[0] ?? '');
  if (target === undefined) return yield* usage(sys, 'move-leader command needs 1 argument', exitCodes.badArguments);
  for (const endpoint of endpoints) {
    const reached = yield* reach(endpoint);
    if ('error' in reached || !reached.etcd.status().isLeader) continue;
    const { id } = reached.etcd.status();
    yield* reached.etcd.moveLeader(target);
    yield* sys.print(1, `Leadership transferred from ${id} to ${target}\n`);
    return 0;
  }
  return yield* usage(sys, `no leader endpoint given at [${endpoints.join(' ')}]`, exitCodes.badArguments);
}

export function* alarm({ sys, etcd, words }: Context): Call<number> {
  const [verb = ''] = words;
  if (verb !== 'list' && verb !== 'disarm') return yield* usage(sys, `unknown command ${JSON.stringify(verb)} for "etcdctl alarm"`);
  for (const id of etcd.status().alarms) {
    if (verb === 'disarm') yield* etcd.setAlarm(id, false);
    yield* sys.print(1, `memberID:${decimal(id)} alarm:NOSPACE \n`);
  }
  return 0;
}
