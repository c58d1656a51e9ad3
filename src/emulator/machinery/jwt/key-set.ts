/** JSON Web Key Sets (RFC 7517): the public keys with which an issuer's tokens are checked. Elliptic keys on P-256 only. */
import { base64, bytesOf, fromBase64, toUint8Array } from '../../kernel/bytes.ts';
import { keyIdOf } from './index.ts';

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

/** The keys of a set that can be used here; others are passed over. */
export function readKeySet(set: unknown): readonly Uint8Array[] {
  const { keys } = (typeof set === 'object' && set !== null ? set : {}) as { readonly keys?: unknown };
  if (!Array.isArray(keys)) return [];
  return keys.flatMap((key: { readonly kty?: unknown; readonly crv?: unknown; readonly x?: unknown; readonly y?: unknown } | null) => {
    const [x, y] = [fromUrlSafe(key?.x), fromUrlSafe(key?.y)];
    return key?.kty === 'EC' && key.crv === 'P-256' && x?.length === 32 && y?.length === 32 ? [Uint8Array.of(4, ...x, ...y)] : [];
  });
}
