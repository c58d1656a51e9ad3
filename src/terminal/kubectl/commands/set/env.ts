/** kubectl set env. Upstream: kubectl/pkg/cmd/set/set_env.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { changeObjects, setFlags, splitPairs } from '../../changes/change-objects.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { podSpecOf, withContainers } from '../../pod-template.ts';
import { builderFlags, hasFiles, mapping, selectAll } from '../../resources/builder.ts';
import { resourcePath } from '../../rest/mapper.ts';

export const setEnv: Command = {
  name: 'env',
  short: 'Update environment variables on a pod template',
  usage: 'set env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N',
  examples: [
    'set env deployment/web MODE=dev',
    'set env deployment/web --list',
    'set env deployment/web MODE-',
    'set env --from=configmap/app deployment/web',
  ],
  flags: [
    ...setFlags,
    flag('containers', 'string', '*', 'Names of the containers to change; * matches any text.', { short: 'c' }),
    flag('env', 'array', [], 'KEY=VALUE.', { short: 'e' }),
    flag('from', 'string', '', 'A ConfigMap or Secret to take variables from.'),
    flag('keys', 'list', [], 'Only these keys of --from.'),
    flag('list', 'bool', false, 'Show the variables.'),
    flag('overwrite', 'bool', true, 'Replace variables that have another value.'),
    flag('prefix', 'string', '', 'Put in front of the names of --from.'),
    flag('resolve', 'bool', false, 'Show what references stand for.', { isUnsupported: true }),
  ],
  complete: completeObjects,
  *run(invocation) {
    const { flags } = invocation;
    const { resources, pairs } = splitPairs(invocation.args, (arg) => arg.indexOf('=') > 0 || (arg.endsWith('-') && arg.length > 1));
    if (resources.length === 0 && !hasFiles(invocation))
      throw new CommandError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
    if (flags.list('keys').length > 0 && flags.string('from') === '')
      throw new CommandError('when specifying --keys, a configmap or secret must be provided with --from');
    if (flags.bool('list')) return yield* list(invocation, resources);
    const specs = [...pairs, ...flags.list('env')];
    const added: Json[] = specs
      .filter((spec) => !spec.endsWith('-') || spec.includes('='))
      .map((spec) => ({ name: spec.slice(0, spec.indexOf('=')), value: spec.slice(spec.indexOf('=') + 1) }));
    const removed = new Set(specs.filter((spec) => spec.endsWith('-') && !spec.includes('=')).map((spec) => spec.slice(0, -1)));
    if (flags.string('from') !== '') added.push(...(yield* fromObject(invocation)));
    if (added.length === 0 && removed.size === 0) throw new CommandError('at least one environment variable must be provided');
    return yield* changeObjects(invocation, {
      args: resources,
      operation: 'env updated',
      failure: 'failed to patch env update to pod template:',
      change: (object) => {
        if (!podSpecOf(object))
          throw new CommandError(
            `error: ${(object.kind as string).toLowerCase()}/${object.metadata.name} the object is not a pod or does not have a pod template: ${object.kind}\n`,
          );
        const pattern = flags.string('containers');
        return withContainers(object, (container, isInit) =>
          isInit || !matches(pattern, container.name) ? container : changed(container, added, removed, flags.bool('overwrite')),
        );
      },
    });
  },
};

function matches(pattern: string, name: string): boolean {
  return pattern === '*' || pattern === name || (pattern.includes('*') && new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
}

function changed(container: Json, added: readonly Json[], removed: ReadonlySet<string>, overwrite: boolean): Json {
  const before: readonly Json[] = container.env ?? [];
  const env = before
    .filter((one) => !removed.has(one.name))
    .map((one) => {
      const next = added.find((candidate) => candidate.name === one.name);
      if (next && !overwrite && one.value !== next.value)
        throw new CommandError(`'${one.name}' already has a value (${one.value ?? ''}), and --overwrite is false`);
      return next ?? one;
    });
  for (const one of added) if (!env.some((other) => other.name === one.name)) env.push(one);
  if (env.length === 0) {
    const { env: _, ...rest } = container;
    return rest;
  }
  return { ...container, env };
}

/** References to each key of a ConfigMap or Secret. */
function* fromObject(invocation: Invocation): Call<Json[]> {
  const { flags } = invocation;
  const [type, name] = flags.string('from').split('/') as [string, string];
  const resource = yield* mapping(invocation, type);
  if (resource.kind !== 'ConfigMap' && resource.kind !== 'Secret') throw new CommandError('unsupported resource specified in --from');
  const object: Json = yield* invocation.client.request({
    method: 'GET',
    path: resourcePath(resource, { namespace: invocation.namespace, name }),
  });
  const reference = resource.kind === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef';
  const keys = flags.list('keys');
  return Object.keys(object.data ?? {})
    .filter((key) => keys.length === 0 || keys.includes(key))
    .sort()
    .map((key) => ({
      name: flags.string('prefix') + key.toUpperCase().replace(/[^A-Z0-9_]/g, '_'),
      valueFrom: { [reference]: { key, name } },
    }));
}

function* list(invocation: Invocation, resources: readonly string[]): Call<number> {
  for (const target of yield* selectAll(invocation, {
    ...builderFlags(invocation),
    args: resources,
    latest: !invocation.flags.bool('local'),
  })) {
    for (const container of podSpecOf(target.object)?.containers ?? []) {
      yield* invocation.out(`# ${target.resource.kind} ${target.name}, container ${container.name}\n`);
      for (const one of container.env ?? [])
        yield* invocation.out(one.valueFrom ? `# ${one.name} from ${referenceText(one.valueFrom)}\n` : `${one.name}=${one.value ?? ''}\n`);
    }
  }
  return 0;
}

function referenceText(from: Json): string {
  if (from.fieldRef) return `field path ${from.fieldRef.fieldPath}`;
  if (from.resourceFieldRef) return `resource field ${from.resourceFieldRef.resource}`;
  if (from.secretKeyRef) return `secret ${from.secretKeyRef.name}, key ${from.secretKeyRef.key}`;
  if (from.configMapKeyRef) return `configmap ${from.configMapKeyRef.name}, key ${from.configMapKeyRef.key}`;
  return 'invalid valueFrom';
}
