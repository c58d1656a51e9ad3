/** Who may act for a signer: IsAuthorizedForSignerName of plugin/pkg/admission/certificates/util.go. */
import type { Call } from '../../../kernel/index.ts';
import { forbidden } from '../../../machinery/status-error.ts';
import type { StatusError } from '../../../machinery/status-error.ts';
import type { ApiServer } from '../server.ts';
import type { AdmissionAttributes } from './plugin.ts';

/** The user needs the verb on the signer's name, or on `<domain>/*`. */
export function* mayActFor(
  server: ApiServer,
  { request }: AdmissionAttributes,
  verb: 'approve' | 'sign',
  signerName: string,
): Call<boolean> {
  const names = [signerName, `${signerName.split('/')[0]}/*`];
  for (const name of names) {
    const attributes = {
      user: request.user,
      verb,
      group: 'certificates.k8s.io',
      version: '*',
      resource: 'signers',
      subresource: '',
      namespace: '',
      name,
      path: '',
    };
    if ((yield* server.authorization.ask(attributes)).verdict === 'allow') return true;
  }
  return false;
}

/** 403 with what the user lacks. */
export const notPermitted = ({ request }: AdmissionAttributes, what: string, signerName: string): StatusError =>
  forbidden(request.resource, request.name, `user not permitted to ${what} requests with signerName "${signerName}"`);
