/** Signatures of keys that did not come from here: ECDSA over P-256 and RSA PKCS #1 v1.5, as openssl makes them. */
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import * as der from './der.ts';
import type { DerValue } from './der.ts';
import { oid, verifySignature } from './key.ts';

const rsa = '1.2.840.113549.1.1.1';

interface Hash {
  readonly hash: (message: Uint8Array) => Uint8Array;
  /** Of the DigestInfo. */
  readonly id: string;
}

const rsaHashes: Readonly<Record<string, Hash>> = {
  '1.2.840.113549.1.1.11': { hash: sha256, id: '2.16.840.1.101.3.4.2.1' },
  '1.2.840.113549.1.1.12': { hash: sha384, id: '2.16.840.1.101.3.4.2.2' },
  '1.2.840.113549.1.1.13': { hash: sha512, id: '2.16.840.1.101.3.4.2.3' },
};

function bigInt(bytes: Uint8Array): bigint {
  let text = '0x0';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return BigInt(text);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base % modulus];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** The largest public exponent that is computed with: others would only cost time. */
const maxExponent = 1n << 32n;
const maxKeyBytes = 1024;

function verifyRsa(publicKey: Uint8Array, { hash, id }: Hash, message: Uint8Array, signature: Uint8Array): boolean {
  const [modulusValue, exponentValue] = der.decode(publicKey).children;
  const [modulus, exponent] = [bigInt(modulusValue!.content), bigInt(exponentValue!.content)];
  const length = Math.ceil(modulus.toString(16).length / 2);
  if (length > maxKeyBytes || exponent > maxExponent || signature.length !== length) return false;
  const digest = der.sequence(der.sequence(der.objectIdentifier(id), der.encode(0x05)), der.octetString(hash(message)));
  const padding = length - digest.length - 3;
  if (padding < 8) return false;
  const expected = der.concat(Uint8Array.of(0, 1), new Uint8Array(padding).fill(0xff), Uint8Array.of(0), digest);
  return power(bigInt(signature), exponent, modulus) === bigInt(expected);
}

/** The complaint of crypto/x509 about a signature, undefined when it is good. `info` is a SubjectPublicKeyInfo. */
export function signatureProblem(info: DerValue, algorithm: string, message: Uint8Array, signature: Uint8Array): string | undefined {
  const [kind, curve] = info.children[0]!.children;
  const publicKey = info.children[1]!.content.subarray(1);
  const keyType = der.readIdentifier(kind!);
  if (keyType === oid.ecPublicKey) {
    // Differs from Kubernetes: of elliptic curves only P-256 is known, and of keys only these and RSA.
    if (der.readIdentifier(curve!) !== oid.p256) return 'x509: unsupported elliptic curve';
    return algorithm === oid.ecdsaWithSHA256 && verifySignature(publicKey, message, signature)
      ? undefined
      : 'x509: ECDSA verification failure';
  }
  const hash = rsaHashes[algorithm];
  if (keyType !== rsa || !hash) return 'x509: cannot verify signature: algorithm unimplemented';
  return verifyRsa(publicKey, hash, message, signature) ? undefined : 'crypto/rsa: verification error';
}
