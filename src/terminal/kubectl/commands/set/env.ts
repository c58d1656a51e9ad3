/** kubectl set env. Upstream: kubectl/pkg/cmd/set/set_env.go, set/env. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { changeObjects, setFlags } from '../../changes/change-objects.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { podSpecOf, withContainers } from '../../pod-template.ts';
import { builderFlags, hasFiles, selectAll } from '../../resources/builder.ts';
import { createResolver, referenceText } from './env-references.ts';
import { matcher, requirePodSpec } from './pod-spec.ts';

const kind = 'environment variable';

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
    flag('resolve', 'bool', false, 'Show what references stand for.'),
  ],
  complete: completeObjects,
  *run(invocation) {
    const { flags } = invocation;
    if (flags.bool('all') && flags.string('selector') !== '') throw new CommandError('cannot set --all and --selector at the same time');
    const { resources, specs } = split(invocation.args);
    if (resources.length === 0 && !hasFiles(invocation))
      throw new CommandError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
    if (flags.bool('list') && flags.string('output') !== '') throw new CommandError('--list and --output may not be specified together');
    if (flags.list('keys').length > 0 && flags.string('from') === '')
      throw new CommandError('when specifying --keys, a configmap or secret must be provided with --from');
    const { added, removed } = yield* parse(invocation, [...flags.list('env'), ...specs]);
    if (flags.string('from') !== '') added.push(...(yield* fromObjects(invocation)));
    const prefix = flags.string('prefix');
    const variables = added.map((one) => ({ ...one, name: prefix + one.name }));
    if (flags.bool('list')) return yield* list(invocation, resources, (container) => changed(container, variables, removed, true));
    const wanted = matcher(flags.string('containers'));
    const unmatched: string[] = [];
    const code = yield* changeObjects(invocation, {
      args: resources,
      operation: 'env updated',
      failure: 'failed to patch env update to pod template:',
      change: (object, target) => {
        requirePodSpec(object, target);
        const spec = podSpecOf(object);
        if (![...spec.containers, ...(spec.initContainers ?? [])].some(({ name }: Json) => wanted(name)))
          unmatched.push(
            `${object.kind}/${target.name} does not have any containers matching ${JSON.stringify(flags.string('containers'))}`,
          );
        return withContainers(object, (container) => {
          if (!wanted(container.name)) return container;
          const taken = flags.bool('overwrite') ? undefined : conflict(container, variables);
          if (taken) {
            const text = `'${taken.name}' already has a value (${taken.value ?? ''}), and --overwrite is false`;
            throw new CommandError(`error: ${target.resource.resource}/${target.name} ${text}\n`);
          }
          return changed(container, variables, removed, false);
        });
      },
    });
    for (const text of unmatched) yield* invocation.warn(text);
    return code;
  },
};

/** Resources come first, then KEY=VALUE and KEY-. */
function split(args: readonly string[]): { readonly resources: readonly string[]; readonly specs: readonly string[] } {
  const isSpec = (arg: string): boolean => arg.indexOf('=') > 0 || arg.endsWith('-');
  const first = args.findIndex(isSpec);
  if (first < 0) return { resources: args, specs: [] };
  const specs = args.slice(first);
  if (!specs.every(isSpec)) throw new CommandError(`all resources must be specified before environment changes: ${args.join(' ')}`);
  return { resources: args.slice(0, first), specs };
}

function* parse(invocation: Invocation, specs: readonly string[]): Call<{ readonly added: Json[]; readonly removed: ReadonlySet<string> }> {
  const added: Json[] = [];
  const removed = new Set<string>();
  for (const spec of specs) {
    if (spec === '-') added.push(...(yield* fromStdin(invocation)));
    else if (spec.includes('=')) added.push(variable(spec));
    else if (spec.endsWith('-')) removed.add(spec.slice(0, -1));
    else throw new CommandError(`unknown ${kind}: ${spec}`);
  }
  if (added.some(({ name }) => removed.has(name)))
    throw new CommandError(`can not both modify and remove the same ${kind} in the same command`);
  return { added, removed };
}

function variable(spec: string): Json {
  const [name, value] = [spec.slice(0, spec.indexOf('=')), spec.slice(spec.indexOf('=') + 1)];
  // The server takes more names than kubectl does.
  if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) {
    throw new CommandError(
      `${JSON.stringify(name)} is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')`,
    );
  }
  return { name, value };
}

function* fromStdin(invocation: Invocation): Call<Json[]> {
  const lines = (yield* invocation.stdin()).split('\n').map((line) => line.replace(/#.*/, '').trim());
  return lines.filter((line) => line !== '' && line.includes('=')).map(variable);
}

const conflict = (container: Json, added: readonly Json[]): Json =>
  (container.env ?? []).find((one: Json) => added.some(({ name, value }) => name === one.name && value !== one.value));

function changed(container: Json, added: readonly Json[], removed: ReadonlySet<string>, isShown: boolean): Json {
  const before: readonly Json[] = container.env ?? [];
  const env: Json[] = before.filter((one) => !removed.has(one.name)).map((one) => added.find(({ name }) => name === one.name) ?? one);
  for (const one of added) if (!removed.has(one.name) && !env.some(({ name }) => name === one.name)) env.push(one);
  if (env.length === 0 && !isShown) {
    const { env: _, ...rest } = container;
    return rest;
  }
  return { ...container, env };
}

/** References to each key of ConfigMaps or Secrets. */
function* fromObjects(invocation: Invocation): Call<Json[]> {
  const { flags } = invocation;
  const keys = flags.list('keys');
  const found: Json[] = [];
  for (const { object } of yield* selectAll(invocation, { ...builderFlags(invocation), args: [flags.string('from')], latest: true })) {
    if (object.kind !== 'ConfigMap' && object.kind !== 'Secret') throw new CommandError('unsupported resource specified in --from');
    const reference = object.kind === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef';
    for (const key of Object.keys(object.data ?? {}).sort()) {
      if (keys.length > 0 && !keys.includes(key)) continue;
      const name = key.replace(/[^a-zA-Z0-9_]/g, '_').toUpperCase();
      if (name !== key) yield* invocation.warn(`key ${key} transferred to ${name}`);
      found.push({ name, valueFrom: { [reference]: { key, name: object.metadata.name } } });
    }
  }
  return found;
}

function* list(invocation: Invocation, resources: readonly string[], change: (container: Json) => Json): Call<number> {
  const { flags } = invocation;
  const wanted = matcher(flags.string('containers'));
  const resolve = createResolver(invocation);
  const targets = yield* selectAll(invocation, { ...builderFlags(invocation), args: resources, latest: !flags.bool('local') });
  for (const { object, name } of targets) {
    const spec = podSpecOf(object);
    for (const container of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].filter((one: Json) => wanted(one.name))) {
      yield* invocation.out(`# ${object.kind} ${name}, container ${container.name}\n`);
      const failures = new Map<string, string[]>();
      for (const one of change(container).env) {
        if (!one.valueFrom) yield* invocation.out(`${one.name}=${one.value ?? ''}\n`);
        else {
          const found = flags.bool('resolve') ? yield* resolve(one.valueFrom, object, container) : undefined;
          if (found?.value !== undefined) yield* invocation.out(`${one.name}=${found.value}\n`);
          else yield* invocation.out(`# ${one.name} from ${referenceText(one.valueFrom)}\n`);
          if (found?.problem !== undefined) failures.set(found.problem, [...(failures.get(found.problem) ?? []), one.name]);
        }
      }
      const lines = [...failures].map(([problem, names]) => `error retrieving reference for ${names.sort().join(', ')}: ${problem}\n`);
      yield* invocation.err(lines.sort().join(''));
    }
  }
  return 0;
}
