/** Deletes requests that nobody needs any more (pkg/controller/certificates/cleaner): decided or failed for an hour, waiting for a day, or of a certificate that has expired. */
import { certificateSigningRequests } from '../../../api/certificates/certificate-signing-request.ts';
import { decodePem } from '../../../api/certificates/validation.ts';
import type { CertificateSigningRequest } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import { parseTime } from '../../../kernel/time.ts';
import { isNotFound } from '../../../machinery/status-error.ts';
import { parseCertificates } from '../../../machinery/x509/index.ts';
import { hasCondition } from '../certificate-state.ts';
import type { Controller } from '../controller.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const certificateCleaner: Controller = {
  name: 'certificatesigningrequest-cleaner-controller',
  start(context) {
    const client = context.client('certificate-controller');
    const informer = context.informers.for(certificateSigningRequests);
    context.every(hourMs, function* (): Call<void> {
      for (const csr of [...informer.values()]) {
        if (!isOver(csr, context.kernel.clock.unixMs)) continue;
        try {
          yield* client.delete(certificateSigningRequests, { name: csr.metadata.name });
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      }
    });
  },
};

/** Whether a request has had its time. */
function isOver(csr: CertificateSigningRequest, nowMs: number): boolean {
  const olderThan = (time: string | undefined, ms: number): boolean => nowMs - (parseTime(time ?? '') ?? nowMs) >= ms;
  const since = (type: string) => csr.status?.conditions?.find((condition) => condition.type === type)?.lastUpdateTime;
  if (csr.status?.certificate) {
    const [certificate] = parseCertificates(decodePem(csr.status.certificate));
    if (certificate && certificate.notAfterMs < nowMs) return true;
  }
  if (hasCondition(csr, 'Denied') || hasCondition(csr, 'Failed'))
    return olderThan(since('Denied'), hourMs) || olderThan(since('Failed'), hourMs);
  if (hasCondition(csr, 'Approved')) return olderThan(since('Approved'), hourMs);
  return olderThan(csr.metadata.creationTimestamp, dayMs);
}
