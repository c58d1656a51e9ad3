/** RS256 against another implementation. */
import { createPublicKey, createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { toUint8Array, utf8 } from '../../kernel/bytes.ts';
import { makeRsaKeySet, readKeySet } from './key-set.ts';
import { signRs256, verifyJwt } from './index.ts';
import { RsaKeyPair, verifyRsa } from './rsa.ts';

const key = new RsaKeyPair('7');
const message = toUint8Array(utf8('a message'));

test('what is signed here is believed elsewhere, and the other way round', () => {
  const jwk = makeRsaKeySet(key.publicKey).keys[0]!;
  const there = createPublicKey({ key: jwk as never, format: 'jwk' });
  expect(createVerify('sha256').update(message).verify(there, key.sign(message))).toBe(true);
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [read] = readKeySet({ keys: [{ ...other.publicKey.export({ format: 'jwk' }) }] });
  const signature = new Uint8Array(createSign('sha256').update(message).sign(other.privateKey));
  expect(verifyRsa(read as never, message, signature)).toBe(true);
  expect(verifyRsa(key.publicKey, message, signature)).toBe(false);
});

test('a damaged signature, another message and a short one prove nothing', () => {
  const signature = key.sign(message);
  expect(verifyRsa(key.publicKey, message, signature)).toBe(true);
  expect(verifyRsa(key.publicKey, message, signature.with(9, signature[9]! ^ 1))).toBe(false);
  expect(verifyRsa(key.publicKey, toUint8Array(utf8('another')), signature)).toBe(false);
  expect(verifyRsa(key.publicKey, message, signature.subarray(1))).toBe(false);
});

test('a token is checked by its key, and only as RS256 where it says so', () => {
  const token = signRs256({ sub: 'jane' }, key);
  const keys = readKeySet(makeRsaKeySet(key.publicKey));
  expect(verifyJwt(token, keys)).toEqual({ sub: 'jane' });
  expect(verifyJwt(token, readKeySet(makeRsaKeySet({ ...key.publicKey, modulus: key.publicKey.modulus + 2n })))).toBeUndefined();
  const [, payload, signature] = token.split('.');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  expect(verifyJwt(`${none}.${payload}.${signature}`, keys)).toBeUndefined();
});

test('the same seed gives the same key, of 2048 bits', () => {
  expect(key.publicKey.modulus.toString(2)).toHaveLength(2048);
  expect(new RsaKeyPair('7').publicKey).toEqual(key.publicKey);
});
