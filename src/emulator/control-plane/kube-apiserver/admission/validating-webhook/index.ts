/**
 * ValidatingAdmissionWebhook: asks webhooks about the finished object; one no is enough.
 * Upstream: apiserver/pkg/admission/plugin/webhook/validating.
 *
 * Differs from Kubernetes: webhooks are asked one after the other and not at once, so that their times add up.
 */
import type { Call } from '../../../../kernel/index.ts';
import type { ApiServer } from '../../server.ts';
import { isExempt } from '../configurations.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';
import { callWebhook, isConcerned } from '../webhook-call.ts';

export const validatingWebhook: AdmissionPlugin = {
  name: 'ValidatingAdmissionWebhook',
  resources: '*',
  operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
  validate(server, attributes) {
    if (!server.configurations.hasValidatingWebhooks || isExempt(attributes)) return;
    return dispatch(server, attributes);
  },
};

function* dispatch(server: ApiServer, attributes: AdmissionAttributes): Call<void> {
  for (const webhook of server.configurations.validatingWebhooks())
    if (isConcerned(server, webhook, attributes)) yield* callWebhook(server, webhook, attributes, false);
}
