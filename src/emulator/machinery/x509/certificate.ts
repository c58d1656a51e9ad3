/** X.509 certificates: what they say, their encoding, and whether an authority signed them. */
import { formatIPv6, parseIPv6 } from '../ipv6.ts';
import { sha256 } from '@noble/hashes/sha2.js';
import * as der from './der.ts';
import type { DerValue } from './der.ts';
import { encodePublicKey, oid, verifySignature } from './key.ts';
import { parsePem, toPem } from './pem.ts';

export interface Subject {
  readonly commonName: string;
  /** For a client certificate these are its groups. */
  readonly organizations?: readonly string[] | undefined;
}

export type Usage = 'client auth' | 'server auth' | 'code signing' | 'email protection' | 'timestamping' | 'ocsp signing' | 'any';

/** What a certificate says. Times are Unix milliseconds. */
export interface CertificateContent {
  /** Hexadecimal. */
  readonly serialNumber: string;
  readonly subject: Subject;
  readonly issuer: Subject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly usages: readonly Usage[];
  readonly dnsNames: readonly string[];
  readonly ips: readonly string[];
  readonly isCA: boolean;
}

/** A certificate: read from PEM, or issued here and encoded when someone looks. */
export interface Certificate extends CertificateContent {
  readonly publicKey: Uint8Array;
  readonly der: Uint8Array;
  readonly pem: string;
}

const extension = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;
const usageIds: Readonly<Record<Usage, string>> = {
  'client auth': '1.3.6.1.5.5.7.3.2',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  any: '2.5.29.37.0',
};
export const subjectAltNameId = extension.subjectAltName;
const attribute = { commonName: '2.5.4.3', organization: '2.5.4.10' } as const;

const isPrintable = (value: string): boolean => /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value);

/** A distinguished name. */
export function encodeName({ commonName, organizations = [] }: Subject): Uint8Array {
  const pair = (id: string, value: string): Uint8Array =>
    der.sequence(der.objectIdentifier(id), der.text(isPrintable(value) ? der.tag.printableString : der.tag.utf8String, value));
  const parts: Uint8Array[] = [];
  if (organizations.length > 0) parts.push(der.set(...organizations.map((value) => pair(attribute.organization, value))));
  if (commonName !== '') parts.push(der.set(pair(attribute.commonName, commonName)));
  return der.sequence(...parts);
}

function encodeExtension(id: string, value: Uint8Array, isCritical = false): Uint8Array {
  return der.sequence(der.objectIdentifier(id), ...(isCritical ? [der.boolean(true)] : []), der.octetString(value));
}

const keyId = (publicKey: Uint8Array): Uint8Array => sha256(publicKey).subarray(0, 20);
function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  return formatIPv6([...bytes].reduce((value, byte) => (value << 8n) | BigInt(byte), 0n));
}

function ipBytes(ip: string): Uint8Array {
  const six = parseIPv6(ip);
  if (six === undefined) return Uint8Array.from(ip.split('.').map(Number));
  return Uint8Array.from({ length: 16 }, (_, i) => Number((six >> BigInt(120 - 8 * i)) & 255n));
}

/** Alternative names as the value of their extension; undefined without names. */
export function encodeAltNames(dnsNames: readonly string[], ips: readonly string[]): Uint8Array | undefined {
  const names = [...dnsNames.map((name) => der.text(0x82, name)), ...ips.map((ip) => der.encode(0x87, ipBytes(ip)))];
  return names.length > 0 ? der.sequence(...names) : undefined;
}

/** Parts of a certificate that were encoded by whoever asked for it. */
export interface EncodedParts {
  readonly subject: Uint8Array;
  readonly publicKeyInfo: Uint8Array;
  readonly altNames: Uint8Array | undefined;
  /** Bits of the extension keyUsage, the first one leftmost. */
  readonly keyUsage: readonly boolean[];
}

/** Named bits, without the zeros at the end. */
function namedBits(bits: readonly boolean[]): Uint8Array {
  const count = bits.lastIndexOf(true) + 1;
  const bytes = new Uint8Array(Math.ceil(count / 8));
  for (let i = 0; i < count; i++) if (bits[i]) bytes[i >> 3]! |= 0x80 >> (i & 7);
  return der.bitString(bytes, bytes.length * 8 - count);
}

// digitalSignature, keyEncipherment, and for an authority keyCertSign.
const usualBits = [true, false, true];
const authorityBits = [...usualBits, false, false, true];

function encodeExtensions(content: CertificateContent, publicKey: Uint8Array, issuerKey: Uint8Array, parts?: EncodedParts): Uint8Array {
  const { isCA, usages } = content;
  const bits = parts?.keyUsage ?? (isCA ? authorityBits : usualBits);
  const list = bits.includes(true) ? [encodeExtension(extension.keyUsage, namedBits(bits), true)] : [];
  if (usages.length > 0)
    list.push(encodeExtension(extension.extendedKeyUsage, der.sequence(...usages.map((usage) => der.objectIdentifier(usageIds[usage])))));
  list.push(encodeExtension(extension.basicConstraints, isCA ? der.sequence(der.boolean(true)) : der.sequence(), true));
  if (isCA) list.push(encodeExtension(extension.subjectKeyId, der.octetString(keyId(publicKey))));
  else list.push(encodeExtension(extension.authorityKeyId, der.sequence(der.encode(0x80, keyId(issuerKey)))));
  const names = parts ? parts.altNames : encodeAltNames(content.dnsNames, content.ips);
  if (names) list.push(encodeExtension(extension.subjectAltName, names));
  return der.sequence(...list);
}

/** Encodes and signs. `parts` stand in place of what would be made of the content. */
export function encodeCertificate(
  content: CertificateContent,
  publicKey: Uint8Array,
  issuerKey: Uint8Array,
  sign: (message: Uint8Array) => Uint8Array,
  parts?: EncodedParts,
): Uint8Array {
  const algorithm = der.sequence(der.objectIdentifier(oid.ecdsaWithSHA256));
  const serial = Uint8Array.from(content.serialNumber.match(/../g)!.map((pair) => Number.parseInt(pair, 16)));
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Uint8Array.of(2))),
    der.integer(serial),
    algorithm,
    encodeName(content.issuer),
    der.sequence(der.time(content.notBeforeMs), der.time(content.notAfterMs)),
    parts?.subject ?? encodeName(content.subject),
    parts?.publicKeyInfo ?? encodePublicKey(publicKey),
    der.explicit(3, encodeExtensions(content, publicKey, issuerKey, parts)),
  );
  return der.sequence(toBeSigned, algorithm, der.bitString(sign(toBeSigned)));
}

/** The values of a distinguished name by the identifier of their attribute. */
export function readAttributes(value: DerValue): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {};
  for (const set of value.children)
    for (const {
      children: [id, text],
    } of set.children)
      (found[der.readIdentifier(id!)] ??= []).push(der.readText(text!));
  return found;
}

function readName(value: DerValue): Subject {
  return subjectOf(readAttributes(value));
}

/** What counts of a distinguished name: who it is, and in which groups. */
export const subjectOf = (found: Readonly<Record<string, readonly string[]>>): Subject => ({
  commonName: found[attribute.commonName]?.[0] ?? '',
  organizations: found[attribute.organization] ?? [],
});

/** The extensions of a list by their identifier, each with its value. */
export function readExtensions(list: DerValue | undefined): Map<string, DerValue> {
  const found = new Map<string, DerValue>();
  for (const { children } of list?.children[0]?.children ?? [])
    found.set(der.readIdentifier(children[0]!), der.decode(children.at(-1)!.content));
  return found;
}

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

class ParsedCertificate implements Certificate {
  readonly der: Uint8Array;
  readonly serialNumber: string;
  readonly subject: Subject;
  readonly issuer: Subject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly usages: readonly Usage[];
  readonly dnsNames: readonly string[];
  readonly ips: readonly string[];
  readonly isCA: boolean;
  readonly publicKey: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.der = bytes;
    const [, serial, , issuer, validity, subject, publicKey, extensions] = der.decode(bytes).children[0]!.children;
    this.serialNumber = hex(serial!.content);
    this.subject = readName(subject!);
    this.issuer = readName(issuer!);
    this.notBeforeMs = der.readTime(validity!.children[0]!);
    this.notAfterMs = der.readTime(validity!.children[1]!);
    this.publicKey = publicKey!.children[1]!.content.subarray(1);
    const more = readExtensions(extensions);
    const usages = (more.get(extension.extendedKeyUsage)?.children ?? []).map(der.readIdentifier);
    this.usages = (Object.keys(usageIds) as Usage[]).filter((usage) => usages.includes(usageIds[usage]));
    const names = more.get(extension.subjectAltName)?.children ?? [];
    this.dnsNames = names.filter(({ tag }) => tag === 0x82).map(der.readText);
    this.ips = names.filter(({ tag }) => tag === 0x87).map(({ content }) => ipText(content));
    this.isCA = more.get(extension.basicConstraints)?.children[0]?.content[0] === 0xff;
  }

  get pem(): string {
    return toPem('CERTIFICATE', this.der);
  }
}

/** SHA-256 of the public key's encoding, by which a machine that joins knows its cluster's authority. */
export function publicKeyHash({ der: bytes }: Certificate): string {
  return hex(sha256(der.decode(bytes).children[0]!.children[6]!.bytes));
}

/** Identifiers of the certificate's own key and of the key that signed it, where it names them. */
export function keyIdentifiers({ der: bytes }: Certificate): {
  readonly subject: Uint8Array | undefined;
  readonly authority: Uint8Array | undefined;
} {
  const found = readExtensions(der.decode(bytes).children[0]!.children[7]);
  return { subject: found.get(extension.subjectKeyId)?.content, authority: found.get(extension.authorityKeyId)?.children[0]?.content };
}

/** Every certificate of a PEM file; blocks that are none are skipped. */
export function parseCertificates(pem: string): readonly Certificate[] {
  const certificates: Certificate[] = [];
  for (const { type, bytes } of parsePem(pem)) {
    if (type !== 'CERTIFICATE') continue;
    try {
      certificates.push(new ParsedCertificate(bytes));
    } catch {
      // Not a certificate that we can read: it proves nothing.
    }
  }
  return certificates;
}

/** Whether `authority` signed `certificate`, by its signature. */
export function isSignedBy(certificate: Certificate, authority: Certificate): boolean {
  const [toBeSigned, , signature] = der.decode(certificate.der).children;
  return verifySignature(authority.publicKey, toBeSigned!.bytes, signature!.content.subarray(1));
}
