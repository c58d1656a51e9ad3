/**
 * Signs what was approved for the signers of Kubernetes, with the cluster's authority (pkg/controller/certificates/signer).
 *
 * - The key of the authority is read when there is something to sign, each time: a renewed one counts at once.
 * - Signers of other domains are left to whoever serves them.
 */
import { certificateSigningRequests } from '../../../api/certificates/certificate-signing-request.ts';
import { decodePem } from '../../../api/certificates/validation.ts';
import type { CertificateSigningRequest } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import { base64, utf8 } from '../../../kernel/index.ts';
import { certify, parseSigningRequest } from '../../../machinery/x509/index.ts';
import type { SigningRequest, Usage } from '../../../machinery/x509/index.ts';
import { hasCondition, kubeletClientProblem, kubeletServingProblem } from '../certificate-state.ts';
import type { Controller, ControllerSettings } from '../controller.ts';

const secondMs = 1000;
/** Clocks that are a little behind shall believe a new certificate. */
const backdateMs = 300 * secondMs;
/** Of certificates shorter than this the end is not put forward for it. */
const shortMs = 8 * 3600 * secondMs;
const leastMs = 600 * secondMs;

/** What each signer demands; those of other domains are not here. */
const signers: Readonly<Record<string, (request: SigningRequest, usages: readonly string[]) => string | undefined>> = {
  'kubernetes.io/kube-apiserver-client': (_, usages) => clientProblem(usages),
  'kubernetes.io/kube-apiserver-client-kubelet': kubeletClientProblem,
  'kubernetes.io/kubelet-serving': kubeletServingProblem,
  'kubernetes.io/legacy-unknown': () => undefined,
};

function clientProblem(usages: readonly string[]): string | undefined {
  const wrong = usages.find((usage) => !['digital signature', 'key encipherment', 'client auth'].includes(usage));
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

/** Usages that are bits of the extension keyUsage, in the order of the bits. */
const keyUsages = [
  'digital signature',
  'content commitment',
  'key encipherment',
  'data encipherment',
  'key agreement',
  'cert sign',
  'crl sign',
  'encipher only',
  'decipher only',
];
const extendedUsages: readonly Usage[] = [
  'any',
  'server auth',
  'client auth',
  'code signing',
  'email protection',
  'timestamping',
  'ocsp signing',
];

export const certificateSigningController: Controller = {
  name: 'certificatesigningrequest-signing-controller',
  start(context) {
    const { kernel, settings } = context;
    const client = context.client('certificate-controller');
    const informer = context.informers.for(certificateSigningRequests);
    const queue = context.queue({ name: 'certificate-signing', reconcile });
    informer.onChange(({ type, object }) => type !== 'DELETED' && isDue(object) && queue.add(object.metadata.name));

    function* reconcile(name: string): Call<void> {
      const csr = informer.get(name);
      if (!csr || !isDue(csr)) return;
      const { request: pem, signerName, usages = [] } = csr.spec;
      const read = parseSigningRequest(decodePem(pem));
      if ('problem' in read) return;
      const problem = signers[signerName]!(read.request, usages);
      const status = problem === undefined ? { ...csr.status, certificate: sign(read.request, csr) } : failed(csr, problem);
      if (status) yield* client.updateStatus(certificateSigningRequests, { ...csr, status });
    }

    function sign(request: SigningRequest, { spec }: CertificateSigningRequest): string | undefined {
      const authority = settings.signingAuthority();
      if (!authority) return undefined;
      const nowMs = kernel.clock.unixMs;
      const lifeMs = durationMs(spec.expirationSeconds, settings);
      const endMs = nowMs + (lifeMs < shortMs ? lifeMs : lifeMs - backdateMs);
      const usages = spec.usages ?? [];
      const certificate = certify(request, {
        authority,
        serialNumber: `4${kernel.random.hex(31)}`,
        notBeforeMs: nowMs - backdateMs,
        notAfterMs: Math.min(endMs, authority.certificate.notAfterMs),
        usages: extendedUsages.filter((usage) => usages.includes(usage)),
        keyUsage: keyUsages.map((usage) => usages.includes(usage) || (usage === 'digital signature' && usages.includes('signing'))),
      });
      return base64(utf8(certificate));
    }

    function failed(csr: CertificateSigningRequest, message: string): CertificateSigningRequest['status'] {
      const condition = {
        type: 'Failed',
        status: 'True',
        reason: 'SignerValidationFailure',
        message,
        lastUpdateTime: kernel.clock.timestamp(),
      };
      return { ...csr.status, conditions: [...(csr.status?.conditions ?? []), condition] };
    }
  },
};

function isDue(csr: CertificateSigningRequest): boolean {
  const isDecided = hasCondition(csr, 'Approved') && !hasCondition(csr, 'Denied') && !hasCondition(csr, 'Failed');
  return isDecided && !csr.status?.certificate && csr.spec.signerName in signers;
}

function durationMs(asked: number | undefined, { signingDurationMs }: ControllerSettings): number {
  if (asked === undefined) return signingDurationMs;
  return Math.min(Math.max(asked * secondMs, leastMs), signingDurationMs);
}
