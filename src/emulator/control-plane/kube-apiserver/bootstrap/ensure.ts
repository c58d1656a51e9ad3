import type { Call } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { isAlreadyExists, isConflict } from '../../../machinery/status-error.ts';
import type { ApiSession } from '../endpoint.ts';
import type { ApiServer } from '../server.ts';

type Repair = (stored: ApiObject, expected: ApiObject) => ApiObject | undefined;

/** Creates what is missing, and mends what is there if there is something to mend. Another API server may be quicker. */
export function* ensure(
  server: ApiServer,
  session: ApiSession,
  apiVersion: string,
  resource: string,
  object: unknown,
  repair?: Repair,
): Call<void> {
  const { descriptor } = server.registry.find(apiVersion, resource)!;
  const { name, namespace = '' } = (object as ApiObject).metadata;
  const stored = server.store(resource, apiVersion).get(namespace, name);
  const next = stored && repair?.(stored, object as ApiObject);
  if (stored && !next) return;
  try {
    yield* session.call<ApiObject>({ verb: next ? 'update' : 'create', kind: descriptor, object: next ?? object });
  } catch (error) {
    if (!isAlreadyExists(error) && !isConflict(error)) throw error;
  }
}
