/** The subresource scale of a custom resource: replicas at the paths that its definition names. Upstream: registry/customresource/etcd.go. */
import type { CustomResourceSubresourceScale, Scale } from '../../../api/generated/types.ts';
import type { ObjectSubresource } from '../../../api/kind.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import type { CustomObject } from './descriptor.ts';

const stepsOf = (path: string): string[] => path.replace(/^\./, '').split('.');

/** The value at the steps of a path. */
export function valueAt(object: object, path: string): unknown {
  let at: unknown = object;
  for (const step of stepsOf(path)) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}

function withValueAt<T>(object: T, [step, ...rest]: readonly string[], value: unknown): T {
  const before = (object ?? {}) as Record<string, unknown>;
  return { ...before, [step!]: rest.length === 0 ? value : withValueAt(before[step!] ?? {}, rest, value) } as T;
}

export function customScale({
  specReplicasPath,
  statusReplicasPath,
  labelSelectorPath,
}: CustomResourceSubresourceScale): ObjectSubresource<CustomObject> {
  const number = (object: CustomObject, path: string): number | undefined => {
    const value = valueAt(object, path);
    return typeof value === 'number' ? value : undefined;
  };
  return {
    verbs: ['get', 'patch', 'update'],
    prepareForUpdate: (next, previous) => ({
      ...withValueAt(previous, stepsOf(specReplicasPath), number(next, specReplicasPath) ?? 0),
      metadata: { ...previous.metadata, resourceVersion: next.metadata.resourceVersion },
    }),
    validateUpdate(next) {
      const replicas = number(next, specReplicasPath) ?? 0;
      if (replicas >= 0) return [];
      return [{ type: 'FieldValueInvalid', field: 'spec.replicas', badValue: replicas, detail: 'must be greater than or equal to 0' }];
    },
    as: {
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      get(object): ApiObject {
        const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
        const selector = labelSelectorPath ? valueAt(object, labelSelectorPath) : undefined;
        const scale: Scale = {
          apiVersion: 'autoscaling/v1',
          kind: 'Scale',
          metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
          spec: { replicas: number(object, specReplicasPath) || undefined },
          status: {
            replicas: number(object, statusReplicasPath) ?? 0,
            selector: typeof selector === 'string' && selector !== '' ? selector : undefined,
          },
        };
        return scale;
      },
      set(object, scale) {
        const resourceVersion = scale.metadata.resourceVersion || object.metadata.resourceVersion;
        const replicas = (scale as Scale).spec?.replicas ?? 0;
        return { ...withValueAt(object, stepsOf(specReplicasPath), replicas), metadata: { ...object.metadata, resourceVersion } };
      },
    },
  };
}
