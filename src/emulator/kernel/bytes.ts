/**
 * Byte strings: what files, pipes, sockets and terminals carry. One character is one byte (code 0 to 255), which keeps
 * bytes as cheap to slice, join and search as text. Text becomes bytes by UTF-8, and ASCII text is its own encoding.
 */
declare const brand: unique symbol;
export type ByteString = string & { readonly [brand]: 'bytes' };

export const noBytes = '' as ByteString;

const beyondAscii = /[^\0-\x7f]/;

/** Whether every character is below 128. The pattern is quicker than a loop on long texts. */
function isAscii(text: string): boolean {
  return !beyondAscii.test(text);
}

/** Encodes text as UTF-8. Lone surrogates become U+FFFD. */
export function utf8(text: string): ByteString {
  if (isAscii(text)) return text as ByteString;
  let out = '';
  for (const char of text) {
    let code = char.codePointAt(0)!;
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (code < 0x80) out += char;
    else if (code < 0x800) out += String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x1_0000) out += String.fromCharCode(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else out += String.fromCharCode(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return out as ByteString;
}

/** Decodes UTF-8. Malformed bytes become U+FFFD, one each. */
export function textOf(bytes: ByteString): string {
  if (isAscii(bytes)) return bytes;
  let out = '';
  for (let i = 0; i < bytes.length; ) {
    const { code, length } = decodeAt(bytes, i);
    out += String.fromCodePoint(code);
    i += length;
  }
  return out;
}

/** How many bytes at the end are the beginning of a character that is not complete yet: 0 to 3. */
export function incompleteTail(bytes: ByteString): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes.charCodeAt(bytes.length - back);
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

export function bytesOf(array: Uint8Array): ByteString {
  let out = '';
  for (let i = 0; i < array.length; i += 8192) out += String.fromCharCode.apply(null, [...array.subarray(i, i + 8192)]);
  return out as ByteString;
}

export function toUint8Array(bytes: ByteString): Uint8Array {
  const array = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) array[i] = bytes.charCodeAt(i);
  return array;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function base64(bytes: ByteString): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const bits = (bytes.charCodeAt(i) << 16) | ((left > 1 ? bytes.charCodeAt(i + 1) : 0) << 8) | (left > 2 ? bytes.charCodeAt(i + 2) : 0);
    out += alphabet[bits >> 18]! + alphabet[(bits >> 12) & 63]!;
    out += (left > 1 ? alphabet[(bits >> 6) & 63]! : '=') + (left > 2 ? alphabet[bits & 63]! : '=');
  }
  return out;
}

/** The value of each base64 letter by its code. */
const sextets: readonly number[] = Array.from({ length: 128 }, (_, code) => alphabet.indexOf(String.fromCharCode(code)));

/** Undefined when the text is not padded standard base64. */
export function fromBase64(text: string): ByteString | undefined {
  const clean = text.replace(/[\r\n]/g, '');
  if (clean.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(clean)) return undefined;
  const padding = clean.endsWith('==') ? 2 : clean.endsWith('=') ? 1 : 0;
  let out = '';
  for (let i = 0; i < clean.length; i += 4) {
    const bits =
      (sextets[clean.charCodeAt(i)]! << 18) |
      (sextets[clean.charCodeAt(i + 1)]! << 12) |
      ((sextets[clean.charCodeAt(i + 2)]! & 63) << 6) |
      (sextets[clean.charCodeAt(i + 3)]! & 63);
    out += String.fromCharCode((bits >> 16) & 255, (bits >> 8) & 255, bits & 255);
  }
  return (padding === 0 ? out : out.slice(0, -padding)) as ByteString;
}

function sequenceLength(first: number): number {
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

const smallest = [0, 0, 0x80, 0x800, 0x1_0000];

function decodeAt(bytes: ByteString, i: number): { code: number; length: number } {
  const first = bytes.charCodeAt(i);
  if (first < 0x80) return { code: first, length: 1 };
  const length = sequenceLength(first);
  let code = first & (0x7f >> length);
  for (let k = 1; k < length; k++) {
    const byte = bytes.charCodeAt(i + k);
    if (first < 0xc2 || first > 0xf4 || Number.isNaN(byte) || (byte & 0xc0) !== 0x80) return { code: 0xfffd, length: 1 };
    code = (code << 6) | (byte & 63);
  }
  const isValid = code >= smallest[length]! && code <= 0x10_ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isValid ? { code, length } : { code: 0xfffd, length: 1 };
}
