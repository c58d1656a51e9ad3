import { Errno, createLineReader, textOf } from '../../../emulator/kernel/index.ts';
import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import { posixRegExp } from '../regular-expression.ts';
import { patternRegExp } from '../pattern.ts';
import { UsageError, complain, linesOf, nameOf, readText, tool } from './tool.ts';
import type { Options } from './tool.ts';

const color = {
  match: '\x1b[01;31m\x1b[K',
  file: '\x1b[35m\x1b[K',
  number: '\x1b[32m\x1b[K',
  separator: '\x1b[36m\x1b[K',
  end: '\x1b[m\x1b[K',
};

/** One expression for all patterns, each a line of -e, -f or the first operand. */
function compile(patterns: readonly string[], options: Options, isExtended: boolean, isFixed: boolean): RegExp {
  const sources = patterns.map((pattern) =>
    isFixed
      ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      : options.has('P')
        ? new RegExp(pattern, 'u').source
        : posixRegExp(pattern, { extended: isExtended }).source,
  );
  const joined = sources.map((source) => `(?:${source})`).join('|') || '(?!)';
  const whole = options.has('x') ? `^(?:${joined})$` : options.has('w') ? `(?<!\\w)(?:${joined})(?!\\w)` : joined;
  return new RegExp(whole, `g${options.has('i') || options.has('y') ? 'i' : ''}u`);
}

interface Output {
  readonly withName: boolean;
  readonly colors: boolean;
  /** Lines of context before and after. */
  readonly before: number;
  readonly after: number;
}

class Search {
  readonly #sys: Sys;
  readonly #options: Options;
  readonly #regExp: RegExp;
  readonly #output: Output;
  matched = false;
  #printedContext = false;

  constructor(sys: Sys, options: Options, regExp: RegExp, output: Output) {
    this.#sys = sys;
    this.#options = options;
    this.#regExp = regExp;
    this.#output = output;
  }

  *file(fd: number, name: string): Call<void> {
    const options = this.#options;
    const lines = createLineReader(this.#sys, fd);
    const limit = options.has('m') ? Number(options.value('m')) : Number.POSITIVE_INFINITY;
    const { before, after } = this.#output;
    const held: { readonly line: string; readonly number: number }[] = [];
    let [count, number, due, lastPrinted] = [0, 0, 0, 0];
    for (let bytes = yield* lines.next(); bytes !== undefined && count < limit; bytes = yield* lines.next()) {
      const line = textOf(bytes);
      number++;
      this.#regExp.lastIndex = 0;
      if (this.#regExp.test(line) === options.has('v')) {
        if (due > 0 && !this.#isQuiet) {
          due--;
          lastPrinted = number;
          yield* this.#line(line, number, name, '-');
        } else if (before > 0) {
          held.push({ line, number });
          if (held.length > before) held.shift();
        }
        continue;
      }
      count++;
      this.matched = true;
      if (options.has('q')) return;
      if (options.has('l') || options.has('L')) break;
      if (options.has('c')) continue;
      const first = held[0]?.number ?? number;
      if ((before > 0 || after > 0) && this.#printedContext && first > lastPrinted + 1)
        yield* this.#sys.print(1, `${this.#paint('separator', '--')}\n`);
      for (const { line: earlier, number: at } of held.splice(0)) yield* this.#line(earlier, at, name, '-');
      if (options.has('o')) yield* this.#matches(line, number, name);
      else yield* this.#line(line, number, name, ':');
      this.#printedContext = true;
      lastPrinted = number;
      due = after;
    }
    if (options.has('c') && !options.has('q'))
      yield* this.#sys.print(1, `${this.#output.withName ? `${this.#paint('file', name)}${this.#paint('separator', ':')}` : ''}${count}\n`);
    if ((options.has('l') && count > 0) || (options.has('L') && count === 0)) yield* this.#sys.print(1, `${this.#paint('file', name)}\n`);
  }

  get #isQuiet(): boolean {
    return ['q', 'l', 'L', 'c', 'o'].some((letter) => this.#options.has(letter));
  }

  #paint(kind: keyof typeof color, text: string): string {
    return this.#output.colors ? color[kind] + text + color.end : text;
  }

  #prefix(number: number, name: string, mark: string): string {
    const separator = this.#paint('separator', mark);
    return `${this.#output.withName ? this.#paint('file', name) + separator : ''}${this.#options.has('n') ? this.#paint('number', String(number)) + separator : ''}`;
  }

  *#line(line: string, number: number, name: string, mark: string): Call<void> {
    const shown =
      this.#output.colors && mark === ':' && !this.#options.has('v')
        ? line.replace(this.#regExp, (match) => (match === '' ? '' : this.#paint('match', match)))
        : line;
    yield* this.#sys.print(1, `${this.#prefix(number, name, mark)}${shown}\n`);
  }

  *#matches(line: string, number: number, name: string): Call<void> {
    this.#regExp.lastIndex = 0;
    for (const [match] of line.matchAll(this.#regExp))
      if (match !== '') yield* this.#sys.print(1, `${this.#prefix(number, name, ':')}${this.#paint('match', match)}\n`);
  }
}

/** Files below a directory, in order of names. */
function filesBelow(sys: Sys, path: string, options: Options): string[] {
  const inode = sys.fs.find(sys.path(path), { followLast: false });
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (inode?.kind === 'directory') {
    if (options.values('exclude-dir').some((pattern) => patternRegExp(pattern).test(name))) return [];
    return sys.fs
      .list(sys.path(path))
      .flatMap((entry) => filesBelow(sys, path.endsWith('/') ? `${path}${entry}` : `${path}/${entry}`, options));
  }
  const included = options.values('include');
  const isWanted =
    (included.length === 0 || included.some((pattern) => patternRegExp(pattern).test(name))) &&
    !options.values('exclude').some((pattern) => patternRegExp(pattern).test(name));
  return inode?.kind === 'file' && isWanted ? [path] : [];
}

export const grep = tool(
  {
    short: 'EFGPe:f:ivwxcoqslLnHhrRm:A:B:C:yaz',
    long: {
      'extended-regexp': 'E',
      'fixed-strings': 'F',
      'basic-regexp': 'G',
      'perl-regexp': 'P',
      'regexp=': 'e',
      'file=': 'f',
      'ignore-case': 'i',
      'invert-match': 'v',
      'word-regexp': 'w',
      'line-regexp': 'x',
      count: 'c',
      'only-matching': 'o',
      quiet: 'q',
      silent: 'q',
      'no-messages': 's',
      'files-with-matches': 'l',
      'files-without-match': 'L',
      'line-number': 'n',
      'with-filename': 'H',
      'no-filename': 'h',
      recursive: 'r',
      'dereference-recursive': 'R',
      'max-count=': 'm',
      'after-context=': 'A',
      'before-context=': 'B',
      'context=': 'C',
      'color=?': 'color',
      'colour=?': 'color',
      'include=': 'include',
      'exclude=': 'exclude',
      'exclude-dir=': 'exclude-dir',
      text: 'a',
      'line-buffered': 'a',
    },
    usage: '[OPTION]... PATTERNS [FILE]...',
    errorStatus: 2,
    digits: 'C',
  },
  function* (sys, options) {
    const patterns = options.values('e').flatMap((text) => text.split('\n'));
    for (const path of options.values('f')) {
      try {
        patterns.push(...linesOf(yield* readText(sys, path)));
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        return yield* complain(sys, `${path}: ${error.message}`, 2);
      }
    }
    if (!options.has('e') && !options.has('f')) {
      const pattern = options.operands.shift();
      if (pattern === undefined) {
        yield* sys.print(2, "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n");
        return 2;
      }
      patterns.push(...pattern.split('\n'));
    }
    const name = nameOf(sys);
    const dialect = options.last('E', 'F', 'G', 'P') ?? (name === 'egrep' ? 'E' : name === 'fgrep' ? 'F' : 'G');
    let regExp: RegExp;
    try {
      regExp = compile(patterns, options, dialect === 'E', dialect === 'F');
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return yield* complain(sys, error.message, 2);
    }
    const isRecursive = options.has('r') || options.has('R');
    const roots = options.operands.length > 0 ? options.operands : isRecursive ? ['.'] : ['-'];
    const context = (letter: string): number => {
      const text = options.value(letter) ?? options.value('C');
      if (text !== undefined && !/^\d+$/.test(text)) throw new UsageError(`${text}: invalid context length argument`, { hint: false });
      return Number(text ?? 0);
    };
    const when = options.has('color') ? options.value('color') || 'always' : 'never';
    const search = new Search(sys, options, regExp, {
      withName: options.has('H') || (!options.has('h') && (isRecursive || options.operands.length > 1)),
      colors: when === 'always' || (when === 'auto' && sys.isatty(1)),
      before: context('B'),
      after: context('A'),
    });
    let status = 0;
    for (const root of roots) {
      const isDirectory = root !== '-' && sys.fs.find(sys.path(root))?.kind === 'directory';
      if (isDirectory && !isRecursive) {
        if (!options.has('s')) yield* complain(sys, `${root}: Is a directory`);
        continue;
      }
      for (const path of isDirectory
        ? filesBelow(sys, root, options).map((found) => (options.operands.length === 0 ? found.replace(/^\.\//, '') : found))
        : [root]) {
        try {
          const fd = path === '-' ? 0 : sys.open(path, 'read');
          yield* search.file(fd, path === '-' ? '(standard input)' : path);
          if (fd !== 0) sys.fds.close(fd);
          if (search.matched && options.has('q')) return 0;
        } catch (error) {
          if (!(error instanceof Errno) || error.code === 'EPIPE') throw error;
          if (!options.has('s')) yield* complain(sys, `${path}: ${error.message}`);
          status = 2;
        }
      }
    }
    return status || Number(!search.matched);
  },
);
