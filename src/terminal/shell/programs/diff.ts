import { structuredPatch } from 'diff';
import { Errno } from '../../../emulator/kernel/index.ts';
import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import { formatDate } from '../date-format.ts';
import { join, modifiedMs } from './file-listing.ts';
import { UsageError, complain, readText, tool } from './tool.ts';
import type { Options } from './tool.ts';

/** Longer files are compared only up to here: the search for the shortest edit is quadratic in the worst case. */
const maxEditLength = 20_000;

interface Side {
  readonly path: string;
  readonly text: string;
}

function range(start: number, lines: number): string {
  return lines === 1 ? String(start) : `${lines === 0 ? start - 1 : start},${lines}`;
}

function normalRange(start: number, lines: number): string {
  return lines === 0 ? String(start - 1) : lines === 1 ? String(start) : `${start},${start + lines - 1}`;
}

function normalized(text: string, options: Options): string {
  let result = text;
  if (options.has('w')) result = result.replace(/[ \t]+/g, '');
  else if (options.has('b')) result = result.replace(/[ \t]+/g, ' ').replace(/ $/gm, '');
  if (options.has('B')) result = result.replace(/^\s*\n/gm, '');
  return options.has('i') ? result.toLowerCase() : result;
}

function timestamp(sys: Sys, path: string): string {
  const inode = path === '-' || path.startsWith('/dev/fd/') ? undefined : sys.fs.find(sys.path(path));
  return formatDate(inode ? modifiedMs(sys, inode) : sys.kernel.clock.unixMs, '%F %T.%N %z');
}

function* compareFiles(sys: Sys, a: Side, b: Side, options: Options, header: string): Call<boolean> {
  const [left, right] = [normalized(a.text, options), normalized(b.text, options)];
  if (left === right) return false;
  if (options.has('q')) {
    yield* sys.print(1, `Files ${a.path} and ${b.path} differ\n`);
    return true;
  }
  const context = options.has('u') || options.has('U') ? Number(options.value('U') ?? 3) : 0;
  const patch = structuredPatch(a.path, b.path, left, right, undefined, undefined, { context, maxEditLength });
  if (!patch) {
    yield* sys.print(1, `Files ${a.path} and ${b.path} differ\n`);
    return true;
  }
  yield* sys.print(1, header);
  const paint = painter(sys, options);
  if (options.has('u') || options.has('U')) {
    const label = (i: number, side: Side): string => options.values('L')[i] ?? `${side.path}\t${timestamp(sys, side.path)}`;
    yield* sys.print(1, `${paint('1', `--- ${label(0, a)}`)}\n${paint('1', `+++ ${label(1, b)}`)}\n`);
    for (const hunk of patch.hunks) {
      yield* sys.print(1, `${paint('36', `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`)}\n`);
      for (const line of hunk.lines)
        yield* sys.print(1, `${line.startsWith('+') ? paint('32', line) : line.startsWith('-') ? paint('31', line) : line}\n`);
    }
    return true;
  }
  for (const hunk of patch.hunks) {
    const [removed, added] = [hunk.lines.filter((line) => line.startsWith('-')), hunk.lines.filter((line) => line.startsWith('+'))];
    const kind = removed.length === 0 ? 'a' : added.length === 0 ? 'd' : 'c';
    yield* sys.print(1, `${normalRange(hunk.oldStart, removed.length)}${kind}${normalRange(hunk.newStart, added.length)}\n`);
    const body = hunk.lines.map((line) => (line.startsWith('\\') ? line : `${line.startsWith('-') ? '<' : '>'} ${line.slice(1)}`));
    const split = body.findIndex((line) => line.startsWith('>'));
    const parts = kind === 'c' ? [...body.slice(0, split), '---', ...body.slice(split)] : body;
    yield* sys.print(1, parts.map((line) => `${line}\n`).join(''));
  }
  return true;
}

function painter(sys: Sys, options: Options): (code: string, text: string) => string {
  const when = options.has('color') ? options.value('color') || 'auto' : 'never';
  const isOn = when === 'always' || (when === 'auto' && sys.isatty(1));
  return (code, text) => (isOn ? `\x1b[${code}m${text}\x1b[0m` : text);
}

function* compareDirectories(sys: Sys, left: string, right: string, options: Options): Call<boolean> {
  let differs = false;
  const [a, b] = [sys.fs.list(sys.path(left)), sys.fs.list(sys.path(right))];
  for (const name of [...new Set([...a, ...b])].sort()) {
    const [from, to] = [join(left, name), join(right, name)];
    const absent = !a.includes(name) ? left : !b.includes(name) ? right : undefined;
    if (absent !== undefined && options.has('N'))
      differs =
        (yield* compareFiles(
          sys,
          { path: from, text: a.includes(name) ? yield* readText(sys, from) : '' },
          { path: to, text: b.includes(name) ? yield* readText(sys, to) : '' },
          options,
          `diff ${flags(options)}${from} ${to}\n`,
        )) || differs;
    else if (absent !== undefined) {
      yield* sys.print(1, `Only in ${absent === left ? right : left}: ${name}\n`);
      differs = true;
    } else if (sys.fs.find(sys.path(from))?.kind === 'directory' && sys.fs.find(sys.path(to))?.kind === 'directory') {
      if (options.has('r')) differs = (yield* compareDirectories(sys, from, to, options)) || differs;
      else yield* sys.print(1, `Common subdirectories: ${from} and ${to}\n`);
    } else
      differs =
        (yield* compareFiles(
          sys,
          { path: from, text: yield* readText(sys, from) },
          { path: to, text: yield* readText(sys, to) },
          options,
          `diff ${flags(options)}${from} ${to}\n`,
        )) || differs;
  }
  return differs;
}

function flags(options: Options): string {
  const letters = ['u', 'r', 'N', 'i', 'w', 'b'].filter((letter) => options.has(letter));
  return letters.map((letter) => `-${letter} `).join('');
}

export const diff = tool(
  {
    short: 'urNqswbBiU:L:ac',
    long: {
      'unified=?': 'u',
      recursive: 'r',
      'new-file': 'N',
      brief: 'q',
      'report-identical-files': 's',
      'ignore-all-space': 'w',
      'ignore-space-change': 'b',
      'ignore-blank-lines': 'B',
      'ignore-case': 'i',
      'label=': 'L',
      text: 'a',
      'color=?': 'color',
    },
    usage: '[OPTION]... FILES',
    errorStatus: 2,
  },
  function* (sys, options) {
    const [first, second, extra] = options.operands;
    if (options.has('c')) throw new UsageError('context output (-c) is not supported here; use -u', { hint: false });
    if (first === undefined || second === undefined) throw new UsageError(`missing operand after '${first ?? nameless}'`);
    if (extra !== undefined) throw new UsageError(`extra operand '${extra}'`);
    const isDirectory = (path: string): boolean => path !== '-' && sys.fs.find(sys.path(path))?.kind === 'directory';
    try {
      if (isDirectory(first) && isDirectory(second)) return Number(yield* compareDirectories(sys, first, second, options));
      const left = isDirectory(first) ? join(first, second.slice(second.lastIndexOf('/') + 1)) : first;
      const right = isDirectory(second) ? join(second, first.slice(first.lastIndexOf('/') + 1)) : second;
      const read = function* (path: string): Call<string> {
        try {
          return yield* readText(sys, path);
        } catch (error) {
          if (error instanceof Errno && error.code === 'ENOENT' && options.has('N')) return '';
          if (error instanceof Errno) throw new UsageError(`${path}: ${error.message}`, { hint: false });
          throw error;
        }
      };
      const differs = yield* compareFiles(
        sys,
        { path: left, text: yield* read(left) },
        { path: right, text: yield* read(right) },
        options,
        '',
      );
      if (!differs && options.has('s')) yield* sys.print(1, `Files ${left} and ${right} are identical\n`);
      return Number(differs);
    } catch (error) {
      if (!(error instanceof Errno) || error.code === 'EPIPE') throw error;
      return yield* complain(sys, error.message, 2);
    }
  },
);

const nameless = 'diff';
