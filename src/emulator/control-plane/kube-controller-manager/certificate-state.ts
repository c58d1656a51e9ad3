/** What the controllers of certificates ask of a request (pkg/controller/certificates/certificate_controller_utils.go). */
import type { CertificateSigningRequest } from '../../api/generated/types.ts';
import type { SigningRequest } from '../../machinery/x509/index.ts';

/** Whether a condition is there: `Approved`, `Denied`, `Failed`. */
export function hasCondition({ status }: CertificateSigningRequest, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type) ?? false;
}

/** What is wrong with a kubelet's request for a client certificate; undefined if nothing (ValidateKubeletClientCSR). */
export function kubeletClientProblem(
  { subject, dnsNames, emails, ips, uris }: SigningRequest,
  usages: readonly string[],
): string | undefined {
  const organizations = subject.organizations ?? [];
  if (organizations.length !== 1 || organizations[0] !== 'system:nodes') return 'subject organization is not system:nodes';
  if (dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (emails.length > 0) return 'Email subjectAltNames are not allowed';
  if (ips.length > 0) return 'IP subjectAltNames are not allowed';
  if (uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!subject.commonName.startsWith('system:node:')) return 'subject common name does not begin with system:node:';
  return usageProblem(usages, 'client auth');
}

/** As above for the certificate that a kubelet serves with (ValidateKubeletServingCSR). */
export function kubeletServingProblem(
  { subject, dnsNames, emails, ips, uris }: SigningRequest,
  usages: readonly string[],
): string | undefined {
  const organizations = subject.organizations ?? [];
  if (organizations.length !== 1 || organizations[0] !== 'system:nodes') return 'subject organization is not system:nodes';
  if (dnsNames.length === 0 && ips.length === 0) return 'DNS or IP subjectAltName is required';
  if (emails.length > 0) return 'Email subjectAltNames are not allowed';
  if (uris.length > 0) return 'URI subjectAltNames are not allowed';
  return (
    usageProblem(usages, 'server auth') ??
    (subject.commonName.startsWith('system:node:') ? undefined : 'subject common name does not begin with system:node:')
  );
}

function usageProblem(usages: readonly string[], own: string): string | undefined {
  const required = [own, 'digital signature', 'key encipherment'].sort();
  const given = new Set(usages);
  const has = required.filter((usage) => given.has(usage));
  const isAll = has.length === given.size && given.has(own) && given.has('digital signature');
  return isAll ? undefined : `usages did not match [${required.join(' ')}]`;
}
