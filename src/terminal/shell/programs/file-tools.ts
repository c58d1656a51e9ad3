/** Programs that make, copy, move and remove files. */
import { Errno, basename, parseTime } from '../../../emulator/kernel/index.ts';
import type { Call, FileInode, Inode, Sys } from '../../../emulator/kernel/index.ts';
import { join } from './file-listing.ts';
import { idOf } from './owner.ts';
import { UsageError, complain, nameOf, tool } from './tool.ts';
import type { Options } from './tool.ts';

/** Does something to each operand; a failed call is reported and the rest goes on. */
function* each(
  sys: Sys,
  operands: readonly string[],
  word: (operand: string, message: string) => string,
  act: (operand: string) => Call<void> | void,
): Call<number> {
  let status = 0;
  for (const operand of operands) {
    try {
      const result = act(operand);
      if (result) yield* result;
    } catch (error) {
      if (!(error instanceof Errno) || error.code === 'EPIPE') throw error;
      status = yield* complain(sys, word(operand, error.message));
    }
  }
  return status;
}

function needOperand(options: Options, name = 'operand'): void {
  if (options.operands.length === 0) throw new UsageError(`missing ${name}`);
}

export const mkdir = tool(
  { short: 'pvm:', long: { parents: 'p', verbose: 'v', 'mode=': 'm' }, usage: '[OPTION]... DIRECTORY...' },
  function* (sys, options) {
    needOperand(options);
    const mode = options.value('m') === undefined ? 0o777 & ~sys.umask : parseMode(options.value('m')!, 0o777);
    return yield* each(
      sys,
      options.operands,
      (operand, message) => `cannot create directory '${operand}': ${message}`,
      function* (operand) {
        const path = sys.path(operand);
        if (options.has('p')) {
          const inode = sys.fs.find(path);
          if (inode && inode.kind !== 'directory') throw new Errno('EEXIST');
          sys.fs.mkdirs(path);
        } else sys.fs.mkdir(path, mode);
        if (options.has('v')) yield* sys.print(1, `${nameOf(sys)}: created directory '${operand}'\n`);
      },
    );
  },
);

export const rmdir = tool(
  { short: 'pv', long: { parents: 'p', verbose: 'v', 'ignore-fail-on-non-empty': 'ignore' }, usage: '[OPTION]... DIRECTORY...' },
  function* (sys, options) {
    needOperand(options);
    return yield* each(
      sys,
      options.operands,
      (operand, message) => `failed to remove '${operand}': ${message}`,
      (operand) => {
        for (
          let path = operand;
          path !== '' && path !== '.' && path !== '/';
          path = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
        ) {
          if (sys.fs.inode(sys.path(path)).kind !== 'directory') throw new Errno('ENOTDIR');
          try {
            sys.fs.remove(sys.path(path));
          } catch (error) {
            if (error instanceof Errno && error.code === 'ENOTEMPTY' && options.has('ignore')) return;
            throw error;
          }
          if (!options.has('p')) return;
        }
      },
    );
  },
);

export const rm = tool(
  {
    short: 'rRfivId',
    long: {
      recursive: 'r',
      force: 'f',
      interactive: 'i',
      verbose: 'v',
      dir: 'd',
      'no-preserve-root': 'no-preserve-root',
      'preserve-root': 'preserve-root',
    },
    usage: '[OPTION]... [FILE]...',
  },
  function* (sys, options) {
    const isForced = options.last('f', 'i') === 'f';
    if (options.operands.length === 0 && !isForced) throw new UsageError('missing operand');
    const isRecursive = options.has('r') || options.has('R');
    let status = 0;
    for (const operand of options.operands) {
      const path = sys.path(operand);
      const inode = sys.fs.find(path, { followLast: false });
      if (!inode) {
        if (!isForced) status = yield* complain(sys, `cannot remove '${operand}': No such file or directory`);
      } else if (path === '/' && isRecursive && !options.has('no-preserve-root')) {
        status = yield* complain(
          sys,
          "it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe",
        );
      } else if (inode.kind === 'directory' && !isRecursive && !options.has('d'))
        status = yield* complain(sys, `cannot remove '${operand}': Is a directory`);
      else if (/(^|\/)\.\.?\/?$/.test(operand))
        status = yield* complain(sys, `refusing to remove '.' or '..' directory: skipping '${operand}'`);
      else {
        if (
          options.last('f', 'i') === 'i' &&
          !(yield* confirm(sys, `rm: remove ${inode.kind === 'directory' ? 'directory' : 'regular file'} '${operand}'? `))
        )
          continue;
        status =
          (yield* each(
            sys,
            [operand],
            (_, message) => `cannot remove '${operand}': ${message}`,
            () => sys.fs.remove(path, { recursive: isRecursive }),
          )) || status;
        if (options.has('v')) yield* sys.print(1, `removed ${inode.kind === 'directory' ? 'directory ' : ''}'${operand}'\n`);
      }
    }
    return status;
  },
);

function* confirm(sys: Sys, question: string): Call<boolean> {
  yield* sys.print(2, question);
  let answer = '';
  for (let char = yield* sys.read(0, 1); char !== '' && char !== '\n'; char = yield* sys.read(0, 1)) answer += char;
  return /^[yY]/.test(answer);
}

/** A tree of its own, with the same content. Device nodes and links are shared: they never change. */
function copyOf(sys: Sys, inode: Inode, path: string, follow: boolean): Inode {
  if (inode.kind === 'symlink') return follow ? copyOf(sys, sys.fs.inode(path), sys.fs.resolve(path), follow) : inode;
  if (inode.kind === 'file')
    return {
      ...inode,
      data: inode.generate?.() ?? inode.data,
      generate: undefined,
      changed: undefined,
      mtimeMs: sys.nowMs,
    } satisfies FileInode;
  if (inode.kind === 'device') return inode;
  const entries = new Map(
    sys.fs.list(path).map((name) => [name, copyOf(sys, sys.fs.find(join(path, name), { followLast: false })!, join(path, name), false)]),
  );
  return { kind: 'directory', mode: inode.mode, mtimeMs: sys.nowMs, entries };
}

/** Where each source goes: into the last operand when that is a directory, else to its name. */
function* destinations(sys: Sys, options: Options): Call<readonly { readonly from: string; readonly to: string }[] | undefined> {
  const operands = [...options.operands];
  const into = options.value('t');
  if (operands.length === 0) throw new UsageError('missing file operand');
  if (into === undefined && operands.length === 1) throw new UsageError(`missing destination file operand after '${operands[0]}'`);
  const target = into ?? operands.pop()!;
  const isDirectory = sys.fs.find(sys.path(target))?.kind === 'directory' && !options.has('T');
  if (operands.length > 1 && !isDirectory) {
    yield* complain(
      sys,
      `target '${target}'${sys.fs.find(sys.path(target)) ? '' : ': No such file or directory'}${sys.fs.find(sys.path(target)) ? ' is not a directory' : ''}`,
    );
    return undefined;
  }
  return operands.map((from) => ({ from, to: isDirectory ? join(target, basename(sys.path(from))) : target }));
}

export const cp = tool(
  {
    short: 'rRafivpdLPnuTt:s',
    long: {
      recursive: 'r',
      archive: 'a',
      force: 'f',
      interactive: 'i',
      verbose: 'v',
      dereference: 'L',
      'no-dereference': 'P',
      'no-clobber': 'n',
      update: 'u',
      'no-target-directory': 'T',
      'target-directory=': 't',
      'preserve=?': 'p',
    },
    usage: '[OPTION]... SOURCE... DEST',
  },
  function* (sys, options) {
    const pairs = yield* destinations(sys, options);
    if (!pairs) return 1;
    const isRecursive = ['r', 'R', 'a'].some((letter) => options.has(letter));
    let status = 0;
    for (const { from, to } of pairs) {
      const [source, target] = [sys.path(from), sys.path(to)];
      const keepsLink = (options.has('P') || options.has('a') || options.has('d') || isRecursive) && !options.has('L');
      const inode = sys.fs.find(source, { followLast: !keepsLink });
      const existing = sys.fs.find(target);
      if (!inode) status = yield* complain(sys, `cannot stat '${from}': No such file or directory`);
      else if (inode.kind === 'directory' && !isRecursive) status = yield* complain(sys, `-r not specified; omitting directory '${from}'`);
      else if (inode.kind === 'directory' && (target === source || target.startsWith(`${source}/`)))
        status = yield* complain(sys, `cannot copy a directory, '${from}', into itself, '${to}'`);
      else if (inode === existing) status = yield* complain(sys, `'${from}' and '${to}' are the same file`);
      else if (existing && inode.kind === 'directory' && existing.kind !== 'directory')
        status = yield* complain(sys, `cannot overwrite non-directory '${to}' with directory '${from}'`);
      else if (existing && (options.has('n') || (options.has('u') && existing.mtimeMs >= inode.mtimeMs))) continue;
      else if (existing && options.has('i') && !(yield* confirm(sys, `cp: overwrite '${to}'? `))) continue;
      else {
        status =
          (yield* each(
            sys,
            [to],
            (_, message) => `cannot create regular file '${to}': ${message}`,
            () => copyTo(sys, inode, source, target, options.has('L')),
          )) || status;
        const made = sys.fs.find(target, { followLast: false });
        if (made && (options.has('p') || options.has('a'))) made.mtimeMs = inode.mtimeMs;
        if (options.has('v')) yield* sys.print(1, `'${from}' -> '${to}'\n`);
      }
    }
    return status;
  },
);

/** Directories are merged; an existing file keeps its inode, so that who has it open sees the change. */
function copyTo(sys: Sys, inode: Inode, source: string, target: string, follow: boolean): void {
  const existing = sys.fs.find(target);
  if (inode.kind === 'directory' && existing?.kind === 'directory') {
    for (const name of sys.fs.list(source))
      copyTo(sys, sys.fs.find(join(source, name), { followLast: follow })!, join(source, name), join(target, name), follow);
  } else if (inode.kind === 'file' && existing?.kind === 'file') {
    sys.fs.open(target, 'write').write(inode.generate?.() ?? inode.data);
    const made = sys.fs.inode(target);
    if (made.kind === 'file') made.program = inode.program;
  } else if (inode.kind === 'file' && existing?.kind === 'device') sys.fs.open(target, 'write').write(inode.generate?.() ?? inode.data);
  else if (inode.kind === 'device') {
    const data = sys.fs.open(source, 'read').read(65_536);
    sys.fs.writeFile(target, data ?? ('' as never));
  } else sys.fs.link(target, copyOf(sys, inode, source, follow));
}

export const mv = tool(
  {
    short: 'fivnuTt:',
    long: {
      force: 'f',
      interactive: 'i',
      verbose: 'v',
      'no-clobber': 'n',
      update: 'u',
      'no-target-directory': 'T',
      'target-directory=': 't',
    },
    usage: '[OPTION]... SOURCE... DEST',
  },
  function* (sys, options) {
    const pairs = yield* destinations(sys, options);
    if (!pairs) return 1;
    let status = 0;
    for (const { from, to } of pairs) {
      const [source, target] = [sys.path(from), sys.path(to)];
      const inode = sys.fs.find(source, { followLast: false });
      const existing = sys.fs.find(target, { followLast: false });
      if (!inode) status = yield* complain(sys, `cannot stat '${from}': No such file or directory`);
      else if (source === target) status = yield* complain(sys, `'${from}' and '${to}' are the same file`);
      else if (inode.kind === 'directory' && target.startsWith(`${source}/`))
        status = yield* complain(sys, `cannot move '${from}' to a subdirectory of itself, '${to}'`);
      else if (existing && inode.kind === 'directory' && existing.kind !== 'directory')
        status = yield* complain(sys, `cannot overwrite non-directory '${to}' with directory '${from}'`);
      else if (existing && (options.has('n') || (options.has('u') && existing.mtimeMs >= inode.mtimeMs))) continue;
      else if (existing && options.last('f', 'i') === 'i' && !(yield* confirm(sys, `mv: overwrite '${to}'? `))) continue;
      else {
        status =
          (yield* each(
            sys,
            [to],
            (_, message) => `cannot move '${from}' to '${to}': ${message}`,
            () => sys.fs.rename(source, target),
          )) || status;
        if (options.has('v')) yield* sys.print(1, `renamed '${from}' -> '${to}'\n`);
      }
    }
    return status;
  },
);

export const touch = tool(
  { short: 'acmd:r:t:', long: { 'no-create': 'c', 'date=': 'd', 'reference=': 'r' }, usage: '[OPTION]... FILE...' },
  function* (sys, options) {
    needOperand(options, 'file operand');
    let at = sys.nowMs;
    const date = options.value('d');
    if (date !== undefined) {
      const unix = parseTime(date) ?? parseTime(`${date}T00:00:00Z`) ?? parseTime(`${date.replace(' ', 'T')}Z`);
      if (unix === undefined) throw new UsageError(`invalid date format '${date}'`, { hint: false });
      at = unix - sys.kernel.clock.epochMs;
    }
    const reference = options.value('r');
    if (reference !== undefined) at = sys.fs.inode(sys.path(reference)).mtimeMs;
    return yield* each(
      sys,
      options.operands,
      (operand, message) => `cannot touch '${operand}': ${message}`,
      (operand) => {
        const path = sys.path(operand);
        const inode = sys.fs.find(path);
        if (!inode && options.has('c')) return;
        if (!inode) sys.fs.open(path, 'append');
        sys.fs.inode(path).mtimeMs = at;
      },
    );
  },
);

export const ln = tool(
  { short: 'sfnvrT', long: { symbolic: 's', force: 'f', verbose: 'v', 'no-dereference': 'n' }, usage: '[OPTION]... TARGET LINK_NAME' },
  function* (sys, options) {
    const [target, name] = options.operands;
    if (target === undefined) throw new UsageError('missing file operand');
    const given = name ?? basename(target);
    const isInside = !options.has('n') && !options.has('T') && sys.fs.find(sys.path(given))?.kind === 'directory';
    const link = isInside ? join(given, basename(target)) : given;
    const kind = options.has('s') ? 'symbolic' : 'hard';
    return yield* each(
      sys,
      [link],
      (_, message) => `failed to create ${kind} link '${link}'${kind === 'hard' ? ` => '${target}'` : ''}: ${message}`,
      () => {
        const path = sys.path(link);
        if (options.has('f') && sys.fs.find(path, { followLast: false })) sys.fs.remove(path);
        if (sys.fs.find(path, { followLast: false })) throw new Errno('EEXIST');
        if (options.has('s')) return sys.fs.symlink(target, path);
        const inode = sys.fs.inode(sys.path(target));
        if (inode.kind === 'directory') throw new Errno('EPERM');
        // The same inode under a second name: what is written under one is read under the other.
        sys.fs.link(path, inode);
      },
    );
  },
);

/** A mode in digits or as `u+x,go-w`; `current` is what the letters change. */
export function parseMode(text: string, current: number): number {
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8);
  let mode = current;
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause);
    if (!match) throw new UsageError(`invalid mode: '${text}'`);
    const [, who, operator, letters] = match as unknown as [string, string, string, string];
    const groups = who === '' || who.includes('a') ? 'ugo' : who;
    let bits = 0;
    for (const group of groups) {
      const shift = { u: 6, g: 3, o: 0 }[group]!;
      for (const letter of letters) {
        if (letter === 's') bits |= group === 'u' ? 0o4000 : group === 'g' ? 0o2000 : 0;
        else if (letter === 't') bits |= 0o1000;
        else bits |= { r: 4, w: 2, x: 1, X: mode & 0o111 ? 1 : 0 }[letter]! << shift;
      }
      if (operator === '=') mode &= ~(7 << shift);
    }
    mode = operator === '-' ? mode & ~bits : mode | bits;
  }
  return mode;
}

export const chmod = tool(
  {
    short: 'RvcfrwxX',
    long: { recursive: 'R', verbose: 'v', 'reference=': 'reference' },
    usage: '[OPTION]... MODE[,MODE]... FILE...',
    stopsAtOperand: true,
  },
  function* (sys, options) {
    // `chmod -x file` looks like an option and is a mode.
    const bare = ['r', 'w', 'x', 'X'].filter((letter) => options.has(letter)).join('');
    const operands = bare === '' ? [...options.operands] : [`-${bare}`, ...options.operands];
    const mode = operands.shift();
    if (mode === undefined) throw new UsageError('missing operand');
    if (operands.length === 0) throw new UsageError(`missing operand after '${mode}'`);
    const change = (path: string): void => {
      const inode = sys.fs.writable(path);
      const { uid = 0 } = sys.machine.user ?? {};
      if (uid !== (inode.uid ?? 0) && !sys.capabilities.has('FOWNER')) throw new Errno('EPERM');
      inode.mode = parseMode(mode, inode.mode);
      if (options.has('R') && inode.kind === 'directory') for (const name of sys.fs.list(path)) change(join(path, name));
    };
    return yield* each(
      sys,
      operands,
      (operand, message) =>
        message.startsWith('No such') ? `cannot access '${operand}': ${message}` : `changing permissions of '${operand}': ${message}`,
      (operand) => change(sys.path(operand)),
    );
  },
);

export const chown = tool(
  { short: 'RvcfhH', long: { recursive: 'R' }, usage: '[OPTION]... [OWNER][:[GROUP]] FILE...' },
  function* (sys, options) {
    const [owner, ...files] = options.operands;
    if (owner === undefined || files.length === 0)
      throw new UsageError(owner === undefined ? 'missing operand' : `missing operand after '${owner}'`);
    const [user = '', group = ''] = owner.split(/[:.]/);
    const uid = user === '' ? undefined : idOf(sys, '/etc/passwd', user);
    const gid = group === '' ? undefined : idOf(sys, '/etc/group', group);
    if (user !== '' && uid === undefined) return yield* complain(sys, `invalid user: '${owner}'`);
    if (group !== '' && gid === undefined) return yield* complain(sys, `invalid group: '${owner}'`);
    const change = (path: string): void => {
      const inode = sys.fs.writable(path);
      if (!sys.capabilities.has('CHOWN')) throw new Errno('EPERM');
      if (uid !== undefined) inode.uid = uid;
      if (gid !== undefined) inode.gid = gid;
      if (options.has('R') && inode.kind === 'directory') for (const name of sys.fs.list(path)) change(join(path, name));
    };
    return yield* each(
      sys,
      files,
      (operand, message) =>
        message.startsWith('No such') ? `cannot access '${operand}': ${message}` : `changing ownership of '${operand}': ${message}`,
      (operand) => change(sys.path(operand)),
    );
  },
);

export const mktemp = tool(
  { short: 'dup:tq', long: { directory: 'd', 'dry-run': 'u', 'tmpdir=?': 'p', quiet: 'q' }, usage: '[OPTION]... [TEMPLATE]' },
  function* (sys, options) {
    const template = options.operands[0] ?? 'tmp.XXXXXXXXXX';
    const match = /^(.*?)(X{3,})([^X/]*)$/.exec(template);
    if (!match) return yield* complain(sys, `too few X's in template '${template}'`);
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
    const random = Array.from({ length: match[2]!.length }, () => letters[sys.kernel.random.below(letters.length)]).join('');
    const name = match[1]! + random + match[3]!;
    const inTemporary = options.operands.length === 0 || options.has('p') || options.has('t');
    const path = inTemporary ? join(options.value('p') || sys.env.get('TMPDIR') || '/tmp', name) : name;
    return yield* each(
      sys,
      [template],
      (operand, message) =>
        `failed to create ${options.has('d') ? 'directory' : 'file'} via template '${inTemporary ? path.replace(random, match[2]!) : operand}': ${message}`,
      function* () {
        if (!options.has('u')) {
          if (options.has('d')) sys.fs.mkdir(sys.path(path), 0o700);
          else sys.fs.open(sys.path(path), 'write');
          sys.fs.inode(sys.path(path)).mode = options.has('d') ? 0o700 : 0o600;
        }
        yield* sys.print(1, `${path}\n`);
      },
    );
  },
);

export const realpath = tool(
  {
    short: 'emsLPqz',
    long: { 'canonicalize-existing': 'e', 'canonicalize-missing': 'm', 'no-symlinks': 's', quiet: 'q' },
    usage: '[OPTION]... FILE...',
  },
  function* (sys, options) {
    needOperand(options);
    return yield* each(
      sys,
      options.operands,
      (operand, message) => `${operand}: ${message}`,
      function* (operand) {
        const path = sys.path(operand);
        yield* sys.print(1, `${options.has('s') ? path : resolved(sys, path, options.has('e'), options.has('m'))}\n`);
      },
    );
  },
);

/** The last part may be missing, with -m all of them, with -e none. */
function resolved(sys: Sys, path: string, mustExist: boolean, mayMiss: boolean): string {
  if (sys.fs.find(path)) return sys.fs.resolve(path);
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  if (mustExist || (!mayMiss && !sys.fs.find(parent))) throw new Errno('ENOENT');
  return join(parent === '/' ? '/' : resolved(sys, parent, false, mayMiss), basename(path));
}

export const readlink = tool(
  { short: 'fenmq', long: { canonicalize: 'f', 'no-newline': 'n' }, usage: '[OPTION]... FILE...' },
  function* (sys, options) {
    needOperand(options);
    let status = 0;
    for (const operand of options.operands) {
      const path = sys.path(operand);
      const inode = sys.fs.find(path, { followLast: false });
      const text =
        options.has('f') || options.has('e') || options.has('m')
          ? inode || options.has('f')
            ? resolved(sys, path, options.has('e'), options.has('m'))
            : undefined
          : inode?.kind === 'symlink'
            ? inode.target
            : undefined;
      if (text === undefined) status = 1;
      else yield* sys.print(1, options.has('n') ? text : `${text}\n`);
    }
    return status;
  },
);

export const truncate = tool(
  { short: 's:c', long: { 'size=': 's', 'no-create': 'c' }, usage: 'OPTION... FILE...' },
  function* (sys, options) {
    const size = Number(options.value('s'));
    if (!Number.isInteger(size))
      throw new UsageError(
        options.has('s') ? `Invalid number: '${options.value('s')}'` : "you must specify either '--size' or '--reference'",
        { hint: !options.has('s') },
      );
    needOperand(options, 'file operand');
    return yield* each(
      sys,
      options.operands,
      (operand, message) => `cannot open '${operand}' for writing: ${message}`,
      (operand) => {
        const path = sys.path(operand);
        const inode = sys.fs.find(path);
        if (!inode && options.has('c')) return;
        const data = inode ? sys.fs.readFile(path) : '';
        sys.fs.writeFile(path, (data.slice(0, size) + '\0'.repeat(Math.max(0, size - data.length))) as never);
      },
    );
  },
);
