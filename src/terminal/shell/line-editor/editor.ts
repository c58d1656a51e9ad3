/**
 * The line editor of an interactive shell, with the emacs keys of readline.
 *
 * - The terminal is raw while a line is edited and as it was before when `readLine` comes back.
 * - All keys that have come are taken before anything is drawn, so a pasted text costs one drawing.
 * - Ctrl-C comes as a signal, not as a key.
 */
import { Interrupted } from '../../../emulator/kernel/index.ts';
import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import { KeyReader, endOfInput } from '../keys.ts';
import type { Key } from '../keys.ts';
import { LineBuffer } from './buffer.ts';
import { CompletionList } from './completion-list.ts';
import type { CompleteLine } from './completion-list.ts';
import { Display } from './display.ts';

export type EditResult = { readonly type: 'line'; readonly text: string } | { readonly type: 'end' } | { readonly type: 'interrupt' };

export class LineEditor {
  readonly #sys: Sys;
  readonly #keys: KeyReader;
  readonly #display: Display;
  readonly #buffer = new LineBuffer();
  readonly #history: readonly string[];
  readonly #completion: CompletionList;
  /** Edited copies of history lines, by index; the new line is at `history.length`. */
  readonly #drafts = new Map<number, string>();
  #at = 0;
  #prompt = '';
  #lastKey: Key = '';

  /** `history` is read each time it is walked, oldest first. */
  constructor(sys: Sys, history: readonly string[], complete: CompleteLine) {
    this.#sys = sys;
    this.#history = history;
    this.#keys = new KeyReader(sys);
    this.#display = new Display(sys);
    this.#completion = new CompletionList(sys, complete);
  }

  *readLine(prompt: string): Call<EditResult> {
    const { tty } = this.#sys;
    const modes = tty && { canonical: tty.canonical, echo: tty.echo, signals: tty.signals };
    Object.assign(tty ?? {}, { canonical: false, echo: false, signals: true });
    this.#buffer.clear();
    this.#drafts.clear();
    this.#at = this.#history.length;
    this.#prompt = prompt;
    this.#lastKey = '';
    yield* this.#sys.print(1, '\x1b[?2004h');
    yield* this.#display.start(prompt);
    const result = yield* this.#edit();
    Object.assign(tty ?? {}, modes);
    yield* this.#sys.print(1, '\x1b[?2004l');
    return result;
  }

  *#edit(): Call<EditResult> {
    for (;;) {
      try {
        const key = yield* this.#keys.next();
        const result = yield* this.#press(key);
        this.#lastKey = key;
        if (result) return result;
        if (!this.#keys.hasMore) yield* this.#draw();
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        if (yield* this.#interrupted()) return { type: 'interrupt' };
      }
    }
  }

  /** True after Ctrl-C; a new size of the window only draws anew. */
  *#interrupted(): Call<boolean> {
    let isOver = false;
    for (let signal = this.#sys.takeSignal(); signal; signal = this.#sys.takeSignal()) isOver ||= signal === 'INT';
    if (isOver) yield* this.#display.finish('^C');
    else yield* this.#display.render(this.#buffer.text, this.#buffer.cursor, { force: true });
    return isOver;
  }

  #draw(): Call<void> {
    return this.#display.render(this.#buffer.text, this.#buffer.cursor);
  }

  *#press(key: Key): Call<EditResult | undefined> {
    const buffer = this.#buffer;
    switch (key) {
      case 'Enter':
        yield* this.#draw();
        yield* this.#display.finish();
        return { type: 'line', text: buffer.text };
      case 'C-d':
        if (buffer.chars.length === 0) {
          yield* this.#display.finish();
          return { type: 'end' };
        }
        buffer.deleteTo(Math.min(buffer.cursor + 1, buffer.chars.length));
        return undefined;
      case endOfInput:
        return { type: 'end' };
      case 'C-r':
        return yield* this.#search();
      case 'C-l':
        yield* this.#display.clearScreen(buffer.text, buffer.cursor);
        return undefined;
      case 'Tab':
        yield* this.#complete();
        return undefined;
      default:
        this.#change(key);
        return undefined;
    }
  }

  #change(key: Key): void {
    const buffer = this.#buffer;
    const { length } = buffer.chars;
    const continues = { continues: /^(C-k|C-u|C-w|M-d|M-Backspace)$/.test(this.#lastKey) };
    switch (key) {
      case 'C-a':
      case 'Home':
        return void (buffer.cursor = this.#lineStart());
      case 'C-e':
      case 'End':
        return void (buffer.cursor = this.#lineEnd());
      case 'C-b':
      case 'Left':
        return void (buffer.cursor = Math.max(0, buffer.cursor - 1));
      case 'C-f':
      case 'Right':
        return void (buffer.cursor = Math.min(length, buffer.cursor + 1));
      case 'M-b':
      case 'M-Left':
      case 'C-Left':
        return void (buffer.cursor = buffer.wordLeft());
      case 'M-f':
      case 'M-Right':
      case 'C-Right':
        return void (buffer.cursor = buffer.wordRight());
      case 'Backspace':
        return void buffer.deleteTo(Math.max(0, buffer.cursor - 1));
      case 'Delete':
        return void buffer.deleteTo(Math.min(length, buffer.cursor + 1));
      case 'C-k':
        return buffer.killTo(length, continues);
      case 'C-u':
        return buffer.killTo(0, continues);
      case 'C-w':
        return buffer.killTo(buffer.blankWordLeft(), continues);
      case 'M-d':
        return buffer.killTo(buffer.wordRight(), continues);
      case 'M-Backspace':
        return buffer.killTo(buffer.wordLeft(), continues);
      case 'C-y':
        return buffer.insert(buffer.killed);
      case 'C-t':
        return buffer.transpose();
      case 'C-_':
        return buffer.undo();
      case 'M-u':
        return buffer.changeCase((word) => word.toUpperCase());
      case 'M-l':
        return buffer.changeCase((word) => word.toLowerCase());
      case 'M-c':
        return buffer.changeCase((word) => word.toLowerCase().replace(/\p{L}/u, (char) => char.toUpperCase()));
      case 'M-.':
        return buffer.insert(/(\S+)\s*$/.exec(this.#history.at(-1) ?? '')?.[1] ?? '');
      case 'C-p':
      case 'Up':
        return this.#walk(this.#at - 1);
      case 'C-n':
      case 'Down':
        return this.#walk(this.#at + 1);
      case 'M-<':
        return this.#walk(0);
      case 'M->':
        return this.#walk(this.#history.length);
      default:
        if (key.startsWith('Paste:')) buffer.insert(key.slice(6));
        else if ([...key].length === 1) buffer.insert(key);
    }
  }

  #lineStart(): number {
    return this.#buffer.chars.lastIndexOf('\n', this.#buffer.cursor - 1) + 1;
  }

  #lineEnd(): number {
    const end = this.#buffer.chars.indexOf('\n', this.#buffer.cursor);
    return end < 0 ? this.#buffer.chars.length : end;
  }

  #walk(to: number): void {
    if (to < 0 || to > this.#history.length || to === this.#at) return;
    this.#drafts.set(this.#at, this.#buffer.text);
    this.#at = to;
    this.#buffer.set(this.#drafts.get(to) ?? this.#history[to] ?? '');
  }

  *#complete(): Call<void> {
    const outcome = yield* this.#completion.press(this.#buffer.beforeCursor, { isRepeated: this.#lastKey === 'Tab', keys: this.#keys });
    if (outcome.type === 'list') {
      yield* this.#draw();
      yield* this.#display.finish();
      yield* outcome.print();
      yield* this.#display.start(this.#prompt);
      return;
    }
    if (outcome.type === 'none') return;
    const end = this.#buffer.cursor;
    this.#buffer.replace([...this.#buffer.beforeCursor.slice(0, outcome.start)].length, end, outcome.text);
  }

  /** Ctrl-R: searches backwards as the query grows. */
  *#search(): Call<EditResult | undefined> {
    const before = { text: this.#buffer.text, cursor: this.#buffer.cursor };
    let query = '';
    let index = this.#history.length;
    let failed = false;
    for (;;) {
      const line = this.#history[index] ?? before.text;
      const place = query === '' ? 0 : Math.max(0, line.indexOf(query));
      this.#display.setPrompt(`(${failed ? 'failed ' : ''}reverse-i-search)\`${query}': `);
      yield* this.#display.render(line, [...line.slice(0, place)].length, { force: true });
      const key = yield* this.#keys.next();
      const isText = [...key].length === 1;
      if (key === 'C-r' || isText || key === 'Backspace') {
        if (isText) query += key;
        if (key === 'Backspace') query = [...query].slice(0, -1).join('');
        const from = key === 'C-r' ? index - 1 : key === 'Backspace' ? this.#history.length - 1 : Math.min(index, this.#history.length - 1);
        const found = query === '' ? -1 : this.#history.findLastIndex((entry, i) => i <= from && entry.includes(query));
        failed = query !== '' && found < 0;
        if (found >= 0) index = found;
        continue;
      }
      this.#display.setPrompt(this.#prompt.slice(this.#prompt.lastIndexOf('\n') + 1));
      const isCancelled = key === 'C-g';
      this.#buffer.set(isCancelled ? before.text : line);
      this.#buffer.cursor = isCancelled ? before.cursor : [...line.slice(0, place)].length;
      if (!isCancelled) this.#at = index;
      yield* this.#display.render(this.#buffer.text, this.#buffer.cursor, { force: true });
      return isCancelled || key === 'Escape' ? undefined : yield* this.#press(key);
    }
  }
}
