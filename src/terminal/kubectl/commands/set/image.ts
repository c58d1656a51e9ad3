/** kubectl set image. Upstream: kubectl/pkg/cmd/set/set_image.go. */
import { changeObjects, setFlags, splitPairs } from '../../changes/change-objects.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { AggregateFailure, CommandError } from '../../errors.ts';
import type { Invocation } from '../../invocation.ts';
import { withContainers } from '../../pod-template.ts';
import { containersOf, requirePodSpec } from './pod-spec.ts';

export const setImage: Command = {
  name: 'image',
  short: 'Update the image of a pod template',
  usage: 'set image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N',
  examples: ['set image deployment/web nginx=nginx:1.27', 'set image deployments,rc nginx=nginx:1.27 --all'],
  flags: setFlags,
  complete: completeObjects,
  *run(invocation) {
    const { resources, pairs } = splitPairs(invocation.args, (arg) => arg.indexOf('=') > 0 || (arg.endsWith('-') && arg.length > 1));
    const stray = pairs.find((pair) => pair.indexOf('=') < 1);
    if (stray !== undefined) throw new CommandError(`all resources must be specified before image changes: ${stray}`);
    const images = pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const);
    return yield* changeObjects(invocation, {
      args: resources,
      operation: 'image updated',
      failure: 'failed to patch image update to pod template:',
      validate: () => check(invocation, images),
      change: (object, target) => {
        requirePodSpec(object, target);
        const missing = images.filter(([name]) => name !== '*' && !containersOf(object).some((container) => container.name === name));
        if (missing.length > 0)
          throw new AggregateFailure(
            missing.map(([name]) => new CommandError(`error: unable to find container named ${JSON.stringify(name)}`)),
          );
        return withContainers(object, (container) => {
          const image = images.findLast(([name]) => name === '*' || name === container.name)?.[1];
          return image === undefined || image === container.image ? container : { ...container, image };
        });
      },
    });
  },
};

function check({ flags }: Invocation, images: readonly (readonly [string, string])[]): void {
  const problems: CommandError[] = [];
  if (flags.bool('all') && flags.string('selector') !== '')
    problems.push(new CommandError('cannot set --all and --selector at the same time'));
  if (images.length === 0) problems.push(new CommandError('at least one image update is required'));
  if (images.length > 1 && images.some(([name]) => name === '*'))
    problems.push(
      new CommandError('all containers are already specified by *, but saw more than one container_name=container_image pairs'),
    );
  if (problems.length > 0) throw new AggregateFailure(problems);
}
