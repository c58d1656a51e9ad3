import { Errno, utf8 } from '../../../emulator/kernel/index.ts';
import type { Call, Program, Sys } from '../../../emulator/kernel/index.ts';
import { FullScreen, shownLine } from './screen.ts';
import { readText } from './tool.ts';
import { Buffer } from './vi/buffer.ts';
import { motion } from './vi/motions.ts';

const help = [
  '^G Help      ^O Write Out  ^W Where Is  ^K Cut       ^C Location',
  '^X Exit      ^R Read File  M-U Undo     ^U Paste     M-E Redo',
].map((line) => line.replace(/(\^.|M-.)/g, '\x1b[7m$1\x1b[27m'));

/** nano: the everyday keys. Absent: help pages, replacing, selections, several files. */
class Nano {
  readonly #sys: Sys;
  readonly #screen: FullScreen;
  #path: string;
  #buffer = new Buffer('');
  #message = '';
  #top = 0;
  #cut = '';
  #lastKey = '';
  #pattern = '';
  #isOver = false;

  constructor(sys: Sys, path: string) {
    this.#sys = sys;
    this.#path = path;
    this.#screen = new FullScreen(sys);
  }

  *run(): Call<number> {
    yield* this.#screen.enter();
    if (this.#path !== '') yield* this.#load();
    while (!this.#isOver) {
      if (!this.#screen.hasKey) yield* this.#draw();
      const key = yield* this.#screen.key();
      if (key === 'End of input' || key === 'SIGHUP' || key === 'SIGTERM') break;
      if (key.startsWith('SIG')) continue;
      this.#message = '';
      yield* this.#press(key);
      this.#lastKey = key;
    }
    yield* this.#screen.leave();
    return 0;
  }

  *#load(): Call<void> {
    try {
      this.#buffer = new Buffer(yield* readText(this.#sys, this.#path));
      const { length } = this.#buffer.lines;
      this.#message = `[ Read ${length} line${length === 1 ? '' : 's'} ]`;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      this.#message =
        error.code === 'ENOENT'
          ? '[ New File ]'
          : `[ ${error.code === 'EISDIR' ? `"${this.#path}" is a directory` : `Error reading ${this.#path}: ${error.message}`} ]`;
    }
  }

  *#press(key: string): Call<void> {
    const buffer = this.#buffer;
    const { line, column } = buffer.cursor;
    switch (key) {
      case 'C-x':
        return yield* this.#exit();
      case 'C-o':
      case 'C-s':
        return void (yield* this.#save());
      case 'C-k':
        buffer.mark();
        this.#cut = this.#lastKey === 'C-k' ? `${this.#cut}${buffer.line}\n` : `${buffer.line}\n`;
        buffer.replaceLines(line, 1, []);
        return buffer.move(line, 0, { past: true });
      case 'C-u':
        buffer.mark();
        return buffer.insert(this.#cut);
      case 'C-w': {
        const asked = yield* this.#ask(`Search${this.#pattern ? ` [${this.#pattern}]` : ''}: `);
        if (asked !== undefined) this.#find(asked || this.#pattern);
        return;
      }
      case 'C-r': {
        const path = yield* this.#ask('File to insert [from ./]: ');
        if (path) yield* this.#insertFile(path);
        return;
      }
      case 'C-c':
        return void (this.#message = `[ line ${line + 1}/${buffer.lines.length} (${Math.round(((line + 1) / buffer.lines.length) * 100)}%), col ${column + 1}/${buffer.line.length + 1} ]`);
      case 'C-g':
        return void (this.#message = '[ ^O saves, ^X leaves, ^K cuts a line, ^U puts it back, ^W searches ]');
      case 'M-u':
        return void (this.#message = buffer.undo() ? '[ Undid change ]' : '[ Nothing to undo ]');
      case 'M-e':
        return void (this.#message = buffer.redo() ? '[ Redid change ]' : '[ Nothing to redo ]');
      case 'C-a':
        return buffer.move(line, 0, { past: true });
      case 'C-e':
        return buffer.move(line, buffer.line.length, { past: true });
      case 'C-d':
      case 'Delete':
        buffer.mark();
        if (column < buffer.line.length) buffer.cut({ line, column }, { line, column: column + 1 });
        else if (line < buffer.lines.length - 1) buffer.cut({ line, column }, { line: line + 1, column: 0 });
        return;
      case 'Backspace':
        buffer.mark();
        if (column > 0) buffer.cut({ line, column: column - 1 }, { line, column });
        else if (line > 0) buffer.cut({ line: line - 1, column: buffer.lines[line - 1]!.length }, { line, column: 0 });
        return;
      case 'Enter':
        buffer.mark();
        return buffer.insert('\n');
      case 'Tab':
        buffer.mark();
        return buffer.insert('\t');
      default:
    }
    const moves: Readonly<Record<string, string>> = {
      'C-f': 'Right',
      'C-b': 'Left',
      'C-p': 'Up',
      'C-n': 'Down',
      'C-v': 'PageDown',
      'C-y': 'PageUp',
      'C-Right': 'w',
      'C-Left': 'b',
      'C-Home': 'gg',
      'C-End': 'G',
    };
    const moving = moves[key] ?? key;
    if (/^(Up|Down|Left|Right|Home|PageUp|PageDown|w|b|gg|G)$/.test(moving) && [...key].length > 1) {
      // Left and right go over the ends of lines.
      if (moving === 'Right' && column === buffer.line.length)
        return buffer.move(line + 1, line + 1 < buffer.lines.length ? 0 : column, { past: true });
      if (moving === 'Left' && column === 0) return buffer.move(line - 1, line > 0 ? Number.MAX_SAFE_INTEGER : 0, { past: true });
      const found = motion(buffer, moving, 1, '', this.#screen.rows - 4);
      return found && buffer.move(found.to.line, found.to.column, { past: true });
    }
    if (key === 'End') return buffer.move(line, buffer.line.length, { past: true });
    if (key.startsWith('Paste:')) {
      buffer.mark();
      buffer.insert(key.slice(6));
    } else if ([...key].length === 1) {
      if (!/^.$/u.test(this.#lastKey)) buffer.mark();
      buffer.insert(key);
    }
  }

  #find(pattern: string): void {
    this.#pattern = pattern;
    const buffer = this.#buffer;
    const { line, column } = buffer.cursor;
    const wanted = pattern.toLowerCase();
    for (let i = 0; i <= buffer.lines.length; i++) {
      const at = (line + i) % buffer.lines.length;
      const found = buffer.lines[at]!.toLowerCase().indexOf(wanted, i === 0 ? column + 1 : 0);
      if (found < 0) continue;
      if (i > 0 && at <= line) this.#message = '[ Search Wrapped ]';
      return buffer.move(at, found, { past: true });
    }
    this.#message = `[ "${pattern}" not found ]`;
  }

  *#insertFile(path: string): Call<void> {
    try {
      const text = yield* readText(this.#sys, path);
      this.#buffer.mark();
      this.#buffer.insert(text);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      this.#message = `[ Error reading ${path}: ${error.message} ]`;
    }
  }

  *#exit(): Call<void> {
    if (!this.#buffer.isModified) {
      this.#isOver = true;
      return;
    }
    for (;;) {
      this.#message = 'Save modified buffer?  (Y Yes, N No, ^C Cancel) ';
      yield* this.#draw(this.#message.length);
      const key = (yield* this.#screen.key()).toLowerCase();
      this.#message = '';
      if (key === 'c-c' || key === 'escape') return;
      if (key === 'n') this.#isOver = true;
      else if (key === 'y') this.#isOver = yield* this.#save();
      else continue;
      return;
    }
  }

  *#save(): Call<boolean> {
    const path = yield* this.#ask('File Name to Write: ', this.#path);
    if (!path) return false;
    try {
      this.#sys.fs.open(this.#sys.path(path), 'write').write(utf8(this.#buffer.text));
      this.#path = path;
      this.#buffer.isModified = false;
      const lines = this.#buffer.text === '' ? 0 : this.#buffer.lines.length;
      this.#message = `[ Wrote ${lines} line${lines === 1 ? '' : 's'} ]`;
      return true;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      this.#message = `[ Error writing ${path}: ${error.message} ]`;
      return false;
    }
  }

  /** A line at the foot of the screen; undefined when it was cancelled. */
  *#ask(question: string, initial = ''): Call<string | undefined> {
    let text = initial;
    for (;;) {
      this.#message = question + text;
      yield* this.#draw(this.#message.length);
      const key = yield* this.#screen.key();
      this.#message = '';
      if (key === 'Enter') return text;
      if (key === 'C-c' || key === 'Escape') {
        this.#message = '[ Cancelled ]';
        return undefined;
      }
      if (key === 'Backspace') text = [...text].slice(0, -1).join('');
      else if ([...key].length === 1) text += key;
    }
  }

  *#draw(promptColumn?: number): Call<void> {
    const { rows, columns } = this.#screen;
    const height = rows - 4;
    const { line, column } = this.#buffer.cursor;
    if (line < this.#top) this.#top = line;
    if (line >= this.#top + height) this.#top = line - height + 1;
    const name = this.#path || 'New Buffer';
    const left = '  GNU nano 7.2';
    const middle = Math.max(left.length + 2, Math.floor((columns - name.length) / 2));
    const title = `${left.padEnd(middle)}${name}`.padEnd(columns - 10) + (this.#buffer.isModified ? 'Modified  ' : ' '.repeat(10));
    const at = shownLine(this.#buffer.line).columns[[...this.#buffer.line.slice(0, column)].length] ?? 0;
    const shift = Math.max(0, at - columns + 2);
    const body = Array.from({ length: height }, (_, i) => {
      const text = this.#buffer.lines[this.#top + i];
      if (text === undefined) return '';
      const shown = shownLine(text).cells.join('');
      const from = this.#top + i === line ? shift : 0;
      return shown.length - from > columns ? `${shown.slice(from, from + columns - 1)}>` : shown.slice(from);
    });
    const message =
      promptColumn !== undefined
        ? `\x1b[7m${this.#message.padEnd(columns)}\x1b[27m`
        : this.#message === ''
          ? ''
          : `${' '.repeat(Math.max(0, Math.floor((columns - this.#message.length) / 2)))}\x1b[7m${this.#message}\x1b[27m`;
    const cursor =
      promptColumn === undefined
        ? { row: line - this.#top + 1, column: at - shift }
        : { row: rows - 3, column: Math.min(columns - 1, promptColumn) };
    yield* this.#screen.draw([`\x1b[7m${title}\x1b[27m`, ...body, message, ...help], cursor);
  }
}

export const nano: Program = function* (sys) {
  const path = sys.argv.slice(1).find((arg) => !/^[-+]/.test(arg)) ?? '';
  if (!sys.isatty(1) || !sys.tty) {
    yield* sys.print(2, 'Standard input is not a terminal\n');
    return 1;
  }
  return yield* new Nano(sys, path).run();
};
