/**
 * Approves what kubelets ask for their own client certificates, if they may (pkg/controller/certificates/approver):
 * the first certificate by `nodeclient`, the renewal of one's own by `selfnodeclient`.
 */
import { subjectAccessReviews } from '../../../api/authorization/access-review.ts';
import { certificateSigningRequests } from '../../../api/certificates/certificate-signing-request.ts';
import { decodePem } from '../../../api/certificates/validation.ts';
import type { CertificateSigningRequest, SubjectAccessReview } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import type { Draft } from '../../../machinery/objects.ts';
import { parseSigningRequest } from '../../../machinery/x509/index.ts';
import type { SigningRequest } from '../../../machinery/x509/index.ts';
import { hasCondition, kubeletClientProblem } from '../certificate-state.ts';
import type { Controller } from '../controller.ts';

const signer = 'kubernetes.io/kube-apiserver-client-kubelet';

interface Recognizer {
  readonly subresource: string;
  readonly message: string;
  recognizes(csr: CertificateSigningRequest, request: SigningRequest): boolean;
}

const recognizers: readonly Recognizer[] = [
  {
    subresource: 'selfnodeclient',
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
    recognizes: (csr, request) => csr.spec.username === request.subject.commonName && isKubeletClient(csr, request),
  },
  {
    subresource: 'nodeclient',
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
    recognizes: (csr, request) => csr.spec.username !== request.subject.commonName && isKubeletClient(csr, request),
  },
];

function isKubeletClient({ spec }: CertificateSigningRequest, request: SigningRequest): boolean {
  return kubeletClientProblem(request, spec.usages ?? []) === undefined;
}

const isOpen = (csr: CertificateSigningRequest): boolean =>
  csr.spec.signerName === signer && !csr.status?.certificate && !hasCondition(csr, 'Approved') && !hasCondition(csr, 'Denied');

export const certificateApprovingController: Controller = {
  name: 'certificatesigningrequest-approving-controller',
  start(context) {
    const client = context.client('certificate-controller');
    const informer = context.informers.for(certificateSigningRequests);
    const queue = context.queue({ name: 'certificate-approving', reconcile });
    informer.onChange(({ type, object }) => type !== 'DELETED' && isOpen(object) && queue.add(object.metadata.name));

    function* reconcile(name: string): Call<void> {
      const csr = informer.get(name);
      if (!csr || !isOpen(csr)) return;
      const read = parseSigningRequest(decodePem(csr.spec.request));
      if ('problem' in read) return;
      for (const recognizer of recognizers) {
        if (!recognizer.recognizes(csr, read.request) || !(yield* isAllowed(csr, recognizer.subresource))) continue;
        const condition = { type: 'Approved', status: 'True', reason: 'AutoApproved', message: recognizer.message };
        const status = { ...csr.status, conditions: [...(csr.status?.conditions ?? []), condition] };
        yield* client.update(certificateSigningRequests, { ...csr, status }, { subresource: 'approval' });
        return;
      }
    }

    /** A request that may not be approved by itself stays for an administrator. */
    function* isAllowed({ spec }: CertificateSigningRequest, subresource: string): Call<boolean> {
      const review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        metadata: {},
        spec: {
          user: spec.username,
          uid: spec.uid,
          groups: spec.groups,
          extra: spec.extra,
          resourceAttributes: {
            group: 'certificates.k8s.io',
            resource: 'certificatesigningrequests',
            verb: 'create',
            subresource,
            version: '*',
          },
        },
      } as Draft<SubjectAccessReview>;
      const answer = yield* client.create(subjectAccessReviews, review);
      return answer.status?.allowed ?? false;
    }
  },
};
