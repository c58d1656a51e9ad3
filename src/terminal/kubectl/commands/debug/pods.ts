/** The Pods that `debug` makes or changes. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { createTwoWayStrategicMergePatch } from '../../../../emulator/machinery/patch/strategic-merge-diff.ts';
import { applyStrategicMergePatch } from '../../../../emulator/machinery/patch/strategic-merge-patch.ts';
import { CommandError } from '../../errors.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { changeContainer, type DebugStyle, type Kept, withProfile } from './profiles.ts';

export interface DebugOptions {
  readonly names: readonly string[];
  readonly command: readonly string[];
  readonly attach: boolean;
  /** Empty: no copy. */
  readonly copyTo: string;
  readonly image: string;
  readonly setImages: Readonly<Record<string, string>>;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly profile: string;
  /** Parts of a container that go over the profile. */
  readonly custom: Json;
  readonly kept: Kept;
}

/** What there is to attach to; no container when a copy only got other images. */
export interface DebugSession {
  readonly pod: Json;
  readonly container: string;
}

const letters = 'bcdfghjklmnpqrstvwxz2456789';

function suffix({ sys }: Invocation): string {
  return Array.from({ length: 5 }, () => letters[sys.kernel.random.below(letters.length)]).join('');
}

function containerFields({ flags }: Invocation, { command, env, image }: DebugOptions): Json {
  const policy = flags.string('image-pull-policy');
  return {
    ...(command.length > 0 && (flags.bool('arguments-only') ? { args: command } : { command })),
    ...(env.length > 0 && { env }),
    ...(image !== '' && { image }),
    ...(policy !== '' && { imagePullPolicy: policy }),
    ...(flags.bool('stdin') && { stdin: true }),
    ...(flags.bool('tty') && { tty: true }),
  };
}

function profiled(pod: Json, container: string, { profile, kept, custom }: DebugOptions, style: DebugStyle): Json {
  const shaped = withProfile(pod, container, profile, style, kept);
  if (custom === undefined) return shaped;
  return changeContainer(shaped, container, (one) => applyStrategicMergePatch(one, custom, 'Container'));
}

function* containerName(invocation: Invocation, { spec }: Json): Call<string> {
  const { flags } = invocation;
  const given = flags.string('container');
  if (given !== '') return given;
  const taken = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])].map((one: Json) => one.name);
  let name: string;
  do name = `debugger-${suffix(invocation)}`;
  while (taken.includes(name));
  if (!flags.bool('quiet')) yield* invocation.out(`Defaulting debug container name to ${name}.\n`);
  return name;
}

/** A user of the Pod that is not root has little from capabilities. */
function* warnOfUser(invocation: Invocation, pod: Json, container: string): Call<void> {
  const one = [...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])].find(({ name }: Json) => name === container);
  const context = one?.securityContext;
  if (!pod.spec.securityContext?.runAsUser || context === undefined || context.runAsUser === 0) return;
  if (!context.privileged && !context.capabilities?.add?.length) return;
  yield* invocation.err(
    'Warning: Non-root user is configured for the entire target Pod, and some capabilities granted by debug profile may not work. Please consider using "--custom" with a custom profile that specifies "securityContext.runAsUser: 0".\n',
  );
}

/** Adds an ephemeral container to a Pod. */
export function* debugByEphemeralContainer(invocation: Invocation, options: DebugOptions, pod: Json): Call<DebugSession> {
  const name = yield* containerName(invocation, pod);
  const target = invocation.flags.string('target');
  const container = {
    ...containerFields(invocation, options),
    name,
    resources: {},
    ...(target !== '' && { targetContainerName: target }),
    terminationMessagePolicy: 'File',
  };
  const added = { ...pod, spec: { ...pod.spec, ephemeralContainers: [...(pod.spec.ephemeralContainers ?? []), container] } };
  const changed = profiled(added, name, options, 'ephemeral');
  yield* warnOfUser(invocation, changed, name);
  const patched: Json = yield* invocation.client.request({
    method: 'PATCH',
    path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/ephemeralcontainers`,
    contentType: 'application/strategic-merge-patch+json',
    body: createTwoWayStrategicMergePatch(pod, changed, 'Pod'),
  });
  return { pod: patched, container: name };
}

/** Makes a copy of a Pod with a container added or changed. */
export function* debugByCopy(invocation: Invocation, options: DebugOptions, pod: Json): Call<DebugSession> {
  const { flags, client } = invocation;
  const { copied, container } = yield* copyOf(invocation, options, pod);
  yield* warnOfUser(invocation, copied, container);
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods`;
  const created: Json = yield* client.request({ method: 'POST', path, body: copied });
  if (flags.bool('replace')) {
    const body = { apiVersion: 'v1', gracePeriodSeconds: 0, kind: 'DeleteOptions' };
    yield* client.request({ method: 'DELETE', path: `${path}/${pod.metadata.name}`, body });
  }
  return { pod: created, container };
}

function* copyOf(invocation: Invocation, options: DebugOptions, pod: Json): Call<{ readonly copied: Json; readonly container: string }> {
  const { flags } = invocation;
  const { annotations, labels, namespace } = pod.metadata;
  const { ephemeralContainers: _, nodeName, ...spec } = pod.spec;
  const images = options.setImages;
  const containers = spec.containers.map((one: Json) => ({ ...one, image: images[one.name] ?? images['*'] ?? one.image }));
  const base = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...(annotations && { annotations }), ...(labels && { labels }), name: options.copyTo, namespace },
    spec: {
      ...spec,
      containers,
      ...(flags.bool('same-node') && nodeName && { nodeName }),
      ...(flags.changed('share-processes') && { shareProcessNamespace: flags.bool('share-processes') }),
    },
  };
  const given = flags.string('container');
  const isKnown = [...containers, ...(spec.initContainers ?? [])].some((one: Json) => one.name === given);
  if (!isKnown && options.image === '') {
    if (Object.keys(images).length > 0) return { copied: base, container: '' };
    throw new CommandError('you must specify image when creating new container');
  }
  const name = isKnown ? given : yield* containerName(invocation, base);
  const fields = containerFields(invocation, options);
  const fresh = { name, resources: {}, terminationMessagePolicy: 'File' };
  const whole = isKnown ? base : { ...base, spec: { ...base.spec, containers: [...containers, fresh] } };
  const changed = changeContainer(whole, name, ({ stdin: _stdin, tty: _tty, args, ...one }) => ({
    ...one,
    // A new command takes no arguments of the old one.
    ...(args && fields.command === undefined && { args }),
    ...fields,
  }));
  return { copied: profiled(changed, name, options, 'copy'), container: name };
}

/** Makes a Pod on a node, in the namespaces of the node. */
export function* debugNode(invocation: Invocation, options: DebugOptions, node: Json): Call<DebugSession> {
  const { flags, client, namespace } = invocation;
  const container = flags.string('container') || 'debugger';
  const name = `node-debugger-${node.metadata.name}-${suffix(invocation)}`;
  if (!flags.bool('quiet'))
    yield* invocation.out(`Creating debugging pod ${name} with container ${container} on node ${node.metadata.name}.\n`);
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      containers: [{ ...containerFields(invocation, options), name: container, resources: {}, terminationMessagePolicy: 'File' }],
      nodeName: node.metadata.name,
      restartPolicy: 'Never',
      tolerations: [{ operator: 'Exists' }],
    },
  };
  const path = `/api/v1/namespaces/${namespace}/pods`;
  return { pod: yield* client.request({ method: 'POST', path, body: profiled(pod, container, options, 'node') }), container };
}
