/** PKCS #10: the request for a certificate, as openssl writes it and a CertificateSigningRequest carries it. */
import type { Certificate, CertificateContent, Subject, Usage } from './certificate.ts';
import {
  encodeAltNames,
  encodeCertificate,
  encodeName,
  readAttributes,
  readExtensions,
  subjectAltNameId,
  subjectOf,
} from './certificate.ts';
import * as der from './der.ts';
import type { DerValue } from './der.ts';
import type { KeyPair } from './key.ts';
import { encodePublicKey, oid } from './key.ts';
import { parsePem, toPem } from './pem.ts';
import { signatureProblem } from './signature.ts';

const extensionRequest = '1.2.840.113549.1.9.14';

/** What is asked for. The encoded parts go into the certificate as they are. */
export interface SigningRequest {
  readonly subject: Subject;
  /** All of the subject, by the identifier of the attribute: `2.5.4.11` is the organizational unit. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly dnsNames: readonly string[];
  readonly ips: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
  readonly encodedSubject: Uint8Array;
  readonly encodedAltNames: Uint8Array | undefined;
  readonly publicKeyInfo: Uint8Array;
}

/** The request with what is wrong with it: the words of ParseCSR and CheckSignature. */
type ReadRequest = { readonly request: SigningRequest } | { readonly problem: string };

function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) groups.push(((bytes[i]! << 8) | bytes[i + 1]!).toString(16));
  return groups.join(':');
}

/** The extensions that a request asks for stand in one of its attributes. */
function askedExtensions(attributes: DerValue | undefined): DerValue | undefined {
  const found = attributes?.children.find(({ children: [id] }) => id && der.readIdentifier(id) === extensionRequest);
  return found?.children[1];
}

function readRequest(bytes: Uint8Array): ReadRequest {
  const [info, algorithm, signature] = der.decode(bytes).children;
  const [, subject, publicKeyInfo, attributes] = info!.children;
  const subjectAttributes = readAttributes(subject!);
  const altNames = readExtensions(askedExtensions(attributes)).get(subjectAltNameId);
  const names = (tagNumber: number): readonly DerValue[] => (altNames?.children ?? []).filter(({ tag }) => tag === tagNumber);
  const id = der.readIdentifier(algorithm!.children[0]!);
  const problem = signatureProblem(publicKeyInfo!, id, info!.bytes, signature!.content.subarray(1));
  if (problem !== undefined) return { problem };
  return {
    request: {
      subject: subjectOf(subjectAttributes),
      attributes: subjectAttributes,
      dnsNames: names(0x82).map(der.readText),
      ips: names(0x87).map(({ content }) => ipText(content)),
      emails: names(0x81).map(der.readText),
      uris: names(0x86).map(der.readText),
      encodedSubject: subject!.bytes,
      encodedAltNames: altNames?.bytes,
      publicKeyInfo: publicKeyInfo!.bytes,
    },
  };
}

/** Reads a PEM block `CERTIFICATE REQUEST` and checks that whoever wrote it has the key. */
export function parseSigningRequest(pem: string): ReadRequest {
  const [block] = parsePem(pem);
  if (block?.type !== 'CERTIFICATE REQUEST') return { problem: 'PEM block type must be CERTIFICATE REQUEST' };
  try {
    return readRequest(block.bytes);
  } catch (error) {
    return { problem: error instanceof der.DerError ? `asn1: ${error.message}` : 'x509: malformed certificate request' };
  }
}

/** A request for a key, signed with it, as PEM. */
export function createSigningRequest(
  key: KeyPair,
  {
    subject,
    dnsNames = [],
    ips = [],
  }: { readonly subject: Subject; readonly dnsNames?: readonly string[]; readonly ips?: readonly string[] },
): string {
  const altNames = encodeAltNames(dnsNames, ips);
  const extensions = altNames && der.sequence(der.sequence(der.objectIdentifier(subjectAltNameId), der.octetString(altNames)));
  const attributes = extensions ? [der.sequence(der.objectIdentifier(extensionRequest), der.set(extensions))] : [];
  const info = der.sequence(
    der.integer(Uint8Array.of(0)),
    encodeName(subject),
    encodePublicKey(key.publicKey),
    der.explicit(0, ...attributes),
  );
  const algorithm = der.sequence(der.objectIdentifier(oid.ecdsaWithSHA256));
  return toPem('CERTIFICATE REQUEST', der.sequence(info, algorithm, der.bitString(key.sign(info))));
}

/** Who signs, and what the certificate says beside what was asked for. Times are Unix milliseconds. */
export interface Certification {
  readonly authority: { readonly certificate: Pick<Certificate, 'subject'>; readonly key: KeyPair };
  /** Hexadecimal, an even number of digits. */
  readonly serialNumber: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly usages: readonly Usage[];
  /** Bits of the extension keyUsage, the first one leftmost. */
  readonly keyUsage: readonly boolean[];
  /** May sign others: a certificate that an authority gives to itself. */
  readonly isCA?: boolean;
}

/** The certificate for a request, as PEM. */
export function certify(request: SigningRequest, { authority, keyUsage, isCA = false, ...said }: Certification): string {
  const { subject, dnsNames, ips } = request;
  const content: CertificateContent = { ...said, subject, dnsNames, ips, issuer: authority.certificate.subject, isCA };
  const parts = { subject: request.encodedSubject, publicKeyInfo: request.publicKeyInfo, altNames: request.encodedAltNames, keyUsage };
  const issuerKey = authority.key.publicKey;
  return toPem(
    'CERTIFICATE',
    encodeCertificate(content, isCA ? issuerKey : new Uint8Array(), issuerKey, (message) => authority.key.sign(message), parts),
  );
}
