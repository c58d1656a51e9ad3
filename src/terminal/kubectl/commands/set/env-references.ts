/** What a variable's reference says and stands for. Upstream: kubectl/pkg/cmd/set/env/env_resolve.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { fromBase64, textOf } from '../../../../emulator/kernel/index.ts';
import { parseQuantity } from '../../../../emulator/machinery/quantity.ts';
import { StatusError } from '../../../../emulator/machinery/status-error.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';

export function referenceText({ configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef }: Json): string {
  if (configMapKeyRef) return `configmap ${configMapKeyRef.name}, key ${configMapKeyRef.key}`;
  if (secretKeyRef) return `secret ${secretKeyRef.name}, key ${secretKeyRef.key}`;
  if (fieldRef) return `field path ${fieldRef.fieldPath}`;
  if (!resourceFieldRef) return 'invalid valueFrom';
  return `resource field ${resourceFieldRef.containerName ? `${resourceFieldRef.containerName}/` : ''}${resourceFieldRef.resource}`;
}

interface Resolved {
  readonly value?: string;
  readonly problem?: string;
}

type Resolver = (from: Json, object: Json, container: Json) => Call<Resolved>;

/** Resolves references; each ConfigMap and Secret is read once. */
export function createResolver(invocation: Invocation): Resolver {
  const read = new Map<string, Json>();
  function* key(resource: 'secrets' | 'configmaps', { name, key }: Json): Call<Resolved> {
    const path = `/api/v1/namespaces/${invocation.namespace}/${resource}/${name}`;
    try {
      if (!read.has(path)) read.set(path, yield* invocation.client.request({ method: 'GET', path }));
    } catch (error) {
      if (error instanceof StatusError) return { problem: error.message };
      throw error;
    }
    const value: string | undefined = read.get(path).data?.[key];
    if (value === undefined) return { problem: `key ${key} not found in ${resource === 'secrets' ? 'secret' : 'config map'} ${name}` };
    return { value: resource === 'secrets' ? textOf(fromBase64(value)!) : value };
  }
  return function* (from, object, container) {
    if (from.secretKeyRef) return yield* key('secrets', from.secretKeyRef);
    if (from.configMapKeyRef) return yield* key('configmaps', from.configMapKeyRef);
    if (from.fieldRef) return fieldValue(object, from.fieldRef.fieldPath);
    return from.resourceFieldRef ? amount(from.resourceFieldRef, container) : { problem: 'invalid valueFrom' };
  };
}

function fieldValue({ metadata }: Json, path: string): Resolved {
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (subscript) return { value: metadata[subscript[1]!]?.[subscript[2]!] ?? '' };
  const pairs = (map: Json): string =>
    Object.entries(map ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      .join('\n');
  switch (path) {
    case 'metadata.labels':
      return { value: pairs(metadata.labels) };
    case 'metadata.annotations':
      return { value: pairs(metadata.annotations) };
    case 'metadata.name':
    case 'metadata.namespace':
    case 'metadata.uid':
      return { value: metadata[path.slice('metadata.'.length)] ?? '' };
    default:
      return { problem: `unsupported fieldPath: ${path}` };
  }
}

/** In units of the divisor, rounded up. */
function amount({ resource, divisor }: Json, { resources = {} }: Json): Resolved {
  const [kind, ...rest] = (resource as string).split('.') as [string, ...string[]];
  const name = rest.join('.');
  if ((kind !== 'limits' && kind !== 'requests') || !/^(cpu|memory|ephemeral-storage|hugepages-.*)$/.test(name))
    return { problem: `Unsupported container resource : ${resource}` };
  const unit = parseQuantity(divisor ?? '0').nanos || 1_000_000_000n;
  const { nanos } = parseQuantity(resources[kind]?.[name] ?? '0');
  return { value: String((nanos + unit - 1n) / unit) };
}
