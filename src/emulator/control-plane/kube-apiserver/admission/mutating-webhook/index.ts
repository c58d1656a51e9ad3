/**
 * MutatingAdmissionWebhook: asks webhooks one after the other, each with what the one before made of the object. A change lets all
 * plugins look again (`../chain.ts`); of the webhooks those with the reinvocation policy IfNeeded, when something changed behind them.
 * Upstream: apiserver/pkg/admission/plugin/webhook/mutating.
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
  operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
  admit(server, attributes) {
    if (!server.configurations.hasMutatingWebhooks || isExempt(attributes)) return attributes.object;
    return dispatch(server, attributes);
  },
};

function* dispatch(server: ApiServer, attributes: AdmissionAttributes): Call<ApiObject> {
  let { object } = attributes;
  const reinvocation = attributes.reinvocation!;
  const { again, invoked, isAgain } = reinvocation;
  const lookAgain = (): void => {
    for (const webhook of invoked) again.add(webhook);
    invoked.clear();
  };
  // Plugins of the server itself changed what the webhooks had left.
  if (isAgain && !equal(reinvocation.last, object)) lookAgain();
  for (const webhook of server.configurations.mutatingWebhooks()) {
    if (isAgain && !again.has(webhook)) continue;
    const current = { ...attributes, object };
    if (!isConcerned(server, webhook, current)) continue;
    const next = yield* mutate(server, webhook, current);
    if (next !== object) {
      lookAgain();
      reinvocation.isWanted = true;
    }
    if (webhook.reinvocationPolicy === 'IfNeeded') invoked.add(webhook);
    object = next;
  }
  reinvocation.last = object;
  return object;
}

/** The object as the webhook wants it; the same when it changes nothing. */
function* mutate(server: ApiServer, webhook: Webhook, attributes: AdmissionAttributes): Call<ApiObject> {
  const { object } = attributes;
  const patch = yield* callWebhook(server, webhook, attributes, true);
  if (!patch || patch.length === 0) return object;
  if (attributes.operation === 'DELETE')
    throw internalError(
      `admission webhook ${JSON.stringify(webhook.name)} attempted to modify the object, which is not supported for this operation`,
    );
  const { descriptor } = attributes.request.resource;
  try {
    const patched = applyJsonPatch(object, patch);
    if (attributes.operation === 'CONNECT') return patched;
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
