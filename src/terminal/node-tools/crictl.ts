/** Looks at the container runtime of this node, past the kubelet: ps, pods, images, logs, inspect, exec, stop, rm and their like. */

import type { ByteString, Call, Program, Sys } from '../../emulator/kernel/index.ts';
import { isErrno, textOf } from '../../emulator/kernel/index.ts';
import type { Container, ContainerRuntime, Sandbox } from '../../emulator/node/container-runtime/index.ts';
import {
  accessDenied,
  dialTimeoutMs,
  loginRefusal,
  parseImageReference,
  pullError,
  pullMs,
  runtimeService,
  unavailable,
} from '../../emulator/node/container-runtime/index.ts';
import { LogStream } from '../../emulator/node/kubelet/server.ts';
import type { Arguments, FlagSpec } from './arguments.ts';
import { parseArguments } from './arguments.ts';
import { inspectContainer, inspectImage, inspectPod, toJson } from './crictl-inspect.ts';
import { copy, runInContainer } from './run-in-container.ts';
import { humanAgo, humanSize, short, table } from './crictl-table.ts';

interface Context extends Arguments {
  readonly sys: Sys;
  readonly runtime: ContainerRuntime;
}

interface Command {
  readonly flags?: FlagSpec;
  readonly stopsAtWord?: number;
  readonly run: (context: Context) => Call<number>;
}

const fatal = function* (sys: Sys, message: string): Call<number> {
  yield* sys.print(2, `FATA[0000] ${message}\n`);
  return 1;
};

/** A container by (the beginning of) its id; the error is containerd's. */
function* findContainer({ sys, runtime }: Context, id: string, doing: string): Call<Container | undefined> {
  const found = [...runtime.containers.values()].filter((container) => container.id.startsWith(id));
  if (id !== '' && found.length === 1) return found[0];
  yield* sys.print(
    2,
    `E${stamp(sys)}       1 log.go:32] "${doing} from runtime service failed" err="rpc error: code = NotFound desc = an error occurred when try to find container \\"${id}\\": not found" containerID="${id}"\n`,
  );
  yield* fatal(
    sys,
    `${doing === 'ContainerStatus' ? 'getting the status of the container' : `${doing}`} ${JSON.stringify(id)}: rpc error: code = NotFound desc = an error occurred when try to find container ${JSON.stringify(id)}: not found`,
  );
  return undefined;
}

function* findSandbox({ sys, runtime }: Context, id: string): Call<Sandbox | undefined> {
  const found = [...runtime.sandboxes.values()].filter((sandbox) => sandbox.id.startsWith(id));
  if (id !== '' && found.length === 1) return found[0];
  yield* fatal(
    sys,
    `getting the status of the pod sandbox ${JSON.stringify(id)}: rpc error: code = NotFound desc = an error occurred when try to find sandbox: not found`,
  );
  return undefined;
}

/** klog's date and time. */
function stamp(sys: Sys): string {
  const time = sys.kernel.clock.microTime();
  return `${time.slice(5, 7)}${time.slice(8, 10)} ${time.slice(11, 26)}`;
}

const stateOf = ({ state }: Container): string => (state === 'running' ? 'Running' : state === 'exited' ? 'Exited' : 'Created');

const quietFlags: FlagSpec = { '-q': { name: 'quiet' }, '--quiet': { name: 'quiet' } };

function* ps({ sys, runtime, flags }: Context): Call<number> {
  const { nowMs } = sys;
  const list = [...runtime.containers.values()]
    .filter((container) => flags.has('all') || container.state === 'running')
    .filter(
      ({ config, sandbox }) =>
        config.name.includes(flags.get('name') ?? '') &&
        sandbox.id.startsWith(flags.get('pod') ?? '') &&
        (!flags.has('namespace') || sandbox.config.namespace === flags.get('namespace')),
    )
    .filter((container) => !flags.has('state') || stateOf(container).toLowerCase() === flags.get('state')!.toLowerCase())
    .sort((a, b) => b.createdMs - a.createdMs);
  if (flags.has('quiet')) yield* sys.print(1, list.map(({ id }) => `${id}\n`).join(''));
  else {
    yield* sys.print(
      1,
      table([
        ['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'],
        ...list.map((container) => {
          const { id, config, sandbox, createdMs } = container;
          return [
            short(id),
            short(config.image.id),
            humanAgo(nowMs - createdMs),
            stateOf(container),
            config.name,
            String(config.attempt),
            short(sandbox.id),
            sandbox.config.name,
            sandbox.config.namespace,
          ];
        }),
      ]),
    );
  }
  return 0;
}

function* pods({ sys, runtime, flags }: Context): Call<number> {
  const list = [...runtime.sandboxes.values()]
    .filter(
      ({ config }) =>
        config.name.includes(flags.get('name') ?? '') && (!flags.has('namespace') || config.namespace === flags.get('namespace')),
    )
    .sort((a, b) => b.createdMs - a.createdMs);
  if (flags.has('quiet')) yield* sys.print(1, list.map(({ id }) => `${id}\n`).join(''));
  else {
    yield* sys.print(
      1,
      table([
        ['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'],
        ...list.map(({ id, config, createdMs, state }) => [
          short(id),
          humanAgo(sys.nowMs - createdMs),
          state === 'ready' ? 'Ready' : 'NotReady',
          config.name,
          config.namespace,
          String(config.attempt),
          '(default)',
        ]),
      ]),
    );
  }
  return 0;
}

function* images({ sys, runtime, flags }: Context): Call<number> {
  const list = runtime.images.list().flatMap(({ image, tags }) => tags.map((tag) => ({ image, tag })));
  list.sort((a, b) => (a.tag < b.tag ? -1 : 1));
  if (flags.has('quiet')) {
    yield* sys.print(1, list.map(({ image }) => `${image.id}\n`).join(''));
    return 0;
  }
  const rows = list.map(({ image, tag }) => [
    tag.slice(0, tag.lastIndexOf(':')),
    tag.slice(tag.lastIndexOf(':') + 1),
    short(image.id),
    humanSize(image.sizeBytes),
  ]);
  yield* sys.print(1, table([['IMAGE', 'TAG', 'IMAGE ID', 'SIZE'], ...rows]));
  return 0;
}

function* logs(context: Context): Call<number> {
  const { sys, words, flags } = context;
  const container = yield* findContainer(context, words[0] ?? '', 'ContainerStatus');
  if (!container) return 1;
  const tail = flags.get('tail');
  const stream = new LogStream(sys.kernel, container, {
    follow: flags.has('follow'),
    tailLines: tail === undefined ? undefined : Number(tail),
    sinceMs: undefined,
    timestamps: flags.has('timestamps'),
    limitBytes: undefined,
  });
  return yield* copy(sys, stream, 1);
}

function* exec(context: Context): Call<number> {
  const { sys, runtime, words, flags } = context;
  const [id = '', ...command] = words;
  const container = yield* findContainer(context, id, 'ExecSync');
  if (!container) return 1;
  const result = yield* runInContainer(sys, runtime, container, command, { hasStdin: flags.has('interactive'), hasTty: flags.has('tty') });
  if ('message' in result)
    return yield* fatal(
      sys,
      `execing command in container: ${result.message.replace(/^Internal error occurred: error executing command in container: /, '')}`,
    );
  if (result.exitCode !== 0) return yield* fatal(sys, `execing command in container: command terminated with exit code ${result.exitCode}`);
  return 0;
}

function* stop(context: Context): Call<number> {
  const { sys, runtime, words, flags } = context;
  for (const id of words) {
    const container = yield* findContainer(context, id, 'StopContainer');
    if (!container) return 1;
    runtime.stopContainer(container, Number(flags.get('timeout') ?? 0) * 1000);
    while (container.state === 'running') yield* sys.sleep(10);
    yield* sys.print(1, `${id}\n`);
  }
  return words.length === 0 ? yield* fatal(sys, 'ID cannot be empty') : 0;
}

function* rm(context: Context): Call<number> {
  const { sys, runtime, words, flags } = context;
  for (const id of words) {
    const container = yield* findContainer(context, id, 'ContainerStatus');
    if (!container) return 1;
    if (container.state === 'running' && !flags.has('force')) {
      yield* sys.print(2, `ERRO[0000] container ${JSON.stringify(id)} is running, please stop it first\n`);
      return yield* fatal(sys, 'unable to remove container(s)');
    }
    runtime.removeContainer(container);
    yield* sys.print(1, `${id}\n`);
  }
  return words.length === 0 ? yield* fatal(sys, 'ID cannot be empty') : 0;
}

function* stopp(context: Context): Call<number> {
  for (const id of context.words) {
    const sandbox = yield* findSandbox(context, id);
    if (!sandbox) return 1;
    context.runtime.stopSandbox(sandbox);
    yield* context.sys.print(1, `Stopped sandbox ${id}\n`);
  }
  return 0;
}

function* rmp(context: Context): Call<number> {
  for (const id of context.words) {
    const sandbox = yield* findSandbox(context, id);
    if (!sandbox) return 1;
    if (sandbox.state === 'ready' && !context.flags.has('force'))
      return yield* fatal(context.sys, `removing the pod sandbox ${JSON.stringify(id)}: sandbox is still running, stop it first`);
    context.runtime.removeSandbox(sandbox);
    yield* context.sys.print(1, `Removed sandbox ${id}\n`);
  }
  return 0;
}

function* pull({ sys, runtime, words, flags }: Context): Call<number> {
  const reference = parseImageReference(words[0] ?? '');
  if (!reference)
    return yield* fatal(
      sys,
      `pulling image: rpc error: code = InvalidArgument desc = failed to parse image reference ${JSON.stringify(words[0] ?? '')}: invalid reference format`,
    );
  const failure = runtime.registry.failureOf(reference);
  if (failure !== undefined) {
    yield* sys.sleep(failure.endsWith('i/o timeout') ? dialTimeoutMs : 800);
    return yield* fatal(sys, `pulling image: ${failure}`);
  }
  const image = runtime.registry.find(reference);
  if (!image) {
    yield* sys.sleep(800);
    const isHidden = reference.domain === 'docker.io' && !runtime.registry.hasRepository(reference);
    return yield* fatal(sys, `pulling image: ${isHidden ? accessDenied(reference) : pullError(reference)}`);
  }
  const [username = '', ...password] = (flags.get('creds') ?? '').split(':');
  const refusal = loginRefusal(image, reference, flags.has('creds') ? [{ username, password: password.join(':') }] : []);
  if (refusal !== undefined) return yield* fatal(sys, `pulling image: ${refusal}`);
  yield* sys.sleep(pullMs(image));
  runtime.images.add(reference, image);
  yield* sys.print(1, `Image is up to date for ${image.id}\n`);
  return 0;
}

function* rmi({ sys, runtime, words }: Context): Call<number> {
  for (const name of words) {
    const canonical = parseImageReference(name)?.canonical ?? name;
    if (!runtime.images.remove(canonical) && !runtime.images.remove(name))
      return yield* fatal(sys, `unable to remove the image(s): no such image ${JSON.stringify(name)} present`);
    yield* sys.print(1, `Deleted: ${canonical}\n`);
  }
  return 0;
}

function inspect(of: 'container' | 'pod' | 'image') {
  return function* (context: Context): Call<number> {
    const { sys, runtime, words } = context;
    for (const id of words) {
      let value: unknown;
      if (of === 'container') {
        const container = yield* findContainer(context, id, 'ContainerStatus');
        value = container && inspectContainer(sys, container);
      } else if (of === 'pod') {
        const sandbox = yield* findSandbox(context, id);
        value = sandbox && inspectPod(sys, sandbox);
      } else {
        const canonical = parseImageReference(id)?.canonical;
        const found = runtime.images.list().find(({ image, tags }) => tags.includes(canonical ?? '') || image.id.slice(7).startsWith(id));
        if (!found) yield* fatal(sys, `no such image ${JSON.stringify(id)} present`);
        value = found && inspectImage(found);
      }
      if (value === undefined) return 1;
      yield* sys.print(1, `${toJson(value)}\n`);
    }
    return 0;
  };
}

function* version({ sys }: Context): Call<number> {
  yield* sys.print(1, 'Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  v2.1.4\nRuntimeApiVersion:  v1\n');
  return 0;
}

const commands: Readonly<Record<string, Command>> = {
  ps: {
    flags: {
      ...quietFlags,
      '-a': { name: 'all' },
      '--all': { name: 'all' },
      '--name': { name: 'name', takesValue: true },
      '-p': { name: 'pod', takesValue: true },
      '--pod': { name: 'pod', takesValue: true },
      '--namespace': { name: 'namespace', takesValue: true },
      '-s': { name: 'state', takesValue: true },
      '--state': { name: 'state', takesValue: true },
    },
    run: ps,
  },
  pods: {
    flags: { ...quietFlags, '--name': { name: 'name', takesValue: true }, '--namespace': { name: 'namespace', takesValue: true } },
    run: pods,
  },
  images: { flags: quietFlags, run: images },
  logs: {
    flags: {
      '-f': { name: 'follow' },
      '--follow': { name: 'follow' },
      '--tail': { name: 'tail', takesValue: true },
      '-t': { name: 'timestamps' },
      '--timestamps': { name: 'timestamps' },
    },
    run: logs,
  },
  exec: {
    flags: {
      '-i': { name: 'interactive' },
      '--interactive': { name: 'interactive' },
      '-t': { name: 'tty' },
      '--tty': { name: 'tty' },
      '-s': { name: 'sync' },
      '--sync': { name: 'sync' },
    },
    stopsAtWord: 1,
    run: exec,
  },
  stop: { flags: { '-t': { name: 'timeout', takesValue: true }, '--timeout': { name: 'timeout', takesValue: true } }, run: stop },
  rm: { flags: { '-f': { name: 'force' }, '--force': { name: 'force' } }, run: rm },
  stopp: { run: stopp },
  rmp: { flags: { '-f': { name: 'force' }, '--force': { name: 'force' } }, run: rmp },
  pull: { flags: { '--creds': { name: 'creds', takesValue: true } }, run: pull },
  rmi: { run: rmi },
  inspect: { run: inspect('container') },
  inspectp: { run: inspect('pod') },
  inspecti: { run: inspect('image') },
  version: { run: version },
};
const aliases: Readonly<Record<string, string>> = { image: 'images', img: 'images', pod: 'pods' };

export const crictl: Program = function* (sys): Call<number> {
  const args = sys.argv.slice(1);
  while (args[0] === '-r' || args[0] === '-i' || args[0]?.startsWith('--runtime-endpoint') || args[0]?.startsWith('--image-endpoint')) {
    if (!args[0].includes('=')) args.shift();
    args.shift();
  }
  const name = args.shift();
  const command = name === undefined ? undefined : commands[aliases[name] ?? name];
  if (!command) {
    yield* sys.print(
      name === undefined ? 1 : 2,
      name === undefined
        ? `NAME:\n   crictl - client for CRI\n\nUSAGE:\n   crictl [global options] command [command options]\n\nCOMMANDS:\n${Object.keys(
            commands,
          )
            .sort()
            .map((verb) => `   ${verb}\n`)
            .join('')}`
        : `No help topic for '${name}'\n`,
    );
    return name === undefined ? 0 : 3;
  }
  const parsed = parseArguments(args, command.flags ?? {}, command.stopsAtWord);
  if (parsed.unknown !== undefined) return yield* fatal(sys, `flag provided but not defined: ${parsed.unknown.replace(/^--/, '-')}`);
  const runtime = sys.machine.services.get(runtimeService) as ContainerRuntime | undefined;
  if (!runtime?.isServing)
    return yield* fatal(
      sys,
      `validate service connection: validate CRI v1 runtime API for endpoint "unix:///run/containerd/containerd.sock": ${unavailable}`,
    );
  try {
    return yield* command.run({ sys, runtime, flags: parsed.flags, words: parsed.words });
  } catch (error) {
    if (!isErrno(error)) throw error;
    return yield* fatal(sys, textOf(error.message as ByteString));
  }
};
