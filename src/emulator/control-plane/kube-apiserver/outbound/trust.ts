/** Whether the API server believes the certificate of a server that it calls, in the words of Go's crypto/x509. */
import { formatTime } from '../../../kernel/time.ts';
import type { Certificate } from '../../../machinery/x509/index.ts';
import { isSignedBy, parseCertificates } from '../../../machinery/x509/index.ts';

const prefix = 'tls: failed to verify certificate: x509:';

/** What is wrong with the certificate (PEM) that a server shows for a host name; undefined when nothing is. */
export function distrust(shown: string | undefined, authorities: string, host: string, nowMs: number): string | undefined {
  const [leaf] = shown === undefined ? [] : parseCertificates(shown);
  if (!leaf) return `${prefix} certificate signed by unknown authority`;
  if (nowMs > leaf.notAfterMs)
    return `${prefix} certificate has expired or is not yet valid: current time ${formatTime(nowMs)} is after ${formatTime(leaf.notAfterMs)}`;
  if (nowMs < leaf.notBeforeMs)
    return `${prefix} certificate has expired or is not yet valid: current time ${formatTime(nowMs)} is before ${formatTime(leaf.notBeforeMs)}`;
  const names = wrongName(leaf, host);
  if (names !== undefined) return `${prefix} ${names}`;
  return isKnown(shown!, leaf, authorities) ? undefined : `${prefix} certificate signed by unknown authority`;
}

/** Signatures that were checked: a webhook shows the same certificate at each call. */
const checked = new Map<string, boolean>();
const maxChecked = 64;

function isKnown(shown: string, leaf: Certificate, authorities: string): boolean {
  const key = `${shown}\n${authorities}`;
  let answer = checked.get(key);
  if (answer === undefined) {
    answer = parseCertificates(authorities).some((root) => root.der.join() === leaf.der.join() || isSignedBy(leaf, root));
    if (checked.size >= maxChecked) checked.clear();
    checked.set(key, answer);
  }
  return answer;
}

function wrongName({ dnsNames, ips }: Certificate, host: string): string | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) {
    if (ips.includes(host)) return undefined;
    if (ips.length === 0) return `cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
    return `certificate is valid for ${ips.join(', ')}, not ${host}`;
  }
  const wanted = host.toLowerCase();
  const fits = (name: string): boolean => name === wanted || (name.startsWith('*.') && wanted.slice(wanted.indexOf('.')) === name.slice(1));
  if (dnsNames.some(fits)) return undefined;
  if (dnsNames.length === 0) return `certificate is not valid for any names, but wanted to match ${host}`;
  return `certificate is valid for ${dnsNames.join(', ')}, not ${host}`;
}
