/** kubectl cp: tar at the one end, tar at the other. Upstream: kubectl/pkg/cmd/cp/cp.go. */
import type { ByteString, Call } from '../../../../emulator/kernel/index.ts';
import { Errno, noBytes } from '../../../../emulator/kernel/index.ts';
import { readTar, TarError, type TarEntry, writeTar } from '../../../shell/tar-archive.ts';
import type { Command } from '../../command.ts';
import { namesOf } from '../../completion.ts';
import { CommandError, Quit } from '../../errors.ts';
import { containerFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { chooseContainer } from '../../pods.ts';
import { connect, runRemoteCommand } from '../../remote-command.ts';

/** `[[namespace/]pod:]path`. */
interface FileSpec {
  readonly namespace: string;
  /** Empty for a file of this machine. */
  readonly pod: string;
  readonly path: string;
}

export const cp: Command = {
  name: 'cp',
  short: 'Copy files and directories to and from containers',
  usage: 'cp <file-spec-src> <file-spec-dest>',
  examples: ['cp web-1:/etc/nginx/nginx.conf ./nginx.conf', 'cp ./site shop/web-1:/usr/share/nginx/html -c nginx'],
  flags: [
    containerFlag,
    flag('no-preserve', 'bool', false, 'Leave owners and permissions to the container.'),
    flag('retries', 'int', 0, 'How often to go on with a copy from a container that broke off.'),
  ],
  *complete(invocation, args, word) {
    if (args.length > 1 || /^[/.~]/.test(word) || word.includes(':')) return [];
    return (yield* namesOf(invocation, 'pods')).map((name) => `${name}:`);
  },
  *run(invocation) {
    const { args } = invocation;
    if (args.length !== 2) throw new CommandError('source and destination are required');
    const [from, to] = [parseSpec(args[0]!), parseSpec(args[1]!)];
    if (from.pod !== '' && to.pod !== '') throw new CommandError('one of src or dest must be a local file specification');
    if (from.path === '' || to.path === '') throw new CommandError('filepath can not be empty');
    if (from.pod !== '') yield* fromPod(invocation, from, to.path);
    else if (to.pod !== '') yield* toPod(invocation, from.path, to);
    else throw new CommandError('one of src or dest must be a remote file specification');
    return 0;
  },
};

function parseSpec(text: string): FileSpec {
  const colon = text.indexOf(':');
  if (colon < 0) return { namespace: '', pod: '', path: text };
  const [first, second, ...more] = text.slice(0, colon).split('/') as [string, string | undefined, ...string[]];
  if (colon === 0 || more.length > 0) throw new CommandError('filespec must match the canonical format: [[namespace/]pod:]file/path');
  const path = text.slice(colon + 1);
  return second === undefined ? { namespace: '', pod: first, path } : { namespace: first, pod: second, path };
}

/** Paths without `.`, `..` and doubled slashes. */
function clean(path: string): string {
  const isAbsolute = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !isAbsolute) parts.push(part);
  }
  return `${isAbsolute ? '/' : ''}${parts.join('/')}` || (isAbsolute ? '/' : '.');
}

const parentOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) || '/' : '.');
const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

interface Ended {
  readonly stdout: ByteString;
  readonly code: number;
}

/** Runs a command in the container that -c or the Pod names. */
function createExec(
  invocation: Invocation,
  { namespace, pod }: FileSpec,
): (command: readonly string[], stdin?: ByteString, quiet?: boolean) => Call<Ended> {
  return function* (command, stdin, quiet = false) {
    const path = `/api/v1/namespaces/${namespace || invocation.namespace}/pods/${pod}`;
    const object: Json = yield* invocation.client.request({ method: 'GET', path });
    if (['Succeeded', 'Failed'].includes(object.status?.phase))
      throw new CommandError(`cannot exec into a container in a completed pod; current phase is ${object.status.phase}`);
    // Whether there is one of that name is left to the server.
    const container = invocation.flags.string('container') || (yield* chooseContainer(invocation, object, { quiet }));
    const remote = yield* connect(invocation, object, 'exec', { command, container, stdin: stdin !== undefined, tty: false });
    return yield* runRemoteCommand(invocation.sys, remote, { stdin, stderrTo: quiet ? undefined : stdin === undefined ? 1 : 2 });
  };
}

function* requireSuccess(invocation: Invocation, { code }: Ended): Call<void> {
  if (code === 0) return;
  yield* invocation.err(`command terminated with exit code ${code}\n`);
  throw new Quit(code);
}

function* toPod(invocation: Invocation, source: string, to: FileSpec): Call<void> {
  const { sys } = invocation;
  if (sys.fs.find(sys.path(source)) === undefined) throw new CommandError(`${source} doesn't exist in local filesystem`);
  const exec = createExec(invocation, to);
  const from = clean(source);
  const isDirectory = (yield* exec(['test', '-d', to.path], undefined, true)).code === 0;
  const target = clean(isDirectory ? `${to.path}/${baseOf(sys.path(from))}` : to.path);
  const keep = invocation.flags.bool('no-preserve') ? ['--no-same-permissions', '--no-same-owner'] : [];
  const archive = writeTar(entriesOf(invocation, sys.path(from), baseOf(target)));
  yield* requireSuccess(invocation, yield* exec(['tar', ...keep, '-xmf', '-', '-C', parentOf(target)], archive));
}

/** Only empty directories have an entry of their own. */
function entriesOf(invocation: Invocation, path: string, name: string): TarEntry[] {
  const { sys } = invocation;
  const inode = sys.fs.find(path, { followLast: false })!;
  const mtime = Math.floor((sys.kernel.clock.unixMs - sys.nowMs + inode.mtimeMs) / 1000);
  const entry = { name, mode: inode.mode, mtime, data: noBytes, target: '' };
  if (inode.kind === 'symlink') return [{ ...entry, kind: 'symlink', target: inode.target }];
  if (inode.kind === 'device') return [];
  if (inode.kind === 'file') return [{ ...entry, kind: 'file', data: sys.fs.readFile(path) }];
  const children = sys.fs.list(path);
  if (children.length === 0) return [{ ...entry, kind: 'directory' }];
  return children.flatMap((child) => entriesOf(invocation, `${path}/${child}`, `${name}/${child}`));
}

function* fromPod(invocation: Invocation, from: FileSpec, destination: string): Call<void> {
  const retries = invocation.flags.int('retries');
  const command = retries === 0 ? ['tar', 'cf', '-', from.path] : ['sh', '-c', `tar cf - ${from.path} | tail -c+0`];
  const ended = yield* createExec(invocation, from)(command);
  yield* requireSuccess(invocation, ended);
  let entries: readonly TarEntry[];
  try {
    entries = readTar(ended.stdout);
  } catch (error) {
    if (error instanceof TarError) throw new CommandError(`archive/tar: ${error.message}`);
    throw error;
  }
  const prefix = clean(from.path.replace(/^\/+|\/+$/g, '')).replace(/^(\.\.?(\/|$))+/, '');
  let hasWarned = false;
  for (const entry of entries) {
    if (!entry.name.startsWith(prefix)) throw new CommandError('tar contents corrupted');
    const target = clean(`${destination}/${entry.name.slice(prefix.length)}`);
    if (!isWithin(target, clean(destination))) {
      yield* invocation.err(`warning: file ${JSON.stringify(target)} is outside target destination, skipping\n`);
    } else if (entry.kind === 'symlink') {
      const advice = ` (consider using "kubectl exec -n ${JSON.stringify(from.namespace)} ${JSON.stringify(from.pod)} -- tar cf - ${JSON.stringify(from.path)} | tar xf -")`;
      yield* invocation.err(
        `warning: skipping symlink: ${JSON.stringify(target)} -> ${JSON.stringify(entry.target)}${hasWarned ? '' : advice}\n`,
      );
      hasWarned = true;
    } else place(invocation, entry, target);
  }
}

/** A destination `.` means this directory. */
const isWithin = (path: string, directory: string): boolean =>
  directory === '.'
    ? !path.startsWith('/') && !path.startsWith('..')
    : path === directory || path.startsWith(`${directory.replace(/\/$/, '')}/`);

function place({ sys }: Invocation, { kind, data }: TarEntry, target: string): void {
  const path = sys.path(target);
  try {
    if (kind === 'directory') return sys.fs.mkdirs(path);
    sys.fs.mkdirs(parentOf(path));
    sys.fs.writeFile(path, data);
  } catch (error) {
    throw error instanceof Errno ? new CommandError(`open ${target}: ${error.message.toLowerCase()}`) : error;
  }
}
