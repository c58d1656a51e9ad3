/** What of a TLS handshake certificates decide: whether a client believes its server and the server its client, in the words of Go's crypto/x509. */
import { isIPv6Text } from '../ipv6.ts';
import { Errno } from '../../kernel/errno.ts';
import type { Address, Service } from '../../kernel/network.ts';
import { formatTime } from '../../kernel/time.ts';
import { IssuedCertificate } from './authority.ts';
import { certificatesOf } from './certificate-files.ts';
import { isSignedBy } from './certificate.ts';
import type { Certificate } from './certificate.ts';

/** A handshake that failed. The message is whole: `tls: failed to verify certificate: x509: …`. */
export class TlsError extends Errno {
  constructor(message: string) {
    super('EPROTO');
    this.message = message;
  }
}

/** Why a certificate does not count at this moment; undefined when it does. */
function validityProblem({ notBeforeMs, notAfterMs }: Certificate, nowMs: number): string | undefined {
  const now = `x509: certificate has expired or is not yet valid: current time ${formatTime(Math.floor(nowMs / 1000) * 1000)}`;
  if (nowMs > notAfterMs) return `${now} is after ${formatTime(notAfterMs)}`;
  return nowMs < notBeforeMs ? `${now} is before ${formatTime(notBeforeMs)}` : undefined;
}

/** Signatures that were checked: a server shows the same certificate to each client. */
const checked = new WeakMap<Certificate, WeakMap<Certificate, boolean>>();

/** Whether an authority signed a certificate, or is it. Each pair is looked at once. */
export function isTrustedBy(certificate: Certificate, authority: Certificate): boolean {
  let answers = checked.get(certificate);
  if (!answers) checked.set(certificate, (answers = new WeakMap()));
  let answer = answers.get(authority);
  if (answer === undefined) {
    answer =
      certificate === authority ||
      (certificate instanceof IssuedCertificate
        ? certificate.isIssuedBy(authority)
        : isSignedBy(certificate, authority) || certificate.der.join() === authority.der.join());
    answers.set(authority, answer);
  }
  return answer;
}

/** Why a certificate is none for a name or address; undefined when it is. */
export function nameProblem({ dnsNames, ips }: Certificate, host: string): string | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host) || isIPv6Text(host)) {
    if (ips.includes(host)) return undefined;
    if (ips.length === 0) return `x509: cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
    return `x509: certificate is valid for ${ips.join(', ')}, not ${host}`;
  }
  const wanted = host.toLowerCase();
  const fits = (name: string): boolean => name === wanted || (name.startsWith('*.') && wanted.slice(wanted.indexOf('.')) === name.slice(1));
  if (dnsNames.some(fits)) return undefined;
  if (dnsNames.length === 0) return `x509: certificate is not valid for any names, but wanted to match ${host}`;
  return `x509: certificate is valid for ${dnsNames.join(', ')}, not ${host}`;
}

function chainProblem(leaf: Certificate, authorities: readonly Certificate[], nowMs: number): string | undefined {
  const signer = authorities.find((authority) => isTrustedBy(leaf, authority));
  if (signer) return signer === leaf ? undefined : validityProblem(signer, nowMs);
  // Upstream names an authority that is called as the issuer is, and yet did not sign.
  const namesake = authorities.find(({ subject }) => subject.commonName === leaf.issuer.commonName);
  const hint = namesake
    ? ` (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "${namesake.subject.commonName}")`
    : '';
  return `x509: certificate signed by unknown authority${hint}`;
}

/** What is wrong with the certificate that a server shows under a name or address; undefined when nothing is. */
export function serverProblem(
  leaf: Certificate | undefined,
  authorities: readonly Certificate[],
  host: string,
  nowMs: number,
): string | undefined {
  if (!leaf) return 'x509: certificate signed by unknown authority';
  return validityProblem(leaf, nowMs) ?? nameProblem(leaf, host) ?? chainProblem(leaf, authorities, nowMs);
}

/** What is wrong with the certificate of a client; undefined when nothing is. */
export function clientProblem(certificate: Certificate, authorities: readonly Certificate[], nowMs: number): string | undefined {
  return validityProblem(certificate, nowMs) ?? chainProblem(certificate, authorities, nowMs);
}

/** What a TLS server shows to a client that names it so. Undefined where it shows nothing that could be looked at. */
export function shownBy(service: Service, host: string): Certificate | undefined {
  const leaf = service.leaf?.(host) as Certificate | undefined;
  if (leaf) return leaf;
  const pem = service.certificate?.(host);
  return pem === undefined ? undefined : certificatesOf(pem)[0];
}

/** Who takes part in a handshake, from the client's side. */
export interface Handshake {
  /** Whom the client trusts. */
  readonly authorities: readonly Certificate[];
  /** The name or address under which the server is asked for. */
  readonly host: string;
  /** What the client shows, if the server asks. */
  readonly certificate?: Certificate | undefined;
  /** Where the client is: for servers that write down whom they did not let in. */
  readonly from?: Address | undefined;
  readonly nowMs: number;
}

/**
 * Throws a TlsError when client or server would not go on.
 *
 * Differs from Kubernetes: a server that shows no certificate, as the components' ports for health have none, is believed.
 */
export function shakeHands(service: Service, { authorities, host, certificate, from, nowMs }: Handshake): void {
  const leaf = shownBy(service, host);
  const problem = leaf && serverProblem(leaf, authorities, host, nowMs);
  if (problem !== undefined) {
    if (from) service.onMistrust?.(from);
    throw new TlsError(`tls: failed to verify certificate: ${problem}`);
  }
  endHandshake(service, certificate, from);
}

/** The server's turn: it looks at the client. Throws a TlsError. */
export function endHandshake(service: Service, certificate: Certificate | undefined, from?: Address): void {
  const refusal = service.refuseClient?.(certificate, from);
  if (refusal !== undefined) throw new TlsError(refusal === '' ? 'EOF' : `remote error: tls: ${refusal}`);
}
