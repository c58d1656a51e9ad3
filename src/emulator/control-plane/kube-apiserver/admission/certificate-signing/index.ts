/**
 * CertificateSigning: whoever writes a certificate into a request must be allowed to `sign` for its signer.
 * Upstream: plugin/pkg/admission/certificates/signing/admission.go.
 */
import type { CertificateSigningRequest } from '../../../../api/generated/types.ts';
import { semanticEqual } from '../../../../machinery/equality.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { mayActFor, notPermitted } from '../signers.ts';

export const certificateSigning: AdmissionPlugin = {
  name: 'CertificateSigning',
  resources: ['certificatesigningrequests/status'],
  operations: ['UPDATE'],
  *validate(server, attributes) {
    const [next, previous] = [attributes.object, attributes.previous] as [CertificateSigningRequest, CertificateSigningRequest];
    if (semanticEqual(next.status ?? {}, previous.status ?? {})) return;
    const { signerName } = previous.spec;
    if (!(yield* mayActFor(server, attributes, 'sign', signerName))) throw notPermitted(attributes, 'sign', signerName);
  },
};
