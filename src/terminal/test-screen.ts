/** A screen as small as the tests of terminals need: text, cursor moves, clearing, wrapping at the last column. */
import { charWidth } from './shell/width.ts';

export class TestScreen {
  columns: number;
  #rows: string[][] = [[]];
  /** The ordinary screen while a full-screen program shows its own. */
  #saved: { readonly rows: string[][]; readonly row: number; readonly column: number } | undefined;
  row = 0;
  column = 0;
  /** The cursor hangs behind the last column until the next character. */
  #wraps = false;

  constructor(columns = 80) {
    this.columns = columns;
  }

  /** Rows without trailing blanks, and without empty rows at the end. */
  get text(): string {
    const lines = this.#rows.map((row) =>
      Array.from(row, (cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
    );
    while (lines.at(-1) === '') lines.pop();
    return lines.join('\n');
  }

  write(text: string): void {
    for (const [token, parameters, final] of text.matchAll(/\x1b\[([\d;?]*)([A-Za-z])|[\s\S]/gu)) {
      if (final !== undefined) this.#control(final, parameters ?? '');
      else this.#put(token);
    }
  }

  #line(): string[] {
    while (this.#rows.length <= this.row) this.#rows.push([]);
    return this.#rows[this.row]!;
  }

  #put(char: string): void {
    if (char === '\r') this.column = 0;
    else if (char === '\n') this.row++;
    else if (char === '\b') this.column = Math.max(0, this.column - 1);
    else if (char >= ' ') {
      const width = charWidth(char);
      if (this.#wraps || this.column + width > this.columns) {
        this.row++;
        this.column = 0;
      }
      this.#wraps = false;
      const line = this.#line();
      line[this.column] = char;
      if (width === 2) line[this.column + 1] = '';
      this.column += width;
      if (this.column < this.columns) return;
      this.column = this.columns - 1;
      this.#wraps = true;
      return;
    }
    this.#wraps = false;
    this.#line();
  }

  #control(final: string, parameters: string): void {
    const [first = 0, second = 0] = parameters.replace('?', '').split(';').map(Number);
    const n = Math.max(1, first);
    if (parameters === '?1049' && final === 'h') {
      this.#saved = { rows: this.#rows, row: this.row, column: this.column };
      this.#rows = [[]];
      this.row = this.column = 0;
    } else if (parameters === '?1049' && this.#saved) {
      this.#rows = this.#saved.rows;
      this.row = this.#saved.row;
      this.column = this.#saved.column;
      this.#saved = undefined;
    }
    if ('ABCDHG'.includes(final)) this.#wraps = false;
    if (final === 'A') this.row = Math.max(0, this.row - n);
    else if (final === 'B') this.row += n;
    else if (final === 'C') this.column = Math.min(this.columns - 1, this.column + n);
    else if (final === 'D') this.column = Math.max(0, this.column - n);
    else if (final === 'G') this.column = n - 1;
    else if (final === 'H') [this.row, this.column] = [n - 1, Math.max(1, second) - 1];
    else if (final === 'K') this.#line().length = Math.min(this.#line().length, first === 2 ? 0 : this.column);
    else if (final === 'J') {
      const from = first === 2 ? 0 : this.row;
      if (first !== 2) this.#line().length = Math.min(this.#line().length, this.column);
      for (let row = first === 2 ? from : from + 1; row < this.#rows.length; row++) this.#rows[row] = [];
    }
    this.#line();
  }
}
