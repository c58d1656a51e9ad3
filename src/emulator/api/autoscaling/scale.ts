/**
 * Scale of autoscaling/v1: the shape in which the subresource `scale` of a workload is read and written. It is no
 * resource of its own. See pkg/registry/apps/deployment/storage/storage.go.
 */
import type { FieldError } from '../../machinery/field-error.ts';
import { fieldPath } from '../../machinery/field-error.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import type { Scale } from '../generated/types.ts';
import type { ObjectSubresource } from '../kind.ts';
import { validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { nonNegative } from '../metadata/rules.ts';

/** A workload that has replicas. */
interface Scalable extends ApiObject {
  readonly spec?: { readonly replicas?: number | undefined } | undefined;
  readonly status?: { readonly replicas?: number | undefined } | undefined;
}

/** The subresource `scale` of a workload; `selectorOf` gives the text form of its selector. */
export function scaleSubresource<T extends Scalable>(selectorOf: (object: T) => string): ObjectSubresource<T> {
  return {
    verbs: ['get', 'patch', 'update'],
    prepareForUpdate: (next, previous) => ({
      ...previous,
      metadata: { ...previous.metadata, resourceVersion: next.metadata.resourceVersion },
      spec: { ...previous.spec, replicas: next.spec?.replicas ?? 0 },
    }),
    validateUpdate(next, previous) {
      const errors: FieldError[] = [];
      validateObjectMetaUpdate(next, previous, errors);
      nonNegative(next.spec?.replicas, fieldPath('spec', 'replicas'), errors);
      return errors;
    },
    as: {
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      get({ metadata, spec, status, ...rest }: T): Scale {
        return {
          apiVersion: 'autoscaling/v1',
          kind: 'Scale',
          metadata: {
            name: metadata.name,
            namespace: metadata.namespace,
            uid: metadata.uid,
            resourceVersion: metadata.resourceVersion,
            creationTimestamp: metadata.creationTimestamp,
          },
          spec: { replicas: spec?.replicas || undefined },
          status: { replicas: status?.replicas ?? 0, selector: selectorOf({ metadata, spec, status, ...rest } as T) || undefined },
        };
      },
      set(object: T, scale: ApiObject): T {
        const { replicas } = (scale as Scale).spec ?? {};
        const resourceVersion = scale.metadata.resourceVersion || object.metadata.resourceVersion;
        return { ...object, metadata: { ...object.metadata, resourceVersion }, spec: { ...object.spec, replicas: replicas ?? 0 } };
      },
    },
  };
}
