/** From a request's body to an object of the resource: media type, kind, unknown fields. Upstream: handlers/create.go, serializer/json. */
import type { ApiObject, DraftMeta } from '../../../machinery/objects.ts';
import { badRequest } from '../../../machinery/status-error.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { objectSubresource } from './update.ts';

/** Draft with whatever metadata the client sent. Throws 400 when the body is of another kind, or has fields that do not exist under strict validation. */
export function decodeBody(_server: ApiServer, request: ApiRequest): Omit<ApiObject, 'metadata'> & { readonly metadata: DraftMeta } {
  const { body, resource } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badRequest('the object provided is unrecognized (must be of type ' + resource.kind + '): couldn\'t get version/kind; json parse error');
  const as = objectSubresource(request)?.as;
  const apiVersion = as ? (as.group === '' ? as.version : `${as.group}/${as.version}`) : resource.apiVersion;
  const kind = as?.kind ?? resource.kind;
  const sent = body as Partial<ApiObject>;
  if (sent.apiVersion && sent.apiVersion !== apiVersion) {
    throw badRequest(`the API version in the data (${sent.apiVersion}) does not match the expected API version (${apiVersion})`);
  }
  if (sent.kind && sent.kind !== kind) {
    throw badRequest(`${kind} in version "${resource.version}" cannot be handled as a ${kind}: no kind "${sent.kind}" is registered for version "${apiVersion}"`);
  }
  return { ...sent, apiVersion, kind, metadata: sent.metadata ?? {} };
}
