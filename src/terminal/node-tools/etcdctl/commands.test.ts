import { beforeAll, describe, expect, test } from 'vitest';
import { BootedCluster } from '../../kubectl/booted-cluster-testing.ts';
import { findCommand, suggestionsFor } from './flags.ts';
import { argify, parseCompare } from './txn.ts';

const txn = (...lines: readonly string[]): string => `printf '${lines.join('\\n')}\\n' | etcdctl txn`;

describe('one member', () => {
  let cluster: BootedCluster;
  const run = (line: string): string => cluster.run(line);
  beforeAll(() => {
    cluster = new BootedCluster({ nodes: 0 });
    run('etcdctl put /t/a 1; etcdctl put /t/b 2; etcdctl put /t/c 3; etcdctl put /t/a 4');
  });

  test.each<{ readonly name: string; readonly line: string; readonly want: RegExp | string }>([
    { name: 'a prefix', line: 'etcdctl get /t/ --prefix', want: '/t/a\n4\n/t/b\n2\n/t/c\n3\n' },
    { name: 'a range', line: 'etcdctl get /t/a /t/c --keys-only', want: '/t/a\n\n/t/b\n\n' },
    { name: 'all from a key on', line: 'etcdctl get /t/b --from-key --limit=1', want: '/t/b\n2\n' },
    { name: 'the newest first', line: 'etcdctl get /t/ --prefix --sort-by=MODIFY --order=descend --print-value-only', want: '4\n3\n2\n' },
    { name: 'by value', line: 'etcdctl get /t/ --prefix --sort-by=value --print-value-only --limit=2', want: '2\n3\n' },
    {
      name: 'what was made before',
      line: 'etcdctl get /t/ --prefix --sort-by=version -w fields | grep -E "Key|Version"',
      want: /^"Key" : "\/t\/b"\n"Version" : 1\n"Key" : "\/t\/c"\n"Version" : 1\n"Key" : "\/t\/a"\n"Version" : 2\n$/,
    },
    {
      name: 'a bound',
      line: `etcdctl get /t/ --prefix --keys-only --min-mod-rev=$(etcdctl get /t/a -w json | jq .kvs[0].mod_revision)`,
      want: '/t/a\n\n',
    },
    {
      name: 'an older revision',
      line: `etcdctl get /t/a --rev=$(($(etcdctl get /t/a -w json | jq .kvs[0].mod_revision) - 1)) --print-value-only`,
      want: '1\n',
    },
    { name: 'a count', line: 'etcdctl get /t/ --prefix --count-only -w fields | tail -1', want: '"Count" : 3\n' },
    {
      name: 'a count for people',
      line: 'etcdctl get /t/ --prefix --count-only; echo $?',
      want: 'Error: --count-only is only for `--write-out=fields`\n128\n',
    },
    {
      name: 'a revision to come',
      line: 'etcdctl get /t/a --rev=9999999 2>&1; echo $?',
      want: /"error":"rpc error: code = OutOfRange desc = etcdserver: mvcc: required revision is a future revision"}\nError: etcdserver: mvcc: required revision is a future revision\n1\n$/,
    },
    {
      name: 'no table',
      line: 'etcdctl put /t/d 5 -w table; echo $?; etcdctl get /t/d',
      want: 'Error: table not supported as output format\n4\n/t/d\n5\n',
    },
    { name: 'no such form', line: 'etcdctl get /t/a -w yaml; echo $?', want: 'Error: unsupported output format\n4\n' },
    {
      name: 'two prefixes',
      line: 'etcdctl get a --prefix --from-key; echo $?',
      want: 'Error: `--prefix` and `--from-key` cannot be set at the same time, choose one\n128\n',
    },
    { name: 'a bad order', line: 'etcdctl get a --order=up; echo $?', want: 'Error: bad sort order up\n4\n' },
    { name: 'no key', line: 'etcdctl put "" 1 2>&1 | tail -1', want: 'Error: etcdserver: key is not provided\n' },
    { name: 'what was there', line: 'etcdctl put /t/b 6 --prev-kv; etcdctl del /t/b --prev-kv', want: 'OK\n/t/b\n2\n1\n/t/b\n6\n' },
    {
      name: 'a value from standard input',
      line: 'echo -n seven | etcdctl put /t/e; etcdctl get /t/e --print-value-only',
      want: 'OK\nseven\n',
    },
    {
      name: 'the value that it has',
      line: 'etcdctl put /t/e --ignore-value; etcdctl get /t/e -w json | jq .kvs[0].version; etcdctl put /t/none --ignore-value 2>&1 | tail -1',
      want: 'OK\n2\nError: etcdserver: key not found\n',
    },
    {
      name: 'a range that is deleted',
      line: 'etcdctl put /r/a 1; etcdctl put /r/b 1; etcdctl del /r/ /r/z; etcdctl del /r/ /r/z --range',
      want: /^OK\nOK\nWarning: Keys between "\/r\/" and "\/r\/z" will be deleted\. .*\n2\n0\n$/,
    },
    { name: 'protobuf', line: 'etcdctl get /t/c -w protobuf | grep -c /t/c', want: '1\n' },
    {
      name: 'protobuf of a status',
      line: 'etcdctl endpoint status -w protobuf; echo $?',
      want: 'Error: protobuf not supported as output format\n4\n',
    },
    {
      name: 'a transaction that succeeds',
      line: `${txn('mod("/t/c") > "0"', '', 'put /t/c "new one"', 'get /t/c', '', 'get /t/c', '')}`,
      want: 'SUCCESS\n\nOK\n\n/t/c\nnew one\n',
    },
    {
      name: 'a transaction that fails',
      line: `${txn('value("/t/c") = "old"', '', 'put /t/c x', '', 'get /t/c', 'del /t/c', '')}`,
      want: 'FAILURE\n\n/t/c\nnew one\n\n1\n',
    },
    {
      name: 'a transaction that makes a key once',
      line: `${txn('create("/t/n") = "0"', '', 'put /t/n 1', '', '', '')}; ${txn('create("/t/n") = "0"', '', 'put /t/n 2', '', '', '')}; etcdctl get /t/n`,
      want: 'SUCCESS\n\nOK\nFAILURE\n/t/n\n1\n',
    },
    {
      name: 'a transaction that asks',
      line: `printf '\\n\\n\\n' | etcdctl txn -i`,
      want: 'compares:\nsuccess requests (get, put, del):\nfailure requests (get, put, del):\nSUCCESS\n',
    },
    { name: 'a transaction without its end', line: `${txn('', 'put a b')}; echo $?`, want: 'Error: EOF\n3\n' },
    {
      name: 'a comparison that is none',
      line: `${txn('mod(a) > 0', '', '', '')}; echo $?`,
      want: 'Error: malformed comparison: mod(a) > 0; got mod("")  ""\n3\n',
    },
    {
      name: 'a key twice',
      line: `${txn('', 'put a b', 'put a c', '', '')} 2>&1 | tail -1`,
      want: 'Error: etcdserver: duplicate key given in txn request\n',
    },
    {
      name: 'one revision for all of it',
      line: `${txn('', 'put /o/a 1', 'put /o/b 1', '', '')}; etcdctl get /o/ --prefix -w json | jq -c "[.kvs[].mod_revision] | unique | length"`,
      want: 'SUCCESS\n\nOK\n\nOK\n1\n',
    },
    {
      name: 'a watch from the past',
      line: 'timeout 2 etcdctl watch /t/a --rev=2 --prev-kv',
      want: 'PUT\n/t/a\n1\nPUT\n/t/a\n1\n/t/a\n4\n',
    },
    {
      name: 'a watch and a program',
      line: '(sleep 1; etcdctl put /w/a 1 >/dev/null) & timeout 3 etcdctl watch /w/ --prefix -- sh -c "echo \\$ETCD_WATCH_EVENT_TYPE \\$ETCD_WATCH_KEY"',
      want: 'PUT\n/w/a\n1\n"PUT" "/w/a"\n',
    },
    {
      name: 'a watch line by line',
      line: '(printf "watch /i/a\\nprogres\\n"; sleep 1; etcdctl put /i/a 1 >/dev/null; sleep 1) | etcdctl watch -i; echo $?',
      want: 'Invalid command progres (only support watch)\nPUT\n/i/a\n1\nError: error reading watch request line: EOF\n3\n',
    },
    {
      name: 'a lease',
      line: 'id=$(etcdctl lease grant 1 | tee grant | cut -d" " -f2); cut -d" " -f3- grant; etcdctl lease timetolive $id -w json | jq -c "[.ttl, .\\"granted-ttl\\", .keys]"; etcdctl lease keep-alive --once $id | cut -d" " -f3-; etcdctl lease revoke $id >/dev/null; etcdctl lease timetolive $id | cut -d" " -f3-',
      want: 'granted with TTL(2s)\n[2,2,null]\nkeepalived with TTL(2)\nalready expired\n',
    },
    {
      name: 'no such lease',
      line: 'etcdctl lease revoke 12 2>/dev/null; etcdctl lease revoke 12 2>&1 | tail -1; etcdctl lease revoke xyz',
      want: 'Error: failed to revoke lease (etcdserver: requested lease not found)\nError: bad lease ID arg (strconv.ParseInt: parsing "xyz": invalid syntax), expecting ID in Hex\n',
    },
    {
      name: 'compaction',
      line: 'etcdctl compact; etcdctl compaction x; echo $?; etcdctl compaction 5; etcdctl watch /t/a --rev=2; echo $?',
      want: 'Error: compaction command needs 1 argument\nError: strconv.ParseInt: parsing "x": invalid syntax\n1\ncompacted revision 5\nwatch was canceled (etcdserver: mvcc: required revision has been compacted)\nError: watch is canceled by the server\n5\n',
    },
    {
      name: 'users',
      line: 'etcdctl auth status; etcdctl user list; etcdctl user get root 2>&1 | tail -1; etcdctl auth enable 2>&1 | tail -1; etcdctl user add me:pw; echo $?',
      want: 'Authentication Status: false\nAuthRevision: 1\nError: etcdserver: user name not found\nError: etcdserver: root user does not exist\nError: users of etcd are not simulated here, so that none can be made\n1\n',
    },
    {
      name: 'an old variable',
      line: 'ETCDCTL_API=3 etcdctl get /t/a --print-value-only',
      want: /^{"level":"warn","ts":".*","caller":"flags\/flag.go:94","msg":"unrecognized environment variable","environment-variable":"ETCDCTL_API=3"}\n4\n$/,
    },
    {
      name: 'a variable beside a flag',
      line: 'ETCDCTL_WRITE_OUT=json etcdctl get /t/a -w simple; echo $?',
      want: /"msg":"conflicting environment variable is shadowed by .*","environment-variable":"ETCDCTL_WRITE_OUT"}\n1\n$/,
    },
    {
      name: 'a variable',
      line: 'ETCDCTL_WRITE_OUT=json ETCDCTL_ENDPOINTS=172.18.0.2:2379 etcdctl member list | jq -r .members[0].name',
      want: 'control-plane\n',
    },
    {
      name: 'no TLS',
      line: 'etcdctl --endpoints=http://127.0.0.1:2379 get a; echo $?',
      want: /last connection error: connection error: desc = \\"error reading server preface: EOF\\""}\nError: context deadline exceeded\n1\n$/,
    },
    {
      name: 'nobody there',
      line: 'etcdctl --endpoints=127.0.0.1:2399 get a --command-timeout=1s',
      want: /dial tcp 127\.0\.0\.1:2399: connect: connection refused\\""}\nError: context deadline exceeded\n$/,
    },
    {
      name: "a stranger's authority",
      line: 'etcdctl --cacert=/etc/kubernetes/pki/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key get a',
      want: /transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority/,
    },
    {
      name: 'a client without a certificate',
      line: 'etcdctl --cacert=/etc/kubernetes/pki/etcd/ca.crt get a',
      want: /error reading server preface: remote error: tls: certificate required/,
    },
    {
      name: 'a certificate without its key',
      line: 'etcdctl --cert=/etc/kubernetes/pki/etcd/server.crt get a; echo $?',
      want: 'Error: KeyFile and CertFile must both be present[key: , cert: /etc/kubernetes/pki/etcd/server.crt]\n128\n',
    },
    {
      name: 'a file that is not there',
      line: 'etcdctl --cacert=/nope get a; echo $?',
      want: 'Error: open /nope: no such file or directory\n128\n',
    },
    {
      name: 'a flag that is none',
      line: 'etcdctl del a --limit=3 2>&1 >/dev/null; echo $?; etcdctl get a --limit=many 2>&1 >/dev/null',
      want: 'Error: unknown flag: --limit\n1\nError: invalid argument "many" for "--limit" flag: strconv.ParseInt: parsing "many": invalid syntax\n',
    },
    {
      name: 'help',
      line: 'etcdctl member --help | head -12; etcdctl member frob | head -2',
      want: /^NAME:\n {2}member - .*\n\nUSAGE:\n {2}etcdctl member <subcommand> \[flags\]\n\nAPI VERSION:\n {2}3\.6\n\nCOMMANDS:\n {2}add\t.*\n {2}list\t.*\nNAME:\n {2}member - /,
    },
    { name: 'what is not here', line: 'etcdctl lock a; echo $?', want: 'Error: etcdctl lock is not simulated here\n1\n' },
    {
      name: 'fields of members',
      line: 'etcdctl member list -w fields | tail -6',
      want: /^"ID" : \d+\n"Name" : "control-plane"\n"PeerURL" : "https:\/\/172.18.0.2:2380"\n"ClientURL" : "https:\/\/172.18.0.2:2379"\n"IsLearner" : false\n\n$/,
    },
    {
      name: 'the status in JSON',
      line: 'etcdctl endpoint status -w json | jq -c ".[0].Status | keys_unsorted"',
      want: '["header","version","dbSize","leader","raftIndex","raftTerm","raftAppliedIndex","dbSizeInUse","storageVersion","dbSizeQuota","downgradeInfo"]\n',
    },
  ])('$name', ({ line, want }) => {
    const printed = run(line);
    if (typeof want === 'string') expect(printed).toBe(want);
    else expect(printed).toMatch(want);
  });
});

test.each([
  [['-w', 'json', 'member', 'list'], 'member list', ['-w', 'json']],
  [['mem', 'li'], 'member list', []],
  [['compact', '5'], 'compaction', ['5']],
  [['get', 'get'], 'get', ['get']],
  [['alarm'], 'alarm', []],
  [['member', 'frob'], 'member', ['frob']],
] as const)('%j is the command %s', (argv, path, rest) => expect(findCommand(argv)).toEqual({ path, rest }));

test.each([[['frob']], [['de']]])('%j is no command', (argv) => expect(findCommand(argv)).toBeUndefined());

test('near names are suggested', () => expect(suggestionsFor('gte')).toEqual(['get']));

test.each([
  { name: 'plain words', line: 'put a b', want: ['put', 'a', 'b'] },
  { name: 'double quotes', line: 'put "a b" "c\\n"', want: ['put', 'a b', 'c\n'] },
  { name: 'single quotes, cut off as upstream does', line: "put 'abc' 'def'", want: ['put', 'a', 'd'] },
])('a line of a transaction has $name', ({ line, want }) => expect(argify(line)).toEqual(want));

test.each([
  { line: 'version("a") != "2"', want: { key: 'a', result: '!=', target: 'version', value: 2 } },
  { line: 'val("a b") < "z"', want: { key: 'a b', result: '<', target: 'value', value: 'z' } },
])('$line is a comparison', ({ line, want }) => expect(parseCompare(line)).toEqual(want));

test.each([
  ['size("a") = "1"', 'malformed comparison: size("a") = "1" (unknown target size)'],
  ['mod("a") = "x"', 'invalid txn compare request: mod("a") = "x"'],
  ['mod("a") >= "1"', 'panic: Unknown result op'],
  ['nothing', 'malformed comparison: nothing'],
])('%s is none', (line, message) => expect(() => parseCompare(line)).toThrow(message));
