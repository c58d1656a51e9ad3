/** From TYPE/NAME to a Pod and a container: what logs, exec, attach, cp and port-forward have in common. Upstream: polymorphichelpers, podcmd. */
import type { Call } from '../../emulator/kernel/index.ts';
import { CommandError } from './errors.ts';
import type { Invocation } from './invocation.ts';
import type { Json } from './json.ts';
import { select } from './resources/builder.ts';
import { podSelectorOf } from './resources/selector-text.ts';

/** Every container's name, in the order in which messages list them. */
function containerNames(pod: Json): readonly string[] {
  const named = (list: readonly Json[] | undefined, mark: string): string[] => (list ?? []).map((container) => `${container.name}${mark}`);
  return [
    ...named(pod.spec.containers, ''),
    ...named(pod.spec.ephemeralContainers, ' (ephem)'),
    ...named(pod.spec.initContainers, ' (init)'),
  ];
}

export function hasContainer(pod: Json, name: string): boolean {
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? []), ...(pod.spec.ephemeralContainers ?? [])].some(
    (container: Json) => container.name === name,
  );
}

/** The container that -c names, or the default one, which is told on stderr when there was a choice. */
export function* chooseContainer(invocation: Invocation, pod: Json, options: { readonly quiet: boolean }): Call<string> {
  const name = invocation.flags.string('container');
  if (name !== '') {
    if (hasContainer(pod, name)) return name;
    throw new CommandError(`container ${name} not found in pod ${pod.metadata.name}`);
  }
  const preferred: string | undefined = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (preferred !== undefined && hasContainer(pod, preferred)) return preferred;
  if (preferred !== undefined)
    yield* invocation.err(`Defaulted container name ${JSON.stringify(preferred)} not found in pod ${pod.metadata.name}\n`);
  const first: string = pod.spec.containers[0].name;
  if (containerNames(pod).length > 1 && !options.quiet)
    yield* invocation.err(`Defaulted container ${JSON.stringify(first)} out of: ${containerNames(pod).join(', ')}\n`);
  return first;
}

/**
 * The Pods behind an object, the one to prefer first: a Pod itself, or those that its selector finds. `purpose` begins the
 * message when there is no way to tell.
 */
export function* podsBehind(invocation: Invocation, object: Json, purpose: string): Call<readonly Json[]> {
  if (object.kind === 'Pod') return [object];
  const selector = selectorOf(object);
  const type = `*${object.apiVersion.replace(/^.*\//, '')}.${object.kind}`;
  if (selector === undefined) throw new CommandError(`${purpose} ${type}: selector for ${type} not implemented`);
  const list: Json = yield* invocation.client.request({
    method: 'GET',
    path: `/api/v1/namespaces/${object.metadata.namespace}/pods`,
    query: { labelSelector: selector },
  });
  const pods: Json[] = list.items.map((item: Json) => ({ apiVersion: 'v1', kind: 'Pod', ...item }));
  return pods.sort(byUsefulness);
}

/** One Pod for TYPE/NAME; waits until the timeout for one to appear. */
export function* podFor(invocation: Invocation, argument: string, timeoutMs: number): Call<Json> {
  const { targets, errors } = yield* select(invocation, { args: [argument], latest: true, defaultType: 'pods' });
  if (errors.length > 0) throw errors[0];
  return yield* podOf(invocation, targets[0]!.object, timeoutMs);
}

/** One Pod for the object of a file, which is taken as it stands there. */
export function* podForFile(invocation: Invocation, filenames: readonly string[], timeoutMs: number): Call<Json> {
  const { targets, errors } = yield* select(invocation, { args: [], filenames, defaultType: 'pods' });
  if (errors.length > 0) throw errors[0];
  if (targets.length > 1) throw new CommandError('cannot exec into multiple objects at a time');
  const { object } = targets[0]!;
  const metadata = { ...object.metadata, namespace: object.metadata.namespace ?? invocation.namespace };
  return yield* podOf(invocation, { ...object, metadata }, timeoutMs);
}

function* podOf(invocation: Invocation, object: Json, timeoutMs: number): Call<Json> {
  const untilMs = invocation.sys.nowMs + timeoutMs;
  for (;;) {
    const [pod] = yield* podsBehind(invocation, object, 'cannot attach to');
    if (pod) return pod;
    if (invocation.sys.nowMs >= untilMs) throw new CommandError('timed out waiting for the condition');
    yield* invocation.sys.sleep(500);
  }
}

const withPods = ['Deployment', 'ReplicaSet', 'ReplicationController', 'DaemonSet', 'StatefulSet', 'Job'];

function selectorOf(object: Json): string | undefined {
  const selector = object.spec?.selector;
  if (object.kind === 'Service') {
    if (!selector || Object.keys(selector).length === 0)
      throw new CommandError(`invalid service '${object.metadata.name}': Service is defined without a selector`);
    return podSelectorOf(object);
  }
  return withPods.includes(object.kind) ? podSelectorOf(object) : undefined;
}

/** Scheduled, running, ready and old Pods come first. */
function byUsefulness(a: Json, b: Json): number {
  const phases = ['Running', 'Unknown', 'Pending'];
  const rank = (pod: Json): readonly number[] => [
    pod.spec.nodeName ? 0 : 1,
    phases.includes(pod.status?.phase) ? phases.indexOf(pod.status.phase) : 3,
    pod.status?.conditions?.some((condition: Json) => condition.type === 'Ready' && condition.status === 'True') ? 0 : 1,
    -Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status: Json) => status.restartCount)),
  ];
  const [left, right] = [rank(a), rank(b)];
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return left[i]! - right[i]!;
  const [x, y] = [a.metadata.creationTimestamp + a.metadata.name, b.metadata.creationTimestamp + b.metadata.name];
  return x < y ? -1 : 1;
}
