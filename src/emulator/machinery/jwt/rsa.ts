/**
 * RSA as tokens are signed with it: RS256, which is PKCS #1 v1.5 over SHA-256 (RFC 8017, RFC 7518).
 *
 * Keys of the cluster itself are elliptic; an identity provider may have one of these. Making one takes a good part of a
 * second, so it is made when it is first needed, from a seed that was drawn before.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { toUint8Array, utf8 } from '../../kernel/bytes.ts';

export interface RsaPublicKey {
  readonly modulus: bigint;
  readonly exponent: bigint;
}

const exponent = 65_537n;
/** DigestInfo of SHA-256, without the digest. */
const digestInfo = Uint8Array.of(
  0x30,
  0x31,
  0x30,
  0x0d,
  0x06,
  0x09,
  0x60,
  0x86,
  0x48,
  0x01,
  0x65,
  0x03,
  0x04,
  0x02,
  0x01,
  0x05,
  0x00,
  0x04,
  0x20,
);
const primeBits = 1024;
const rounds = 8;

export class RsaKeyPair {
  readonly publicKey: RsaPublicKey;
  readonly #privateExponent: bigint;

  /** The same seed gives the same key. */
  constructor(seed: string) {
    const draw = drawer(seed);
    const [p, q] = [makePrime(draw), makePrime(draw)];
    this.publicKey = { modulus: p * q, exponent };
    this.#privateExponent = inverse(exponent, (p - 1n) * (q - 1n));
  }

  sign(message: Uint8Array): Uint8Array {
    const { modulus } = this.publicKey;
    const length = byteLength(modulus);
    return toBytes(power(toNumber(padded(message, length)), this.#privateExponent, modulus), length);
  }
}

export function verifyRsa({ modulus, exponent: e }: RsaPublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  const length = byteLength(modulus);
  if (signature.length !== length || length < digestInfo.length + 43) return false;
  const number = toNumber(signature);
  return number < modulus && power(number, e, modulus) === toNumber(padded(message, length));
}

/** EMSA-PKCS1-v1_5. */
function padded(message: Uint8Array, length: number): Uint8Array {
  const block = new Uint8Array(length).fill(0xff);
  block.set([0, 1]);
  const digest = sha256(message);
  const start = length - digest.length - digestInfo.length;
  block[start - 1] = 0;
  block.set(digestInfo, start);
  block.set(digest, start + digestInfo.length);
  return block;
}

function power(base: bigint, by: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = by; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value, modulus, 1n, 0n];
  while (b > 0n) {
    const quotient = a / b;
    [a, b, x, y] = [b, a - quotient * b, y, x - quotient * y];
  }
  return ((x % modulus) + modulus) % modulus;
}

/** Numbers of the size of a prime, each from the hash of the seed and a count. */
function drawer(seed: string): () => bigint {
  let count = 0;
  return () => {
    let number = 0n;
    for (let bits = 0; bits < primeBits; bits += 256)
      number = (number << 256n) | toNumber(sha256(toUint8Array(utf8(`${seed}-${count++}`))));
    return number;
  };
}

const smallPrimes = [3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97].map(BigInt);

function makePrime(draw: () => bigint): bigint {
  // The two highest bits are set, so that a product has its full length.
  let candidate = draw() | (3n << BigInt(primeBits - 2)) | 1n;
  while ((candidate - 1n) % exponent === 0n || !isPrime(candidate)) candidate += 2n;
  return candidate;
}

/** Miller and Rabin, after trial division. */
function isPrime(number: bigint): boolean {
  if (smallPrimes.some((prime) => number % prime === 0n)) return false;
  let odd = number - 1n;
  let twos = 0;
  for (; !(odd & 1n); odd >>= 1n) twos++;
  return [2n, ...smallPrimes].slice(0, rounds).every((witness) => {
    let value = power(witness, odd, number);
    if (value === 1n || value === number - 1n) return true;
    for (let i = 1; i < twos; i++) {
      value = (value * value) % number;
      if (value === number - 1n) return true;
    }
    return false;
  });
}

const byteLength = (number: bigint): number => Math.ceil(number.toString(16).length / 2);

export function toNumber(bytes: Uint8Array): bigint {
  let hex = '0x0';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return BigInt(hex);
}

export function toBytes(number: bigint, length = byteLength(number)): Uint8Array {
  const hex = number.toString(16).padStart(2 * length, '0');
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
