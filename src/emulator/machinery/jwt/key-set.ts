/** JSON Web Key Sets (RFC 7517): the public keys with which an issuer's tokens are checked. Elliptic keys on P-256, and RSA keys. */
import { base64, bytesOf, fromBase64, toUint8Array } from '../../kernel/bytes.ts';
import { keyIdOf } from './index.ts';
import type { VerificationKey } from './index.ts';
import type { RsaPublicKey } from './rsa.ts';
import { toBytes, toNumber } from './rsa.ts';

export interface KeySet {
  readonly keys: readonly object[];
}

const toUrlSafe = (bytes: Uint8Array): string => base64(bytesOf(bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

function fromUrlSafe(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined;
  const bytes = fromBase64(
    text
      .replaceAll('-', '+')
      .replaceAll('_', '/')
      .padEnd(Math.ceil(text.length / 4) * 4, '='),
  );
  return bytes && toUint8Array(bytes);
}

/** `publicKeys` are uncompressed points: a byte, then x and y. */
export function makeKeySet(publicKeys: readonly Uint8Array[]): KeySet {
  return {
    keys: publicKeys.map((key) => ({
      use: 'sig',
      kty: 'EC',
      kid: keyIdOf(key),
      crv: 'P-256',
      alg: 'ES256',
      x: toUrlSafe(key.subarray(1, 33)),
      y: toUrlSafe(key.subarray(33)),
    })),
  };
}

export function makeRsaKeySet({ modulus, exponent }: RsaPublicKey): KeySet {
  const n = toBytes(modulus);
  return { keys: [{ use: 'sig', kty: 'RSA', kid: keyIdOf(n), alg: 'RS256', n: toUrlSafe(n), e: toUrlSafe(toBytes(exponent)) }] };
}

/** The keys of a set that can be used here; others are passed over. */
export function readKeySet(set: unknown): readonly VerificationKey[] {
  const { keys } = (typeof set === 'object' && set !== null ? set : {}) as { readonly keys?: unknown };
  if (!Array.isArray(keys)) return [];
  return keys.flatMap((key: Readonly<Record<'kty' | 'crv' | 'x' | 'y' | 'n' | 'e', unknown>> | null): readonly VerificationKey[] => {
    if (key?.kty === 'RSA') {
      const [n, e] = [fromUrlSafe(key.n), fromUrlSafe(key.e)];
      return n && e ? [{ modulus: toNumber(n), exponent: toNumber(e) }] : [];
    }
    const [x, y] = [fromUrlSafe(key?.x), fromUrlSafe(key?.y)];
    return key?.kty === 'EC' && key.crv === 'P-256' && x?.length === 32 && y?.length === 32 ? [Uint8Array.of(4, ...x, ...y)] : [];
  });
}
