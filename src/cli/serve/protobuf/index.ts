/**
 * Request bodies in protobuf, as clients written in Go send them, become the objects that JSON would have made.
 *
 * - What a field is comes from the schema; its number from `field-numbers.ts`.
 * - Answers are always JSON: such clients accept it beside protobuf.
 *
 * Deliberately absent: protobuf in answers, and bodies of kinds that are not in v1 (or autoscaling/v2).
 */
import { kinds } from '../../../emulator/api/kinds.ts';
import { apiVersionOf } from '../../../emulator/api/kind.ts';
import { decodeMessage, isKnownModel } from './message.ts';
import { fieldsOf } from './wire.ts';

export const protobufType = 'application/vnd.kubernetes.protobuf';

/** `k8s` and a zero byte stand before every object (runtime/serializer/protobuf). */
const magic = Buffer.from('k8s\0');

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

/** Bodies of subresources are no kinds of their own, but models. */
function modelOf(apiVersion: string, kind: string): string | undefined {
  const descriptor = kinds.find((candidate) => candidate.kind === kind && apiVersionOf(candidate) === apiVersion);
  const model = descriptor?.model ?? kind;
  return isKnownModel(model) ? model : undefined;
}
