/**
 * kubectl debug: an ephemeral container in a Pod, a copy of a Pod, or a Pod on a node. Upstream: kubectl/pkg/cmd/debug/debug.go.
 * The three ways to make a debugging Pod are in `pods.ts`, the profiles in `profiles.ts`.
 */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { parseYaml } from '../../../../emulator/machinery/yaml.ts';
import type { Command } from '../../command.ts';
import { completePod } from '../../completion.ts';
import { AggregateFailure, CommandError, messageOf } from '../../errors.ts';
import { containerFlag, fileFlags, quietFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { attachSession, stdinFlags } from '../../remote-command.ts';
import { builderFlags, select } from '../../resources/builder.ts';
import { watchLines } from '../../rest/watch.ts';
import type { DebugOptions, DebugSession } from './pods.ts';
import { debugByCopy, debugByEphemeralContainer, debugNode } from './pods.ts';
import { profiles } from './profiles.ts';

const keep = (name: string, what: string, initial = false) => flag(name, 'bool', initial, `Keep ${what} in the copy.`);

export const debug: Command = {
  name: 'debug',
  short: 'Create debugging sessions for troubleshooting workloads and nodes',
  usage: 'debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]',
  examples: [
    'debug web-1 -it --image=busybox --profile=general',
    'debug web-1 -it --image=busybox --target=nginx --profile=general',
    'debug web-1 -it --copy-to=web-debug --container=nginx --profile=general -- sh',
    'debug node/node-1 -it --image=busybox --profile=sysadmin',
  ],
  flags: [
    flag('arguments-only', 'bool', false, 'What follows -- are arguments, not the command.'),
    flag('attach', 'bool', false, 'Wait for the container and attach to it; so without saying with -i.'),
    containerFlag,
    flag('copy-to', 'string', '', 'Name of a copy of the Pod.'),
    flag('custom', 'string', '', 'File with parts of a container that go over the profile.'),
    flag('env', 'list', [], 'Environment, KEY=VALUE.'),
    ...fileFlags.filter(({ name }) => name === 'filename'),
    flag('image', 'string', '', 'Image of the debugging container.'),
    flag('image-pull-policy', 'string', '', 'Always, IfNotPresent or Never.'),
    keep('keep-annotations', 'annotations'),
    keep('keep-init-containers', 'init containers', true),
    keep('keep-labels', 'labels'),
    keep('keep-liveness', 'liveness probes'),
    keep('keep-readiness', 'readiness probes'),
    keep('keep-startup', 'startup probes'),
    flag('profile', 'string', 'legacy', 'legacy, general, baseline, netadmin, restricted or sysadmin.'),
    quietFlag,
    flag('replace', 'bool', false, 'Delete the Pod that was copied.'),
    flag('same-node', 'bool', false, 'Put the copy on the same node.'),
    flag('set-image', 'list', [], 'New images of the copy, CONTAINER=IMAGE.'),
    flag('share-processes', 'bool', true, 'Let the containers of the copy see each other.'),
    ...stdinFlags,
    flag('target', 'string', '', 'Container whose processes an ephemeral container sees.'),
  ],
  complete: completePod,
  *run(invocation) {
    const options = yield* optionsOf(invocation);
    yield* validate(invocation, options);
    const { targets, errors } = yield* select(invocation, {
      ...builderFlags(invocation),
      args: options.names,
      latest: true,
      defaultType: 'pods',
    });
    const failures: unknown[] = [...errors];
    for (const { object, resource } of targets) {
      try {
        const session = yield* start(invocation, options, object, resource);
        if (options.attach && session.container !== '') yield* attachTo(invocation, session);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateFailure(failures);
    return 0;
  },
};

function* start(
  invocation: Invocation,
  options: DebugOptions,
  object: Json,
  { group, version, kind }: { readonly group: string; readonly version: string; readonly kind: string },
): Call<DebugSession> {
  if (object.kind === 'Node') return yield* debugNode(invocation, options, object);
  if (object.kind !== 'Pod') throw new CommandError(`"${group}/${version}, Kind=${kind}" not supported by debug`);
  return yield* options.copyTo === '' ? debugByEphemeralContainer(invocation, options, object) : debugByCopy(invocation, options, object);
}

/** KEY=VALUE pairs of a flag. */
function pairsOf(invocation: Invocation, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    invocation.flags.list(name).map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 0) {
        const why = `${pair} must be formatted as key=value`;
        throw invocation.usageError(`invalid argument ${JSON.stringify(pair)} for "--${name}" flag: ${why}`);
      }
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

function* optionsOf(invocation: Invocation): Call<DebugOptions> {
  const { flags, args, dashAt } = invocation;
  const profile = flags.string('profile');
  if (!profiles.includes(profile)) throw new CommandError(`unknown profile: ${profile}`);
  const path = flags.string('custom');
  let custom: Json;
  if (path !== '') {
    try {
      custom = parseYaml(yield* invocation.readFile(path));
    } catch (error) {
      if (error instanceof CommandError)
        throw new CommandError(`must pass a container spec json file for custom profile: ${error.message}`);
      throw new CommandError(`${path} does not contain a valid container spec: ${messageOf(error)}`);
    }
  }
  return {
    names: dashAt < 0 ? args : args.slice(0, dashAt),
    command: dashAt < 0 ? [] : args.slice(dashAt),
    attach: flags.bool('attach') || (!flags.changed('attach') && flags.bool('stdin')),
    copyTo: flags.string('copy-to'),
    image: flags.string('image'),
    setImages: pairsOf(invocation, 'set-image'),
    env: Object.entries(pairsOf(invocation, 'env')).map(([name, value]) => ({ name, value })),
    profile,
    custom,
    kept: {
      labels: flags.bool('keep-labels'),
      annotations: flags.bool('keep-annotations'),
      liveness: flags.bool('keep-liveness'),
      readiness: flags.bool('keep-readiness'),
      startup: flags.bool('keep-startup'),
      initContainers: flags.bool('keep-init-containers'),
    },
  };
}

const imageForm = /^[a-z0-9]+([._/:@-]+[A-Za-z0-9_.-]+)*$/;

function* validate(invocation: Invocation, options: DebugOptions): Call<void> {
  const { flags } = invocation;
  const { image, copyTo, command, setImages } = options;
  const container = flags.string('container');
  const fail = (message: string): never => {
    throw new CommandError(message);
  };
  if (flags.bool('attach') && flags.changed('attach') && image === '' && container === '')
    fail('you must specify --container or create a new container using --image in order to attach.');
  if (copyTo !== '') {
    if (image === '' && Object.keys(setImages).length === 0 && command.length === 0)
      fail('you must specify --image, --set-image or command arguments.');
    if (command.length > 0 && container === '' && image === '')
      fail('you must specify an existing container or a new image when specifying args.');
  } else {
    for (const name of ['replace', 'same-node']) if (flags.bool(name)) fail(`--${name} may only be used with --copy-to.`);
    if (Object.keys(setImages).length > 0) fail('--set-image may only be used with --copy-to.');
    if (image === '') fail('you must specify --image when not using --copy-to.');
  }
  if (image !== '' && !imageForm.test(image)) fail(`invalid image name ${JSON.stringify(image)}: invalid reference format`);
  if (options.names.length === 0 && flags.list('filename').length === 0) fail('NAME or filename is required for debug');
  if (!['', 'Always', 'IfNotPresent', 'Never'].includes(flags.string('image-pull-policy')))
    fail(`invalid image pull policy: ${flags.string('image-pull-policy')}`);
  for (const [name, text] of Object.entries(setImages))
    if (!imageForm.test(text))
      fail(`invalid image name ${JSON.stringify(text)} for container ${JSON.stringify(name)}: invalid reference format`);
  const target = flags.string('target');
  if (target !== '') {
    if (copyTo !== '') fail('--target is incompatible with --copy-to. Use --share-processes instead.');
    const text = `Targeting container ${JSON.stringify(target)}. If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`;
    if (!flags.bool('quiet')) yield* invocation.out(text);
  }
  if (flags.bool('tty') && !flags.bool('stdin')) fail('-i/--stdin is required for containers with -t/--tty=true');
  const fixed = ['name', 'command', 'image', 'lifecycle', 'volumeDevices'];
  if (fixed.some((field) => options.custom?.[field] !== undefined))
    fail('name, command, image, lifecycle and volume devices are not modifiable via custom profile');
  if (options.profile === 'legacy') {
    yield* invocation.err(
      '--profile=legacy is deprecated and will be removed in the future. It is recommended to explicitly specify a profile, for example "--profile=general".\n',
    );
  }
}

/** Waits until the container runs and attaches; of one that has ended the log is shown. */
function* attachTo(invocation: Invocation, { pod, container }: DebugSession): Call<void> {
  const { name, namespace } = pod.metadata;
  const started = yield* waitForContainer(invocation, pod, container);
  const status = statusOf(started, container);
  if (status.state.terminated === undefined) {
    yield* attachSession(invocation, started, container);
    return;
  }
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`;
  yield* invocation.out(yield* invocation.client.text({ method: 'GET', path, query: { container } }));
}

function statusOf(pod: Json, container: string): Json {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find((one: Json) => one.name === container);
}

function* waitForContainer(invocation: Invocation, { metadata }: Json, container: string): Call<Json> {
  const { sys, client, flags } = invocation;
  const path = `/api/v1/namespaces/${metadata.namespace}/pods`;
  const fieldSelector = `metadata.name=${metadata.name}`;
  const list: Json = yield* client.request({ method: 'GET', path, query: { fieldSelector } });
  const isStarted = (pod: Json): boolean => {
    const state = statusOf(pod, container)?.state;
    return state?.running !== undefined || state?.terminated !== undefined;
  };
  if (list.items[0] && isStarted(list.items[0])) return list.items[0];
  const query = { fieldSelector, resourceVersion: list.metadata.resourceVersion, watch: 'true' };
  const watch = yield* watchLines(sys, client, { path, query });
  for (let event: Json; (event = yield* watch.next()) !== undefined; ) {
    if (event.type === 'DELETED') throw new CommandError('pods "" not found');
    if (isStarted(event.object)) {
      watch.close();
      return event.object;
    }
    const message = statusOf(event.object, container)?.state?.waiting?.message;
    if (message && !flags.bool('quiet')) yield* invocation.warn(`container ${container}: ${message}`);
  }
  throw new CommandError('timed out waiting for the condition');
}
