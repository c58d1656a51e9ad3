/** tar: create, extract and list archives. Absent: compression, appending. */
import type { ByteString, Call, Sys } from '../../../emulator/kernel/index.ts';
import { Errno, readAll } from '../../../emulator/kernel/index.ts';
import type { TarEntry } from '../tar-archive.ts';
import { readTar, TarError, writeTar } from '../tar-archive.ts';
import { join } from './file-listing.ts';
import type { Options } from './tool.ts';
import { nameOf, parseOptions, UsageError } from './tool.ts';

const spec = {
  short: 'cxtf:C:vmpOkhzjJ',
  long: {
    create: 'c',
    extract: 'x',
    get: 'x',
    list: 't',
    'file=': 'f',
    'directory=': 'C',
    verbose: 'v',
    touch: 'm',
    'preserve-permissions': 'p',
    'to-stdout': 'O',
    'no-same-permissions': 'no-p',
    'no-same-owner': 'no-o',
    gzip: 'z',
    bzip2: 'j',
    xz: 'J',
  },
  usage: '[OPTION...] [FILE]...',
};

export function* tar(sys: Sys): Call<number> {
  try {
    const options = parseOptions(withDash(sys.argv.slice(1)), spec);
    for (const [letter, program] of [
      ['z', 'gzip'],
      ['j', 'bzip2'],
      ['J', 'xz'],
    ] as const)
      if (options.has(letter)) throw new UsageError(`(child): ${program}: Cannot exec: No such file or directory`, { hint: false });
    const modes = ['c', 'x', 't'].filter((mode) => options.has(mode));
    if (modes.length > 1) throw new UsageError("You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option");
    if (modes.length === 0) throw new UsageError("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options");
    const directory = sys.path(options.value('C') ?? '.');
    if (sys.fs.find(directory)?.kind !== 'directory')
      return yield* fatal(sys, `${options.value('C')}: Cannot open: No such file or directory`);
    return yield* modes[0] === 'c' ? create(sys, options, directory) : extract(sys, options, directory);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    yield* sys.print(
      2,
      `${nameOf(sys)}: ${error.message}\n${error.hint ? "Try 'tar --help' or 'tar --usage' for more information.\n" : ''}`,
    );
    return 2;
  }
}

/** The first word may stand without its dash: `tar cf archive files`. */
function withDash([first, ...rest]: readonly string[]): readonly string[] {
  if (first === undefined || first.startsWith('-')) return first === undefined ? [] : [first, ...rest];
  // Each letter that takes a value takes the next word, in turn.
  const words: string[] = [];
  const values = [...rest];
  for (const letter of first) words.push(`-${letter}`, ...('fC'.includes(letter) ? values.splice(0, 1) : []));
  return [...words, ...values];
}

function* fatal(sys: Sys, message: string): Call<number> {
  yield* sys.print(2, `tar: ${message}\ntar: Error is not recoverable: exiting now\n`);
  return 2;
}

function* create(sys: Sys, options: Options, directory: string): Call<number> {
  if (options.operands.length === 0) throw new UsageError('Cowardly refusing to create an empty archive');
  const entries: TarEntry[] = [];
  let status = 0;
  if (options.operands.some((operand) => operand.startsWith('/'))) yield* sys.print(2, "tar: Removing leading `/' from member names\n");
  for (const operand of options.operands) {
    try {
      entries.push(...entriesOf(sys, operand.startsWith('/') ? operand : join(directory, operand), operand));
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      yield* sys.print(2, `tar: ${operand}: Cannot stat: ${error.message}\n`);
      status = 2;
    }
  }
  if (options.has('v')) yield* sys.print(isStdio(options) ? 2 : 1, entries.map((entry) => `${shownName(entry)}\n`).join(''));
  const archive = writeTar(entries);
  const file = options.value('f') ?? '-';
  if (file === '-') yield* sys.write(1, archive);
  else sys.fs.writeFile(sys.path(file), archive);
  if (status !== 0) yield* sys.print(2, 'tar: Exiting with failure status due to previous errors\n');
  return status;
}

const isStdio = (options: Options): boolean => (options.value('f') ?? '-') === '-';
const shownName = ({ name, kind }: TarEntry): string => (kind === 'directory' && !name.endsWith('/') ? `${name}/` : name);

/** A file, or a directory with all that is in it. */
function entriesOf(sys: Sys, path: string, operand: string): TarEntry[] {
  const inode = sys.fs.find(path, { followLast: false });
  if (!inode) throw new Errno('ENOENT');
  const name = operand.replace(/^\/+/, '');
  const mtime = Math.floor(sys.kernel.clock.at(inode.mtimeMs) / 1000);
  const entry = { name, mode: inode.mode, mtime, data: '' as ByteString, target: '' };
  switch (inode.kind) {
    case 'directory': {
      const inside = sys.fs.list(path).flatMap((child) => entriesOf(sys, join(path, child), join(operand, child)));
      return [...(name === '' ? [] : [{ ...entry, kind: 'directory' as const }]), ...inside];
    }
    case 'symlink':
      return [{ ...entry, kind: 'symlink', target: inode.target }];
    case 'device':
      return [];
    default:
      return [{ ...entry, kind: 'file', data: sys.fs.readFile(path) }];
  }
}

/** Extracts, or lists. */
function* extract(sys: Sys, options: Options, directory: string): Call<number> {
  const file = options.value('f') ?? '-';
  let entries: readonly TarEntry[];
  try {
    entries = readTar(file === '-' ? yield* readAll(sys, 0) : sys.fs.readFile(sys.path(file)));
  } catch (error) {
    if (error instanceof TarError) return yield* fatal(sys, 'This does not look like a tar archive');
    if (error instanceof Errno) return yield* fatal(sys, `${file}: Cannot open: ${error.message}`);
    throw error;
  }
  const wanted = options.operands.map((operand) => operand.replace(/\/+$/, ''));
  const isWanted = ({ name }: TarEntry): boolean =>
    wanted.length === 0 || wanted.some((one) => name === one || name === `${one}/` || name.startsWith(`${one}/`));
  let status = 0;
  for (const entry of entries.filter(isWanted)) {
    if (options.has('t') || options.has('v')) yield* sys.print(1, `${shownName(entry)}\n`);
    if (options.has('t')) continue;
    try {
      if (options.has('O')) yield* sys.write(1, entry.data);
      else place(sys, directory, entry);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      yield* sys.print(2, `tar: ${entry.name}: Cannot open: ${error.message}\n`);
      status = 2;
    }
  }
  if (status !== 0) yield* sys.print(2, 'tar: Exiting with failure status due to previous errors\n');
  return status;
}

function place(sys: Sys, directory: string, { name, kind, mode, data, target }: TarEntry): void {
  // Members cannot leave the directory that they are extracted to.
  const parts = name.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
  const path = [directory.replace(/\/$/, ''), ...parts].join('/');
  if (kind === 'directory') {
    sys.fs.mkdirs(path);
    return;
  }
  sys.fs.mkdirs(path.slice(0, path.lastIndexOf('/')) || '/');
  if (kind === 'symlink') sys.fs.symlink(target, path);
  else {
    sys.fs.writeFile(path, data, mode);
    sys.fs.writable(path).mode = mode;
  }
}
