/**
 * P-256 key pairs, made when they are first needed: from a seed that was drawn at once, so that looking at a key never
 * changes what else happens.
 *
 * Differs from Kubernetes: kubeadm makes RSA keys of 2048 bits by default; ours are those of `encryptionAlgorithm: ECDSA-P256`.
 */
import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { toUint8Array, utf8 } from '../../kernel/bytes.ts';
import type { Random } from '../../kernel/random.ts';
import { bitString, concat, decode, explicit, integer, objectIdentifier, octetString, sequence } from './der.ts';
import { parsePem, toPem } from './pem.ts';
import { remembering } from './remembered.ts';

// A session makes a handful of keys and signatures: a small table of multiples is made in a third of the time of the usual one,
// and the first certificate is part of every cold start.
p256.Point.BASE.precompute(3);

export const oid = {
  ecPublicKey: '1.2.840.10045.2.1',
  p256: '1.2.840.10045.3.1.7',
  ecdsaWithSHA256: '1.2.840.10045.4.3.2',
} as const;

/** 'compact' is r and s side by side, as a JWT has it. */
export type SignatureFormat = 'der' | 'compact';

/** The longest signature on P-256 in DER. */
const maxSignatureBytes = 72;

const publicKeyOf = remembering((secret: Uint8Array) => p256.getPublicKey(secret, false));

/** Signatures of a message's digest, and whether one is good. */
const signing = (format: SignatureFormat) =>
  remembering((digest: Uint8Array, secret: Uint8Array) => p256.sign(digest, secret, { format, prehash: false, lowS: false }));
const verifying = (format: SignatureFormat) =>
  remembering((digest: Uint8Array, publicKey: Uint8Array, signature: Uint8Array) =>
    p256.verify(signature, digest, publicKey, { format, prehash: false, lowS: false }),
  );
const sign = { der: signing('der'), compact: signing('compact') } as const;
const verify = { der: verifying('der'), compact: verifying('compact') } as const;

export class KeyPair {
  readonly #makeSecret: () => Uint8Array;
  #secret: Uint8Array | undefined;
  #publicKey: Uint8Array | undefined;
  #pem: string | undefined;

  constructor(makeSecret: () => Uint8Array) {
    this.#makeSecret = makeSecret;
  }

  get secret(): Uint8Array {
    return (this.#secret ??= this.#makeSecret());
  }

  /** The uncompressed point, 65 bytes. */
  get publicKey(): Uint8Array {
    return (this.#publicKey ??= publicKeyOf(this.secret));
  }

  /** `EC PRIVATE KEY` (RFC 5915). */
  get pem(): string {
    return (this.#pem ??= toPem(
      'EC PRIVATE KEY',
      sequence(
        integer(Uint8Array.of(1)),
        octetString(this.secret),
        explicit(0, objectIdentifier(oid.p256)),
        explicit(1, bitString(this.publicKey)),
      ),
    ));
  }

  /** ECDSA over SHA-256, deterministic (RFC 6979). */
  sign(message: Uint8Array, format: SignatureFormat = 'der'): Uint8Array {
    return sign[format](sha256(message), this.secret);
  }
}

/** A key of the cluster's random source. Costs nothing until it is looked at. */
export function createKeyPair(random: Random): KeyPair {
  const seed = `${random.uint32()}-${random.uint32()}`;
  return new KeyPair(() =>
    p256.utils.randomSecretKey(concat(sha256(toUint8Array(utf8(`${seed}-a`))), sha256(toUint8Array(utf8(`${seed}-b`))).subarray(0, 16))),
  );
}

/** Reads `EC PRIVATE KEY` or PKCS #8 `PRIVATE KEY`. Undefined when the text holds no P-256 key. */
export function parseKeyPair(pem: string): KeyPair | undefined {
  for (const { type, bytes } of parsePem(pem)) {
    try {
      if (type === 'EC PRIVATE KEY') return keyFromSec1(bytes);
      if (type === 'PRIVATE KEY') return keyFromSec1(decode(bytes).children[2]!.content);
    } catch {
      return undefined;
    }
  }
  return undefined;
}

function keyFromSec1(bytes: Uint8Array): KeyPair | undefined {
  const secret = decode(bytes).children[1]?.content;
  return secret?.length === 32 && p256.utils.isValidSecretKey(secret) ? new KeyPair(() => secret) : undefined;
}

/** SubjectPublicKeyInfo. */
export function encodePublicKey(publicKey: Uint8Array): Uint8Array {
  return sequence(sequence(objectIdentifier(oid.ecPublicKey), objectIdentifier(oid.p256)), bitString(publicKey));
}

/** `PUBLIC KEY`, as sa.pub is written. */
export function publicKeyPem(publicKey: Uint8Array): string {
  return toPem('PUBLIC KEY', encodePublicKey(publicKey));
}

/** Public keys of a file that may hold `PUBLIC KEY` and private key blocks (`--service-account-key-file`). */
export function parsePublicKeys(pem: string): readonly Uint8Array[] {
  const keys: Uint8Array[] = [];
  for (const block of parsePem(pem)) {
    if (block.type === 'PUBLIC KEY') {
      const point = decode(block.bytes).children[1]?.content.subarray(1);
      if (point?.length === 65) keys.push(point);
    } else {
      const key = parseKeyPair(toPem(block.type, block.bytes));
      if (key) keys.push(key.publicKey);
    }
  }
  return keys;
}

export function verifySignature(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  format: SignatureFormat = 'der',
): boolean {
  if (signature.length > maxSignatureBytes) return false;
  try {
    return verify[format](sha256(message), publicKey, signature);
  } catch {
    return false;
  }
}
