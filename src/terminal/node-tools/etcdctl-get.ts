/** The forms in which `etcdctl get` prints. Upstream: etcdctl/ctlv3/command/printer{_simple,_fields,_json}.go. */
import type { KeyValue } from '../../emulator/control-plane/etcd/index.ts';
import { base64, utf8 } from '../../emulator/kernel/index.ts';
import { quote } from '../../emulator/machinery/go-quote.ts';

export interface Range {
  readonly revision: number;
  /** `value` is '' where only keys are wanted. */
  readonly kvs: readonly { readonly key: string; readonly entry: KeyValue; readonly value: string }[];
  /** All keys of the range, shown or not. */
  readonly count: number;
  readonly isWhole: boolean;
  readonly isValueOnly: boolean;
}

/** The identifiers that etcd works out for a cluster and member of kubeadm's names. */
const clusterId = '14841639068965178418';
const memberId = '10276657743932975437';
const raftTerm = 2;

/** Base64, as JSON output has keys and values. */
const encode = (plain: string): string => base64(utf8(plain));

function simple({ kvs, isValueOnly }: Range): string {
  return kvs.map(({ key, value }) => (isValueOnly ? `${value}\n` : `${key}\n${value}\n`)).join('');
}

function fields({ revision, kvs, count, isWhole }: Range): string {
  const header = `"ClusterID" : ${clusterId}\n"MemberID" : ${memberId}\n"Revision" : ${revision}\n"RaftTerm" : ${raftTerm}\n`;
  const lines = kvs.map(
    ({ key, entry, value }) =>
      `"Key" : ${quote(key)}\n"CreateRevision" : ${entry.createRevision}\n"ModRevision" : ${entry.modRevision}\n"Version" : ${entry.version}\n"Value" : ${quote(value)}\n"Lease" : ${entry.lease}\n`,
  );
  return `${header}${lines.join('')}"More" : ${!isWhole}\n"Count" : ${count}\n`;
}

/** Identifiers are beyond what a double keeps, so that the header is written by hand. */
function json({ revision, kvs, count, isWhole }: Range): string {
  const header = `{"cluster_id":${clusterId},"member_id":${memberId},"revision":${revision},"raft_term":${raftTerm}}`;
  const rows = kvs.map(({ key, entry, value }) => ({
    key: encode(key),
    create_revision: entry.createRevision,
    mod_revision: entry.modRevision,
    version: entry.version,
    value: value === '' ? undefined : encode(value),
    lease: entry.lease || undefined,
  }));
  const kvText = rows.length > 0 ? `,"kvs":${JSON.stringify(rows)}` : '';
  return `{"header":${header}${kvText}${isWhole ? '' : ',"more":true'}${count > 0 ? `,"count":${count}` : ''}}\n`;
}

export const getPrinters: Readonly<Record<string, (range: Range) => string>> = { simple, fields, json };
