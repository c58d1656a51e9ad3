import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import type { KeyReader } from '../keys.ts';
import { textWidth } from '../width.ts';

/** What completes the word before the cursor. */
export interface LineCompletion {
  /** Where in the text before the cursor the word begins. */
  readonly start: number;
  /** Ways to go on: how each is written in the line, and how it is listed. */
  readonly candidates: readonly {
    readonly written: string;
    readonly shown: string;
    readonly description?: string | undefined /** Added when it is the only one. */;
    readonly suffix: string;
  }[];
}

export type CompleteLine = (beforeCursor: string) => Call<LineCompletion>;

export type Outcome =
  | { readonly type: 'none' }
  | { readonly type: 'insert'; readonly start: number; readonly text: string }
  | { readonly type: 'list'; readonly print: () => Call<void> };

/** Readline asks before it lists more than this many (completion-query-items). */
const askAbove = 100;

function commonPrefix(texts: readonly string[]): string {
  let prefix = texts[0] ?? '';
  for (const text of texts) {
    let length = 0;
    while (length < prefix.length && prefix[length] === text[length]) length++;
    prefix = prefix.slice(0, length);
  }
  return prefix;
}

/** The first Tab completes as far as there is no choice, the second lists the choices. */
export class CompletionList {
  readonly #sys: Sys;
  readonly #complete: CompleteLine;

  constructor(sys: Sys, complete: CompleteLine) {
    this.#sys = sys;
    this.#complete = complete;
  }

  *press(beforeCursor: string, { isRepeated, keys }: { readonly isRepeated: boolean; readonly keys: KeyReader }): Call<Outcome> {
    const { start, candidates } = yield* this.#complete(beforeCursor);
    const [only, ...others] = candidates;
    const typed = beforeCursor.slice(start);
    if (!only) {
      yield* this.#sys.print(1, '\x07');
      return { type: 'none' };
    }
    if (others.length === 0) return { type: 'insert', start, text: only.written + only.suffix };
    const prefix = commonPrefix(candidates.map(({ written }) => written));
    if (prefix.length > typed.length && prefix !== typed) return { type: 'insert', start, text: prefix };
    if (!isRepeated) {
      yield* this.#sys.print(1, '\x07');
      return { type: 'none' };
    }
    return { type: 'list', print: () => this.#print(candidates, keys) };
  }

  *#print(candidates: LineCompletion['candidates'], keys: KeyReader): Call<void> {
    if (candidates.length > askAbove) {
      yield* this.#sys.print(1, `Display all ${candidates.length} possibilities? (y or n)`);
      const answer = yield* keys.next();
      yield* this.#sys.print(1, '\n');
      if (!/^[yY ]$/.test(answer)) return;
    }
    const described = candidates.some(({ description }) => description);
    const width = Math.max(...candidates.map(({ shown }) => textWidth(shown)));
    if (described) {
      const columns = this.#sys.tty?.columns ?? 80;
      const lines = candidates.map(({ shown, description }) => (description ? `${shown.padEnd(width)}  (${description})` : shown));
      yield* this.#sys.print(1, lines.map((line) => `${line.slice(0, columns - 1)}\n`).join(''));
    } else
      yield* this.#sys.print(
        1,
        inColumns(
          candidates.map(({ shown }) => shown),
          this.#sys.tty?.columns ?? 80,
        ),
      );
  }
}

/** Names in columns, down and then across, two spaces apart at least. */
export function inColumns(names: readonly string[], columns: number): string {
  const widths = names.map(textWidth);
  const width = Math.max(...widths, 1) + 2;
  const perRow = Math.max(1, Math.floor(columns / width));
  const rows = Math.ceil(names.length / perRow);
  let out = '';
  for (let row = 0; row < rows; row++) {
    for (let i = row; i < names.length; i += rows)
      out += i + rows < names.length ? names[i] + ' '.repeat(width - widths[i]!) : `${names[i]}`;
    out += '\n';
  }
  return out;
}
