import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base64, bytesOf, fromBase64, incompleteTail, textOf, toUint8Array, utf8 } from './bytes.ts';
import type { ByteString } from './bytes.ts';

describe('UTF-8', () => {
  test('is what the platform makes of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect([...toUint8Array(utf8(text))]).toEqual([...new TextEncoder().encode(text)]);
      }),
    );
  });

  test('goes there and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(textOf(utf8(text))).toBe(text.toWellFormed());
      }),
    );
  });

  test('any bytes decode, and what is no character becomes U+FFFD', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (array) => {
        expect(textOf(bytesOf(array))).not.toContain('\0\0\0impossible');
        expect(utf8(textOf(bytesOf(array)))).toBe(utf8(textOf(utf8(textOf(bytesOf(array))))));
      }),
    );
    expect(textOf('a\xffb' as ByteString)).toBe('a\ufffdb');
    expect(textOf('\xc3' as ByteString)).toBe('\ufffd');
  });

  test.each([
    ['', 0],
    ['abc', 0],
    ['é', 0],
    ['\xc3', 1],
    ['a\xe2\x82', 2],
    ['\xf0\x9f\x98', 3],
    ['\xe2\x82\xac', 0],
  ] as const)('the incomplete end of %j', (bytes, want) => {
    expect(incompleteTail((bytes === 'é' ? utf8(bytes) : bytes) as ByteString)).toBe(want);
  });
});

describe('base64', () => {
  test('is what the platform makes of it, there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (array) => {
        const bytes = bytesOf(array);
        expect(base64(bytes)).toBe(Buffer.from(array).toString('base64'));
        expect(fromBase64(base64(bytes))).toBe(bytes);
      }),
    );
  });

  test.each(['a', 'ab=c', '@@@@', 'YQ'])('refuses %j', (text) => expect(fromBase64(text)).toBeUndefined());
});
