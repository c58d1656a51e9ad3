import type { Container, Pod } from '../../api/generated/types.ts';
import { flat } from '../../machinery/flat-text.ts';

/** One text a container of a template, however many Pods share it. */
const paths = new WeakMap<Container, string>();

/** A container of a Pod by its name, whichever list it is in. */
export function containerOf({ spec }: Pod, name: string): Container | undefined {
  const isIt = (container: { readonly name: string }): boolean => container.name === name;
  return spec.containers.find(isIt) ?? spec.initContainers?.find(isIt) ?? (spec.ephemeralContainers?.find(isIt) as Container | undefined);
}

/** The field of a Pod that an Event about a container names: `spec.containers{web}`. */
export function fieldPathOf(pod: Pod, container: Container): string {
  let path = paths.get(container);
  if (path === undefined) {
    const isIn = (list: readonly { readonly name: string }[] | undefined): boolean =>
      list?.some(({ name }) => name === container.name) ?? false;
    const list = isIn(pod.spec.initContainers)
      ? 'initContainers'
      : isIn(pod.spec.ephemeralContainers)
        ? 'ephemeralContainers'
        : 'containers';
    path = flat(`spec.${list}{${container.name}}`);
    paths.set(container, path);
  }
  return path;
}
