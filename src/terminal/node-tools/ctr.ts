/**
 * ctr, containerd's own client: namespaces, containers, tasks and images as containerd has them (containerd 2.1, cmd/ctr/commands).
 *
 * Differs from containerd: it makes no containers, and says of an image one platform.
 */
import type { Call, Program, Signal, Sys } from '../../emulator/kernel/index.ts';
import { signalNumbers, textOf } from '../../emulator/kernel/index.ts';
import type { Container, ContainerRuntime } from '../../emulator/node/container-runtime/index.ts';
import { parseImageReference, pullError, pullMs, runtimeService, unavailable } from '../../emulator/node/container-runtime/index.ts';
import { hostPidOf } from '../shell/programs/process-view.ts';
import type { Arguments, FlagSpec } from './arguments.ts';
import { parseArguments } from './arguments.ts';
import { runInContainer } from './run-in-container.ts';

const version = 'v2.1.4';
const revision = '75cb2b7193e4e490e9fbdc236c0e811ccaba3376';
/** The namespace of what comes by the CRI; others are empty. */
const cri = 'k8s.io';
const pause = 'registry.k8s.io/pause:3.10.1';

interface Context extends Arguments {
  readonly sys: Sys;
  readonly runtime: ContainerRuntime;
  readonly namespace: string;
}

interface Command {
  readonly flags?: FlagSpec;
  readonly stopsAtWord?: number;
  readonly run: (context: Context) => Call<number>;
}

/** Ends the command with what it says of itself. */
class Failure extends Error {}

/** text/tabwriter with so many blanks between columns; each row has as many cells as end in a tab. */
function table(rows: readonly (readonly string[])[], { least, gap }: { readonly least: number; readonly gap: number }): string {
  const widths = rows[0]!.map((_, i) => Math.max(least, ...rows.map((row) => (row[i] ?? '').length + gap)));
  return rows.map((row) => `${row.map((cell, i) => cell.padEnd(widths[i]!)).join('')}\n`).join('');
}

const isHere = ({ namespace }: Context): boolean => namespace === cri;

/** Sandboxes are containers as well, of the image pause. */
function* containersList(context: Context): Call<number> {
  const { sys, runtime, flags } = context;
  const all = isHere(context)
    ? [
        ...[...runtime.sandboxes.values()].map(({ id }) => [id, pause]),
        ...[...runtime.containers.values()].map(({ id, config }) => [
          id,
          parseImageReference(config.imageName)?.canonical ?? config.imageName,
        ]),
      ].sort(([a], [b]) => (a! < b! ? -1 : 1))
    : [];
  const rows = all.map(([id, image]) => [id!, image!, 'io.containerd.runc.v2']);
  yield* sys.print(
    1,
    flags.has('quiet') ? rows.map(([id]) => `${id}\n`).join('') : table([['CONTAINER', 'IMAGE', 'RUNTIME'], ...rows], { least: 4, gap: 4 }),
  );
  return 0;
}

/** What runs: the CRI deletes the tasks of containers that have ended. */
function* tasksList(context: Context): Call<number> {
  const { sys, runtime, flags } = context;
  const running: [string, object][] = isHere(context)
    ? [
        ...[...runtime.sandboxes.values()].flatMap((sandbox): [string, object][] =>
          sandbox.state === 'ready' ? [[sandbox.id, sandbox]] : [],
        ),
        ...[...runtime.containers.values()].flatMap(({ id, state, process }): [string, object][] =>
          state === 'running' && process ? [[id, process]] : [],
        ),
      ].sort(([a], [b]) => (a < b ? -1 : 1))
    : [];
  if (flags.has('quiet')) {
    yield* sys.print(1, running.map(([id]) => `${id}\n`).join(''));
    return 0;
  }
  const rows = running.map(([id, process]) => [id, String(hostPidOf(sys.machine, process))]);
  const [head, ...lines] = table([['TASK', 'PID'], ...rows], { least: 4, gap: 4 })
    .split('\n')
    .slice(0, -1);
  // A status ends its line without a tab, so that it is in no column; the head's does not.
  yield* sys.print(1, `${head}STATUS    \n${lines.map((line) => `${line}RUNNING\n`).join('')}`);
  return 0;
}

/** Containers are named by their whole id. */
function containerOf({ runtime, namespace }: Context, id: string | undefined): Container {
  if (id === undefined) throw new Failure('container id must be provided');
  const found = namespace === cri ? runtime.containers.get(id) : undefined;
  if (!found) throw new Failure(`container ${JSON.stringify(id)} in namespace ${JSON.stringify(namespace)}: not found`);
  if (found.state !== 'running') throw new Failure(`no running task found: task ${id} not found: not found`);
  return found;
}

function* kill(context: Context): Call<number> {
  const { sys, words, flags } = context;
  const { process, config } = containerOf(context, words[0]);
  const asked = (flags.get('signal') ?? '').replace(/^SIG/i, '').toUpperCase();
  const byNumber = Object.entries(signalNumbers).find(([, number]) => String(number) === asked)?.[0];
  const signal = asked === '' ? (config.image.config.stopSignal ?? 'TERM') : (byNumber ?? asked);
  if (!Object.hasOwn(signalNumbers, signal)) throw new Failure(`unknown signal ${JSON.stringify(flags.get('signal'))}`);
  if (process) sys.kernel.signal(process, signal as Signal);
  return 0;
}

function* exec(context: Context): Call<number> {
  const { sys, runtime, words, flags } = context;
  const [id, ...command] = words;
  const container = containerOf(context, id);
  if ((flags.get('exec-id') ?? '') === '') throw new Failure('identifier must not be empty: invalid argument');
  const end = yield* runInContainer(sys, runtime, container, command, { hasStdin: true, hasTty: flags.has('tty') });
  if ('message' in end) throw new Failure(end.message.replace(/^.*?(?=OCI runtime exec failed)/s, ''));
  return end.exitCode;
}

function mebibytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let size = bytes;
  let i = 0;
  for (; size >= 1024 && i < units.length - 1; i++) size /= 1024;
  return `${size.toFixed(1)} ${units[i]}`;
}

/** The CRI gives each image three names: its tag, its digest, and its id. */
function* imagesList(context: Context): Call<number> {
  const { sys, runtime, flags } = context;
  const rows = (isHere(context) ? runtime.images.list() : []).flatMap(({ image, tags }) => {
    const label = `io.cri-containerd.image=managed${tags.includes(pause) ? ',io.cri-containerd.pinned=pinned' : ''}`;
    const rest = ['application/vnd.oci.image.index.v1+json', image.digest, mebibytes(image.sizeBytes), 'linux/amd64', label];
    return [...tags, `${image.repository}@${image.digest}`, image.id].map((name) => [name, ...rest]);
  });
  rows.sort(([a], [b]) => (a! < b! ? -1 : 1));
  yield* sys.print(
    1,
    flags.has('quiet')
      ? rows.map(([name]) => `${name}\n`).join('')
      : table([['REF', 'TYPE', 'DIGEST', 'SIZE', 'PLATFORMS', 'LABELS'], ...rows], { least: 1, gap: 1 }),
  );
  return 0;
}

function* imagesPull({ sys, runtime, words, namespace }: Context): Call<number> {
  const [name] = words;
  if (name === undefined) throw new Failure('please provide an image reference to pull');
  const reference = parseImageReference(name);
  // It knows no default registry and no default tag.
  if (!reference || reference.canonical !== name) throw new Failure(`failed to resolve reference ${JSON.stringify(name)}: object required`);
  const failure = runtime.registry.failureOf(reference);
  const image = runtime.registry.find(reference);
  yield* sys.sleep(image && failure === undefined ? pullMs(image) : 800);
  if (failure !== undefined || !image) throw new Failure((failure ?? pullError(reference)).replace(/^.*?(?=failed to resolve)/s, ''));
  if (namespace === cri) runtime.images.add(reference, image);
  yield* sys.print(
    1,
    `${name} saved\t\napplication/vnd.oci.image.index.v1+json ${image.digest}\nCompleted pull from OCI Registry (${name})\n`,
  );
  return 0;
}

function* imagesRemove(context: Context): Call<number> {
  const { sys, runtime, words } = context;
  for (const name of words) {
    if (isHere(context) && parseImageReference(name)?.canonical === name && runtime.images.remove(name)) yield* sys.print(1, `${name}\n`);
    else yield* sys.print(2, `WARN[0000] ${name}: image not found                      \n`);
  }
  return 0;
}

function* namespacesList({ sys, flags }: Context): Call<number> {
  yield* sys.print(
    1,
    flags.has('quiet')
      ? `${cri}\n`
      : table(
          [
            ['NAME', 'LABELS'],
            [cri, ''],
          ],
          { least: 1, gap: 1 },
        ),
  );
  return 0;
}

function* showVersion({ sys }: Context): Call<number> {
  const both = `  Version:  ${version}\n  Revision: ${revision}\n`;
  const id = sys.fs.find('/etc/machine-id') ? textOf(sys.fs.readFile('/etc/machine-id')).trim() : '';
  const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  yield* sys.print(1, `Client:\n${both}  Go version: go1.24.5\n\nServer:\n${both}  UUID: ${uuid}\n`);
  return 0;
}

const quiet: FlagSpec = { '-q': { name: 'quiet' }, '--quiet': { name: 'quiet' } };
const list = (run: Command['run']): Command => ({ flags: quiet, run });
const value = (name: string) => ({ name, takesValue: true });

const groups: Readonly<Record<string, Readonly<Record<string, Command>>>> = {
  namespaces: { list: list(namespacesList) },
  containers: { list: list(containersList) },
  tasks: {
    list: list(tasksList),
    kill: { flags: { '-s': value('signal'), '--signal': value('signal'), '-a': { name: 'all' }, '--all': { name: 'all' } }, run: kill },
    exec: {
      flags: { '--exec-id': value('exec-id'), '-t': { name: 'tty' }, '--tty': { name: 'tty' } },
      stopsAtWord: 1,
      run: exec,
    },
  },
  images: { list: list(imagesList), pull: { run: imagesPull }, remove: { run: imagesRemove } },
};
const groupNames: Readonly<Record<string, string>> = {
  namespace: 'namespaces',
  ns: 'namespaces',
  container: 'containers',
  c: 'containers',
  task: 'tasks',
  t: 'tasks',
  image: 'images',
  i: 'images',
};
const commandNames: Readonly<Record<string, string>> = { ls: 'list', rm: 'remove', del: 'remove' };

function find(words: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } | undefined {
  const [first = '', second = ''] = words;
  if (first === 'version' || first === 'v') return { command: { run: showVersion }, rest: words.slice(1) };
  const group = groupNames[first] ?? first;
  const name = commandNames[second] ?? second;
  if (!Object.hasOwn(groups, group) || !Object.hasOwn(groups[group]!, name)) return undefined;
  return { command: groups[group]![name]!, rest: words.slice(2) };
}

const globalFlags: FlagSpec = {
  '-n': value('namespace'),
  '--namespace': value('namespace'),
  '-a': value('address'),
  '--address': value('address'),
};

export const ctr: Program = function* (sys): Call<number> {
  const global = parseArguments(sys.argv.slice(1), globalFlags, 1);
  const found = find(global.words);
  if (global.words.length === 0) {
    yield* sys.print(
      1,
      `NAME:\n   ctr - containerd CLI\n\nUSAGE:\n   ctr [global options] command [command options]\n\nVERSION:\n   ${version}\n`,
    );
    return 0;
  }
  if (!found || global.unknown !== undefined) {
    yield* sys.print(2, `No help topic for '${global.unknown ?? global.words.slice(0, 2).join(' ')}'\n`);
    return 3;
  }
  try {
    const parsed = parseArguments(found.rest, found.command.flags ?? {}, found.command.stopsAtWord);
    if (parsed.unknown !== undefined) throw new Failure(`flag provided but not defined: ${parsed.unknown.replace(/^--/, '-')}`);
    const runtime = sys.machine.services.get(runtimeService) as ContainerRuntime | undefined;
    // Unverified: ctr's words for a socket at which nobody listens.
    if (!runtime?.isServing)
      throw new Failure(`failed to dial "/run/containerd/containerd.sock": ${unavailable.replace(/^.*? desc = /, '')}`);
    const namespace = global.flags.get('namespace') ?? sys.env.get('CONTAINERD_NAMESPACE') ?? 'default';
    return yield* found.command.run({ sys, runtime, namespace, flags: parsed.flags, words: parsed.words });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    yield* sys.print(2, `ctr: ${error.message}\n`);
    return 1;
  }
};
