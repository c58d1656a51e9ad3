import { Errno } from '../../../emulator/kernel/index.ts';
import type { Call, Inode, Sys } from '../../../emulator/kernel/index.ts';
import { inColumns } from '../line-editor/completion-list.ts';
import { quotedIfNeeded } from '../quoting.ts';
import { textWidth } from '../width.ts';
import { formatDate } from '../date-format.ts';
import { join, linkCount, listedTime, modifiedMs, permissions, sizeOf } from './file-listing.ts';
import { groupOf, ownerOf } from './owner.ts';
import { complain, humanSize, tool } from './tool.ts';
import type { Options } from './tool.ts';

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly inode: Inode;
}

/** LS_COLORS of dircolors(1), for the types that there are. */
function colorOf(inode: Inode, target: Inode | undefined): string {
  if (inode.kind === 'symlink') return target ? '01;36' : '40;31;01';
  if (inode.kind === 'directory') return inode.mode & 0o1000 ? (inode.mode & 0o002 ? '30;42' : '37;44') : '01;34';
  if (inode.kind === 'device') return '40;33;01';
  return inode.mode & 0o111 ? '01;32' : '';
}

class Listing {
  readonly #sys: Sys;
  readonly #options: Options;
  readonly #colors: boolean;
  readonly #isTty: boolean;

  constructor(sys: Sys, options: Options) {
    this.#sys = sys;
    this.#options = options;
    this.#isTty = sys.isatty(1);
    const when = options.has('color') ? options.value('color') || 'always' : 'never';
    this.#colors = when === 'always' || (when === 'auto' && this.#isTty);
  }

  #name(entry: Entry, { withTarget = false } = {}): string {
    const plain = this.#isTty
      ? quotedIfNeeded(entry.name).replace(/^'([^' ]*)'$/, (whole, inner: string) =>
          /[\s'"$`&;|<>()*?!#\\[\]]/.test(inner) ? whole : inner,
        )
      : entry.name;
    const target = entry.inode.kind === 'symlink' ? this.#sys.fs.find(entry.path) : undefined;
    const color = this.#colors ? colorOf(entry.inode, target) : '';
    const name = color === '' ? plain : `\x1b[${color}m${plain}\x1b[0m`;
    const arrow = withTarget && entry.inode.kind === 'symlink' ? ` -> ${entry.inode.target}` : '';
    const marked = this.#options.has('F') || this.#options.has('p') ? this.#mark(entry.inode) : '';
    return `${name}${arrow}${arrow ? '' : marked}`;
  }

  #mark(inode: Inode): string {
    if (inode.kind === 'directory') return '/';
    if (this.#options.has('p') && !this.#options.has('F')) return '';
    return inode.kind === 'symlink' ? '@' : inode.kind === 'file' && inode.mode & 0o111 ? '*' : '';
  }

  sorted(entries: readonly Entry[]): Entry[] {
    const options = this.#options;
    const byName = (a: Entry, b: Entry): number => Number(a.name > b.name) - Number(a.name < b.name);
    const result =
      options.has('U') || options.has('f')
        ? [...entries]
        : [...entries].sort(
            (a, b) =>
              (options.has('t') ? b.inode.mtimeMs - a.inode.mtimeMs : options.has('S') ? sizeOf(b.inode) - sizeOf(a.inode) : 0) ||
              byName(a, b),
          );
    if (options.has('group-directories-first'))
      result.sort((a, b) => Number(b.inode.kind === 'directory') - Number(a.inode.kind === 'directory'));
    return options.has('r') ? result.reverse() : result;
  }

  *print(entries: readonly Entry[], { total = false } = {}): Call<void> {
    const options = this.#options;
    const isLong = ['l', 'n', 'g', 'o'].some((letter) => options.has(letter));
    if (isLong) return yield* this.#long(entries, total);
    if (entries.length === 0) return;
    const names = entries.map((entry) => `${options.has('i') ? `${this.#inodeNumber(entry)} ` : ''}${this.#name(entry)}`);
    const inOneColumn = options.has('1') || (!this.#isTty && !options.has('C'));
    if (options.has('m')) yield* this.#sys.print(1, `${names.join(', ')}\n`);
    else yield* this.#sys.print(1, inOneColumn ? names.map((name) => `${name}\n`).join('') : columns(names, this.#sys.tty?.columns ?? 80));
  }

  #inodeNumber(entry: Entry): number {
    // There are no inode numbers: one is made from the path, the same each time.
    let number = 7;
    for (const char of entry.path) number = (number * 31 + char.charCodeAt(0)) % 9_999_991;
    return number;
  }

  *#long(entries: readonly Entry[], total: boolean): Call<void> {
    const options = this.#options;
    const size = (inode: Inode): string =>
      inode.kind === 'device' ? '1, 3' : options.has('h') ? humanSize(sizeOf(inode)) : String(sizeOf(inode));
    const rows = entries.map((entry) => ({
      entry,
      links: String(linkCount(this.#sys.fs, entry.path, entry.inode)),
      size: size(entry.inode),
      owner: options.has('n') ? String(entry.inode.uid ?? 0) : ownerOf(this.#sys, entry.inode),
      group: options.has('n') ? String(entry.inode.gid ?? 0) : groupOf(this.#sys, entry.inode),
    }));
    const pad = (text: string, width: number): string => (/^\d+$/.test(text) ? text.padStart(width) : text.padEnd(width));
    const ownerWidth = Math.max(1, ...rows.map((row) => row.owner.length));
    const groupWidth = Math.max(1, ...rows.map((row) => row.group.length));
    const linkWidth = Math.max(1, ...rows.map((row) => row.links.length));
    const sizeWidth = Math.max(1, ...rows.map((row) => row.size.length));
    const blocks = entries.reduce((sum, { inode }) => sum + Math.ceil(sizeOf(inode) / 4096) * 4, 0);
    if (total) yield* this.#sys.print(1, `total ${options.has('h') ? (blocks === 0 ? '0' : humanSize(blocks * 1024)) : blocks}\n`);
    const time = (inode: Inode): string =>
      options.has('full-time') ? formatDate(modifiedMs(this.#sys, inode), '%F %T.%N %z') : listedTime(this.#sys, inode);
    for (const { entry, links, size: bytes, owner, group } of rows) {
      const who = `${options.has('g') ? '' : `${pad(owner, ownerWidth)} `}${options.has('o') ? '' : `${pad(group, groupWidth)} `}`;
      yield* this.#sys.print(
        1,
        `${permissions(entry.inode)} ${links.padStart(linkWidth)} ${who}${bytes.padStart(sizeWidth)} ${time(entry.inode)} ${this.#name(entry, { withTarget: true })}\n`,
      );
    }
  }

  entriesOf(path: string): Entry[] {
    const { fs } = this.#sys;
    const options = this.#options;
    const absolute = this.#sys.path(path);
    const names = fs.list(absolute).filter((name) => options.has('a') || options.has('A') || options.has('f') || !name.startsWith('.'));
    const entries = names.map((name) => ({
      name,
      path: join(absolute, name),
      inode: fs.find(join(absolute, name), { followLast: false })!,
    }));
    const dots =
      options.has('a') || options.has('f')
        ? ['.', '..'].map((name) => ({ name, path: absolute, inode: fs.inode(this.#sys.path(join(path, name))) }))
        : [];
    return [...dots, ...this.sorted(entries)];
  }
}

/** Names in columns, each as wide as its longest name, as few rows as fit. */
function columns(names: readonly string[], width: number): string {
  const bare = names.map((name) => textWidth(name.replace(/\x1b\[[\d;]*m/g, '')));
  for (let rows = 1; rows <= names.length; rows++) {
    const count = Math.ceil(names.length / rows);
    const widths = Array.from({ length: count }, (_, c) => Math.max(...bare.slice(c * rows, (c + 1) * rows)));
    if (rows < names.length && widths.reduce((sum, w) => sum + w + 2, -2) > width) continue;
    let out = '';
    for (let row = 0; row < rows; row++) {
      for (let c = 0, i = row; i < names.length; c++, i += rows)
        out += names[i] + (i + rows < names.length ? ' '.repeat(widths[c]! + 2 - bare[i]!) : '');
      out += '\n';
    }
    return out;
  }
  return inColumns(names, width);
}

export const ls = tool(
  {
    short: 'aAlh1RFpdtSrinCUgomfk',
    long: {
      all: 'a',
      'almost-all': 'A',
      'human-readable': 'h',
      recursive: 'R',
      classify: 'F',
      directory: 'd',
      reverse: 'r',
      inode: 'i',
      'numeric-uid-gid': 'n',
      'color=?': 'color',
      'group-directories-first': 'group-directories-first',
      'full-time': 'full-time',
    },
    usage: '[OPTION]... [FILE]...',
    errorStatus: 2,
  },
  function* (sys, options) {
    if (options.has('full-time')) options.add('l', '');
    const listing = new Listing(sys, options);
    const files: Entry[] = [];
    const directories: string[] = [];
    let status = 0;
    for (const operand of options.operands.length > 0 ? options.operands : ['.']) {
      const path = sys.path(operand);
      const own = sys.fs.find(path, { followLast: false });
      const inode =
        own?.kind === 'symlink' && (options.has('l') || options.has('d')) && !operand.endsWith('/') ? own : (sys.fs.find(path) ?? own);
      if (!inode) status = yield* complain(sys, `cannot access '${operand}': No such file or directory`, 2);
      else if (inode.kind === 'directory' && !options.has('d')) directories.push(operand);
      else files.push({ name: operand, path, inode });
    }
    yield* listing.print(listing.sorted(files));
    const withNames = options.operands.length > 1 || options.has('R');
    let isFirst = files.length === 0;
    const queue = directories.sort();
    for (let directory = queue.shift(); directory !== undefined; directory = queue.shift()) {
      if (withNames) yield* sys.print(1, `${isFirst ? '' : '\n'}${directory}:\n`);
      isFirst = false;
      try {
        const entries = listing.entriesOf(directory);
        yield* listing.print(entries, { total: true });
        const below = entries
          .filter(({ name, inode }) => inode.kind === 'directory' && name !== '.' && name !== '..')
          .map(({ name }) => join(directory!, name));
        if (options.has('R')) queue.unshift(...below);
      } catch (error) {
        if (!(error instanceof Errno) || error.code === 'EPIPE') throw error;
        status = yield* complain(sys, `cannot open directory '${directory}': ${error.message}`, 2);
      }
    }
    return status;
  },
);
