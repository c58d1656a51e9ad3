/** The text that vi edits: lines, a cursor, and snapshots for undo. Lines are immutable strings, so a snapshot is one array. */

export interface Position {
  readonly line: number;
  readonly column: number;
}

interface Snapshot {
  readonly lines: readonly string[];
  readonly cursor: Position;
}

export interface Register {
  readonly text: string;
  readonly isLinewise: boolean;
}

const maxUndo = 500;

export class Buffer {
  lines: readonly string[];
  cursor: Position = { line: 0, column: 0 };
  isModified = false;
  #undo: Snapshot[] = [];
  #redo: Snapshot[] = [];

  constructor(text: string) {
    this.lines = text === '' ? [''] : text.replace(/\n$/, '').split('\n');
  }

  get text(): string {
    return this.lines.length === 1 && this.lines[0] === '' ? '' : `${this.lines.join('\n')}\n`;
  }

  get line(): string {
    return this.lines[this.cursor.line]!;
  }

  /** Remembers the state, so that the change to come is undone as one. */
  mark(): void {
    const last = this.#undo.at(-1);
    if (last?.lines === this.lines) return;
    this.#undo.push({ lines: this.lines, cursor: this.cursor });
    if (this.#undo.length > maxUndo) this.#undo.shift();
    this.#redo = [];
  }

  undo(): boolean {
    return this.#swap(this.#undo, this.#redo);
  }

  redo(): boolean {
    return this.#swap(this.#redo, this.#undo);
  }

  #swap(from: Snapshot[], to: Snapshot[]): boolean {
    let snapshot = from.pop();
    while (snapshot && snapshot.lines === this.lines) snapshot = from.pop();
    if (!snapshot) return false;
    to.push({ lines: this.lines, cursor: this.cursor });
    this.lines = snapshot.lines;
    this.cursor = snapshot.cursor;
    this.isModified = true;
    return true;
  }

  /** Keeps the cursor on a character that is there; in insert mode it may stand behind the last one. */
  move(line: number, column: number, { past = false } = {}): void {
    const at = Math.max(0, Math.min(line, this.lines.length - 1));
    const length = this.lines[at]!.length;
    this.cursor = { line: at, column: Math.max(0, Math.min(column, past ? length : Math.max(0, length - 1))) };
  }

  replaceLines(from: number, count: number, lines: readonly string[]): void {
    const next = [...this.lines.slice(0, from), ...lines, ...this.lines.slice(from + count)];
    this.lines = next.length === 0 ? [''] : next;
    this.isModified = true;
  }

  setLine(line: number, text: string): void {
    this.replaceLines(line, 1, [text]);
  }

  /** Inserts at the cursor, which goes behind what was inserted. */
  insert(text: string): void {
    const { line, column } = this.cursor;
    const [before, after] = [this.line.slice(0, column), this.line.slice(column)];
    const parts = (before + text).split('\n');
    const last = parts.at(-1)!;
    this.replaceLines(line, 1, [...parts.slice(0, -1), last + after]);
    this.cursor = { line: line + parts.length - 1, column: last.length };
  }

  /** Removes from one position up to another and gives what was there. */
  cut(from: Position, to: Position): string {
    const text = this.between(from, to);
    const joined = this.lines[from.line]!.slice(0, from.column) + this.lines[to.line]!.slice(to.column);
    this.replaceLines(from.line, to.line - from.line + 1, [joined]);
    this.cursor = from;
    return text;
  }

  between(from: Position, to: Position): string {
    if (from.line === to.line) return this.lines[from.line]!.slice(from.column, to.column);
    return [
      this.lines[from.line]!.slice(from.column),
      ...this.lines.slice(from.line + 1, to.line),
      this.lines[to.line]!.slice(0, to.column),
    ].join('\n');
  }
}
