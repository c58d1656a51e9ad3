/**
 * Calls an admission webhook: an AdmissionReview over TLS to a Service or URL. Upstream: apiserver/pkg/admission/plugin/webhook
 * (generic, mutating, validating), pkg/util/webhook.
 */
import type { Webhook } from '../../../api/admissionregistration/webhook-configuration.ts';
import type { Call } from '../../../kernel/index.ts';
import { fromBase64, textOf } from '../../../kernel/index.ts';
import { badRequest, failure, forbidden, internalError, StatusError } from '../../../machinery/status-error.ts';
import type { Status } from '../../../machinery/status-error.ts';
import { postReview } from '../outbound/review-call.ts';
import { CallError } from '../outbound/service-client.ts';
import type { ApiServer } from '../server.ts';
import { evaluateConditions, expressionInput } from './expression-input.ts';
import type { AdmissionAttributes } from './plugin.ts';
import { namespaceMatches, objectMatches, ruleMatches } from './request-matching.ts';
import { reviewRequest } from './review.ts';

interface Response {
  readonly uid?: string;
  readonly allowed?: boolean;
  readonly status?: Partial<Status>;
  readonly patch?: string;
  readonly patchType?: string;
  readonly warnings?: readonly string[];
}

/** Whether a webhook wants to be asked. Throws 403 when its match conditions fail and so must the request. */
export function isConcerned(server: ApiServer, webhook: Webhook, attributes: AdmissionAttributes): boolean {
  const isExact = webhook.matchPolicy === 'Exact';
  if (!(webhook.rules ?? []).some((rule) => ruleMatches(rule, attributes, isExact, server))) return false;
  if (!namespaceMatches(server, webhook.namespaceSelector, attributes) || !objectMatches(webhook.objectSelector, attributes)) return false;
  if (!webhook.matchConditions?.length) return true;
  const verdict = evaluateConditions(webhook.matchConditions, expressionInput(server, attributes, undefined), false);
  if ('matches' in verdict) return verdict.matches;
  if (webhook.failurePolicy === 'Ignore') return false;
  throw forbidden(attributes.request.resource, attributes.request.name, verdict.error);
}

/** The JSON patch that the webhook wants, undefined for none. Throws what it refuses, and 500 when it cannot be asked and must be. */
export function* callWebhook(
  server: ApiServer,
  webhook: Webhook,
  attributes: AdmissionAttributes,
  isMutating: boolean,
): Call<readonly unknown[] | undefined> {
  const { request } = attributes;
  if (request.isDryRun && webhook.sideEffects !== 'None' && webhook.sideEffects !== 'NoneOnDryRun')
    throw badRequest(`admission webhook ${JSON.stringify(webhook.name)} does not support dry run`);
  let response: Response;
  try {
    response = yield* ask(server, webhook, attributes, isMutating);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (webhook.failurePolicy === 'Ignore') return undefined;
    throw internalError(`failed calling webhook ${JSON.stringify(webhook.name)}: ${error.message}`);
  }
  request.warnings.push(...(response.warnings ?? []));
  if (response.allowed !== true) throw denial(webhook.name, response.status);
  return isMutating && response.patch ? (JSON.parse(textOf(fromBase64(response.patch)!)) as unknown[]) : undefined;
}

function* ask(server: ApiServer, webhook: Webhook, attributes: AdmissionAttributes, isMutating: boolean): Call<Response> {
  const { clientConfig, timeoutSeconds = 10 } = webhook;
  const uid = server.kernel.random.uuid();
  const version = webhook.admissionReviewVersions.find((one) => one === 'v1' || one === 'v1beta1') ?? 'v1';
  const body = { kind: 'AdmissionReview', apiVersion: `admission.k8s.io/${version}`, request: reviewRequest(attributes, uid) };
  let answer: { readonly response?: Response };
  try {
    answer = yield* postReview(server, clientConfig, body, timeoutSeconds * 1000);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw new CallError(`failed to call webhook: ${error.message}`);
  }
  const problem = responseProblem(answer, uid, version, isMutating);
  if (problem !== undefined) throw new CallError(`received invalid webhook response: ${problem}`);
  return answer.response!;
}

/** VerifyAdmissionResponse. */
function responseProblem(
  { kind, apiVersion, response }: { readonly kind?: string; readonly apiVersion?: string; readonly response?: Response },
  uid: string,
  version: string,
  isMutating: boolean,
): string | undefined {
  if (!response) return 'webhook response was absent';
  if (version !== 'v1') return undefined;
  if (response.uid !== uid) return `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`;
  if (kind !== 'AdmissionReview' || apiVersion !== 'admission.k8s.io/v1') {
    const [group = '', found = ''] = (apiVersion ?? '').split('/');
    return `expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${group}/${found}, Kind=${kind ?? ''}`;
  }
  const { patch, patchType } = response;
  if (!isMutating) {
    if (patch) return 'validating webhook may not return response.patch';
    return patchType === undefined ? undefined : 'validating webhook may not return response.patchType';
  }
  if (patch && patchType === undefined) return 'webhook returned response.patch but not response.patchType';
  if (!patch && patchType !== undefined) return 'webhook returned response.patchType but not response.patch';
  return patchType === undefined || patchType === 'JSONPatch' ? undefined : `unsupported patch type ${JSON.stringify(patchType)}`;
}

/** webhook/errors/statuserror.go, ToStatusErr. */
function denial(name: string, status: Partial<Status> | undefined): StatusError {
  const deniedBy = `admission webhook ${JSON.stringify(name)} denied the request`;
  const said = status?.message || status?.reason;
  const code = status?.code !== undefined && status.code >= 400 ? status.code : 400;
  const message = said ? `${deniedBy}: ${said}` : `${deniedBy} without explanation`;
  return new StatusError(failure(code, status?.reason ?? '', message, status?.details));
}
