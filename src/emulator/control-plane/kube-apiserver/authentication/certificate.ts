/** Client certificates: the common name is the user, the organizations are the groups (request/x509/x509.go). */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { WallClock } from '../../../kernel/index.ts';
import { clientProblem, isTrustedBy, keyIdentifiers, parseCertificates, parseKeyPair } from '../../../machinery/x509/index.ts';
import type { Certificate } from '../../../machinery/x509/index.ts';
import type { Credential } from '../endpoint.ts';
import type { UserInfo } from '../request.ts';
import type { Identity } from './identity.ts';

/** The authorities whose client certificates count. */
export interface CertificateTrust {
  readonly authorities: readonly Certificate[];
}

/** Identifiers of keys, as the log shows them. */
const asHex = (bytes: Uint8Array | undefined): string =>
  [...(bytes ?? [])].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');

/** Why a certificate that a client showed proves nothing, as the log says it (request/x509/x509.go). Undefined when it is good. */
export function certificateProblem(
  credential: Credential & { readonly type: 'certificate' },
  trust: CertificateTrust | undefined,
  clock: WallClock,
): string | undefined {
  const certificate = credential.issued ?? certificateOf(credential);
  if (!trust || !certificate) return undefined;
  const problem = clientProblem(certificate, trust.authorities, clock.unixMs);
  if (problem === undefined) return undefined;
  const { subject, authority } = keyIdentifiers(certificate);
  return `verifying certificate SN=${BigInt(`0x${certificate.serialNumber}`)}, SKID=${asHex(subject)}, AKID=${asHex(authority)} failed: ${problem}`;
}

/** Undefined when the certificate proves nothing. An expired one stops to be valid by the cluster's clock. */
export function authenticateCertificate(
  credential: Credential & { readonly type: 'certificate' },
  trust: CertificateTrust | undefined,
  clock: WallClock,
): Identity | undefined {
  if (!trust) return undefined;
  const certificate = credential.issued ?? certificateOf(credential);
  if (!certificate?.usages.includes('client auth') || certificate.subject.commonName === '') return undefined;
  if (!trust.authorities.some((authority) => isTrustedBy(certificate, authority))) return undefined;
  const { subject, notBeforeMs, notAfterMs } = certificate;
  const groups = subject.organizations ?? [];
  let extra: UserInfo['extra'];
  const user: UserInfo = {
    name: subject.commonName,
    groups: groups.includes('system:authenticated') ? groups : [...groups, 'system:authenticated'],
    // A certificate that was issued in this process is encoded only when somebody asks.
    get extra() {
      return (extra ??= { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${bytesToHex(sha256(certificate.der))}`] });
    },
  };
  return { user, isValid: () => clock.unixMs >= notBeforeMs && clock.unixMs <= notAfterMs };
}

/** The certificate, if the key belongs to it: without the key nobody gets through the TLS handshake. */
function certificateOf({
  certificate: pem,
  key: keyPem,
  isKeyProven,
}: Credential & { readonly type: 'certificate' }): Certificate | undefined {
  const certificate = parseCertificates(pem)[0];
  if (isKeyProven) return certificate;
  const key = parseKeyPair(keyPem);
  if (!certificate || !key) return undefined;
  return key.publicKey.every((byte, i) => byte === certificate.publicKey[i]) ? certificate : undefined;
}
