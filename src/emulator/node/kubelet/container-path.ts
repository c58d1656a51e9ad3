import type { Container, Pod } from '../../api/generated/types.ts';
import { flat } from '../../machinery/flat-text.ts';

/** One text a container of a template, however many Pods share it. */
const paths = new WeakMap<Container, string>();

/** The field of a Pod that an Event about a container names: `spec.containers{web}`. */
export function fieldPathOf(pod: Pod, container: Container): string {
  let path = paths.get(container);
  if (path === undefined) {
    const isInit = pod.spec?.initContainers?.some(({ name }) => name === container.name);
    path = flat(isInit ? `spec.initContainers{${container.name}}` : `spec.containers{${container.name}}`);
    paths.set(container, path);
  }
  return path;
}
