/** Protobuf's wire format, read and written: a message is a list of fields, each a number and a value of one of four shapes. */

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

/** Writes a message from its end to its beginning, as Go does: the length of what is nested is known once it stands. */
export class MessageWriter {
  #buffer = Buffer.allocUnsafe(1024);
  /** Where what is written begins. */
  #at = 1024;

  get length(): number {
    return this.#buffer.length - this.#at;
  }

  /** What has been written. */
  bytes(): Buffer {
    return this.#buffer.subarray(this.#at);
  }

  /** A field of bytes. */
  field(number: number, value: Buffer | string): void {
    this.nested(number, () => {
      if (typeof value === 'string') this.#reserve(Buffer.byteLength(value)).write(value, this.#at);
      else value.copy(this.#reserve(value.length), this.#at);
    });
  }

  integer(number: number, value: bigint | number): void {
    this.#varint(value);
    this.#tag(number, 0);
  }

  double(number: number, value: number): void {
    this.#reserve(8).writeDoubleLE(value, this.#at);
    this.#tag(number, 1);
  }

  /** A field whose bytes are what `write` writes. */
  nested(number: number, write: () => void): void {
    const before = this.length;
    write();
    this.#varint(this.length - before);
    this.#tag(number, 2);
  }

  #tag(number: number, shape: number): void {
    this.#varint(number * 8 + shape);
  }

  #varint(value: bigint | number): void {
    if (typeof value === 'number' && value >= 0 && value < 128) {
      this.#reserve(1)[this.#at] = value;
      return;
    }
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
    this.#reserve(bytes.length).set(bytes, this.#at);
  }

  /** Makes room before what is written, from `#at` on. */
  #reserve(size: number): Buffer {
    if (size > this.#at) {
      const larger = Buffer.allocUnsafe(2 * this.#buffer.length + size);
      const length = this.length;
      this.bytes().copy(larger, larger.length - length);
      this.#buffer = larger;
      this.#at = larger.length - length;
    }
    this.#at -= size;
    return this.#buffer;
  }
}
