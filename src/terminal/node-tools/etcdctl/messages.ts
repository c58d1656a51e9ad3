/**
 * What etcd answers, as its protobuf messages (api/etcdserverpb/rpc.proto, mvccpb/kv.proto): one table of fields serves both the JSON
 * that Go makes of them, where empty fields are left out, and their bytes.
 */
import type { ByteString } from '../../../emulator/kernel/index.ts';
import { base64, utf8 } from '../../../emulator/kernel/index.ts';
import { jsonString } from '../../../emulator/machinery/json.ts';

type Kind = 'number' | 'bool' | 'bytes' | 'string' | Schema;

interface Field {
  readonly number: number;
  readonly kind: Kind;
  readonly isList?: boolean;
}

interface Schema {
  /** By the name in JSON, in the order of Go's struct. */
  readonly fields: Readonly<Record<string, Field>>;
  /** Of a union: what JSON calls the struct around its one member. */
  readonly union?: string;
}

export type Value = number | bigint | boolean | string | Message | readonly (string | Message)[] | undefined;

/** A message by its JSON names. Identifiers are beyond what a number keeps. */
export interface Message {
  readonly [name: string]: Value;
}

const schema = (fields: Readonly<Record<string, readonly [number, Kind] | readonly [number, Kind, 'list']>>, union?: string): Schema => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, [number, kind, list]]) => [name, { number, kind, isList: list === 'list' }]),
  ),
  ...(union !== undefined && { union }),
});

const header = schema({ cluster_id: [1, 'number'], member_id: [2, 'number'], revision: [3, 'number'], raft_term: [4, 'number'] });
const keyValue = schema({
  key: [1, 'bytes'],
  create_revision: [2, 'number'],
  mod_revision: [3, 'number'],
  version: [4, 'number'],
  value: [5, 'bytes'],
  lease: [6, 'number'],
});
const event = schema({ type: [1, 'number'], kv: [2, keyValue], prev_kv: [3, keyValue] });
const member = schema({
  ID: [1, 'number'],
  name: [2, 'string'],
  peerURLs: [3, 'string', 'list'],
  clientURLs: [4, 'string', 'list'],
  isLearner: [5, 'bool'],
});
const range = schema({ header: [1, header], kvs: [2, keyValue, 'list'], more: [3, 'bool'], count: [4, 'number'] });
const put = schema({ header: [1, header], prev_kv: [2, keyValue] });
const deleteRange = schema({ header: [1, header], deleted: [2, 'number'], prev_kvs: [3, keyValue, 'list'] });
const response = schema({ response_range: [1, range], response_put: [2, put], response_delete_range: [3, deleteRange] }, 'Response');
const members = schema({ header: [1, header], members: [2, member, 'list'] });

export const schemas = {
  range,
  put,
  delete: deleteRange,
  txn: schema({ header: [1, header], succeeded: [2, 'bool'], responses: [3, response, 'list'] }),
  watch: schema({
    header: [1, header],
    compact_revision: [5, 'number'],
    canceled: [4, 'bool'],
    events: [11, event, 'list'],
  }),
  header,
  event,
  member,
  members,
  memberAdd: schema({ header: [1, header], member: [2, member], members: [3, member, 'list'] }),
  headerOnly: schema({ header: [1, header] }),
  alarm: schema({ header: [1, header], alarms: [2, schema({ memberID: [1, 'number'], alarm: [2, 'number'] }), 'list'] }),
  hashKV: schema({ header: [1, header], hash: [2, 'number'], compact_revision: [3, 'number'], hash_revision: [4, 'number'] }),
  status: schema({
    header: [1, header],
    version: [2, 'string'],
    dbSize: [3, 'number'],
    leader: [4, 'number'],
    raftIndex: [5, 'number'],
    raftTerm: [6, 'number'],
    raftAppliedIndex: [7, 'number'],
    errors: [8, 'string', 'list'],
    dbSizeInUse: [9, 'number'],
    isLearner: [10, 'bool'],
    storageVersion: [11, 'string'],
    dbSizeQuota: [12, 'number'],
    downgradeInfo: [13, schema({ enabled: [1, 'bool'], targetVersion: [2, 'string'] })],
  }),
  authStatus: schema({ header: [1, header], enabled: [2, 'bool'], authRevision: [3, 'number'] }),
  users: schema({ header: [1, header], users: [2, 'string', 'list'] }),
  roles: schema({ header: [1, header], roles: [2, 'string', 'list'] }),
} as const;

export type SchemaName = keyof typeof schemas;

const isEmpty = (value: Value): boolean =>
  value === undefined || value === false || value === '' || value === 0 || value === 0n || (Array.isArray(value) && value.length === 0);

/** As encoding/json writes the Go struct. */
export function json({ fields, union }: Schema, message: Message): string {
  const parts: string[] = [];
  for (const [name, { kind, isList }] of Object.entries(fields)) {
    const value = message[name];
    if (isEmpty(value)) continue;
    const text = isList ? `[${(value as readonly (string | Message)[]).map((item) => jsonOf(kind, item)).join(',')}]` : jsonOf(kind, value);
    parts.push(`${jsonString(name)}:${text}`);
  }
  const text = `{${parts.join(',')}}`;
  return union === undefined ? text : `{${jsonString(union)}:${text}}`;
}

function jsonOf(kind: Kind, value: Value): string {
  if (typeof kind === 'object') return json(kind, value as Message);
  if (kind === 'bytes') return `"${base64(value as ByteString)}"`;
  return kind === 'string' ? jsonString(value as string) : String(value);
}

/** As protobuf writes the message. */
export function protobuf({ fields }: Schema, message: Message): ByteString {
  let out = '';
  const inOrder = Object.entries(fields).sort(([, a], [, b]) => a.number - b.number);
  for (const [name, { number, kind, isList }] of inOrder) {
    const value = message[name];
    if (isEmpty(value)) continue;
    for (const item of isList ? (value as readonly (string | Message)[]) : [value]) out += encoded(number, kind, item);
  }
  return out as ByteString;
}

function encoded(number: number, kind: Kind, value: Value): string {
  if (kind === 'number' || kind === 'bool')
    return varint(number << 3) + varint(kind === 'bool' ? Number(value) : (value as number | bigint));
  const bytes = typeof kind === 'object' ? protobuf(kind, value as Message) : kind === 'bytes' ? (value as string) : utf8(value as string);
  return varint((number << 3) | 2) + varint(bytes.length) + bytes;
}

function varint(value: number | bigint): string {
  let rest = BigInt.asUintN(64, BigInt(value));
  let out = '';
  for (; rest > 0x7fn; rest >>= 7n) out += String.fromCharCode(Number(rest & 0x7fn) | 0x80);
  return out + String.fromCharCode(Number(rest));
}
