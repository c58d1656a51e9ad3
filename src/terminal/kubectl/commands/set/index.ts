/** kubectl set image | env | resources | selector | serviceaccount. Upstream: kubectl/pkg/cmd/set. */

import { changeObjects, setFlags, splitPairs } from '../../changes/change-objects.ts';
import type { Command } from '../../command.ts';
import { completeNamesOf, completeObjects } from '../../completion.ts';
import { AggregateFailure, CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { withField } from '../../json.ts';
import { podSpecOf, podSpecPath, withContainers } from '../../pod-template.ts';
import { hasFiles } from '../../resources/builder.ts';
import { setEnv } from './env.ts';

const containersFlag = flag('containers', 'string', '*', 'Names of the containers to change; * matches any text.', { short: 'c' });

const setImage: Command = {
  name: 'image',
  short: 'Update the image of a pod template',
  usage: 'set image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N',
  examples: ['set image deployment/web nginx=nginx:1.27', 'set image deployments,rc nginx=nginx:1.27 --all'],
  flags: setFlags,
  complete: completeObjects,
  *run(invocation) {
    const { resources, pairs } = splitPairs(invocation.args, (arg) => arg.indexOf('=') > 0);
    checkSelection(invocation, resources, pairs.length === 0 ? 'at least one image update is required' : undefined);
    const images = pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const);
    if (images.length > 1 && images.some(([name]) => name === '*')) {
      throw new CommandError('all containers are already specified by *, but saw more than one container_name=container_image pairs');
    }
    return yield* changeObjects(invocation, {
      args: resources,
      operation: 'image updated',
      failure: 'failed to patch image update to pod template:',
      change: (object) => {
        requirePodSpec(object);
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

const setResources: Command = {
  name: 'resources',
  short: 'Update resource requests/limits on objects with pod templates',
  usage: 'set resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]',
  examples: ['set resources deployment web --limits=cpu=200m,memory=512Mi --requests=cpu=100m,memory=256Mi'],
  flags: [
    ...setFlags,
    containersFlag,
    flag('limits', 'string', '', 'Limits, e.g. cpu=200m,memory=512Mi.'),
    flag('requests', 'string', '', 'Requests, e.g. cpu=100m.'),
  ],
  complete: completeObjects,
  *run(invocation) {
    const [limits, requests] = [parseAmounts(invocation.flags.string('limits')), parseAmounts(invocation.flags.string('requests'))];
    if (!limits && !requests)
      throw new CommandError('you must specify an update to requests or limits (in the form of --requests/--limits)');
    const wanted = matcher(invocation.flags.string('containers'));
    return yield* changeObjects(invocation, {
      args: invocation.args,
      operation: 'resource requirements updated',
      failure: 'failed to patch resources update to pod template',
      change: (object) => {
        requirePodSpec(object);
        if (!containersOf(object).some((container) => wanted(container.name)))
          throw new CommandError(`error: unable to find container named ${invocation.flags.string('containers')}`);
        return withContainers(object, (container) => {
          if (!wanted(container.name)) return container;
          const resources = container.resources ?? {};
          return {
            ...container,
            resources: {
              ...resources,
              ...(limits && { limits: { ...resources.limits, ...limits } }),
              ...(requests && { requests: { ...resources.requests, ...requests } }),
            },
          };
        });
      },
    });
  },
};

const setSelector: Command = {
  name: 'selector',
  short: 'Set the selector on a resource',
  usage: 'set selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]',
  flags: [...setFlags, flag('resource-version', 'string', '', 'Change the object only if it has this version.', { isUnsupported: true })],
  complete: completeObjects,
  *run(invocation) {
    const { resources, pairs } = splitPairs(invocation.args, (arg) => arg.includes('='));
    if (pairs.length === 0) throw new CommandError('one selector is required');
    const selector = Object.fromEntries(
      pairs
        .join(',')
        .split(',')
        .map((pair) => pair.split(/==?/) as [string, string]),
    );
    return yield* changeObjects(invocation, {
      args: resources,
      operation: 'selector updated',
      failure: 'failed to patch selector:',
      change: (object) => {
        if (object.kind !== 'Service') throw new CommandError('setting a selector is only supported for Services');
        return withField(object, ['spec', 'selector'], selector);
      },
    });
  },
};

const setServiceAccount: Command = {
  name: 'serviceaccount',
  aliases: ['sa'],
  short: 'Update the service account of a resource',
  usage: 'set serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT',
  flags: setFlags,
  complete: completeNamesOf('serviceaccounts'),
  *run(invocation) {
    const name = invocation.args.at(-1);
    if (name === undefined) throw new CommandError('serviceaccount is required');
    return yield* changeObjects(invocation, {
      args: invocation.args.slice(0, -1),
      operation: 'serviceaccount updated',
      failure: 'failed to patch ServiceAccountName',
      change: (object) => {
        requirePodSpec(object);
        return withField(
          withField(object, [...podSpecPath(object)!, 'serviceAccountName'], name),
          [...podSpecPath(object)!, 'serviceAccount'],
          name,
        );
      },
    });
  },
};

export const set: Command = {
  name: 'set',
  short: 'Set specific features on objects',
  usage: 'set SUBCOMMAND',
  // Absent: `set subject`.
  subcommands: [setEnv, setImage, setResources, setSelector, setServiceAccount],
};

function checkSelection(invocation: Invocation, resources: readonly string[], problem: string | undefined): void {
  const { flags } = invocation;
  const problems: CommandError[] = [];
  if (flags.bool('all') && flags.string('selector') !== '')
    problems.push(new CommandError('cannot set --all and --selector at the same time'));
  if (resources.length < 1 && !hasFiles(invocation))
    problems.push(new CommandError('one or more resources must be specified as <resource> <name> or <resource>/<name>'));
  if (problem !== undefined) problems.push(new CommandError(problem));
  if (problems.length > 0) throw new AggregateFailure(problems);
}

function requirePodSpec(object: Json): void {
  if (!podSpecOf(object))
    throw new CommandError(
      `error: ${(object.kind as string).toLowerCase()}/${object.metadata.name} the object is not a pod or does not have a pod template: ${object.kind}\n`,
    );
}

function containersOf(object: Json): readonly Json[] {
  const spec = podSpecOf(object);
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
}

function parseAmounts(text: string): Readonly<Record<string, string>> | undefined {
  if (text === '') return undefined;
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const parts = pair.split('=');
      if (parts.length !== 2) throw new CommandError(`Invalid argument syntax ${pair}, expected <resource>=<value>`);
      return parts as [string, string];
    }),
  );
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
