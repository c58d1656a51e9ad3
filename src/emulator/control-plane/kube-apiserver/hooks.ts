/** What single resources do around storage that no other does: allocating a Service's addresses, guarding RBAC against escalation. */
import type { ApiObject } from '../../machinery/objects.ts';
import type { ApiRequest } from './request.ts';
import type { ApiServer } from './server.ts';

export interface ResourceHook {
  /** Looks at an object after mutating admission and before validation; may complete it, or refuse it with a StatusError. */
  readonly beforeCreate?: (server: ApiServer, request: ApiRequest, object: ApiObject) => ApiObject;
  /** Told of every change once it is stored. */
  readonly afterWrite?: () => void;
  readonly beforeUpdate?: (server: ApiServer, request: ApiRequest, object: ApiObject, previous: ApiObject) => ApiObject;
}
