/** From a request's body to an object of the resource: kind, types, unknown fields. Upstream: handlers/create.go, serializer/json. */
import type { ActionSubresource } from '../../../api/kind.ts';
import { decodeRequest } from '../../../machinery/decode.ts';
import type { ApiObject, DraftMeta } from '../../../machinery/objects.ts';
import { hasModel } from '../../../machinery/schema.ts';
import { badRequest } from '../../../machinery/status-error.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { objectSubresource } from './object-subresource.ts';

/** An object as a client sent it. */
export type Sent = Omit<ApiObject, 'metadata'> & { readonly metadata: DraftMeta };

/** What a body is to be. */
interface Expected {
  readonly apiVersion: string;
  readonly kind: string;
  readonly model: string;
}

/** Throws 400 when the body is of another kind, or has fields that do not exist under strict validation. */
export function decodeBody(_server: ApiServer, request: ApiRequest): Sent {
  const { resource } = request;
  const as = objectSubresource(request)?.as;
  if (!as) {
    const { model, view } = resource.descriptor;
    const sent = decodeObject(request, { apiVersion: resource.apiVersion, kind: resource.kind, model });
    return view ? (view.toStored(sent as ApiObject) as Sent) : sent;
  }
  return decodeObject(request, { apiVersion: groupVersion(as.group, as.version), kind: as.kind, model: as.kind });
}

/** As `decodeBody`, for the body of an action: a Binding, an Eviction, a TokenRequest. */
export function decodeAction(request: ApiRequest, { kind, group = request.resource.group, version = 'v1' }: ActionSubresource): Sent {
  return decodeObject(request, { apiVersion: groupVersion(group, version), kind, model: kind });
}

const groupVersion = (group: string, version: string): string => (group === '' ? version : `${group}/${version}`);

function decodeObject(request: ApiRequest, { apiVersion, kind, model }: Expected): Sent {
  const { body, resource } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: unexpected end of JSON input`,
    );
  }
  const sent = body as Partial<ApiObject>;
  for (const field of ['apiVersion', 'kind'] as const) {
    const value: unknown = sent[field];
    if (value === undefined || value === null || typeof value === 'string') continue;
    const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${type} into Go struct field .${field} of type string`,
    );
  }
  if (sent.apiVersion && sent.apiVersion !== apiVersion) {
    throw badRequest(`the API version in the data (${sent.apiVersion}) does not match the expected API version (${apiVersion})`);
  }
  if (sent.kind && sent.kind !== kind) {
    throw badRequest(
      `${sent.kind} in version "${resource.version}" cannot be handled as a ${kind}: converting (${sent.kind}) to (${kind}): unknown conversion`,
    );
  }
  const decoded = decodeAs(request, body, model) as Partial<ApiObject>;
  // Most bodies are whole already; a copy would cost each write of each Pod.
  if (decoded.apiVersion === apiVersion && decoded.kind === kind && decoded.metadata) return decoded as Sent;
  return { ...decoded, apiVersion, kind, metadata: decoded.metadata ?? {} };
}

/** Decodes a value as a model of the schema. What this process made itself is taken as it is. */
export function decodeAs(request: ApiRequest, value: unknown, model: string): unknown {
  if (request.isTyped && request.patch === undefined) return value;
  if (!hasModel(model)) return value;
  const { resource, fieldValidation, bodyErrors } = request;
  const { decode } = resource.descriptor;
  const { object, warnings } = decodeRequest<object>(
    value,
    { version: resource.version, kind: resource.kind, model },
    { fieldValidation, bodyErrors, ...(decode && model === resource.descriptor.model && { decode }) },
  );
  request.warnings.push(...warnings);
  return object;
}
