/** `-w fields`: one field a line, for scripts. Upstream: etcdctl/ctlv3/command/printer_fields.go. */
import type { ByteString } from '../../../emulator/kernel/index.ts';
import { textOf, utf8 } from '../../../emulator/kernel/index.ts';
import { quote } from '../../../emulator/machinery/go-quote.ts';
import { hexId } from './context.ts';
import type { Message, Value } from './messages.ts';

/** As `quote`, for bytes that need not be text. */
function quoteBytes(bytes: ByteString): string {
  const text = textOf(bytes);
  if (utf8(text) === bytes) return quote(text);
  return `"${bytes.replaceAll(/[^ !#-[\]-~]/g, (byte) => (byte < '\x7f' ? quote(byte).slice(1, -1) : `\\x${byte.charCodeAt(0).toString(16)}`))}"`;
}

const list = (value: Value): readonly Message[] => (value ?? []) as readonly Message[];
const number = (value: Value): string => String(value ?? 0);
const id = (value: Value, isHex: boolean): string =>
  isHex ? hexId((value ?? 0) as number | bigint).replace(/^0+(?=.)/, '') : number(value);

/** Of the answers inside a transaction, only the revision is there. */
export function headerFields(header: Value, isHex: boolean): string {
  const { cluster_id: cluster, member_id: member, revision, raft_term: term } = (header ?? {}) as Message;
  const counted = Number(revision ?? 0) > 0 ? `"Revision" : ${number(revision)}\n` : '';
  return `"ClusterID" : ${id(cluster, isHex)}\n"MemberID" : ${id(member, isHex)}\n${counted}"RaftTerm" : ${number(term)}\n`;
}

function kv(
  prefix: string,
  { key, create_revision: created, mod_revision: changed, version, value, lease }: Message,
  isHex: boolean,
): string {
  const rows: readonly (readonly [string, string])[] = [
    ['Key', quoteBytes(key as ByteString)],
    ['CreateRevision', number(created)],
    ['ModRevision', number(changed)],
    ['Version', number(version)],
    ['Value', quoteBytes(value as ByteString)],
    ['Lease', isHex ? hexId((lease ?? 0) as number) : number(lease)],
  ];
  return rows.map(([name, text]) => `"${prefix}${name}" : ${text}\n`).join('');
}

type Printer = (message: Message, isHex: boolean) => string;

const withHeader =
  (rest: Printer): Printer =>
  (message, isHex) =>
    headerFields(message.header, isHex) + rest(message, isHex);

const leaseFields: Printer = ({ ID, TTL }, isHex) => `"ID" : ${isHex ? hexId(ID as number) : number(ID)}\n"TTL" : ${number(TTL)}\n`;

/** By the name of the message's schema. */
export const fieldPrinters: Readonly<Record<string, Printer>> = {
  range: withHeader(({ kvs, more, count }, isHex) => {
    const rows = list(kvs).map((one) => kv('', one, isHex));
    return `${rows.join('')}"More" : ${more === true}\n"Count" : ${number(count)}\n`;
  }),
  put: withHeader(({ prev_kv: before }, isHex) => (before ? kv('Prev', before as Message, isHex) : '')),
  delete: withHeader(
    ({ deleted, prev_kvs: before }, isHex) =>
      `"Deleted" : ${number(deleted)}\n${list(before)
        .map((one) => kv('Prev', one, isHex))
        .join('')}`,
  ),
  txn: withHeader(({ succeeded, responses }, isHex) => {
    const parts = list(responses).map(({ response_range: found, response_put: stored, response_delete_range: gone }) => {
      if (found) return fieldPrinters.range!(found as Message, isHex);
      return stored ? fieldPrinters.put!(stored as Message, isHex) : fieldPrinters.delete!(gone as Message, isHex);
    });
    return `"Succeeded" : ${succeeded === true}\n${parts.join('')}`;
  }),
  watch: withHeader(({ events }, isHex) =>
    list(events)
      .map(
        ({ type, kv: now, prev_kv: before }) =>
          `"Type" : ${type === 1 ? 'DELETE' : 'PUT'}\n${before ? kv('Prev', before as Message, isHex) : ''}${kv('', now as Message, isHex)}`,
      )
      .join(''),
  ),
  members: withHeader(({ members }, isHex) =>
    list(members)
      .map(({ ID, name, peerURLs, clientURLs, isLearner }) => {
        const urls = (field: string, all: Value): string =>
          list(all)
            .map((url) => `"${field}" : ${quote(String(url))}\n`)
            .join('');
        return `"ID" : ${id(ID, isHex)}\n"Name" : ${quote(name as string)}\n${urls('PeerURL', peerURLs)}${urls('ClientURL', clientURLs)}"IsLearner" : ${isLearner === true}\n\n`;
      })
      .join(''),
  ),
  alarm: withHeader(({ alarms }, isHex) =>
    list(alarms)
      .map(({ memberID }) => `"MemberID" : ${id(memberID, isHex)}\n"AlarmType" : NOSPACE\n\n`)
      .join(''),
  ),
  lease: withHeader(leaseFields),
  leaseRevoke: withHeader(() => ''),
  leaseTimeToLive: withHeader(
    (message, isHex) =>
      `${leaseFields(message, isHex)}"GrantedTTL" : ${number(message.grantedTTL)}\n${((message.keys ?? []) as readonly ByteString[])
        .map((key) => `"Key" : ${quoteBytes(key)}\n`)
        .join('')}`,
  ),
  leases: withHeader(({ leases }, isHex) =>
    list(leases)
      .map(({ ID }) => `"ID" : ${isHex ? hexId(ID as number) : number(ID)}\n`)
      .join(''),
  ),
  roles: withHeader(({ roles }) => `"Roles" :${((roles ?? []) as readonly string[]).map((role) => ` ${quote(role)}`).join('')}\n`),
};
