/**
 * Objects in protobuf, as clients written in Go send and ask for them: bodies become the objects that JSON would have made, and
 * answers are what Go would have written.
 *
 * - What a field is comes from the schema; its number from `field-numbers.ts`. No kind has code of its own.
 * - The API server decides who gets protobuf, and hands over objects; `codec` is what it is given to write them.
 *
 * Deliberately absent: kinds that are not in v1 (or autoscaling/v2), Tables and custom resources, which have no protobuf upstream either.
 */
import { apiVersionOf } from '../../../emulator/api/kind.ts';
import { kinds, otherVersions } from '../../../emulator/api/kinds.ts';
import type { ByteString } from '../../../emulator/kernel/index.ts';
import type { ProtobufCodec } from '../../../emulator/machinery/protobuf.ts';
import { protobufType } from '../../../emulator/machinery/protobuf.ts';
import { fromBuffer } from '../bytes.ts';
import { writeMessage } from './encode.ts';
import { decodeMessage } from './message.ts';
import { isKnownModel } from './table.ts';
import { fieldsOf, MessageWriter } from './wire.ts';

export { protobufType };

/** `k8s` and a zero byte stand before every object (runtime/serializer/protobuf). */
const magic = Buffer.from('k8s\0');

/** Bodies of subresources and what is no resource, by the versions in which they are known. */
const others: Readonly<Record<string, readonly string[]>> = {
  Scale: ['autoscaling/v1'],
  TokenRequest: ['authentication.k8s.io/v1'],
  Eviction: ['policy/v1'],
  ...Object.fromEntries(
    ['DeleteOptions', 'Status', 'APIVersions', 'APIGroupList', 'APIGroup', 'APIResourceList'].map((kind) => [kind, ['v1']]),
  ),
};

const models = new Map<string, string | undefined>();

function modelOf(apiVersion: string, kind: string): string | undefined {
  const key = `${apiVersion} ${kind}`;
  if (!models.has(key)) {
    const descriptor = [...kinds, ...otherVersions].find((one) => one.kind === kind && apiVersionOf(one) === apiVersion);
    const model = descriptor?.model ?? (others[kind]?.includes(apiVersion) ? kind : undefined);
    if (models.size > 1000) models.clear();
    models.set(key, model !== undefined && isKnownModel(model) ? model : undefined);
  }
  return models.get(key);
}

/** The object in a body; undefined when its kind has no numbers here. Throws a `WireError` for what is no protobuf. */
export function decodeBody(body: Buffer): object | undefined {
  if (!body.subarray(0, 4).equals(magic)) return undefined;
  const envelope = new Map(fieldsOf(body.subarray(4)));
  const type = new Map(fieldsOf(bytes(envelope.get(1))));
  const [apiVersion, kind] = [bytes(type.get(1)).toString(), bytes(type.get(2)).toString()];
  const model = modelOf(apiVersion, kind);
  return model === undefined ? undefined : { apiVersion, kind, ...decodeMessage(model, bytes(envelope.get(2))) };
}

function bytes(value: Buffer | bigint | undefined): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

interface Typed {
  readonly apiVersion?: string;
  readonly kind?: string;
}

/** What writes the message of an object, apart from its type; undefined for what has none. */
function writerOf(object: object): ((to: MessageWriter) => void) | undefined {
  const { apiVersion = 'v1', kind = '' } = object as Typed;
  const model = modelOf(apiVersion, kind);
  if (model !== undefined) return (to) => writeMessage(to, model, object);
  if (kind === 'PartialObjectMetadata') return (to) => writePartial(to, object as Partial);
  if (kind === 'PartialObjectMetadataList') return (to) => writeList(to, object as List, writePartial);
  const item = kind.endsWith('List') ? modelOf(apiVersion, kind.slice(0, -4)) : undefined;
  return item === undefined ? undefined : (to) => writeList(to, object as List, (into, one) => writeMessage(into, item, one));
}

interface Partial {
  readonly metadata: object;
}

interface List extends Partial {
  readonly items: readonly Partial[];
}

function writePartial(to: MessageWriter, { metadata }: Partial): void {
  to.nested(1, () => writeMessage(to, 'ObjectMeta', metadata));
}

function writeList(to: MessageWriter, { metadata, items }: List, writeItem: (to: MessageWriter, item: Partial) => void): void {
  for (const item of items.toReversed()) to.nested(2, () => writeItem(to, item));
  to.nested(1, () => writeMessage(to, 'ListMeta', metadata));
}

/** An object in its envelope, a runtime.Unknown. */
function envelope(object: object): Buffer | undefined {
  const write = writerOf(object);
  if (!write) return undefined;
  const { apiVersion = 'v1', kind = '' } = object as Typed;
  const to = new MessageWriter();
  to.field(4, '');
  to.field(3, '');
  to.nested(2, () => write(to));
  to.nested(1, () => {
    to.field(2, kind);
    to.field(1, apiVersion);
  });
  return Buffer.concat([magic, to.bytes()]);
}

function frame(type: string, object: object): ByteString {
  const to = new MessageWriter();
  to.nested(2, () => to.field(1, envelope(object) ?? Buffer.alloc(0)));
  to.field(1, type);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(to.length);
  return fromBuffer(Buffer.concat([length, to.bytes()]));
}

export const codec: ProtobufCodec = {
  encode(object) {
    const encoded = envelope(object);
    return encoded && fromBuffer(encoded);
  },
  frame,
};
