/** vi itself: modes, operators, counts, search, and the screen. */
import { Errno, utf8 } from '../../../../emulator/kernel/index.ts';
import type { Call, Sys } from '../../../../emulator/kernel/index.ts';
import { posixRegExp } from '../../regular-expression.ts';
import { FullScreen, shownLine } from '../screen.ts';
import { readText } from '../tool.ts';
import { Buffer } from './buffer.ts';
import type { Position, Register } from './buffer.ts';
import { runEx } from './ex.ts';
import type { ExResult } from './ex.ts';
import { motion } from './motions.ts';
import { selectedColumns, shownRow } from './row.ts';
import { textObject } from './text-object.ts';
import type { Motion } from './motions.ts';

type Mode = 'normal' | 'insert' | 'replace' | 'visual' | 'visual-line';

export class Vi {
  readonly #sys: Sys;
  readonly #screen: FullScreen;
  #path: string;
  #buffer = new Buffer('');
  #mode: Mode = 'normal';
  #anchor: Position = { line: 0, column: 0 };
  #top = 0;
  #left = 0;
  #message = '';
  #register: Register = { text: '', isLinewise: false };
  #search: { readonly pattern: string; readonly isForward: boolean } | undefined;
  #find: { readonly key: string; readonly char: string } | undefined;
  #isOver = false;
  #exitCode = 0;
  readonly #settings = new Map<string, boolean>();
  /** Keys of the last change, for `.`, and those still to be played. */
  #recorded: string[] = [];
  #lastChange: readonly string[] = [];
  #playing: string[] = [];

  constructor(sys: Sys, path: string) {
    this.#sys = sys;
    this.#path = path;
    this.#screen = new FullScreen(sys);
  }

  *run(): Call<number> {
    yield* this.#screen.enter();
    yield* this.#load(this.#path);
    while (!this.#isOver) {
      if (!this.#screen.hasKey && this.#playing.length === 0) yield* this.#draw();
      const key = yield* this.#key();
      if (key === 'End of input' || key === 'SIGHUP' || key === 'SIGTERM') break;
      if (key.startsWith('SIG')) continue;
      this.#message = this.#mode === 'normal' ? '' : this.#message;
      if (this.#mode === 'insert' || this.#mode === 'replace') this.#type(key);
      else yield* this.#command(key);
    }
    yield* this.#screen.leave();
    return this.#exitCode;
  }

  *#key(): Call<string> {
    const played = this.#playing.shift();
    const key = played ?? (yield* this.#screen.key());
    this.#recorded.push(key);
    return key;
  }

  *#load(path: string): Call<void> {
    this.#path = path;
    if (path === '') return;
    try {
      const text = yield* readText(this.#sys, path);
      this.#buffer = new Buffer(text);
      const lines = text === '' ? 0 : this.#buffer.lines.length;
      this.#message = `"${path}" ${lines}L, ${utf8(text).length}B`;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      this.#buffer = new Buffer('');
      this.#message =
        error.code === 'ENOENT' ? `"${path}" [New]` : `"${path}" ${error.code === 'EISDIR' ? 'is a directory' : error.message}`;
    }
  }

  // Insert mode.

  #type(key: string): void {
    const buffer = this.#buffer;
    const { line, column } = buffer.cursor;
    switch (key) {
      case 'Escape':
      case 'C-c':
        this.#mode = 'normal';
        this.#message = '';
        buffer.move(line, column - 1);
        this.#lastChange = [...this.#recorded];
        this.#recorded = [];
        return;
      case 'Enter': {
        const indent = this.#settings.get('autoindent') ? /^\s*/.exec(buffer.line)![0] : '';
        return buffer.insert(`\n${indent}`);
      }
      case 'Tab':
        return buffer.insert(this.#settings.get('expandtab') ? ' '.repeat(8 - (column % 8)) : '\t');
      case 'Backspace':
        if (column > 0) buffer.cut({ line, column: column - 1 }, { line, column });
        else if (line > 0) buffer.cut({ line: line - 1, column: buffer.lines[line - 1]!.length }, { line, column: 0 });
        return;
      case 'Delete':
        return void buffer.cut({ line, column }, { line, column: Math.min(buffer.line.length, column + 1) });
      case 'C-w': {
        const to = motion(buffer, 'b', 1)!.to;
        return void buffer.cut(to.line === line ? to : { line, column: 0 }, { line, column });
      }
      case 'C-u':
        return void buffer.cut({ line, column: 0 }, { line, column });
      default:
    }
    if (key.startsWith('Paste:')) return buffer.insert(key.slice(6));
    if (/^(Up|Down|Left|Right|Home|End|PageUp|PageDown)$/.test(key)) {
      const to = motion(buffer, key, 1, '', this.#screen.rows - 2)!.to;
      return buffer.move(to.line, key === 'End' ? buffer.line.length : to.column, { past: true });
    }
    if ([...key].length !== 1) return;
    if (this.#mode === 'replace' && column < buffer.line.length) buffer.cut({ line, column }, { line, column: column + 1 });
    buffer.insert(key);
  }

  #insertAt(line: number, column: number): void {
    this.#buffer.move(line, column, { past: true });
    this.#mode = 'insert';
    this.#message = '-- INSERT --';
  }

  // Normal mode.

  *#command(first: string): Call<void> {
    if (this.#playing.length === 0 || this.#recorded.length === 0) this.#recorded = this.#recorded.slice(-1);
    const before = this.#buffer.lines;
    let key = first;
    let digits = '';
    while (/^[1-9]$/.test(key) || (digits !== '' && key === '0')) {
      digits += key;
      key = yield* this.#key();
    }
    const count = digits === '' ? undefined : Math.min(Number(digits), 100_000);
    if (key === '.') {
      this.#playing = [...this.#lastChange];
      this.#recorded = [];
      return;
    }
    yield* this.#perform(key, count);
    if (
      this.#mode === 'normal' &&
      this.#buffer.lines !== before &&
      !'u'.includes(key) &&
      key !== 'C-r' &&
      key !== ':' &&
      this.#playing.length === 0
    )
      this.#lastChange = [...this.#recorded];
  }

  *#perform(key: string, count: number | undefined): Call<void> {
    const buffer = this.#buffer;
    const { line, column } = buffer.cursor;
    const n = count ?? 1;
    const isVisual = this.#mode === 'visual' || this.#mode === 'visual-line';
    if (isVisual && 'dxycs><~Jp'.includes(key)) return this.#visual(key);
    if (['d', 'c', 'y', '>', '<'].includes(key)) return yield* this.#operator(key, count);
    if (['i', 'a', 'I', 'A', 'o', 'O', 's', 'S', 'C', 'R'].includes(key)) return this.#startInsert(key, n);
    switch (key) {
      case 'Escape':
      case 'C-c':
        this.#mode = 'normal';
        this.#message = '';
        return;
      case 'v':
      case 'V':
        this.#anchor = buffer.cursor;
        this.#mode = isVisual ? 'normal' : key === 'v' ? 'visual' : 'visual-line';
        this.#message = isVisual ? '' : key === 'v' ? '-- VISUAL --' : '-- VISUAL LINE --';
        return;
      case 'x':
      case 'Delete':
        if (buffer.line === '') return;
        buffer.mark();
        this.#register = {
          text: buffer.cut({ line, column }, { line, column: Math.min(buffer.line.length, column + n) }),
          isLinewise: false,
        };
        return buffer.move(line, column);
      case 'X':
        if (column === 0) return;
        buffer.mark();
        this.#register = { text: buffer.cut({ line, column: Math.max(0, column - n) }, { line, column }), isLinewise: false };
        return;
      case 'D':
        buffer.mark();
        this.#register = { text: buffer.cut({ line, column }, { line, column: buffer.line.length }), isLinewise: false };
        return buffer.move(line, column);
      case 'Y':
        return this.#take('y', line, Math.min(buffer.lines.length - 1, line + n - 1));
      case 'p':
      case 'P':
        return this.#put(key === 'p', n);
      case 'J':
        return this.#join(n);
      case 'r': {
        const char = yield* this.#key();
        if ([...char].length !== 1 && char !== 'Enter') return;
        if (column + n > buffer.line.length) return;
        buffer.mark();
        buffer.setLine(line, buffer.line.slice(0, column) + (char === 'Enter' ? '\n' : char.repeat(n)) + buffer.line.slice(column + n));
        if (char === 'Enter') {
          buffer.replaceLines(line, 1, buffer.lines[line]!.split('\n'));
          return buffer.move(line + 1, 0);
        }
        return buffer.move(line, column + n - 1);
      }
      case '~': {
        buffer.mark();
        const turned = [...buffer.line.slice(column, column + n)]
          .map((char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase()))
          .join('');
        buffer.setLine(line, buffer.line.slice(0, column) + turned + buffer.line.slice(column + n));
        return buffer.move(line, column + n);
      }
      case 'u':
        return void (this.#message = buffer.undo() ? '' : 'Already at oldest change');
      case 'C-r':
        return void (this.#message = buffer.redo() ? '' : 'Already at newest change');
      case 'C-g':
        return void (this.#message = `"${this.#path}"${buffer.isModified ? ' [Modified]' : ''} line ${line + 1} of ${buffer.lines.length}`);
      case 'C-l':
        return;
      case ':':
        return yield* this.#ex();
      case '/':
      case '?':
        return yield* this.#startSearch(key === '/');
      case 'n':
        return this.#repeatSearch(true);
      case 'N':
        return this.#repeatSearch(false);
      case '*': {
        const word = /^\w+/.exec(buffer.line.slice(/\w*$/.exec(buffer.line.slice(0, column))!.index))?.[0];
        if (word) this.#search = { pattern: `\\<${word}\\>`, isForward: true };
        return this.#repeatSearch(true);
      }
      case 'Z': {
        const second = yield* this.#key();
        if (second === 'Z') return yield* this.#carryOut(buffer.isModified ? { writeTo: '', quit: true } : { quit: true });
        if (second === 'Q') return yield* this.#carryOut({ quit: true });
        return;
      }
      default: {
        const found = yield* this.#motion(key, count);
        if (found) buffer.move(found.to.line, found.to.column);
      }
    }
  }

  *#motion(key: string, count: number | undefined): Call<Motion | undefined> {
    const page = this.#screen.rows - 2;
    if (key === 'g') {
      const second = yield* this.#key();
      return motion(this.#buffer, `g${second}`, count, '', page);
    }
    if ('ftFT'.includes(key) && key.length === 1) {
      const char = yield* this.#key();
      this.#find = { key, char };
      return motion(this.#buffer, key, count, char, page);
    }
    if (key === ';' && this.#find) return motion(this.#buffer, this.#find.key, count, this.#find.char, page);
    return motion(this.#buffer, key, count, '', page);
  }

  #startInsert(key: string, n: number): void {
    const buffer = this.#buffer;
    const { line, column } = buffer.cursor;
    buffer.mark();
    switch (key) {
      case 'i':
        return this.#insertAt(line, column);
      case 'a':
        return this.#insertAt(line, column + 1);
      case 'I':
        return this.#insertAt(line, Math.max(0, buffer.line.search(/\S/)));
      case 'A':
        return this.#insertAt(line, buffer.line.length);
      case 'o':
      case 'O': {
        const indent = this.#settings.get('autoindent') ? /^\s*/.exec(buffer.line)![0] : '';
        buffer.replaceLines(key === 'o' ? line + 1 : line, 0, [indent]);
        return this.#insertAt(key === 'o' ? line + 1 : line, indent.length);
      }
      case 's':
        this.#register = {
          text: buffer.cut({ line, column }, { line, column: Math.min(buffer.line.length, column + n) }),
          isLinewise: false,
        };
        return this.#insertAt(line, column);
      case 'S':
        return this.#changeLines(line, Math.min(buffer.lines.length - 1, line + n - 1));
      case 'C':
        this.#register = { text: buffer.cut({ line, column }, { line, column: buffer.line.length }), isLinewise: false };
        return this.#insertAt(line, column);
      default:
        this.#mode = 'replace';
        this.#message = '-- REPLACE --';
    }
  }

  #changeLines(from: number, to: number): void {
    this.#register = { text: this.#buffer.lines.slice(from, to + 1).join('\n'), isLinewise: true };
    this.#buffer.replaceLines(from, to - from + 1, ['']);
    this.#insertAt(from, 0);
  }

  *#operator(operator: string, count: number | undefined): Call<void> {
    const buffer = this.#buffer;
    let key = yield* this.#key();
    let digits = '';
    while (/^[1-9]$/.test(key) || (digits !== '' && key === '0')) {
      digits += key;
      key = yield* this.#key();
    }
    const n = digits === '' && count === undefined ? undefined : Number(digits || 1) * (count ?? 1);
    const { line, column } = buffer.cursor;
    if (key === operator) return this.#applyLines(operator, line, Math.min(buffer.lines.length - 1, line + (n ?? 1) - 1));
    if (key === 'i' || key === 'a') {
      const inside = textObject(buffer, key === 'a', yield* this.#key());
      if (inside) this.#apply(operator, inside.from, inside.to);
      return;
    }
    // `cw` stops at the end of the word.
    const isWordChange = operator === 'c' && (key === 'w' || key === 'W') && /\S/.test(buffer.line[column] ?? ' ');
    const found = yield* this.#motion(isWordChange ? `c${key}` : key, n);
    if (!found) return;
    if (found.isLinewise) return this.#applyLines(operator, Math.min(line, found.to.line), Math.max(line, found.to.line));
    const here = buffer.cursor;
    const isBackward = found.to.line < line || (found.to.line === line && found.to.column < column);
    let [from, to] = isBackward ? [found.to, here] : [here, found.to];
    if (found.isInclusive && !isBackward) to = { line: to.line, column: Math.min(buffer.lines[to.line]!.length, to.column + 1) };
    // `dw` on the last word of a line does not take the line break.
    else if (!isBackward && to.line > from.line && (key === 'w' || key === 'W'))
      to = { line: from.line, column: buffer.lines[from.line]!.length };
    this.#apply(operator, from, to);
  }

  #apply(operator: string, from: Position, to: Position): void {
    const buffer = this.#buffer;
    if (operator === '>' || operator === '<') return this.#applyLines(operator, from.line, to.line);
    this.#register = { text: buffer.between(from, to), isLinewise: false };
    if (operator === 'y') return buffer.move(from.line, from.column);
    buffer.mark();
    buffer.cut(from, to);
    if (operator === 'c') this.#insertAt(from.line, from.column);
    else buffer.move(from.line, from.column);
  }

  #applyLines(operator: string, from: number, to: number): void {
    const buffer = this.#buffer;
    if (operator === 'y' || operator === 'd') return this.#take(operator, from, to);
    buffer.mark();
    if (operator === 'c') return this.#changeLines(from, to);
    buffer.replaceLines(
      from,
      to - from + 1,
      buffer.lines
        .slice(from, to + 1)
        .map((text) => (operator === '>' ? (text === '' ? text : `  ${text}`) : text.replace(/^ {1,2}|^\t/, ''))),
    );
    buffer.move(from, Math.max(0, buffer.lines[from]!.search(/\S/)));
  }

  #take(operator: string, from: number, to: number): void {
    const buffer = this.#buffer;
    this.#register = { text: buffer.lines.slice(from, to + 1).join('\n'), isLinewise: true };
    const count = to - from + 1;
    if (operator === 'd') {
      buffer.mark();
      buffer.replaceLines(from, count, []);
      buffer.move(from, Math.max(0, (buffer.lines[Math.min(from, buffer.lines.length - 1)] ?? '').search(/\S/)));
    }
    if (count > 2) this.#message = operator === 'd' ? `${count} fewer lines` : `${count} lines yanked`;
  }

  #visual(key: string): void {
    const buffer = this.#buffer;
    const isBackward =
      buffer.cursor.line < this.#anchor.line || (buffer.cursor.line === this.#anchor.line && buffer.cursor.column < this.#anchor.column);
    const [from, end] = isBackward ? [buffer.cursor, this.#anchor] : [this.#anchor, buffer.cursor];
    const isLines = this.#mode === 'visual-line';
    this.#mode = 'normal';
    this.#message = '';
    const operator = key === 'x' ? 'd' : key === 's' ? 'c' : key;
    const to = { line: end.line, column: Math.min(buffer.lines[end.line]!.length, end.column + 1) };
    if (operator === 'J') {
      buffer.move(from.line, 0);
      return this.#join(end.line - from.line + 1);
    }
    if (operator === '~') {
      buffer.mark();
      const text = buffer.between(from, to);
      buffer.cut(from, to);
      buffer.insert([...text].map((char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase())).join(''));
      return buffer.move(from.line, from.column);
    }
    if (operator === 'p') {
      const put = this.#register;
      if (isLines) this.#take('d', from.line, end.line);
      else this.#apply('d', from, to);
      this.#register = put;
      return this.#put(false, 1);
    }
    if (isLines) this.#applyLines(operator, from.line, end.line);
    else this.#apply(operator, from, to);
  }

  #put(isAfter: boolean, n: number): void {
    const buffer = this.#buffer;
    const { text, isLinewise } = this.#register;
    const { line, column } = buffer.cursor;
    if (text === '' && !isLinewise) return;
    buffer.mark();
    if (isLinewise) {
      const lines = Array.from({ length: n }, () => text.split('\n')).flat();
      buffer.replaceLines(isAfter ? line + 1 : line, 0, lines);
      return buffer.move(isAfter ? line + 1 : line, Math.max(0, lines[0]!.search(/\S/)));
    }
    buffer.move(line, isAfter && buffer.line !== '' ? column + 1 : column, { past: true });
    buffer.insert(text.repeat(n));
    buffer.move(buffer.cursor.line, buffer.cursor.column - 1);
  }

  #join(n: number): void {
    const buffer = this.#buffer;
    const { line } = buffer.cursor;
    const count = Math.max(2, n);
    const lines = buffer.lines.slice(line, line + count);
    if (lines.length < 2) return;
    buffer.mark();
    const joined = lines
      .slice(1)
      .reduce(
        (text, next) =>
          next.trim() === ''
            ? text
            : `${text}${text === '' || /\s$/.test(text) || next.trimStart().startsWith(')') ? '' : ' '}${next.trimStart()}`,
        lines[0]!,
      );
    buffer.replaceLines(line, lines.length, [joined]);
    buffer.move(line, lines[0]!.length);
  }

  // Search and command line.

  /** A line at the foot of the screen; undefined when it was left with Escape. */
  *#prompt(prefix: string): Call<string | undefined> {
    let text = '';
    for (;;) {
      this.#message = prefix + text;
      if (!this.#screen.hasKey && this.#playing.length === 0) yield* this.#draw(prefix.length + text.length);
      const key = yield* this.#key();
      if (key === 'Enter') return text;
      if (key === 'Escape' || key === 'C-c' || (key === 'Backspace' && text === '')) return undefined;
      if (key === 'Backspace') text = [...text].slice(0, -1).join('');
      else if (key === 'C-u') text = '';
      else if (key.startsWith('Paste:')) text += key.slice(6);
      else if ([...key].length === 1) text += key;
    }
  }

  *#startSearch(isForward: boolean): Call<void> {
    const pattern = yield* this.#prompt(isForward ? '/' : '?');
    this.#message = '';
    if (pattern === undefined) return;
    this.#search = { pattern: pattern || this.#search?.pattern || '', isForward };
    this.#settings.set('hlsearch', true);
    this.#repeatSearch(true);
  }

  #repeatSearch(isSame: boolean): void {
    if (!this.#search?.pattern) return void (this.#message = 'E35: No previous regular expression');
    const { pattern } = this.#search;
    const isForward = this.#search.isForward === isSame;
    let regExp: RegExp;
    try {
      regExp = posixRegExp(pattern, { global: true, ignoreCase: this.#settings.get('ignorecase') ?? false });
    } catch {
      return void (this.#message = `E383: Invalid search string: ${pattern}`);
    }
    const buffer = this.#buffer;
    const { line, column } = buffer.cursor;
    const total = buffer.lines.length;
    for (let i = 0; i <= total; i++) {
      const at = (line + (isForward ? i : -i) + total * 2) % total;
      const columns = [...buffer.lines[at]!.matchAll(regExp)].map((match) => match.index);
      const candidates = i === 0 ? columns.filter((c) => (isForward ? c > column : c < column)) : columns;
      const found = isForward ? candidates[0] : candidates.at(-1);
      if (found === undefined) continue;
      this.#message =
        i > 0 && (isForward ? at < line || (at === line && i > 0) : at > line)
          ? `search hit ${isForward ? 'BOTTOM, continuing at TOP' : 'TOP, continuing at BOTTOM'}`
          : `${isForward ? '/' : '?'}${pattern}`;
      return buffer.move(at, found);
    }
    this.#message = `E486: Pattern not found: ${pattern}`;
  }

  *#ex(): Call<void> {
    const isVisual = this.#mode !== 'normal';
    const lines = [this.#anchor.line, this.#buffer.cursor.line].sort((a, b) => a - b);
    this.#mode = 'normal';
    const text = yield* this.#prompt(':');
    this.#message = '';
    if (text === undefined || text.trim() === '') return;
    yield* this.#carryOut(runEx(isVisual ? `${lines[0]! + 1},${lines[1]! + 1}${text}` : text, this.#buffer));
  }

  *#carryOut(result: ExResult): Call<void> {
    if (result.message !== undefined) this.#message = result.isError ? `\x1b[97;41m${result.message}\x1b[0m` : result.message;
    if (result.setting) this.#settings.set(...result.setting);
    if (result.writeTo !== undefined && !this.#write(result.writeTo)) return;
    if (result.edit !== undefined) yield* this.#load(result.edit || this.#path);
    if (result.read !== undefined) {
      try {
        const text = yield* readText(this.#sys, result.read);
        this.#buffer.mark();
        this.#buffer.replaceLines(this.#buffer.cursor.line + 1, 0, text.replace(/\n$/, '').split('\n'));
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        this.#message = `E484: Can't open file ${result.read}`;
      }
    }
    if (result.quit) this.#isOver = true;
  }

  #write(name: string): boolean {
    const path = name || this.#path;
    if (path === '') {
      this.#message = 'E32: No file name';
      return false;
    }
    try {
      const data = utf8(this.#buffer.text);
      const isNew = !this.#sys.fs.find(this.#sys.path(path));
      this.#sys.fs.open(this.#sys.path(path), 'write').write(data);
      if (path === this.#path || this.#path === '') this.#buffer.isModified = false;
      if (this.#path === '') this.#path = path;
      this.#message = `"${path}"${isNew ? ' [New]' : ''} ${this.#buffer.text === '' ? 0 : this.#buffer.lines.length}L, ${data.length}B written`;
      return true;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      this.#message = error.code === 'EROFS' ? "E45: 'readonly' option is set" : `E212: Can't open file for writing: ${error.message}`;
      return false;
    }
  }

  // The screen.

  #selection(line: number): readonly [number, number] | undefined {
    if (this.#mode !== 'visual' && this.#mode !== 'visual-line') return undefined;
    return selectedColumns(this.#anchor, this.#buffer.cursor, line, this.#mode === 'visual-line');
  }

  *#draw(promptColumn?: number): Call<void> {
    const { rows, columns } = this.#screen;
    const height = rows - 1;
    const { line, column } = this.#buffer.cursor;
    this.#top = Math.min(this.#top, line);
    if (line >= this.#top + height) this.#top = line - height + 1;
    const gutter = this.#settings.get('number') ? Math.max(3, String(this.#buffer.lines.length).length) + 1 : 0;
    const width = columns - gutter;
    const shown = shownLine(this.#buffer.line);
    const at = shown.columns[[...this.#buffer.line.slice(0, column)].length] ?? 0;
    if (at < this.#left) this.#left = at;
    if (at >= this.#left + width) this.#left = at - width + 1;
    const out: string[] = [];
    for (let i = this.#top; i < this.#top + height; i++) {
      const text = this.#buffer.lines[i];
      if (text === undefined) out.push('\x1b[94m~\x1b[0m');
      else
        out.push(
          (gutter > 0 ? `\x1b[33m${String(i + 1).padStart(gutter - 1)} \x1b[0m` : '') +
            shownRow(text, this.#selection(i), this.#left, width),
        );
    }
    const ruler = `${line + 1},${column + 1}`;
    const foot =
      promptColumn === undefined && this.#message.length + ruler.length + 20 < columns
        ? this.#message.padEnd(columns - 18 + (this.#message.startsWith('\x1b') ? 12 : 0)) + ruler
        : this.#message.slice(0, columns);
    yield* this.#screen.draw(
      [...out, foot],
      promptColumn === undefined ? { row: line - this.#top, column: at - this.#left + gutter } : { row: height, column: promptColumn },
    );
  }
}
