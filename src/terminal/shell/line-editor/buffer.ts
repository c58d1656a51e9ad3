/** The line that is being edited: characters, a cursor, what was killed, and the way back. */

interface Snapshot {
  readonly chars: readonly string[];
  readonly cursor: number;
}

const isWordChar = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_]/u.test(char);
const maxUndo = 200;

export class LineBuffer {
  /** Code points; a combining mark stands on its own. */
  chars: readonly string[] = [];
  cursor = 0;
  killed = '';
  #undo: Snapshot[] = [];

  get text(): string {
    return this.chars.join('');
  }

  get beforeCursor(): string {
    return this.chars.slice(0, this.cursor).join('');
  }

  set(text: string): void {
    this.chars = [...text];
    this.cursor = this.chars.length;
  }

  clear(): void {
    this.set('');
    this.#undo = [];
  }

  insert(text: string): void {
    this.#remember();
    const added = [...text];
    this.chars = [...this.chars.slice(0, this.cursor), ...added, ...this.chars.slice(this.cursor)];
    this.cursor += added.length;
  }

  /** Removes what lies between the cursor and a position. */
  deleteTo(position: number): string {
    const [from, to] = position < this.cursor ? [position, this.cursor] : [this.cursor, position];
    if (from === to) return '';
    this.#remember();
    const removed = this.chars.slice(from, to).join('');
    this.chars = [...this.chars.slice(0, from), ...this.chars.slice(to)];
    this.cursor = from;
    return removed;
  }

  /** Removes and keeps for `yank`; consecutive kills gather. */
  killTo(position: number, { continues = false } = {}): void {
    const isBackward = position < this.cursor;
    const removed = this.deleteTo(position);
    this.killed = !continues ? removed : isBackward ? removed + this.killed : this.killed + removed;
  }

  /** Replaces characters around the cursor. */
  replace(from: number, to: number, text: string): void {
    this.#remember();
    const added = [...text];
    this.chars = [...this.chars.slice(0, from), ...added, ...this.chars.slice(to)];
    this.cursor = from + added.length;
  }

  undo(): void {
    const before = this.#undo.pop();
    if (!before) return;
    this.chars = before.chars;
    this.cursor = before.cursor;
  }

  wordLeft(from = this.cursor): number {
    let i = from;
    while (i > 0 && !isWordChar(this.chars[i - 1])) i--;
    while (i > 0 && isWordChar(this.chars[i - 1])) i--;
    return i;
  }

  wordRight(from = this.cursor): number {
    let i = from;
    while (i < this.chars.length && !isWordChar(this.chars[i])) i++;
    while (i < this.chars.length && isWordChar(this.chars[i])) i++;
    return i;
  }

  /** Where the word before the cursor begins, words being parted by white space, as Ctrl-W sees it. */
  blankWordLeft(): number {
    let i = this.cursor;
    while (i > 0 && /\s/.test(this.chars[i - 1]!)) i--;
    while (i > 0 && !/\s/.test(this.chars[i - 1]!)) i--;
    return i;
  }

  transpose(): void {
    if (this.chars.length < 2 || this.cursor === 0) return;
    const at = this.cursor === this.chars.length ? this.cursor - 2 : this.cursor - 1;
    this.replace(at, at + 2, this.chars[at + 1]! + this.chars[at]!);
  }

  changeCase(change: (word: string) => string): void {
    const end = this.wordRight();
    this.replace(this.cursor, end, change(this.chars.slice(this.cursor, end).join('')));
  }

  #remember(): void {
    this.#undo.push({ chars: this.chars, cursor: this.cursor });
    if (this.#undo.length > maxUndo) this.#undo.shift();
  }
}
