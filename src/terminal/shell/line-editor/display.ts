/** Draws a prompt and the line behind it, over as many rows as they need, with as few bytes as is simple. */
import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import { charWidth } from '../width.ts';

interface Place {
  readonly row: number;
  readonly column: number;
}

/** Escape sequences and what stands between \x01 and \x02 take no room. */
function visible(prompt: string): string {
  return prompt.replace(/\x01[^\x02]*\x02/g, '').replace(/\x1b\[[\d;?]*[A-Za-z]|\x1b\][^\x07]*\x07/g, '');
}

/** A character as it is shown: control characters as ^X. */
function shown(char: string): string {
  if (char === '\n') return char;
  return char < ' ' ? `^${String.fromCharCode(char.charCodeAt(0) + 64)}` : char === '\x7f' ? '^?' : char;
}

export class Display {
  readonly #sys: Sys;
  #prompt = '';
  #promptWidth = 0;
  #text = '';
  #cursor: Place = { row: 0, column: 0 };
  #end: Place = { row: 0, column: 0 };

  constructor(sys: Sys) {
    this.#sys = sys;
  }

  get #columns(): number {
    return Math.max(2, this.#sys.tty?.columns ?? 80);
  }

  /** Begins a line at the cursor, which stands in the first column. */
  *start(prompt: string): Call<void> {
    const newline = prompt.lastIndexOf('\n');
    if (newline >= 0) yield* this.#sys.print(1, prompt.slice(0, newline + 1).replace(/[\x01\x02]/g, ''));
    this.setPrompt(prompt.slice(newline + 1));
    this.#cursor = { row: 0, column: 0 };
    this.#text = '';
    // The cursor may stand behind output without a newline, which is not to be erased.
    yield* this.#sys.print(1, this.#prompt);
    const columns = this.#columns;
    this.#cursor = this.#end = { row: Math.floor(this.#promptWidth / columns), column: this.#promptWidth % columns };
  }

  setPrompt(prompt: string): void {
    this.#prompt = prompt.replace(/[\x01\x02]/g, '');
    this.#promptWidth = [...visible(prompt)].reduce((sum, char) => sum + charWidth(char), 0);
  }

  *render(text: string, cursor: number, { force = false } = {}): Call<void> {
    const columns = this.#columns;
    const chars = [...text];
    let [row, column] = [Math.floor(this.#promptWidth / columns), this.#promptWidth % columns];
    let place: Place = { row, column };
    let drawn = '';
    for (const [i, char] of chars.entries()) {
      const visibleChar = shown(char);
      const width = [...visibleChar].reduce((sum, c) => sum + charWidth(c), 0);
      if (char !== '\n' && column + width > columns) [row, column] = [row + 1, 0];
      if (i === cursor) place = { row, column };
      drawn += visibleChar;
      if (char === '\n') [row, column] = [row + 1, 0];
      else column += width;
    }
    const fills = column === columns;
    if (fills) [row, column] = [row + 1, 0];
    if (cursor >= chars.length) place = { row, column };
    const end = { row, column };
    const isAppended =
      !force &&
      cursor === chars.length &&
      text.startsWith(this.#text) &&
      samePlace(this.#cursor, this.#end) &&
      !fills &&
      end.row === this.#end.row;
    if (isAppended) yield* this.#sys.print(1, drawn.slice([...this.#text].map(shown).join('').length));
    else if (!force && text === this.#text) yield* this.#sys.print(1, move(this.#cursor, place));
    else {
      const home = `${this.#cursor.row > 0 ? `\x1b[${this.#cursor.row}A` : ''}\r\x1b[J`;
      // A full last column leaves the cursor hanging there: the newline takes it to where it is counted.
      yield* this.#sys.print(1, `${home}${this.#prompt}${drawn}${fills ? '\n' : ''}${move(end, place)}`);
    }
    this.#text = text;
    this.#cursor = place;
    this.#end = end;
  }

  /** Leaves the line: the cursor goes to the row below it. */
  *finish(suffix = ''): Call<void> {
    yield* this.#sys.print(1, `${move(this.#cursor, this.#end)}${suffix}\n`);
    this.#cursor = this.#end = { row: 0, column: 0 };
    this.#text = '';
  }

  *clearScreen(text: string, cursor: number): Call<void> {
    yield* this.#sys.print(1, '\x1b[H\x1b[2J');
    this.#cursor = { row: 0, column: 0 };
    yield* this.render(text, cursor, { force: true });
  }
}

function samePlace(a: Place, b: Place): boolean {
  return a.row === b.row && a.column === b.column;
}

function move(from: Place, to: Place): string {
  const rows = to.row - from.row;
  const vertical = rows < 0 ? `\x1b[${-rows}A` : rows > 0 ? `\x1b[${rows}B` : '';
  if (rows !== 0) return `${vertical}\r${to.column > 0 ? `\x1b[${to.column}C` : ''}`;
  const columns = to.column - from.column;
  return columns === 0 ? '' : columns > 0 ? `\x1b[${columns}C` : `\x1b[${-columns}D`;
}
