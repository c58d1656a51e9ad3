/** Requests for resources: query parameters and bodies in, objects, Tables, Statuses and streams out. */
import type { PatchType } from '../../../client/client.ts';
import type { Call, HttpRequest, HttpResponse } from '../../../kernel/index.ts';
import { apiVersionOf } from '../../../api/kind.ts';
import type { ApiObject, List } from '../../../machinery/objects.ts';
import { decodeRequest } from '../../../machinery/decode.ts';
import { protobufType } from '../../../machinery/protobuf.ts';
import { failure, invalid, methodNotSupported, noSuchResource, StatusError } from '../../../machinery/status-error.ts';
import type { Status } from '../../../machinery/status-error.ts';
import { authorize, serve, serveWatch } from '../pipeline.ts';
import type { Answer } from '../pipeline.ts';
import type { AuditEntry } from '../audit/index.ts';
import type { Resource } from '../registry.ts';
import { successCode } from '../request.ts';
import type { ApiRequest, DeleteRequest, FieldValidation, UserInfo } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { nameInSelector } from '../session.ts';
import { connectTo } from '../subresources/connect.ts';
import type { Deletion } from '../verbs/delete.ts';
import { readBody } from './body.ts';
import { integer, listOptions } from './list-options.ts';
import type { SentListOptions } from './list-options.ts';
import { codecOf, encoded, failure as failureResponse, objectResponse } from './response.ts';
import { knownTypes, negotiate } from './media-type.ts';
import type { Accepted, Form } from './media-type.ts';
import { isTrue } from './request-info.ts';
import type { Query, ResourceInfo } from './request-info.ts';
import { includeObjectOf, makeTable, partialMetadata } from './table.ts';
import { WatchStream } from './watch-stream.ts';

export interface ResourceCall {
  readonly request: HttpRequest;
  readonly info: ResourceInfo;
  readonly resource: Resource;
  readonly query: Query;
  readonly user: UserInfo;
  readonly agent: string;
  readonly audit: AuditEntry | undefined;
}

const jsonTypes = ['application/json', 'application/yaml', 'application/x-yaml'];
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** Kinds whose deletion answers with the object that was deleted and not with a Status. */
const returnsDeleted = new Set([
  'pods',
  'serviceaccounts',
  'podtemplates',
  'resourcequotas',
  'persistentvolumes',
  'persistentvolumeclaims',
  'storageclasses',
]);

export function* serveResource(server: ApiServer, call: ResourceCall): Call<HttpResponse> {
  const { info, resource, query } = call;
  const { descriptor } = resource;
  if (descriptor.isNamespaced && info.namespace === '' && info.name !== '') throw noSuchResource();
  const connected = connectTo(server, call);
  if (connected) return yield* connected;
  const { accepted, request } = yield* understand(server, call);
  if (request.verb === 'watch') return yield* watchResponse(server, call, request, accepted);
  let answer: Answer;
  try {
    answer = yield* serve(server, request);
  } catch (error) {
    if (!(error instanceof StatusError) || request.warnings.length === 0) throw error;
    return encoded(server, failureResponse(server, call.request, error, request.warnings));
  }
  const options = { type: accepted.type, warnings: request.warnings };
  if (request.verb === 'delete') return objectResponse(200, deletionBody(resource, answer as Deletion), options);
  const status = successCode(request);
  if (request.verb === 'list' || request.verb === 'deletecollection')
    return objectResponse(200, listBody(server, resource, answer as List<ApiObject>, accepted, query), options);
  return objectResponse(status, objectBody(server, resource, answer as ApiObject, accepted, query, request.subresource), options);
}

const partialForms: readonly Form[] = ['PartialObjectMetadata', 'PartialObjectMetadataList'];

/** What is asked for, and in which form. Whoever may not ask learns only that, and not what is wrong with the request. */
function* understand(server: ApiServer, call: ResourceCall): Call<{ readonly accepted: Accepted; readonly request: ApiRequest }> {
  const { info, resource, user, agent, query, audit } = call;
  try {
    if (!isServed(call))
      throw new StatusError(failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {}));
    const accepted = negotiate(call.request.headers.accept, {
      forms: ['Table', ...partialForms],
      protobuf: !codecOf(server) ? [] : resource.descriptor.isCustom ? partialForms : ['object', ...partialForms],
      isWatch: info.verb === 'watch',
    });
    return { accepted, request: apiRequest(call) };
  } catch (error) {
    const { verb, subresource, namespace, name } = info;
    const rest = { isTyped: false, isDryRun: false, fieldValidation: 'Ignore', warnings: [], authorizationReason: '' } as const;
    yield* authorize(server, { verb, resource, subresource, namespace, name, user, agent, query, audit, ...rest, warnings: [] });
    throw error;
  }
}

/** Whether there is such a method at the address: an object is not created at its own, and a collection not replaced. */
function isServed({ info, resource }: ResourceCall): boolean {
  const { verb, name, subresource } = info;
  const verbs: readonly string[] | undefined =
    subresource === '' ? resource.descriptor.verbs : resource.descriptor.subresources[subresource]?.verbs;
  if (verbs && !verbs.includes(verb)) return false;
  if (verb === 'create') return name === '' || subresource !== '';
  return (verb !== 'update' && verb !== 'patch') || name !== '';
}

function apiRequest(call: ResourceCall): ApiRequest {
  const { info, resource, query, user, agent, request, audit } = call;
  const { verb } = info;
  const first = (name: string): string | undefined => query.get(name)?.[0];
  const isWrite = verb === 'create' || verb === 'update';
  const sent = isWrite ? readBody(request, jsonTypes, knownTypes) : undefined;
  const patched = verb === 'patch' ? patchOf(call) : undefined;
  const list = verb === 'list' || verb === 'watch' || verb === 'deletecollection' ? listOptions(query, verb === 'watch') : undefined;
  const isDryRun = dryRunOf(query.get('dryRun'));
  const deletion = verb === 'delete' || verb === 'deletecollection' ? deleteOptions(call) : undefined;
  return {
    verb,
    resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name || nameInSelector(verb, list?.fieldSelector),
    user,
    agent: agent.split(' ')[0]!,
    body: sent?.value,
    bodyErrors: sent?.errors ?? patched?.errors,
    isTyped: false,
    patch: patched?.patch,
    list,
    write: { fieldManager: first('fieldManager'), dryRun: isDryRun },
    delete: deletion,
    isDryRun: isDryRun || dryRunOf(deletion?.dryRun),
    fieldValidation: fieldValidationOf(first('fieldValidation')),
    query,
    audit,
    warnings: [],
    authorizationReason: '',
  };
}

function dryRunOf(values: readonly string[] | undefined): boolean {
  if (!values || values.length === 0) return false;
  for (const value of values) {
    if (value !== 'All') {
      throw invalid({ group: 'meta.k8s.io', kind: 'CreateOptions' }, '', [
        { type: 'FieldValueNotSupported', field: 'dryRun', badValue: values, detail: 'supported values: "All"' },
      ]);
    }
  }
  return true;
}

function fieldValidationOf(value: string | undefined): FieldValidation {
  // The server's own default, when a client does not say.
  if (value === undefined || value === '') return 'Warn';
  if (value !== 'Strict' && value !== 'Warn' && value !== 'Ignore') {
    throw invalid({ group: 'meta.k8s.io', kind: 'CreateOptions' }, '', [
      {
        type: 'FieldValueNotSupported',
        field: 'fieldValidation',
        badValue: value,
        detail: 'supported values: "", "Ignore", "Strict", "Warn"',
      },
    ]);
  }
  return value;
}

function patchOf({ request, query }: ResourceCall): {
  readonly patch: NonNullable<ApiRequest['patch']>;
  readonly errors: readonly string[];
} {
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim();
  const { value, errors } = readBody({ ...request, headers: { ...request.headers, 'content-type': type } }, patchTypes);
  return { patch: { type: type as PatchType, body: value, force: isTrue(query, 'force') }, errors };
}

/** The body says how to delete; without one the query does (endpoints/handlers/delete.go). */
function deleteOptions({ query, request, audit }: ResourceCall): DeleteRequest & { readonly dryRun?: readonly string[] } {
  const { value } = readBody(request, jsonTypes, knownTypes);
  if (typeof value === 'object' && value !== null) audit?.sent(value);
  if (value === undefined) {
    return {
      gracePeriodSeconds: integer(query.get('gracePeriodSeconds')?.[0]),
      propagationPolicy: query.get('propagationPolicy')?.[0],
      orphanDependents: query.has('orphanDependents') ? isTrue(query, 'orphanDependents') : undefined,
    };
  }
  const kind = 'DeleteOptions';
  return decodeRequest<DeleteRequest>(value, { version: 'v1', kind, model: kind }, { fieldValidation: 'Ignore' }).object;
}

function deletionBody(resource: Resource, { object, isGone }: Deletion): object {
  if (!isGone || (!resource.descriptor.isCustom && returnsDeleted.has(resource.resource))) return object;
  const { name, uid } = object.metadata;
  const status: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.resource, uid },
  };
  return status;
}

function objectBody(
  server: ApiServer,
  { descriptor }: Resource,
  object: ApiObject,
  accepted: Accepted,
  query: Query,
  subresource: string,
): object {
  if (
    (object as { kind?: string }).kind === 'Status' ||
    accepted.form === 'object' ||
    (subresource !== '' && object.kind !== descriptor.kind)
  )
    return object;
  if (accepted.form === 'PartialObjectMetadata') return partialMetadata(object, accepted.version);
  if (accepted.form !== 'Table') return object;
  const { resourceVersion } = object.metadata;
  return makeTable(descriptor, [object], {
    metadata: { resourceVersion },
    nowMs: server.kernel.clock.unixMs,
    include: includeObjectOf(query.get('includeObject')?.[0]),
    version: accepted.version,
  });
}

function listBody(
  server: ApiServer,
  { descriptor }: Resource,
  { items, metadata }: List<ApiObject>,
  accepted: Accepted,
  query: Query,
): object {
  if (accepted.form === 'Table') {
    return makeTable(descriptor, items, {
      metadata,
      nowMs: server.kernel.clock.unixMs,
      include: includeObjectOf(query.get('includeObject')?.[0]),
      version: accepted.version,
    });
  }
  if (accepted.form === 'PartialObjectMetadataList')
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: `meta.k8s.io/${accepted.version}`,
      metadata,
      items: items.map((item) => partialMetadata(item, accepted.version)),
    };
  return { kind: descriptor.listKind ?? `${descriptor.kind}List`, apiVersion: apiVersionOf(descriptor), metadata, items };
}

/** A watch without a time limit ends after 30 to 60 minutes (`--min-request-timeout`). */
const minTimeoutSeconds = 1800;

function* watchResponse(server: ApiServer, { resource, query }: ResourceCall, request: ApiRequest, accepted: Accepted): Call<HttpResponse> {
  if (!resource.store) throw methodNotSupported(resource, 'watch');
  const { descriptor } = resource;
  const include = includeObjectOf(query.get('includeObject')?.[0]);
  let withColumns = true;
  const frame = accepted.type === protobufType ? codecOf(server)!.frame : undefined;
  const stream = new WatchStream((object, type) => {
    if (accepted.form === 'PartialObjectMetadata') return partialMetadata(object, accepted.version);
    if (accepted.form !== 'Table' || type === 'BOOKMARK') return object;
    const { resourceVersion } = object.metadata;
    const table = makeTable(descriptor, [object], {
      metadata: { resourceVersion },
      nowMs: server.kernel.clock.unixMs,
      include,
      version: accepted.version,
      withColumns,
    });
    withColumns = false;
    return table;
  }, frame);
  const list = request.list as SentListOptions;
  const options = { ...list, namespace: request.namespace };
  stream.watch = yield* serveWatch(server, request, options, stream);
  const asked = list.timeoutSeconds;
  const seconds = asked > 0 ? asked : minTimeoutSeconds + server.kernel.random.below(minTimeoutSeconds);
  server.kernel.loop.timer(seconds * 1000, () => endStream(stream), true);
  const type = frame ? `${protobufType};stream=watch` : 'application/json';
  return objectResponse(200, stream, { type, warnings: request.warnings });
}

function endStream(stream: WatchStream): void {
  stream.watch?.stop();
  stream.onEnd(undefined);
}
