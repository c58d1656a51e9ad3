/**
 * `openssl s_client -connect HOST:PORT`: which certificate a server shows, and whether it is believed (OpenSSL 3.0, apps/s_client.c).
 *
 * Differs from OpenSSL: the handshake's sizes, its signature algorithms and the authorities whose clients are welcome are not told, and what
 * is typed afterwards goes nowhere.
 */
import type { Call, Service, Sys } from '../../../../emulator/kernel/index.ts';
import { isErrno } from '../../../../emulator/kernel/index.ts';
import type { Certificate } from '../../../../emulator/machinery/x509/index.ts';
import { shownBy } from '../../../../emulator/machinery/x509/index.ts';
import { canonicalIP, Connection, ResolveError, resolveHost } from '../../../../emulator/node/network/index.ts';
import type { Verification, VerifyProblem } from './verification.ts';
import { endText, issuerText, startText, subjectText, verifyCertificate } from './verification.ts';

const thread = '40B7C10E2B7F0000';

export interface ClientRequest {
  readonly host: string;
  readonly port: number;
  readonly serverName: string | undefined;
  readonly authorities: readonly Certificate[];
  /** What is shown to a server that asks for a certificate. */
  readonly own: Certificate | undefined;
  readonly showsAll: boolean;
}

const errnos: Readonly<Record<string, readonly [number, string]>> = {
  ECONNREFUSED: [111, 'Connection refused'],
  ETIMEDOUT: [110, 'Connection timed out'],
  EHOSTUNREACH: [113, 'No route to host'],
  ENETUNREACH: [101, 'Network is unreachable'],
};

/** What goes to standard error while the chain is looked at: first who signed it, then each certificate's times, the authority's first. */
function verifyText({ chain, problems }: Verification): string {
  const isAboutTime = ({ code }: VerifyProblem): boolean => code === 9 || code === 10;
  const at = (certificate: Certificate): string => `depth=${chain.length - 1 - chain.indexOf(certificate)} ${subjectText(certificate)}\n`;
  const told = ({ code, text, certificate }: VerifyProblem): string => `${at(certificate)}verify error:num=${code}:${text}\n`;
  const signatures = problems.filter((one) => !isAboutTime(one)).map((one) => `${told(one)}verify return:1\n`);
  const times = chain.map((certificate) => {
    const late = problems.find((one) => one.certificate === certificate && isAboutTime(one));
    const time = !late ? '' : late.code === 9 ? `notBefore=${startText(certificate)}\n` : `notAfter=${endText(certificate)}\n`;
    return `${late ? `${told(late)}${time}verify return:1\n` : ''}${at(certificate)}${time}verify return:1\n`;
  });
  return [...signatures, ...times].join('');
}

const tail = (cipher: string, key: string, code: number, what: string): string =>
  `---\nNew, ${cipher}\n${key}Secure Renegotiation IS NOT supported\nCompression: NONE\nExpansion: NONE\nNo ALPN negotiated\nEarly data was not sent\nVerify return code: ${code} (${what})\n---\n`;

function report(leaf: Certificate, { problems }: Verification, showsAll: boolean): string {
  const last = problems.at(-1);
  const pem = leaf.pem;
  return [
    `CONNECTED(00000003)\n---\nCertificate chain\n 0 s:${subjectText(leaf)}\n   i:${issuerText(leaf)}\n`,
    '   a:PKEY: id-ecPublicKey, 256 (bit); sigalg: ecdsa-with-SHA256\n',
    `   v:NotBefore: ${startText(leaf)}; NotAfter: ${endText(leaf)}\n${showsAll ? pem : ''}---\n`,
    `Server certificate\n${showsAll ? '' : pem}subject=${subjectText(leaf)}\nissuer=${issuerText(leaf)}\n---\n`,
    'Peer signing digest: SHA256\nPeer signature type: ECDSA\nServer Temp Key: X25519, 253 bits\n---\n',
    last ? `Verification error: ${last.text}\n` : 'Verification: OK\n',
    tail('TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256', 'Server public key is 256 bit\n', last?.code ?? 0, last?.text ?? 'ok'),
  ].join('');
}

const noCertificate = `CONNECTED(00000003)\n---\nno peer certificate available\n---\nNo client certificate CA names sent\n---\nVerification: OK\n${tail('(NONE), Cipher is (NONE)', '', 0, 'ok')}`;

/** Waits for the end of what is typed; `Q` alone on a line is one, too. */
function* untilEnd(sys: Sys): Call<void> {
  for (;;) {
    const data = yield* sys.read(0, 4096);
    if (data === '' || /^Q$/m.test(data)) return;
  }
}

/** A connection, or openssl's complaint. */
function* dial(sys: Sys, host: string, port: number): Call<Service | string> {
  try {
    const connection = yield* sys.net.connect({ ip: yield* resolveHost(sys, host), port });
    if (!(connection instanceof Connection)) throw new Error('openssl needs the wire');
    sys.own(() => connection.close());
    return connection.service;
  } catch (error) {
    if (error instanceof ResolveError)
      return `${thread}:error:10080002:BIO routines:BIO_lookup_ex:system lib:../crypto/bio/bio_addr.c:738:Name or service not known\nconnect:errno=22\n`;
    if (!isErrno(error)) throw error;
    const [number, text] = errnos[error.code] ?? [5, error.message];
    const code = (0x80000000 + number).toString(16).toUpperCase().padStart(8, '0');
    return `${thread}:error:${code}:system library:BIO_connect:${text}:../crypto/bio/bio_sock2.c:117:calling connect()\n${thread}:error:10000067:BIO routines:BIO_connect:connect error:../crypto/bio/bio_sock2.c:119:\nconnect:errno=${number}\n`;
  }
}

export function* connectAndShow(sys: Sys, request: ClientRequest): Call<number> {
  const { host, port, serverName, authorities, own, showsAll } = request;
  const service = yield* dial(sys, host, port);
  if (typeof service === 'string') {
    yield* sys.print(2, service);
    return 1;
  }
  const leaf = service.isTls ? shownBy(service, serverName ?? host) : undefined;
  if (!leaf) {
    // Differs from Kubernetes: components' ports for health and metrics have no certificate here.
    const why = service.isTls
      ? '0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:../ssl/record/rec_layer_s3.c:1600:SSL alert number 40'
      : '0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record/ssl3_record.c:350:';
    yield* sys.print(2, `${thread}:error:${why}\n`);
    yield* sys.print(1, noCertificate);
    return 1;
  }
  const verification = verifyCertificate(leaf, authorities, { nowMs: sys.kernel.clock.unixMs, isServer: true });
  // A name is told to the server only where there is one.
  if (serverName === undefined && canonicalIP(host) !== undefined) yield* sys.print(2, "Can't use SSL_get_servername\n");
  yield* sys.print(2, verifyText(verification));
  yield* sys.print(1, report(leaf, verification, showsAll));
  const refusal = service.refuseClient?.(own);
  if (refusal !== undefined) {
    yield* sys.print(
      2,
      `${thread}:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert ${refusal}:../ssl/record/rec_layer_s3.c:1600:\n`,
    );
    return 1;
  }
  yield* untilEnd(sys);
  yield* sys.print(2, 'DONE\n');
  return 0;
}
