/** The forms in which `etcdctl get` prints. Upstream: etcdctl/ctlv3/command/printer{_simple,_fields,_json}.go. */
import type { KeyValue } from '../../../emulator/control-plane/etcd/index.ts';
import type { ByteString } from '../../../emulator/kernel/index.ts';
import { base64, textOf, utf8 } from '../../../emulator/kernel/index.ts';
import { quote } from '../../../emulator/machinery/go-quote.ts';

export interface Range {
  /** In decimals, as these forms print identifiers. */
  readonly header: { readonly clusterId: string; readonly memberId: string; readonly raftTerm: number };
  readonly revision: number;
  /** `value` is empty where only keys are wanted. */
  readonly kvs: readonly { readonly key: string; readonly entry: KeyValue; readonly value: ByteString }[];
  /** All keys of the range, shown or not. */
  readonly count: number;
  readonly isWhole: boolean;
  readonly isValueOnly: boolean;
}

/** Base64, as JSON output has keys and values. */
const encode = (plain: string): string => base64(utf8(plain));

/** As `quote`, for bytes that need not be text. */
function quoteBytes(bytes: ByteString): string {
  const text = textOf(bytes);
  if (utf8(text) === bytes) return quote(text);
  return `"${bytes.replaceAll(/[^ !#-[\]-~]/g, (byte) => (byte < '\x7f' ? quote(byte).slice(1, -1) : `\\x${byte.charCodeAt(0).toString(16)}`))}"`;
}

function simple({ kvs, isValueOnly }: Range): ByteString {
  return kvs.map(({ key, value }) => (isValueOnly ? `${value}\n` : `${utf8(key)}\n${value}\n`)).join('') as ByteString;
}

function fields({ header: { clusterId, memberId, raftTerm }, revision, kvs, count, isWhole }: Range): ByteString {
  const head = `"ClusterID" : ${clusterId}\n"MemberID" : ${memberId}\n"Revision" : ${revision}\n"RaftTerm" : ${raftTerm}\n`;
  const lines = kvs.map(
    ({ key, entry, value }) =>
      `"Key" : ${quote(key)}\n"CreateRevision" : ${entry.createRevision}\n"ModRevision" : ${entry.modRevision}\n"Version" : ${entry.version}\n"Value" : ${quoteBytes(value)}\n"Lease" : ${entry.lease}\n`,
  );
  return utf8(`${head}${lines.join('')}"More" : ${!isWhole}\n"Count" : ${count}\n`);
}

/** Identifiers are beyond what a double keeps, so that the header is written by hand. */
function json({ header: { clusterId, memberId, raftTerm }, revision, kvs, count, isWhole }: Range): ByteString {
  const head = `{"cluster_id":${clusterId},"member_id":${memberId},"revision":${revision},"raft_term":${raftTerm}}`;
  const rows = kvs.map(({ key, entry, value }) => ({
    key: encode(key),
    create_revision: entry.createRevision,
    mod_revision: entry.modRevision,
    version: entry.version,
    value: value === '' ? undefined : base64(value),
    lease: entry.lease || undefined,
  }));
  const kvText = rows.length > 0 ? `,"kvs":${JSON.stringify(rows)}` : '';
  return utf8(`{"header":${head}${kvText}${isWhole ? '' : ',"more":true'}${count > 0 ? `,"count":${count}` : ''}}\n`);
}

export const getPrinters: Readonly<Record<string, (range: Range) => ByteString>> = { simple, fields, json };
