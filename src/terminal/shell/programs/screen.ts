/** What full-screen programs share: the alternate screen, raw keys, and the way back however the program ends. */
import { Interrupted } from '../../../emulator/kernel/index.ts';
import type { Call, Signal, Sys } from '../../../emulator/kernel/index.ts';
import { KeyReader } from '../keys.ts';
import type { Key } from '../keys.ts';
import { charWidth } from '../width.ts';

export class FullScreen {
  readonly #sys: Sys;
  readonly #keys: KeyReader;
  readonly #modes: { readonly canonical: boolean; readonly echo: boolean; readonly signals: boolean } | undefined;

  /** Takes the terminal. `fd` is where keys come from: the terminal itself when standard input is a pipe. */
  constructor(sys: Sys, { signals = false } = {}) {
    this.#sys = sys;
    const { tty } = sys;
    this.#modes = tty && { canonical: tty.canonical, echo: tty.echo, signals: tty.signals };
    const fd = sys.isatty(0) || !tty ? 0 : sys.open('/dev/tty', 'read');
    this.#keys = new KeyReader(sys, { fd, meta: false });
    Object.assign(tty ?? {}, { canonical: false, echo: false, signals });
    sys.onSignal('WINCH', 'catch');
    sys.own(() => Object.assign(tty ?? {}, this.#modes));
  }

  get columns(): number {
    return Math.max(10, this.#sys.tty?.columns ?? 80);
  }

  get rows(): number {
    return Math.max(3, this.#sys.tty?.rows ?? 24);
  }

  *enter(): Call<void> {
    yield* this.#sys.print(1, '\x1b[?1049h\x1b[?2004h\x1b[H\x1b[2J');
  }

  *leave(): Call<void> {
    yield* this.#sys.print(1, '\x1b[?2004l\x1b[?1049l');
    Object.assign(this.#sys.tty ?? {}, this.#modes);
  }

  get hasKey(): boolean {
    return this.#keys.hasMore;
  }

  /** The next key, or the name of a signal that came instead: `SIGWINCH`. */
  *key(): Call<Key> {
    try {
      return yield* this.#keys.next();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      const signal: Signal | undefined = this.#sys.takeSignal();
      return `SIG${signal ?? ''}`;
    }
  }

  /** Draws all rows and puts the cursor, without clearing first, so that nothing flickers. */
  *draw(lines: readonly string[], cursor?: { readonly row: number; readonly column: number }): Call<void> {
    let out = '\x1b[?25l\x1b[H';
    for (let row = 0; row < this.rows; row++) out += `${lines[row] ?? ''}\x1b[K${row < this.rows - 1 ? '\n' : ''}`;
    if (cursor) out += `\x1b[${cursor.row + 1};${cursor.column + 1}H\x1b[?25h`;
    yield* this.#sys.print(1, out);
  }
}

/** A line as it is shown: tabs to the next multiple of eight, control characters as ^X. `at` counts columns before each character. */
export function shownLine(line: string): { readonly cells: readonly string[]; readonly columns: readonly number[] } {
  const cells: string[] = [];
  const columns = [0];
  let column = 0;
  for (const char of line) {
    const cell =
      char === '\t'
        ? ' '.repeat(8 - (column % 8))
        : char < ' '
          ? `^${String.fromCharCode(char.charCodeAt(0) + 64)}`
          : char === '\x7f'
            ? '^?'
            : char;
    column += cell.length > 1 || cell === ' ' ? cell.length : charWidth(cell);
    cells.push(cell);
    columns.push(column);
  }
  return { cells, columns };
}

/** A text cut to a number of columns; escape sequences take no room. */
export function clipped(text: string, columns: number): string {
  let out = '';
  let width = 0;
  for (const token of text.match(/\x1b\[[\d;?]*[A-Za-z]|[\s\S]/gu) ?? []) {
    if (token.length > 1 && token.startsWith('\x1b')) {
      out += token;
      continue;
    }
    width += charWidth(token);
    if (width > columns) break;
    out += token;
  }
  return out;
}
