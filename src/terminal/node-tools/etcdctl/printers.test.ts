import { expect, test } from 'vitest';
import { textOf, utf8 } from '../../../emulator/kernel/index.ts';
import type { ByteString } from '../../../emulator/kernel/index.ts';
import type { Context, Format } from './context.ts';
import type { Message } from './messages.ts';
import { json, protobuf, schemas } from './messages.ts';
import { render } from './print.ts';
import { bordered } from './table.ts';

const header: Message = { cluster_id: 14841639068965178418n, member_id: 10276657743932975437n, revision: 9, raft_term: 2 };
const pod: Message = { key: utf8('/a/b'), create_revision: 5, mod_revision: 7, version: 2, value: utf8('{"kind":"Pod"}'), lease: 0 };
const found: Message = { header, kvs: [pod], more: true, count: 3 };
const sealed: Message = { ...pod, value: 'k8s:enc:\xff\n"' };
const txn: Message = {
  header,
  succeeded: true,
  responses: [
    { response_put: { header: { revision: 9 }, prev_kv: pod } },
    { response_delete_range: { header: { revision: 9 }, deleted: 1 } },
  ],
};
const headFields = '"ClusterID" : 14841639068965178418\n"MemberID" : 10276657743932975437\n"Revision" : 9\n"RaftTerm" : 2\n';
const headJson = '{"header":{"cluster_id":14841639068965178418,"member_id":10276657743932975437,"revision":9,"raft_term":2}';
const podJson = '{"key":"L2EvYg==","create_revision":5,"mod_revision":7,"version":2,"value":"eyJraW5kIjoiUG9kIn0="}';

interface Row {
  readonly name: string;
  readonly format: Format;
  readonly of?: keyof typeof schemas;
  readonly message?: Message;
  readonly style?: Partial<Context>;
  readonly want: string;
}

test.each<Row>([
  { name: 'a range for people', format: 'simple', want: '/a/b\n{"kind":"Pod"}\n' },
  { name: 'only values', format: 'simple', style: { isValueOnly: true }, want: '{"kind":"Pod"}\n' },
  {
    name: 'hexadecimal digits',
    format: 'simple',
    style: { isHex: true, isValueOnly: true },
    want: '\\x7b\\x22\\x6b\\x69\\x6e\\x64\\x22\\x3a\\x22\\x50\\x6f\\x64\\x22\\x7d\n',
  },
  {
    name: 'fields',
    format: 'fields',
    want: `${headFields}"Key" : "/a/b"\n"CreateRevision" : 5\n"ModRevision" : 7\n"Version" : 2\n"Value" : "{\\"kind\\":\\"Pod\\"}"\n"Lease" : 0\n"More" : true\n"Count" : 3\n`,
  },
  { name: 'only a count', format: 'fields', message: { header, count: 3 }, want: `${headFields}"More" : false\n"Count" : 3\n` },
  {
    name: 'fields in hexadecimal digits',
    format: 'fields',
    style: { isHex: true },
    message: { header },
    want: '"ClusterID" : cdf818194e3a8c32\n"MemberID" : 8e9e05c52164694d\n"Revision" : 9\n"RaftTerm" : 2\n"More" : false\n"Count" : 0\n',
  },
  { name: 'JSON', format: 'json', want: `${headJson},"kvs":[${podJson}],"more":true,"count":3}\n` },
  { name: 'JSON of nothing', format: 'json', message: { header }, want: `${headJson}}\n` },
  { name: 'a transaction for people', format: 'simple', of: 'txn', message: txn, want: 'SUCCESS\n\nOK\n/a/b\n{"kind":"Pod"}\n\n1\n' },
  {
    name: 'a transaction in JSON',
    format: 'json',
    of: 'txn',
    message: txn,
    want: `${headJson},"succeeded":true,"responses":[{"Response":{"response_put":{"header":{"revision":9},"prev_kv":${podJson}}}},{"Response":{"response_delete_range":{"header":{"revision":9},"deleted":1}}}]}\n`,
  },
  {
    name: 'a watch in JSON',
    format: 'json',
    of: 'watch',
    message: { header, events: [{ type: 1, kv: { key: utf8('a'), mod_revision: 9 } }] },
    want: `{"Header"${headJson.slice(9)},"Events":[{"type":1,"kv":{"key":"YQ==","mod_revision":9}}],"CompactRevision":0,"Canceled":false,"Created":false}\n`,
  },
])('etcdctl prints $name', ({ format, of = 'range', message = found, style, want }) => {
  const context = { format, isHex: false, isValueOnly: false, ...style } as Context;
  expect(textOf(render(context, of, message))).toBe(want);
});

test('etcdctl prints bytes that are no text', () => {
  const context = { format: 'simple', isHex: false, isValueOnly: true } as Context;
  expect(render(context, 'range', { header, kvs: [sealed] })).toBe('k8s:enc:\xff\n"\n');
  expect(textOf(render({ ...context, format: 'fields' }, 'range', { header, kvs: [sealed] }))).toContain(
    '"Value" : "k8s:enc:\\xff\\n\\""\n',
  );
});

test.each(['table', 'fields'] as const)('etcdctl knows no %s of a change of members', (format) => {
  expect(() => render({ format } as Context, 'memberAdd', { header })).toThrow(`${format} not supported as output format`);
});

test('a message in protobuf has its fields by number and leaves out what is empty', () => {
  expect(protobuf(schemas.put, { header: { revision: 300 } })).toBe('\x0a\x03\x18\xac\x02' as ByteString);
  expect(protobuf(schemas.member, { ID: 1n, name: 'm', peerURLs: ['a', 'b'], isLearner: true })).toBe(
    '\x08\x01\x12\x01m\x1a\x01a\x1a\x01b\x28\x01',
  );
  expect(json(schemas.member, { ID: 2n ** 64n - 1n, name: '' })).toBe('{"ID":18446744073709551615}');
});

test('a table breaks long cells at spaces and puts all to the right', () => {
  expect(
    bordered([
      ['ID', 'ERRORS'],
      ['1', 'memberID:10276657743932975437 alarm:NOSPACE '],
    ]),
  ).toBe(
    [
      '+----+-------------------------------+',
      '| ID |            ERRORS             |',
      '+----+-------------------------------+',
      '|  1 | memberID:10276657743932975437 |',
      '|    |                alarm:NOSPACE  |',
      '+----+-------------------------------+',
      '',
    ].join('\n'),
  );
});
