/** JSON Web Tokens signed with ES256, as service accounts carry them (RFC 7515, 7518, 7519), and what bootstrap tokens sign with HS256. */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { base64, bytesOf, fromBase64, textOf, toUint8Array, utf8 } from '../../kernel/bytes.ts';
import type { ByteString } from '../../kernel/bytes.ts';
import { type KeyPair, verifySignature } from '../x509/key.ts';
import type { RsaKeyPair, RsaPublicKey } from './rsa.ts';
import { toBytes, verifyRsa } from './rsa.ts';

/** Claims of a token; times are in seconds. */
export interface Claims {
  readonly iss?: string | undefined;
  readonly sub?: string | undefined;
  readonly aud?: string | readonly string[] | undefined;
  readonly exp?: number | undefined;
  readonly nbf?: number | undefined;
  readonly iat?: number | undefined;
  readonly jti?: string | undefined;
  readonly [claim: string]: unknown;
}

const toBase64Url = (bytes: ByteString): string => base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

function fromBase64Url(text: string): ByteString | undefined {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/');
  return fromBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, '='));
}

/** A key that checks tokens: an uncompressed point on P-256, or an RSA key. */
export type VerificationKey = Uint8Array | RsaPublicKey;

/** Names a key in tokens: the hash of its public half. */
export function keyIdOf(publicKey: Uint8Array): string {
  return toBase64Url(bytesOf(sha256(publicKey)));
}

export function signJwt(claims: Claims, key: KeyPair): string {
  return signedWith({ alg: 'ES256', kid: keyIdOf(key.publicKey) }, claims, (message) => key.sign(message, 'compact'));
}

export function signRs256(claims: Claims, key: RsaKeyPair): string {
  return signedWith({ alg: 'RS256', kid: keyIdOf(toBytes(key.publicKey.modulus)) }, claims, (message) => key.sign(message));
}

function signedWith(header: object, claims: Claims, sign: (message: Uint8Array) => Uint8Array): string {
  const signed = `${toBase64Url(utf8(JSON.stringify(header)))}.${toBase64Url(utf8(JSON.stringify(claims)))}`;
  return `${signed}.${toBase64Url(bytesOf(sign(toUint8Array(utf8(signed)))))}`;
}

/** What a token says it is signed with; '' when it says nothing that can be read. */
export function algorithmOf(token: string): string {
  const header = fromBase64Url(token.split('.')[0]!);
  try {
    return String((JSON.parse(textOf(header ?? ('{}' as ByteString))) as { readonly alg?: unknown } | null)?.alg ?? '');
  } catch {
    return '';
  }
}

/** The claims, whoever signed them. Undefined when it is no token. */
export function readJwt(token: string): Claims | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const payload = fromBase64Url(parts[1]!);
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(textOf(payload));
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? (claims as Claims) : undefined;
  } catch {
    return undefined;
  }
}

/** The claims if one of the keys signed them. Times and audience are the caller's to check. */
export function verifyJwt(token: string, publicKeys: readonly VerificationKey[]): Claims | undefined {
  const dot = token.lastIndexOf('.');
  const signature = fromBase64Url(token.slice(dot + 1));
  const claims = readJwt(token);
  if (!claims || signature === undefined) return undefined;
  const message = toUint8Array(utf8(token.slice(0, dot)));
  const bytes = toUint8Array(signature);
  const isRsa = algorithmOf(token) === 'RS256';
  const proves = (key: VerificationKey): boolean =>
    key instanceof Uint8Array ? verifySignature(key, message, bytes, 'compact') : isRsa && verifyRsa(key, message, bytes);
  return publicKeys.some(proves) ? claims : undefined;
}

/** What is signed is left out between the dots, as for cluster-info (RFC 7515, appendix F; cluster-bootstrap/token/jws). */
export function detachedSignature(content: string, keyId: string, secret: string): string {
  const header = toBase64Url(utf8(JSON.stringify({ alg: 'HS256', kid: keyId })));
  const signed = toUint8Array(utf8(`${header}.${toBase64Url(utf8(content))}`));
  return `${header}..${toBase64Url(bytesOf(hmac(sha256, toUint8Array(utf8(secret)), signed)))}`;
}
