/** What etcd shows on its ports and whom it lets in. Files are read again at each handshake. Upstream: client/pkg/transport, server/embed/config_logging.go. */
import type { Address, Connection, Service, Sys } from '../../kernel/index.ts';
import type { Certificate } from '../../machinery/x509/index.ts';
import { certificatesIn, clientProblem, nameProblem, shakeHands } from '../../machinery/x509/index.ts';
import { hostPort } from '../../machinery/ipv6.ts';
import type { Flags } from '../component-base/flags.ts';

type Log = (level: 'warn', msg: string, more: object) => void;

/** The files of one of the two ports. */
interface TlsFiles {
  readonly cert: string | undefined;
  readonly ca: string | undefined;
  /** --client-cert-auth, or a trusted authority, which says the same. */
  readonly asksClients: boolean;
}

export const clientFiles = (flags: Flags): TlsFiles => ({
  cert: flags.text('cert-file'),
  ca: flags.text('trusted-ca-file'),
  asksClients: flags.boolean('client-cert-auth', false) || flags.has('trusted-ca-file'),
});

export const peerFiles = (flags: Flags): TlsFiles => ({
  cert: flags.text('peer-cert-file'),
  ca: flags.text('peer-trusted-ca-file'),
  asksClients: flags.boolean('peer-client-cert-auth', false) || flags.has('peer-trusted-ca-file'),
});

/**
 * A certificate that names addresses or hosts is believed only from there (checkCertSAN).
 *
 * Differs from Kubernetes: names of hosts are not looked up, so that a certificate without the address is refused even if one of its names leads there.
 */
function placeProblem(certificate: Certificate, { ip }: Address): string | undefined {
  const { ips, dnsNames } = certificate;
  if (ips.length === 0 && dnsNames.length === 0) return undefined;
  if (ips.length > 0) {
    const problem = nameProblem(certificate, ip);
    if (problem === undefined || dnsNames.length === 0) return problem;
  }
  return `tls: "${ip}" does not match any of DNSNames [${dnsNames.map((name) => `"${name}"`).join(' ')}]`;
}

/** The alert by which Go's server ends a handshake. */
const alertOf = (problem: string): string =>
  problem.includes('certificate has expired')
    ? 'expired certificate'
    : problem.includes('unknown authority')
      ? 'unknown certificate authority'
      : 'bad certificate';

/** A port with TLS; nothing without a certificate. `which` is `client` or `peer`. */
export function serverTls(sys: Sys, { cert, ca, asksClients }: TlsFiles, which: string, log: Log): Partial<Service> {
  if (cert === undefined) return {};
  const reject = (from: Address | undefined, error: string, more: object = {}): void =>
    log('warn', `rejected connection on ${which} endpoint`, {
      caller: `embed/config_logging.go:${Object.keys(more).length > 0 ? 179 : 188}`,
      'remote-addr': from ? hostPort(from.ip, from.port) : '',
      'server-name': '',
      ...more,
      error,
    });
  const refuseClient = (shown: unknown, from?: Address): string | undefined => {
    if (!shown) {
      reject(from, "tls: client didn't provide a certificate");
      return 'certificate required';
    }
    const certificate = shown as Certificate;
    const problem = clientProblem(certificate, ca === undefined ? [] : certificatesIn(sys.fs, ca), sys.kernel.clock.unixMs);
    if (problem !== undefined) {
      reject(from, `tls: failed to verify certificate: ${problem}`);
      return alertOf(problem);
    }
    const displaced = from && placeProblem(certificate, from);
    if (displaced === undefined) return undefined;
    reject(from, displaced, { 'ip-addresses': certificate.ips, 'dns-names': certificate.dnsNames });
    return '';
  };
  return {
    leaf: () => certificatesIn(sys.fs, cert)[0],
    onMistrust: (from) => reject(from, 'remote error: tls: bad certificate'),
    ...(asksClients && { refuseClient }),
  };
}

/** How a member greets another. Throws a TlsError. */
export type Greeting = (connection: Connection, host: string) => void;

/** Undefined where peers speak without TLS. */
export function greetingOf(sys: Sys, { cert, ca }: TlsFiles): Greeting | undefined {
  if (cert === undefined) return undefined;
  return ({ service, local }, host) => {
    if (!service.isTls) return;
    shakeHands(service, {
      authorities: ca === undefined ? [] : certificatesIn(sys.fs, ca),
      host,
      certificate: certificatesIn(sys.fs, cert)[0],
      from: local,
      nowMs: sys.kernel.clock.unixMs,
    });
  };
}
