/** kubectl run. Upstream: kubectl/pkg/cmd/run/run.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { withOverrides } from '../../changes/overrides.ts';
import type { Command } from '../../command.ts';
import { CommandError, Quit } from '../../errors.ts';
import {
  deleteFlags,
  dryRunFlag,
  fieldManagerFlag,
  fileFlags,
  podRunningTimeoutFlag,
  printFlags,
  quietFlag,
  saveConfigFlag,
} from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { withLastApplied } from '../../last-applied.ts';
import { dryRunStrategy, reportPrinter } from '../../printers/print-flags.ts';
import { connect, streamRemoteCommand } from '../../remote-command.ts';
import { watchLines } from '../../rest/watch.ts';

export const run: Command = {
  name: 'run',
  short: 'Run a particular image on the cluster',
  usage:
    'run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]',
  examples: [
    'run web --image=nginx',
    'run -it --rm shell --image=busybox --restart=Never -- sh',
    'run web --image=nginx --port=80 --expose',
  ],
  flags: [
    ...printFlags,
    // They belong to the flags of a deletion, and no file is ever read.
    ...fileFlags,
    ...deleteFlags,
    flag('annotations', 'array', [], 'Annotations of the Pod, KEY=VALUE.'),
    flag('attach', 'bool', false, 'Wait for the Pod and attach to it.'),
    flag('command', 'bool', false, 'What follows -- is the command, not its arguments.'),
    dryRunFlag,
    flag('env', 'array', [], 'Environment, KEY=VALUE; may be repeated.'),
    flag('expose', 'bool', false, 'Make a Service as well; needs --port.'),
    fieldManagerFlag('kubectl-run'),
    flag('image', 'string', '', 'The image to run.'),
    flag('image-pull-policy', 'string', '', 'Always, IfNotPresent or Never.'),
    flag('labels', 'string', '', 'Labels of the Pod, KEY=VALUE,….', { short: 'l' }),
    flag('leave-stdin-open', 'bool', false, 'Keep standard input open after the first attach ends.'),
    flag('override-type', 'string', 'merge', 'json, merge or strategic.'),
    flag('overrides', 'string', '', 'JSON to lay over the Pod.'),
    podRunningTimeoutFlag,
    flag('port', 'string', '', 'Port that the container listens on.'),
    flag('privileged', 'bool', false, 'Run the container privileged.'),
    quietFlag,
    flag('restart', 'string', 'Always', 'Always, OnFailure or Never.'),
    flag('rm', 'bool', false, 'Delete the Pod afterwards.'),
    saveConfigFlag,
    flag('stdin', 'bool', false, 'Keep standard input open.', { short: 'i' }),
    flag('tty', 'bool', false, 'Give the container a terminal.', { short: 't' }),
    flag('wait', 'bool', false, 'Wait for deleted objects to be gone.'),
  ],
  required: ['image'],
  *run(invocation) {
    const { flags } = invocation;
    const name = checkArguments(invocation);
    const isAttached = flags.bool('attach') || (!flags.changed('attach') && (flags.bool('stdin') || flags.bool('tty')));
    if (flags.bool('rm') && !isAttached) throw invocation.usageError('--rm should only be used for attached containers');
    if (isAttached && dryRunStrategy(invocation) !== 'none') {
      throw invocation.usageError("--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)");
    }
    const print = yield* reportPrinter(invocation);
    const pod = yield* create(
      invocation,
      'pods',
      withOverrides(podFor(invocation, name), flags.string('overrides'), flags.string('override-type')),
    );
    const report = isAttached && (flags.bool('quiet') || flags.string('output') === '') ? '' : print(pod, 'created');
    const service = flags.bool('expose') ? yield* create(invocation, 'services', serviceFor(invocation, name)) : undefined;
    if (service) yield* invocation.out(`${print(service, 'created')}${['yaml', 'json'].includes(flags.string('output')) ? '---\n' : ''}`);
    yield* invocation.out(report);
    if (!isAttached) return 0;
    try {
      return yield* attachTo(invocation, pod);
    } finally {
      if (flags.bool('rm')) yield* remove(invocation, pod);
    }
  },
};

function checkArguments(invocation: Invocation): string {
  const { flags, args, dashAt } = invocation;
  if (args.length === 0 || dashAt === 0) throw invocation.usageError('NAME is required for run');
  if (flags.string('image') === '') throw new CommandError('--image is required');
  if (!/^[a-z0-9]+([._/:@-]+[A-Za-z0-9_.-]+)*$/.test(flags.string('image')))
    throw new CommandError(`Invalid image name ${JSON.stringify(flags.string('image'))}: invalid reference format`);
  if (flags.bool('tty') && !flags.bool('stdin')) throw invocation.usageError('-i/--stdin is required for containers with -t/--tty=true');
  if (flags.bool('expose') && flags.string('port') === '') throw invocation.usageError('--port must be set when exposing a service');
  if (!['Always', 'OnFailure', 'Never'].includes(flags.string('restart')))
    throw invocation.usageError(`invalid restart policy: ${flags.string('restart')}`);
  if (!['', 'Always', 'IfNotPresent', 'Never'].includes(flags.string('image-pull-policy')))
    throw invocation.usageError(`invalid image pull policy: ${flags.string('image-pull-policy')}`);
  if (flags.duration('pod-running-timeout') <= 0) throw invocation.usageError('--pod-running-timeout must be higher than zero');
  const port = flags.string('port');
  if (port !== '' && !/^[+-]?\d+$/.test(port)) throw new CommandError(`strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`);
  return args[0]!;
}

function podFor(invocation: Invocation, name: string): Json {
  const { flags, args, dashAt } = invocation;
  const words = dashAt >= 0 ? args.slice(dashAt) : args.slice(1);
  const isStdin = flags.bool('stdin');
  const env = flags.list('env').map((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new CommandError(`invalid env: ${pair}`);
    return { name: pair.slice(0, equals), value: pair.slice(equals + 1) };
  });
  const container = {
    ...(words.length > 0 && (flags.bool('command') ? { command: words } : { args: words })),
    ...(env.length > 0 && { env }),
    image: flags.string('image'),
    ...(flags.string('image-pull-policy') !== '' && { imagePullPolicy: flags.string('image-pull-policy') }),
    name,
    ...(flags.string('port') !== '' && { ports: [{ containerPort: Number(flags.string('port')) }] }),
    resources: {},
    ...(flags.bool('privileged') && { securityContext: { privileged: true } }),
    ...(isStdin && { stdin: true, ...(!flags.bool('leave-stdin-open') && { stdinOnce: true }) }),
    ...(flags.bool('tty') && { tty: true }),
  };
  const annotations = pairsOf(flags.list('annotations'));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(annotations && { annotations }),
      labels: pairsOf(
        flags
          .string('labels')
          .split(',')
          .filter((pair) => pair !== ''),
      ) ?? { run: name },
      name,
    },
    spec: { containers: [container], dnsPolicy: 'ClusterFirst', restartPolicy: flags.string('restart') },
    status: {},
  };
}

function pairsOf(pairs: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (pairs.length === 0) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new CommandError(`unexpected label spec: ${pair}`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

function serviceFor(invocation: Invocation, name: string): Json {
  const port = Number(invocation.flags.string('port'));
  const selector = pairsOf(
    invocation.flags
      .string('labels')
      .split(',')
      .filter((pair) => pair !== ''),
  ) ?? { run: name };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { ports: [{ port, protocol: 'TCP', targetPort: port }], selector },
    status: { loadBalancer: {} },
  };
}

function* create(invocation: Invocation, resource: string, object: Json): Call<Json> {
  const { flags, config } = invocation;
  const placed = config.isNamespaceExplicit ? { ...object, metadata: { ...object.metadata, namespace: invocation.namespace } } : object;
  const dryRun = dryRunStrategy(invocation);
  if (dryRun === 'client') return placed;
  const annotated = flags.bool('save-config') ? withLastApplied(placed) : placed;
  return yield* invocation.client.request({
    method: 'POST',
    path: `/api/v1/namespaces/${invocation.namespace}/${resource}`,
    query: { dryRun: dryRun === 'server' ? 'All' : undefined, fieldManager: flags.string('field-manager') || undefined },
    body: annotated,
  });
}

/** Waits until the Pod runs or has ended, attaches (or shows its log), and ends as it ends. */
function* attachTo(invocation: Invocation, pod: Json): Call<number> {
  const { flags } = invocation;
  const container: string = pod.spec.containers[0].name;
  const started = yield* waitForPod(invocation, pod, flags.duration('pod-running-timeout'), (now) => isOver(now) || isReady(now));
  if (isOver(started)) yield* showLog(invocation, started, container);
  else {
    const isTty = flags.bool('tty') && invocation.sys.isatty(0);
    if (!flags.bool('quiet')) {
      yield* invocation.err(
        isTty
          ? "If you don't see a command prompt, try pressing enter.\n"
          : 'All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.\n',
      );
    }
    const remote = yield* connect(invocation, started, 'attach', { container, stdin: flags.bool('stdin'), tty: isTty });
    yield* streamRemoteCommand(invocation.sys, remote, { stdin: flags.bool('stdin'), tty: isTty });
  }
  if (flags.string('restart') === 'Always' || flags.bool('leave-stdin-open')) return 0;
  const ended = yield* waitForPod(invocation, pod, Number.POSITIVE_INFINITY, isOver);
  if (ended.status.phase === 'Succeeded') return 0;
  const state = ended.status.containerStatuses?.[0]?.state?.terminated;
  if (!state) throw new CommandError(`pod ${ended.metadata.namespace}/${ended.metadata.name} failed with unknown exit code`);
  yield* invocation.err(
    `pod ${ended.metadata.namespace}/${ended.metadata.name} terminated (${state.reason ?? ''})\n${state.message ?? ''}${state.message ? '\n' : ''}`,
  );
  throw new Quit(state.exitCode);
}

const isOver = (pod: Json): boolean => ['Succeeded', 'Failed'].includes(pod.status?.phase);
const isReady = (pod: Json): boolean =>
  pod.status?.phase === 'Running' &&
  (pod.status.conditions ?? []).some((condition: Json) => condition.type === 'Ready' && condition.status === 'True');

function* waitForPod(invocation: Invocation, pod: Json, timeoutMs: number, isDone: (pod: Json) => boolean): Call<Json> {
  const { sys, client } = invocation;
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods`;
  const query = { fieldSelector: `metadata.name=${pod.metadata.name}` };
  const list: Json = yield* client.request({ method: 'GET', path, query });
  if (list.items[0] && isDone(list.items[0])) return list.items[0];
  const watch = yield* watchLines(sys, client, {
    path,
    query: { ...query, resourceVersion: list.metadata.resourceVersion, watch: 'true' },
  });
  for (let event: Json; (event = yield* watch.next(sys.nowMs + timeoutMs)) !== undefined; ) {
    if (event.type === 'DELETED') throw new CommandError('pod was deleted');
    if (!isDone(event.object)) continue;
    watch.close();
    return event.object;
  }
  throw new CommandError('timed out waiting for the condition');
}

function* showLog(invocation: Invocation, pod: Json, container: string): Call<void> {
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/log`;
  yield* invocation.out(yield* invocation.client.text({ method: 'GET', path, query: { container } }));
}

function* remove(invocation: Invocation, pod: Json): Call<void> {
  const { name, namespace } = pod.metadata;
  yield* invocation.client.request({
    method: 'DELETE',
    path: `/api/v1/namespaces/${namespace}/pods/${name}`,
    body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' },
  });
  if (!invocation.flags.bool('quiet')) yield* invocation.out(`pod "${name}" deleted from ${namespace} namespace\n`);
}
