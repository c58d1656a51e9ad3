/** Keys from a terminal in raw mode, for the line editor and for full-screen programs. */
import { incompleteTail, textOf } from '../../emulator/kernel/index.ts';
import type { ByteString, Call, Sys } from '../../emulator/kernel/index.ts';

/**
 * A printable character as itself, a pasted text as `Paste:` and the text, or a name: `Enter`, `Tab`, `Backspace`, `Escape`,
 * `Up`, `Home`, `Delete`, `PageUp`, `C-a`, `M-b`, `C-Left`, `Shift-Tab`. `End of input` when the terminal is gone.
 */
export type Key = string;

export const endOfInput = 'End of input';

const finals: Readonly<Record<string, Key>> = { A: 'Up', B: 'Down', C: 'Right', D: 'Left', H: 'Home', F: 'End', Z: 'Shift-Tab' };
const numbered: Readonly<Record<string, Key>> = {
  '1': 'Home',
  '2': 'Insert',
  '3': 'Delete',
  '4': 'End',
  '5': 'PageUp',
  '6': 'PageDown',
  '7': 'Home',
  '8': 'End',
};
const pasteEnd = '\x1b[201~';

function control(char: string): Key {
  switch (char) {
    case '\r':
    case '\n':
      return 'Enter';
    case '\t':
      return 'Tab';
    case '\x7f':
    case '\b':
      return 'Backspace';
    case '\x1b':
      return 'Escape';
    case '\0':
      return 'C-Space';
    default:
      return char < ' ' ? `C-${String.fromCharCode(char.charCodeAt(0) + (char < '\x1b' ? 96 : 64))}` : char;
  }
}

export class KeyReader {
  readonly #sys: Sys;
  readonly #fd: number;
  readonly #meta: boolean;
  #bytes = '';
  #text = '';
  #isOver = false;

  /** Without `meta` the escape key counts for itself, whatever is typed right after it: vi leaves insert mode by it. */
  constructor(sys: Sys, { fd = 0, meta = true } = {}) {
    this.#sys = sys;
    this.#fd = fd;
    this.#meta = meta;
  }

  /** Whether a key can be had without waiting. */
  get hasMore(): boolean {
    if (this.#text === '') this.#take1();
    return this.#text !== '';
  }

  *next(): Call<Key> {
    yield* this.#fill();
    if (this.#text === '') return endOfInput;
    const char = String.fromCodePoint(this.#text.codePointAt(0)!);
    this.#text = this.#text.slice(char.length);
    if (char !== '\x1b') return control(char);
    // What belongs to a sequence has come with the escape character.
    for (let more = true; more && !/^(?:[[O][\d;]*[A-Za-z~]|[^[O])/.test(this.#text); ) more = this.#take1();
    if (this.#text === '' || (!this.#meta && !/^(?:\[[\d;]*[A-Za-z~]|O[A-DFHP-S])/.test(this.#text))) return 'Escape';
    return yield* this.#sequence();
  }

  /** What follows an escape character that did not come alone. */
  *#sequence(): Call<Key> {
    const match = /^[[O](\d*)(?:;(\d+))?([A-Za-z~])/.exec(this.#text);
    if (!match) {
      const char = String.fromCodePoint(this.#text.codePointAt(0)!);
      this.#text = this.#text.slice(char.length);
      if (char === '[' || char === 'O') return this.#text === '' ? `M-${char}` : this.#unknown();
      return `M-${char === '\x7f' ? 'Backspace' : control(char)}`;
    }
    this.#text = this.#text.slice(match[0].length);
    const [, number, modifier, final] = match as unknown as [string, string, string | undefined, string];
    if (final === '~' && number === '200') return yield* this.#paste();
    const name = final === '~' ? numbered[number] : finals[final];
    if (!name) return 'Unknown';
    const bits = Number(modifier ?? 1) - 1;
    return `${bits & 4 ? 'C-' : ''}${bits & 2 ? 'M-' : ''}${bits & 1 ? 'S-' : ''}${name}`;
  }

  /** Drops a control sequence that nobody knows. */
  #unknown(): Key {
    this.#text = this.#text.replace(/^[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]?/, '');
    return 'Unknown';
  }

  *#paste(): Call<Key> {
    let pasted = '';
    for (;;) {
      const end = this.#text.indexOf(pasteEnd);
      if (end >= 0) {
        pasted += this.#text.slice(0, end);
        this.#text = this.#text.slice(end + pasteEnd.length);
        return `Paste:${pasted.replace(/\r\n?/g, '\n')}`;
      }
      // The end may have come in part.
      const keep = Math.max(0, this.#text.length - pasteEnd.length + 1);
      pasted += this.#text.slice(0, keep);
      this.#text = this.#text.slice(keep);
      this.#take(yield* this.#sys.read(this.#fd));
      if (this.#isOver) return `Paste:${pasted}${this.#text}`;
    }
  }

  *#fill(): Call<void> {
    while (this.#text === '' && !this.#isOver) this.#take(yield* this.#sys.read(this.#fd));
  }

  /** Takes one portion of what has come already; what comes after a key may be meant for the next program. */
  #take1(): boolean {
    const data = this.#isOver ? undefined : this.#sys.fds.get(this.#fd).read(65_536);
    if (data !== undefined) this.#take(data);
    return data !== undefined;
  }

  #take(data: ByteString): void {
    if (data === '') this.#isOver = true;
    const bytes = (this.#bytes + data) as ByteString;
    const tail = incompleteTail(bytes);
    this.#bytes = bytes.slice(bytes.length - tail);
    this.#text += textOf(bytes.slice(0, bytes.length - tail) as ByteString);
  }
}
