import { Errno } from '../../../emulator/kernel/index.ts';
import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import { FullScreen, clipped, shownLine } from './screen.ts';
import { readText, tool } from './tool.ts';

/** Long lines as several rows. */
function wrapped(lines: readonly string[], columns: number, chop: boolean): string[] {
  return lines.flatMap((line) => {
    const plain = /\x1b\[/.test(line) ? line : shownLine(line).cells.join('');
    if (chop || plain.length <= columns) return [clipped(plain, columns)];
    const rows: string[] = [];
    for (let rest = plain; rest !== ''; ) {
      const row = clipped(rest, columns);
      rows.push(row);
      rest = rest.slice(Math.max(1, row.length));
    }
    return rows;
  });
}

class Pager {
  readonly #screen: FullScreen;
  readonly #lines: readonly string[];
  readonly #name: string;
  readonly #chop: boolean;
  readonly #numbers: boolean;
  #top = 0;
  #pattern = '';
  #message = '';

  constructor(sys: Sys, lines: readonly string[], name: string, options: { readonly chop: boolean; readonly numbers: boolean }) {
    this.#screen = new FullScreen(sys);
    this.#lines = lines;
    this.#name = name;
    this.#chop = options.chop;
    this.#numbers = options.numbers;
  }

  get #page(): number {
    return this.#screen.rows - 1;
  }

  *run(): Call<void> {
    yield* this.#screen.enter();
    for (;;) {
      const numbered = this.#numbers ? this.#lines.map((line, i) => `${String(i + 1).padStart(7)} ${line}`) : this.#lines;
      const rows = wrapped(numbered, this.#screen.columns, this.#chop);
      const last = Math.max(0, rows.length - this.#page);
      this.#top = Math.max(0, Math.min(this.#top, last));
      const visible = rows.slice(this.#top, this.#top + this.#page).map((row) => this.#marked(row));
      while (visible.length < this.#page) visible.push('~');
      const isEnd = this.#top >= last;
      const status = this.#message || (isEnd ? '\x1b[7m(END)\x1b[0m' : this.#top === 0 && this.#name ? `\x1b[7m${this.#name}\x1b[0m` : ':');
      this.#message = '';
      yield* this.#screen.draw([...visible, status], { row: this.#page, column: 0 });
      const key = yield* this.#screen.key();
      if (key === 'q' || key === 'Q' || key === 'C-c' || key === 'End of input') break;
      yield* this.#press(key, rows);
    }
    yield* this.#screen.leave();
  }

  #marked(row: string): string {
    return this.#pattern === '' ? row : row.split(this.#pattern).join(`\x1b[7m${this.#pattern}\x1b[27m`);
  }

  *#press(key: string, rows: readonly string[]): Call<void> {
    switch (key) {
      case ' ':
      case 'f':
      case 'C-f':
      case 'PageDown':
        return void (this.#top += this.#page);
      case 'b':
      case 'C-b':
      case 'PageUp':
        return void (this.#top -= this.#page);
      case 'd':
      case 'C-d':
        return void (this.#top += Math.floor(this.#page / 2));
      case 'u':
      case 'C-u':
        return void (this.#top -= Math.floor(this.#page / 2));
      case 'j':
      case 'e':
      case 'Enter':
      case 'Down':
        return void this.#top++;
      case 'k':
      case 'y':
      case 'Up':
        return void this.#top--;
      case 'g':
      case '<':
      case 'Home':
        return void (this.#top = 0);
      case 'G':
      case '>':
      case 'End':
        return void (this.#top = rows.length);
      case '/':
      case '?': {
        this.#pattern = yield* this.#prompt(key);
        return this.#find(rows, key === '/' ? 1 : -1);
      }
      case 'n':
        return this.#find(rows, 1);
      case 'N':
        return this.#find(rows, -1);
      case 'h':
        return void (this.#message = 'q quit  space forward  b back  /text search  n next  g start  G end');
      default:
    }
  }

  *#prompt(prefix: string): Call<string> {
    let text = '';
    for (;;) {
      yield* this.#screen.draw([...Array.from({ length: this.#page }, (_, i) => (i === 0 ? '' : '')), prefix + text], {
        row: this.#page,
        column: prefix.length + text.length,
      });
      const key = yield* this.#screen.key();
      if (key === 'Enter') return text || this.#pattern;
      if (key === 'Escape' || key === 'C-c') return this.#pattern;
      if (key === 'Backspace') text = text.slice(0, -1);
      else if ([...key].length === 1) text += key;
    }
  }

  #find(rows: readonly string[], direction: number): void {
    for (let i = this.#top + direction; i >= 0 && i < rows.length; i += direction) {
      if (!rows[i]!.includes(this.#pattern)) continue;
      this.#top = i;
      return;
    }
    this.#message = '\x1b[7mPattern not found  (press RETURN)\x1b[0m';
  }
}

export const less = tool(
  {
    short: 'SNRFXeEi',
    long: { 'chop-long-lines': 'S', 'LINE-NUMBERS': 'N', 'RAW-CONTROL-CHARS': 'R', 'quit-if-one-screen': 'F', 'no-init': 'X' },
    usage: '[options] file...',
  },
  function* (sys, options) {
    let text = '';
    for (const path of options.operands.length > 0 ? options.operands : ['-']) {
      if (path === '-' && sys.isatty(0)) {
        yield* sys.print(2, 'Missing filename ("less --help" for help)\n');
        return 1;
      }
      try {
        text += yield* readText(sys, path);
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        yield* sys.print(2, error.code === 'EISDIR' ? `${path} is a directory\n` : `${path}: ${error.message}\n`);
        return 1;
      }
    }
    const lines = text.replace(/\n$/, '').split('\n');
    if (!sys.isatty(1) || !sys.tty) {
      yield* sys.print(1, text);
      return 0;
    }
    if (options.has('F') && lines.length < sys.tty.rows) {
      yield* sys.print(1, text);
      return 0;
    }
    yield* new Pager(sys, lines, options.operands[0] ?? '', { chop: options.has('S'), numbers: options.has('N') }).run();
    return 0;
  },
);
