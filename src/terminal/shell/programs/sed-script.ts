/** Reads a sed script into a flat list of commands; a block knows where it ends. */
import { posixRegExp } from '../regular-expression.ts';

export type Address =
  | { readonly type: 'line'; readonly line: number }
  | { readonly type: 'last' }
  | { readonly type: 'regexp'; readonly regExp: RegExp }
  | { readonly type: 'step'; readonly line: number; readonly step: number }
  | { readonly type: 'plus'; readonly line: number }
  | { readonly type: 'multiple'; readonly line: number };

export interface Command {
  readonly name: string;
  readonly from?: Address | undefined;
  readonly to?: Address | undefined;
  readonly isNegated: boolean;
  /** The text of a, i and c; a label; a file. */
  readonly text: string;
  readonly number?: number | undefined;
  readonly regExp?: RegExp;
  /** Makes the replacement from the match and its groups. */
  readonly replacement?: (groups: readonly (string | undefined)[]) => string;
  readonly flags?: {
    readonly isGlobal: boolean;
    readonly prints: boolean;
    readonly number: number | undefined;
    readonly file: string | undefined;
  };
  readonly map?: ReadonlyMap<string, string>;
  /** For `{`: the index of its `}`. */
  end?: number;
}

export class SedError extends Error {
  readonly position: number;
  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

class Parser {
  readonly #text: string;
  readonly #extended: boolean;
  readonly commands: Command[] = [];
  #at = 0;
  #lastRegExp: { readonly source: string; readonly flags: string } | undefined;

  constructor(text: string, extended: boolean) {
    this.#text = text;
    this.#extended = extended;
  }

  #fail(message: string): never {
    throw new SedError(message, Math.min(this.#at, this.#text.length));
  }

  #skip(pattern: RegExp): string {
    const match = new RegExp(pattern.source, 'y');
    match.lastIndex = this.#at;
    const found = match.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  parse(): Command[] {
    const open: Command[] = [];
    for (;;) {
      this.#skip(/[\s;]*(?:#[^\n]*\n?[\s;]*)*/);
      if (this.#at >= this.#text.length) break;
      const from = this.#address();
      let to: Address | undefined;
      this.#skip(/[ \t]*/);
      if (from && this.#text[this.#at] === ',') {
        this.#at++;
        this.#skip(/[ \t]*/);
        to = this.#address();
        if (!to) this.#fail("unexpected `,'");
      }
      this.#skip(/[ \t]*/);
      const isNegated = this.#skip(/!/) !== '';
      this.#skip(/[ \t!]*/);
      const command = this.#command(from, to, isNegated);
      if (command.name === '{') open.push(command);
      if (command.name === '}') {
        const begin = open.pop();
        if (!begin) this.#fail("unexpected `}'");
        begin!.end = this.commands.length;
      }
      this.commands.push(command);
    }
    if (open.length > 0) {
      this.#at = 0;
      this.#fail("unmatched `{'");
    }
    const labels = new Set(this.commands.filter((command) => command.name === ':').map((command) => command.text));
    const lost = this.commands.find((command) => 'btT'.includes(command.name) && command.text !== '' && !labels.has(command.text));
    if (lost) this.#fail(`can't find label for jump to \`${lost.text}'`);
    return this.commands;
  }

  #address(): Address | undefined {
    const char = this.#text[this.#at];
    if (char === '$') {
      this.#at++;
      return { type: 'last' };
    }
    const relative = this.#skip(/[+~]\d+/);
    if (relative !== '') return { type: relative.startsWith('+') ? 'plus' : 'multiple', line: Number(relative.slice(1)) };
    const number = this.#skip(/\d+/);
    if (number !== '') {
      const step = this.#skip(/~\d+/);
      return step === '' ? { type: 'line', line: Number(number) } : { type: 'step', line: Number(number), step: Number(step.slice(1)) };
    }
    if (char !== '/' && char !== '\\') return undefined;
    if (char === '\\') this.#at++;
    const source = this.#delimited(this.#text[this.#at++]!, 'unterminated address regex');
    const flags = this.#skip(/[IM]*/);
    return { type: 'regexp', regExp: this.#regExp(source, flags.includes('I'), false) };
  }

  /** Up to the next delimiter that is not escaped and, in a regular expression, not inside of brackets. */
  #delimited(delimiter: string, message: string, isRegExp = true): string {
    let text = '';
    let inBracket = false;
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at]!;
      if (char === '\\' && this.#at + 1 < this.#text.length) {
        const next = this.#text[++this.#at]!;
        text +=
          next === delimiter && !(isRegExp && inBracket)
            ? /[|(){}+?.*^$&]/.test(delimiter)
              ? `\\${next}`
              : next
            : next === 'n' && isRegExp
              ? '\n'
              : `\\${next}`;
      } else if (char === delimiter && !inBracket) {
        this.#at++;
        return text;
      } else {
        if (isRegExp && char === '[' && !inBracket) inBracket = true;
        else if (isRegExp && char === ']' && inBracket && !/\[\^?$/.test(text)) inBracket = false;
        text += char;
      }
    }
    this.#fail(message);
  }

  #regExp(source: string, ignoreCase: boolean, global: boolean): RegExp {
    if (source === '') {
      if (!this.#lastRegExp) this.#fail('no previous regular expression');
      return new RegExp(this.#lastRegExp!.source, `su${global ? 'g' : ''}${this.#lastRegExp!.flags}`);
    }
    const made = posixRegExp(source, { extended: this.#extended, ignoreCase, global });
    this.#lastRegExp = { source: made.source, flags: ignoreCase ? 'i' : '' };
    return new RegExp(made.source, made.flags);
  }

  #command(from: Address | undefined, to: Address | undefined, isNegated: boolean): Command {
    const name = this.#text[this.#at++];
    const base = { from, to, isNegated, text: '' };
    if (name === undefined) this.#fail('missing command');
    switch (name) {
      case 's':
        return { ...base, name, ...this.#substitution() };
      case 'y':
        return { ...base, name, map: this.#transliteration() };
      case 'a':
      case 'i':
      case 'c':
        return { ...base, name, text: this.#textArgument() };
      case ':':
        return { ...base, name, text: this.#skip(/[ \t]*[^\s;]+/).trim() };
      case 'b':
      case 't':
      case 'T':
        return { ...base, name, text: this.#skip(/[ \t]*[^\s;}]*/).trim() };
      case 'r':
      case 'w':
        return { ...base, name, text: this.#skip(/[^\n]*/).trim() };
      case 'q':
      case 'Q': {
        const code = this.#skip(/[ \t]*\d+/).trim();
        this.#end();
        return { ...base, name, number: code === '' ? undefined : Number(code) };
      }
      case '{':
      case '}':
        return { ...base, name };
      default:
        if (!'pPdDnNgGhHx=l'.includes(name!)) this.#fail(`unknown command: \`${name}'`);
        this.#end();
        return { ...base, name: name! };
    }
  }

  #end(): void {
    this.#skip(/[ \t]*/);
    const char = this.#text[this.#at];
    if (char !== undefined && !/[\n;}#]/.test(char)) {
      this.#at++;
      this.#fail('extra characters after command');
    }
  }

  /** After a, i or c: the rest of the line, or the lines after a backslash, each but the last ending with one. */
  #textArgument(): string {
    this.#skip(/[ \t]*/);
    // `a\` and a newline; `a\  text` keeps the blanks.
    if (this.#skip(/\\[ \t]*\n/) === '') this.#skip(/\\/);
    if (this.#at >= this.#text.length) this.#fail("expected \\ after `a', `c' or `i'");
    const raw = this.#skip(/(?:\\[\s\S]|[^\n\\])*/);
    return raw.replace(/\\([\s\S])/g, (_, char: string) => (char === 't' ? '\t' : char));
  }

  #substitution(): Pick<Command, 'regExp' | 'replacement' | 'flags'> {
    const delimiter = this.#text[this.#at++] ?? '\n';
    const source = this.#delimited(delimiter, "unterminated `s' command");
    const template = this.#delimited(delimiter, "unterminated `s' command", false);
    const letters = this.#skip(/[gpiIme\d]*/);
    const file = this.#skip(/w[ \t]*[^\n]+/);
    this.#skip(/[ \t]*/);
    const rest = this.#text[this.#at];
    if (rest !== undefined && !/[\n;}#]/.test(rest)) {
      this.#at++;
      this.#fail("unknown option to `s'");
    }
    const number = /\d+/.exec(letters)?.[0];
    const regExp = this.#regExp(source, /[iI]/.test(letters), true);
    const groups = new RegExp(`${regExp.source}|`, 'su').exec('')!.length - 1;
    const highest = Math.max(0, ...[...template.matchAll(/\\([1-9])/g)].map((match) => Number(match[1])));
    if (highest > groups) this.#fail(`invalid reference \\${highest} on \`s' command's RHS`);
    return {
      regExp,
      replacement: compileReplacement(template),
      flags: {
        isGlobal: letters.includes('g'),
        prints: letters.includes('p'),
        number: number === undefined ? undefined : Number(number),
        file: file === '' ? undefined : file.slice(1).trim(),
      },
    };
  }

  #transliteration(): ReadonlyMap<string, string> {
    const delimiter = this.#text[this.#at++] ?? '\n';
    const plain = (text: string): string[] => [...text.replace(/\\([\s\S])/g, (_, char: string) => ({ n: '\n', t: '\t' })[char] ?? char)];
    const from = plain(this.#delimited(delimiter, "unterminated `y' command", false));
    const to = plain(this.#delimited(delimiter, "unterminated `y' command", false));
    if (from.length !== to.length) this.#fail("strings for `y' command are different lengths");
    this.#end();
    return new Map(from.map((char, i) => [char, to[i]!]));
  }
}

/** `&`, `\1`, `\n`, and the case conversions `\U \L \u \l \E`. */
function compileReplacement(template: string): (groups: readonly (string | undefined)[]) => string {
  const parts = template.match(/\\[\s\S]|&|[^\\&]+/g) ?? [];
  return (groups) => {
    let out = '';
    let mode = '';
    let once = '';
    const add = (text: string): void => {
      let piece = mode === 'U' ? text.toUpperCase() : mode === 'L' ? text.toLowerCase() : text;
      if (once !== '' && piece !== '') {
        piece = (once === 'u' ? piece[0]!.toUpperCase() : piece[0]!.toLowerCase()) + piece.slice(1);
        once = '';
      }
      out += piece;
    };
    for (const part of parts) {
      if (part === '&') add(groups[0] ?? '');
      else if (!part.startsWith('\\')) add(part);
      else if (/[0-9]/.test(part[1]!)) add(groups[Number(part[1])] ?? '');
      else if (part[1] === 'U' || part[1] === 'L') mode = part[1];
      else if (part[1] === 'E') mode = '';
      else if (part[1] === 'u' || part[1] === 'l') once = part[1];
      else add({ n: '\n', t: '\t', r: '\r' }[part[1]!] ?? part[1]!);
    }
    return out;
  };
}

/** Throws `SedError`, and SyntaxError for a bad regular expression. */
export function parseScript(text: string, extended: boolean): Command[] {
  return new Parser(text, extended).parse();
}
