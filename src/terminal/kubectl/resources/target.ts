/** One thing that a command works on: a resource, a name, and (when it was read) the object. Upstream calls it an Info. */
import type { Call } from '../../../emulator/kernel/index.ts';
import type { Invocation } from '../invocation.ts';
import type { Json } from '../json.ts';
import type { ApiResource } from '../rest/discovery.ts';
import { resourcePath } from '../rest/mapper.ts';

export interface Target {
  readonly resource: ApiResource;
  /** Empty for cluster-scoped resources, and for a list of all namespaces. */
  readonly namespace: string;
  /** Empty for a list, and for an object with generateName. */
  readonly name: string;
  /** The file it came from, empty if none. */
  readonly source: string;
  readonly object?: Json;
}

interface GetOptions {
  readonly accept?: string | undefined;
  readonly subresource?: string | undefined;
  readonly query?: Readonly<Record<string, string | undefined>> | undefined;
}

export function* getTarget(invocation: Invocation, target: Target, options: GetOptions = {}): Call<Json> {
  return yield* invocation.client.request({
    method: 'GET',
    path: targetPath(target, options.subresource),
    ...(options.accept && { accept: options.accept }),
    ...(options.query && { query: options.query }),
  });
}

export function targetPath(target: Target, subresource?: string): string {
  return resourcePath(target.resource, { namespace: target.namespace, name: target.name === '' ? undefined : target.name, subresource });
}

/** The path of the collection that the target is in. */
export function collectionPath(target: Target): string {
  return resourcePath(target.resource, { namespace: target.namespace });
}
