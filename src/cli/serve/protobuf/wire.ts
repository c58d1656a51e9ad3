/** Protobuf's wire format: a message is a list of fields, each a number and a value of one of four shapes. */

export class WireError extends Error {}

/** The fields of a message in their order. Varints and fixed numbers are integers, everything else bytes. */
export function* fieldsOf(message: Buffer): Generator<[number: number, value: Buffer | bigint]> {
  for (let at = 0; at < message.length; ) {
    const tag = readVarint(message, at);
    const number = Number(tag.value >> 3n);
    const shape = Number(tag.value & 7n);
    if (number === 0) throw new WireError('illegal tag 0');
    if (shape === 0) {
      const { value, end } = readVarint(message, tag.end);
      yield [number, value];
      at = end;
    } else {
      const { value: length, end } = shape === 2 ? readVarint(message, tag.end) : { value: fixedLength(shape), end: tag.end };
      at = end + Number(length);
      if (at > message.length) throw new WireError('unexpected EOF');
      const bytes = message.subarray(end, at);
      yield [number, shape === 2 ? bytes : shape === 1 ? bytes.readBigUInt64LE() : BigInt(bytes.readUInt32LE())];
    }
  }
}

function fixedLength(shape: number): bigint {
  if (shape === 1) return 8n;
  if (shape === 5) return 4n;
  throw new WireError(`illegal wireType ${shape}`);
}

function readVarint(message: Buffer, from: number): { readonly value: bigint; readonly end: number } {
  let value = 0n;
  for (let at = from, shift = 0n; ; at++, shift += 7n) {
    const byte = message[at];
    if (byte === undefined) throw new WireError('unexpected EOF');
    if (shift >= 70n) throw new WireError('integer overflow');
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return { value: BigInt.asUintN(64, value), end: at + 1 };
  }
}
