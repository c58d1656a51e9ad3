import { describe, expect, test } from 'vitest';
import { Network } from '../../node/network/index.ts';
import { EtcdGroup } from './testing.ts';

const group = (size: number, seed = 1) => new EtcdGroup((kernel) => new Network(kernel), size, seed);

/** One that is led. */
function led(size: number, seed = 1) {
  const members = group(size, seed);
  members.advance(3000);
  expect(members.leader).toBeGreaterThanOrEqual(0);
  return members;
}

const others = (of: { readonly places: readonly unknown[] }, ...but: number[]): number[] =>
  [...of.places.keys()].filter((i) => !but.includes(i));

describe('a member that is alone', () => {
  test('writes at once and needs no timer', () => {
    const members = group(1);
    members.advance(10);
    const before = members.kernel.loop.executed;
    expect(members.put(0, '/a')).toMatchObject({ ms: 0 });
    members.advance(60_000);
    expect(members.get(0, '/a')).toBe('v');
    // The delivery to watchers, the two calls themselves, and nothing else in a minute.
    expect(members.kernel.loop.executed - before).toBeLessThan(5);
  });

  test('becomes a group when another is added, with all that it has', () => {
    const members = group(1);
    members.advance(10);
    for (let i = 0; i < 5; i++) members.put(0, `/old/${i}`);
    const first = members.member(0);
    const added = members.ask(() => first.addMember(['https://172.18.0.3:2380'], true));
    expect(added.value).toMatchObject({ name: '', isLearner: true });
    const second = members.join('m1=https://172.18.0.2:2380,m2=https://172.18.0.3:2380');
    members.advance(3000);
    expect(members.ask(() => members.member(second).linearizable()).error).toBe('etcdserver: rpc not supported for learner');
    expect(members.ask(() => first.promoteMember(added.value!.id)).error).toBeUndefined();
    members.advance(200);
    expect(members.put(second, '/new').error).toBeUndefined();
    expect(members.get(second, '/old/4')).toBe('v');
    expect(members.get(0, '/new')).toBe('v');
    expect(members.member(second).data.revision).toBe(first.data.revision);
    expect(first.status().members.map(({ name, isLearner }) => `${name} ${isLearner}`)).toEqual(['m1 false', 'm2 false']);
    members.kill(second);
    expect(members.put(0, '/alone')).toMatchObject({ error: 'etcdserver: request timed out', ms: 7000 });
  });
});

describe('a group', () => {
  test.each([3, 5])('of %i goes on without a minority and stops without a majority', (size) => {
    const members = led(size);
    const minority = (size - 1) / 2;
    const { leader } = members;
    expect(members.put(leader, '/x', '1').ms).toBeLessThan(10);
    const down = [leader, ...others(members, leader)].slice(0, minority);
    for (const i of down) members.kill(i);
    members.advance(4000);
    const [at, next] = others(members, ...down) as [number, number];
    expect(members.put(at, '/x', '2').error).toBeUndefined();
    expect(members.get(next, '/x')).toBe('2');
    members.kill(next);
    members.advance(4000);
    expect(members.put(at, '/x', '3')).toMatchObject({ error: 'etcdserver: request timed out', ms: 7000 });
    expect(members.get(at, '/x')).toBe('etcdserver: request timed out');
    expect(members.member(at).status()).toMatchObject({ leader: '', errors: ['etcdserver: no leader'] });
    for (const i of [...down, next]) members.start(i);
    members.advance(4000);
    for (const i of members.places.keys()) expect(members.get(i, '/x')).toBe('2');
  });

  test('says so when a write got lost with its leader', () => {
    const members = led(3);
    const { leader } = members;
    const [a, b] = others(members, leader) as [number, number];
    // Cut off it still believes that it leads; then the others elect another.
    members.cut(leader, a);
    members.cut(leader, b);
    expect(members.put(leader, '/x', 'lost').error).toMatch(/^etcdserver: request timed out/);
    expect(members.get(a, '/x')).toBeUndefined();
    members.put(b, '/x', 'kept');
    members.cut(leader, a, false);
    members.cut(leader, b, false);
    members.advance(5000);
    expect(members.get(leader, '/x')).toBe('kept');
    expect(members.places[a]!.log.text).toMatch(/"msg":"raft\.node: [0-9a-f]{16} lost leader [0-9a-f]{16} at term 3"/);
    expect(members.places[leader]!.log.text).toMatch(/became follower at term 3/);
  });

  test('sends its state to a member that lags too far behind, whose watchers miss nothing', () => {
    const members = led(3);
    const lagging = others(members, members.leader)[0]!;
    const { data } = members.member(lagging);
    const seen: number[] = [];
    data.keyspace('/k/').watch({ onChange: ({ revision }) => void seen.push(revision) }, data.revision);
    members.kill(lagging);
    for (let i = 0; i < 40; i++) members.put(members.leader, `/k/${i}`);
    const leader = members.member(members.leader);
    leader.raft!.compact(leader.directory.applied - 1);
    members.start(lagging);
    members.advance(5000);
    expect(members.member(lagging).data).toBe(data);
    expect(data.revision).toBe(leader.data.revision);
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => data.revision - 39 + i));
  });

  test('comes to rest, and its leases end once', () => {
    const members = led(3);
    const { leader } = members;
    const member = members.member(others(members, leader)[0]!);
    const lease = members.ask(() => member.grant(10_000)).value!;
    const place = member.data.locate('/l/a');
    members.ask(() => member.txn({ compare: [], success: [{ type: 'put', ...place, value: { raw: 'x' }, lease }] }));
    expect(members.kernel.loop.run({ untilMs: members.kernel.loop.now + 1000, untilSettled: true })).toBe('settled');
    const before = member.data.revision;
    members.advance(12_000);
    for (const i of members.places.keys()) expect(members.member(i).data).toMatchObject({ revision: before + 1 });
    expect(members.get(leader, '/l/a')).toBeUndefined();
  });

  test('hands over its leader, and removes one, who then ends', () => {
    const members = led(3);
    const { leader } = members;
    const target = others(members, leader)[0]!;
    const { id } = members.member(target).status();
    expect(members.ask(() => members.member(target).moveLeader(id)).error).toBe('etcdserver: not leader');
    expect(members.ask(() => members.member(leader).moveLeader(id)).error).toBeUndefined();
    expect(members.leader).toBe(target);
    const gone = members.member(leader).status().id;
    expect(members.ask(() => members.member(target).removeMember(gone)).error).toBeUndefined();
    members.advance(2000);
    expect(members.places[leader]).toMatchObject({ code: 0 });
    expect(members.places[leader]!.log.text).toContain('the member has been permanently removed from the cluster');
    expect(members.put(target, '/two').error).toBeUndefined();
  });

  test('of five, with one who joins by the wrong list', () => {
    const members = led(3);
    const joined = members.join('m1=https://172.18.0.2:2380,m4=https://172.18.0.5:2380');
    members.advance(1000);
    expect(members.places[joined]).toMatchObject({ code: 1 });
    expect(members.places[joined]!.log.text).toContain('member count is unequal');
  });
});

test('a full database takes no more until it is compacted, defragmented and disarmed', () => {
  const members = group(1);
  members.advance(10);
  members.kill(0);
  members.start(0, ['--quota-backend-bytes=10485760']);
  members.advance(10);
  const member = members.member(0);
  const big = { raw: 'x', bytes: 1_048_576 };
  const put = () =>
    members.ask(() =>
      member.txn({ compare: [], success: [{ type: 'put', ...member.data.locate('/big'), value: { raw: big.raw }, bytes: big.bytes }] }),
    ).error;
  let error: string | undefined;
  for (let i = 0; i < 20 && error === undefined; i++) error = put();
  expect(error).toBe('etcdserver: mvcc: database space exceeded');
  expect(member.status().alarms).toEqual([member.status().id]);
  expect(members.ask(() => member.grant(1000)).error).toBe('etcdserver: mvcc: database space exceeded');
  members.ask(() => member.compact(member.data.revision));
  expect(member.status()).toMatchObject({ dbInUseBytes: expect.any(Number) });
  expect(member.status().dbSizeBytes).toBeGreaterThan(9_000_000);
  member.defragment();
  expect(member.status().dbSizeBytes).toBeLessThan(2_000_000);
  expect(put()).toBe('etcdserver: mvcc: database space exceeded');
  members.ask(() => member.setAlarm(member.status().id, false));
  expect(put()).toBeUndefined();
});
