/** The resources that this server offers, by the parts of a URL. */
import type { Kind } from '../../api/kind.ts';
import { apiVersionOf } from '../../api/kind.ts';
import type { GroupKind, GroupResource } from '../../machinery/status-error.ts';
import type { ResourceStore } from './storage/resource-store.ts';

/** One kind with what the server keeps for it. Also serves as its group and resource, or group and kind, in errors. */
export interface Resource extends GroupResource, GroupKind {
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly apiVersion: string;
  readonly descriptor: Kind;
  /** Absent for kinds that are only asked (SubjectAccessReview). */
  readonly store: ResourceStore | undefined;
  /** Served by an aggregated API server, to which requests are proxied. */
  readonly isRemote?: boolean;
}

/** All resources; those of CustomResourceDefinitions come and go. */
export class Registry {
  readonly #byPath = new Map<string, Resource>();
  readonly #byDescriptor = new Map<Kind, Resource>();
  readonly #byKind = new Map<string, Resource>();
  /** What the APIServices of far servers ask for, by `group/version`; the aggregator keeps it. */
  readonly farPriorities = new Map<string, { readonly group: number; readonly version: number }>();

  add(resource: Resource): void {
    this.#byPath.set(`${resource.apiVersion}/${resource.resource}`, resource);
    this.#byKind.set(`${resource.apiVersion}/${resource.kind}`, resource);
    this.#byDescriptor.set(resource.descriptor, resource);
  }

  remove({ apiVersion, resource, kind, descriptor }: Resource): void {
    this.#byPath.delete(`${apiVersion}/${resource}`);
    this.#byKind.delete(`${apiVersion}/${kind}`);
    this.#byDescriptor.delete(descriptor);
  }

  /** By what stands in a URL: `v1` or `apps/v1`, and `pods`. */
  find(apiVersion: string, resource: string): Resource | undefined {
    return this.#byPath.get(`${apiVersion}/${resource}`);
  }

  findKind(apiVersion: string, kind: string): Resource | undefined {
    return this.#byKind.get(`${apiVersion}/${kind}`);
  }

  /** Descriptors are compared by identity, and by name for one that was made elsewhere. */
  of(kind: Kind): Resource | undefined {
    return this.#byDescriptor.get(kind) ?? this.find(apiVersionOf(kind), kind.resource);
  }

  get all(): readonly Resource[] {
    return [...this.#byPath.values()];
  }
}
