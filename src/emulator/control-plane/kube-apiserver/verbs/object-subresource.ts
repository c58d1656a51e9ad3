import type { ObjectSubresource } from '../../../api/kind.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import type { ApiRequest } from '../request.ts';

export type Subresource = ObjectSubresource<ApiObject> | undefined;

/** The strategy of the subresource that the request names; undefined for the object itself. */
export function objectSubresource(request: ApiRequest): Subresource {
  const found = request.subresource === '' ? undefined : request.resource.descriptor.subresources[request.subresource];
  return found && 'prepareForUpdate' in found ? found : undefined;
}
