/** Whether a TLS server's certificate is to be believed, and curl's words when it is not. */
import type { Certificate } from '../../../../emulator/machinery/x509/index.ts';
import { certificatesOf, isTrustedBy } from '../../../../emulator/machinery/x509/index.ts';
import { canonicalIP, familyOf } from '../../../../emulator/node/network/index.ts';

const advice = `More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the webpage mentioned above.`;

function names(certificate: Certificate, host: string): boolean {
  const address = canonicalIP(host);
  if (address !== undefined) return certificate.ips.includes(address);
  const wanted = host.toLowerCase();
  return certificate.dnsNames.some(
    (name) => name === wanted || (name.startsWith('*.') && wanted.slice(wanted.indexOf('.')) === name.slice(1)),
  );
}

/**
 * What is wrong with a server's certificate, undefined when nothing is. Without `cacert` nobody is trusted, since no public
 * authority has signed anything in a cluster.
 *
 * Differs from Kubernetes: a server that shows no certificate passes as soon as an authority is given.
 */
export function distrust(leaf: Certificate | undefined, cacert: string | undefined, host: string, nowMs: number): string | undefined {
  const untrusted = `SSL certificate problem: unable to get local issuer certificate\n${advice}`;
  const authorities = cacert === undefined ? [] : certificatesOf(cacert);
  if (authorities.length === 0) return untrusted;
  if (leaf === undefined) return undefined;
  if (!authorities.some((authority) => isTrustedBy(leaf, authority))) return untrusted;
  if (nowMs > leaf.notAfterMs) return `SSL certificate problem: certificate has expired\n${advice}`;
  if (nowMs < leaf.notBeforeMs) return `SSL certificate problem: certificate is not yet valid\n${advice}`;
  if (names(leaf, host)) return undefined;
  return canonicalIP(host) === undefined
    ? `SSL: no alternative certificate subject name matches target host name '${host}'\n${advice}`
    : `SSL: no alternative certificate subject name matches target ${familyOf(host) === 'IPv6' ? 'ipv6' : 'ipv4'} address '${host}'\n${advice}`;
}
