/**
 * CertificateApproval: whoever approves or denies a request must be allowed to `approve` for its signer.
 * Upstream: plugin/pkg/admission/certificates/approval/admission.go.
 */
import type { CertificateSigningRequest } from '../../../../api/generated/types.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { mayActFor, notPermitted } from '../signers.ts';

export const certificateApproval: AdmissionPlugin = {
  name: 'CertificateApproval',
  resources: ['certificatesigningrequests/approval'],
  operations: ['UPDATE'],
  *validate(server, attributes) {
    const { signerName } = (attributes.previous as CertificateSigningRequest).spec;
    if (!(yield* mayActFor(server, attributes, 'approve', signerName))) throw notPermitted(attributes, 'approve', signerName);
  },
};
