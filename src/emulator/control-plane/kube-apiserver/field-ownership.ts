/** `metadata.managedFields`: who set which field. The algorithm is machinery's; here is who the manager of a request is. */
import type { Kernel } from '../../kernel/index.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import { applyStrategicMergePatch } from '../../machinery/patch/strategic-merge-patch.ts';
import type { ApiRequest } from './request.ts';

/** Manager names are cut as upstream cuts them (handlers/create.go, managerOrUserAgent). */
const maxManagerLength = 128;

/** The field manager that a client named, or the first word of its user agent. */
export function managerOf(request: ApiRequest): string {
  return request.write?.fieldManager || request.agent.split('/')[0]!.slice(0, maxManagerLength);
}

export class FieldOwnership {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get time(): string {
    return this.#kernel.clock.timestamp();
  }

  created(_request: ApiRequest, object: ApiObject): ApiObject {
    return object;
  }

  /** The object that applying leads to. */
  apply(_request: ApiRequest, applied: ApiObject, previous: ApiObject | undefined): ApiObject {
    return previous ? applyStrategicMergePatch(previous, { ...applied, metadata: { ...applied.metadata } }, _request.resource.descriptor.model) : applied;
  }

  updated(_request: ApiRequest, object: ApiObject, _previous: ApiObject): ApiObject {
    return object;
  }
}
