/**
 * MutatingAdmissionWebhook: asks webhooks one after the other, each with what the one before made of the object; those with the
 * reinvocation policy IfNeeded once more when a later one changed it. Upstream: apiserver/pkg/admission/plugin/webhook/mutating.
 *
 * Differs from Kubernetes: built-in plugins are not run again after a webhook, and mutating webhooks are not asked about deletions.
 */
import type { Webhook } from '../../../../api/admissionregistration/webhook-configuration.ts';
import type { Call } from '../../../../kernel/index.ts';
import { decode } from '../../../../machinery/decode.ts';
import { equal } from '../../../../machinery/equality.ts';
import type { ApiObject } from '../../../../machinery/objects.ts';
import { applyJsonPatch } from '../../../../machinery/patch/json-patch.ts';
import { PatchError } from '../../../../machinery/patch/patch-error.ts';
import { hasModel } from '../../../../machinery/schema.ts';
import { internalError } from '../../../../machinery/status-error.ts';
import type { ApiServer } from '../../server.ts';
import { isExempt } from '../configurations.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';
import { callWebhook, isConcerned } from '../webhook-call.ts';

export const mutatingWebhook: AdmissionPlugin = {
  name: 'MutatingAdmissionWebhook',
  resources: '*',
  operations: ['CREATE', 'UPDATE'],
  admit(server, attributes) {
    if (!server.configurations.hasMutatingWebhooks || isExempt(attributes)) return attributes.object;
    return dispatch(server, attributes);
  },
};

function* dispatch(server: ApiServer, attributes: AdmissionAttributes): Call<ApiObject> {
  let { object } = attributes;
  const invoked: Webhook[] = [];
  const again = new Set<Webhook>();
  for (const webhook of server.configurations.mutatingWebhooks()) {
    const current = { ...attributes, object };
    if (!isConcerned(server, webhook, current)) continue;
    const next = yield* mutate(server, webhook, current);
    if (next !== object) for (const earlier of invoked) again.add(earlier);
    if (webhook.reinvocationPolicy === 'IfNeeded') invoked.push(webhook);
    object = next;
  }
  for (const webhook of again) {
    const current = { ...attributes, object };
    if (isConcerned(server, webhook, current)) object = yield* mutate(server, webhook, current);
  }
  return object;
}

/** The object as the webhook wants it; the same when it changes nothing. */
function* mutate(server: ApiServer, webhook: Webhook, attributes: AdmissionAttributes): Call<ApiObject> {
  const { object } = attributes;
  const patch = yield* callWebhook(server, webhook, attributes, true);
  if (!patch || patch.length === 0) return object;
  const { descriptor } = attributes.request.resource;
  try {
    const patched = applyJsonPatch(object, patch);
    const decoded = descriptor.decode
      ? (descriptor.decode(patched).object as ApiObject)
      : hasModel(descriptor.model)
        ? decode<ApiObject>(patched, descriptor.model).object
        : patched;
    const next = descriptor.setDefaults(decoded);
    return equal(next, object) ? object : next;
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    throw internalError(error.message);
  }
}
