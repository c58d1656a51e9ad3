/**
 * Text with tabs laid out in columns, as Go's text/tabwriter does it: a column is a run of lines that have a cell there ended
 * by a tab, as wide as its widest cell plus padding; the last cell of a line is never padded.
 */
export interface TabOptions {
  readonly minWidth: number;
  readonly padding: number;
  /** Keeps the widths of columns from one flush to the next: rows of a watch stay aligned. */
  readonly remember?: boolean;
}

/** How kubectl sets up its tables. */
export const tableTabs: TabOptions = { minWidth: 6, padding: 3, remember: true };
/** How kubectl describe sets up its fields. */
export const describeTabs: TabOptions = { minWidth: 0, padding: 2 };

export class TabWriter {
  readonly #options: TabOptions;
  #text = '';
  #remembered: number[] = [];

  constructor(options: TabOptions = tableTabs) {
    this.#options = options;
  }

  write(text: string): void {
    this.#text += text;
  }

  /** What was written since the last flush, in columns. */
  flush(): string {
    const text = this.#text;
    this.#text = '';
    if (text === '') return '';
    const isOpen = !text.endsWith('\n');
    const lines = (isOpen ? text : text.slice(0, -1)).split('\n').map((line) => line.split('\t'));
    const widths = lines.map(() => [] as number[]);
    this.#measure(lines, widths, 0, lines.length, 0);
    return lines.map((cells, i) => layout(cells, widths[i]!)).join('\n') + (isOpen ? '' : '\n');
  }

  /** Forgets the widths of earlier flushes. */
  reset(): void {
    this.#remembered = [];
  }

  /** Finds the width of a column for each run of lines that have it, and goes on to the next column within the run. */
  #measure(lines: readonly (readonly string[])[], widths: number[][], from: number, to: number, column: number): void {
    for (let line = from; line < to; line++) {
      if (column >= lines[line]!.length - 1) continue;
      let end = line;
      let width = this.#options.minWidth;
      for (; end < to && column < lines[end]!.length - 1; end++) {
        width = Math.max(width, [...lines[end]![column]!].length + this.#options.padding);
      }
      if (this.#options.remember) {
        width = Math.max(width, this.#remembered[column] ?? 0);
        this.#remembered[column] = width;
      }
      for (let i = line; i < end; i++) widths[i]![column] = width;
      this.#measure(lines, widths, line, end, column + 1);
      line = end - 1;
    }
  }
}

function layout(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, i) => (i === cells.length - 1 ? cell : cell + ' '.repeat(Math.max(0, widths[i]! - [...cell].length)))).join('');
}
