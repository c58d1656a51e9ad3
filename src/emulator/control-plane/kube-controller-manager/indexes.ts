/** Index functions that several controllers share; one function is one index of an informer. */
import type { Pod, Service } from '../../api/generated/types.ts';

/** Namespaced objects by namespace. */
export const byNamespace = ({ metadata }: Pod | Service): string | undefined => metadata.namespace;

/** Pods by node. */
export const byNodeName = ({ spec }: Pod): string | undefined => spec.nodeName;
