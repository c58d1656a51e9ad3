/**
 * CertificateSubjectRestriction: no client certificate makes anybody a member of system:masters.
 * Upstream: plugin/pkg/admission/certificates/subjectrestriction/admission.go.
 */
import { decodePem } from '../../../../api/certificates/validation.ts';
import type { CertificateSigningRequest } from '../../../../api/generated/types.ts';
import { forbidden } from '../../../../machinery/status-error.ts';
import { parseSigningRequest } from '../../../../machinery/x509/index.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const signer = 'kubernetes.io/kube-apiserver-client';
const privileged = 'system:masters';

export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  resources: ['certificatesigningrequests'],
  operations: ['CREATE'],
  validate(_server, { request, object }) {
    const { spec, metadata } = object as CertificateSigningRequest;
    if (spec.signerName !== signer) return;
    const read = parseSigningRequest(decodePem(spec.request));
    if ('request' in read && read.request.subject.organizations?.includes(privileged))
      throw forbidden(request.resource, metadata.name, `use of ${signer} signer with ${privileged} group is not allowed`);
  },
};
