import type { Container, Pod } from '../../api/generated/types.ts';

/** The field of a Pod that an Event about a container names: `spec.containers{web}`. */
export function fieldPathOf(pod: Pod, container: Container): string {
  return pod.spec?.initContainers?.some(({ name }) => name === container.name)
    ? `spec.initContainers{${container.name}}`
    : `spec.containers{${container.name}}`;
}
