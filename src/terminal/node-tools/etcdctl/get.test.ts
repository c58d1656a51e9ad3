import { expect, test } from 'vitest';
import { textOf, utf8 } from '../../../emulator/kernel/index.ts';
import type { ByteString } from '../../../emulator/kernel/index.ts';
import { getPrinters, type Range } from './get.ts';

const entry = { directory: 'a/', name: 'b', value: {}, createRevision: 5, modRevision: 7, version: 2, lease: 0 };
const range: Range = {
  header: { clusterId: '14841639068965178418', memberId: '10276657743932975437', raftTerm: 2 },
  revision: 9,
  kvs: [{ key: '/a/b', entry, value: utf8('{"kind":"Pod"}') }],
  count: 3,
  isWhole: false,
  isValueOnly: false,
};
const header = '"ClusterID" : 14841639068965178418\n"MemberID" : 10276657743932975437\n"Revision" : 9\n"RaftTerm" : 2\n';
const jsonHeader = '{"header":{"cluster_id":14841639068965178418,"member_id":10276657743932975437,"revision":9,"raft_term":2}';

test.each([
  { name: 'simple', format: 'simple', of: range, want: '/a/b\n{"kind":"Pod"}\n' },
  { name: 'only values', format: 'simple', of: { ...range, isValueOnly: true }, want: '{"kind":"Pod"}\n' },
  {
    name: 'fields',
    format: 'fields',
    of: range,
    want: `${header}"Key" : "/a/b"\n"CreateRevision" : 5\n"ModRevision" : 7\n"Version" : 2\n"Value" : "{\\"kind\\":\\"Pod\\"}"\n"Lease" : 0\n"More" : true\n"Count" : 3\n`,
  },
  { name: 'only a count', format: 'fields', of: { ...range, kvs: [], isWhole: true }, want: `${header}"More" : false\n"Count" : 3\n` },
  {
    name: 'JSON',
    format: 'json',
    of: range,
    want: `${jsonHeader},"kvs":[{"key":"L2EvYg==","create_revision":5,"mod_revision":7,"version":2,"value":"eyJraW5kIjoiUG9kIn0="}],"more":true,"count":3}\n`,
  },
  { name: 'JSON of nothing', format: 'json', of: { ...range, kvs: [], count: 0, isWhole: true }, want: `${jsonHeader}}\n` },
])('etcdctl get prints $name', ({ format, of, want }) => expect(textOf(getPrinters[format]!(of))).toBe(want));

test('etcdctl get prints bytes that are no text', () => {
  const sealed = { ...range, kvs: [{ ...range.kvs[0]!, value: 'k8s:enc:\xff\n"' as ByteString }], isValueOnly: true };
  expect(getPrinters.simple!(sealed)).toBe('k8s:enc:\xff\n"\n');
  expect(textOf(getPrinters.fields!(sealed))).toContain('"Value" : "k8s:enc:\\xff\\n\\""\n');
});
