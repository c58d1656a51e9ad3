/**
 * Asks the webhook of a CustomResourceDefinition for an object in another version: a ConversionReview over TLS.
 * Upstream: apiextensions-apiserver/pkg/apiserver/conversion/webhook_converter.go.
 *
 * Differs from Kubernetes: each object is asked for by itself, as upstream's storage does; a review never holds several.
 */
import { validateAnnotations, validateLabels } from '../../../api/metadata/object-meta.ts';
import type { CustomResourceDefinition } from '../../../api/generated/types.ts';
import type { KindConversion } from '../../../api/kind.ts';
import type { Call } from '../../../kernel/index.ts';
import type { FieldError } from '../../../machinery/field-error.ts';
import { fieldErrorText, fieldPath } from '../../../machinery/field-error.ts';
import type { ApiObject, ObjectMeta } from '../../../machinery/objects.ts';
import { failure, StatusError } from '../../../machinery/status-error.ts';
import { postReview } from '../outbound/review-call.ts';
import { CallError } from '../outbound/service-client.ts';
import type { ApiServer } from '../server.ts';

/** Undefined for the strategy None. */
export function conversionOf({ spec: { group, versions, conversion } }: CustomResourceDefinition): KindConversion | undefined {
  if (conversion?.strategy !== 'Webhook' || !conversion.webhook) return undefined;
  const stored = versions!.find(({ storage }) => storage)!;
  return { storageVersion: `${group}/${stored.name}`, webhook: conversion.webhook };
}

/** How long a webhook may take. */
const timeoutMs = 30_000;

interface Response {
  readonly uid?: string;
  readonly result?: { readonly status?: string; readonly message?: string };
  readonly convertedObjects?: readonly Partial<ApiObject>[];
}

/** Throws 500 when the webhook cannot be asked, or answers what cannot be. */
export function* callConverter(server: ApiServer, { webhook }: KindConversion, object: ApiObject, apiVersion: string): Call<ApiObject> {
  const failed = (why: string): StatusError =>
    new StatusError(failure(500, '', `conversion webhook for ${object.apiVersion}, Kind=${object.kind} ${why}`));
  const version = webhook.conversionReviewVersions.find((one) => one === 'v1' || one === 'v1beta1');
  if (!version) throw new StatusError(failure(500, '', 'no supported conversion review versions'));
  const reviewVersion = `apiextensions.k8s.io/${version}`;
  const uid = server.kernel.random.uuid();
  const review = {
    kind: 'ConversionReview',
    apiVersion: reviewVersion,
    request: { uid, desiredAPIVersion: apiVersion, objects: [object] },
  };
  let answer: unknown;
  try {
    answer = yield* postReview(server, webhook.clientConfig ?? {}, review, timeoutMs);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw failed(`failed: ${error.message}`);
  }
  const { kind, apiVersion: answered, response } = answer as Partial<ApiObject> & { readonly response?: Response };
  if (version === 'v1' && (kind !== 'ConversionReview' || answered !== reviewVersion))
    throw failed(`failed: expected webhook response of ${reviewVersion}, Kind=ConversionReview, got ${answered}, Kind=${kind}`);
  const problem = responseProblem(response, version === 'v1' ? uid : undefined);
  if (problem !== undefined) throw failed(`failed: ${problem}`);
  const { convertedObjects = [] } = response!;
  if (convertedObjects.length !== 1) throw failed(`returned ${convertedObjects.length} objects, expected 1`);
  return checked(convertedObjects[0]!, object, apiVersion, failed);
}

function responseProblem(response: Response | undefined, uid: string | undefined): string | undefined {
  if (!response) return 'no response provided';
  if (uid !== undefined && response.uid !== uid)
    return `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`;
  const { status = '', message } = response.result ?? {};
  return status === 'Success' ? undefined : message || `response.result.status was '${status}', not 'Success'`;
}

/** The object that came back, which may differ in all but its identity; of its metadata only labels and annotations count. */
function checked(found: Partial<ApiObject>, asked: ApiObject, apiVersion: string, failed: (why: string) => StatusError): ApiObject {
  const invalid = (why: string): StatusError => failed(`returned invalid object${why}`);
  if (found.apiVersion !== apiVersion)
    throw invalid(` at index 0: invalid groupVersion (expected ${apiVersion}, received ${found.apiVersion ?? ''})`);
  if (found.kind !== asked.kind) throw invalid(` at index 0: invalid kind (expected ${asked.kind}, received ${found.kind ?? ''})`);
  const metadata: Partial<ObjectMeta> = found.metadata ?? {};
  for (const [field, word] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const)
    if ((metadata[field] ?? '') !== (asked.metadata[field] ?? ''))
      throw invalid(`: must have the same ${word}: ${asked.metadata[field] ?? ''} != ${metadata[field] ?? ''}`);
  const { labels, annotations } = metadata;
  const errors: FieldError[] = [];
  validateLabels(labels, fieldPath('metadata', 'labels'), errors);
  validateAnnotations(annotations, fieldPath('metadata', 'annotation'), errors);
  if (errors.length > 0) throw failed(`returned invalid metadata: ${fieldErrorText(errors[0]!)}`);
  return { ...(found as ApiObject), metadata: { ...asked.metadata, labels, annotations } as ObjectMeta };
}
