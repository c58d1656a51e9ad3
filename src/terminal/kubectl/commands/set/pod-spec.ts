/** Pod specs and their containers, as the subcommands of `set` see them. */
import { CommandError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { podSpecOf } from '../../pod-template.ts';
import type { Target } from '../../resources/target.ts';

export function requirePodSpec(object: Json, { resource, name }: Target): void {
  if (podSpecOf(object)) return;
  throw new CommandError(
    `error: ${resource.resource}/${name} the object is not a pod or does not have a pod template: *${resource.version}.${resource.kind}\n`,
  );
}

export function containersOf(object: Json): readonly Json[] {
  const spec = podSpecOf(object);
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
}

/** Whether a name matches a text in which * stands for anything. */
export function matcher(pattern: string): (name: string) => boolean {
  const expression = new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );
  return (name) => expression.test(name);
}
