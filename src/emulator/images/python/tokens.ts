/** Splits a Python program into words, with its lines and indentations. */

export interface Token {
  readonly type: 'name' | 'number' | 'string' | 'format' | 'operator' | 'newline' | 'indent' | 'dedent' | 'end';
  readonly text: string;
  readonly line: number;
}

/** What Python says of a program, or of what it does; `kind` is the name of the exception. */
export class PythonError extends Error {
  readonly kind: string;
  readonly line: number;
  constructor(kind: string, message: string, line: number) {
    super(message);
    this.kind = kind;
    this.line = line;
  }
}

const word =
  /\s*(?:#[^\n]*)?(?:([fFrR]?)("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(\d+\.\d*|\.\d+|\d+)|([A-Za-z_]\w*)|(\*\*|\/\/|[-+*/%]=|[=!<>]=|[-+*/%<>=()[\]{}:,.]))/y;
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', '\\': '\\', "'": "'", '"': '"', '\n': '' };

function unquote(text: string, isRaw: boolean): string {
  const width = /^("""|''')/.test(text) ? 3 : 1;
  const inner = text.slice(width, -width);
  return isRaw ? inner : inner.replace(/\\([\s\S])/g, (all, one: string) => escapes[one] ?? all);
}

/** One line that is not empty, as far as its brackets and long strings reach. */
class Lines {
  readonly #tokens: Token[] = [];
  readonly #indents = [0];
  #depth = 0;
  #line = 1;

  read(source: string): readonly Token[] {
    let at = 0;
    while (at < source.length) {
      const [, indent = ''] = /^([ \t]*)/.exec(source.slice(at, source.indexOf('\n', at) < 0 ? undefined : source.indexOf('\n', at)))!;
      const rest = source.slice(at + indent.length);
      if (/^(#[^\n]*)?(\n|$)/.test(rest)) {
        at = source.indexOf('\n', at) + 1 || source.length;
        this.#line++;
        continue;
      }
      this.#indentTo(indent.length);
      at = this.#words(source, at + indent.length);
    }
    this.#indentTo(0);
    this.#push('end', '');
    return this.#tokens;
  }

  #push(type: Token['type'], text: string): void {
    this.#tokens.push({ type, text, line: this.#line });
  }

  #indentTo(width: number): void {
    if (width > this.#indents.at(-1)!) {
      this.#indents.push(width);
      this.#push('indent', '');
    }
    while (width < this.#indents.at(-1)!) {
      this.#indents.pop();
      this.#push('dedent', '');
    }
    if (width !== this.#indents.at(-1))
      throw new PythonError('IndentationError', 'unindent does not match any outer indentation level', this.#line);
  }

  /** Takes words up to the end of the logical line; returns where the next one begins. */
  #words(source: string, from: number): number {
    let at = from;
    for (;;) {
      const end = /^[ \t]*(?:#[^\n]*)?(\n|;|$)/.exec(source.slice(at));
      if (end) {
        at += end[0].length;
        if (end[1] === '\n') this.#line++;
        if (this.#depth > 0 && at < source.length) continue;
        this.#push('newline', '');
        if (end[1] !== ';') return at;
        at += /^[ \t]*/.exec(source.slice(at))![0].length;
        continue;
      }
      word.lastIndex = at;
      const found = word.exec(source);
      if (!found) throw new PythonError('SyntaxError', 'invalid syntax', this.#line);
      at = word.lastIndex;
      this.#add(found);
    }
  }

  #add([all, prefix = '', string, number, name, operator]: RegExpExecArray): void {
    if (string !== undefined) this.#push(/f/i.test(prefix) ? 'format' : 'string', unquote(string, /r/i.test(prefix)));
    else if (number !== undefined) this.#push('number', number);
    else if (name !== undefined) this.#push('name', name);
    else {
      if ('([{'.includes(operator!)) this.#depth++;
      if (')]}'.includes(operator!)) this.#depth--;
      this.#push('operator', operator!);
    }
    this.#line += all.split('\n').length - 1;
  }
}

export const tokensOf = (source: string): readonly Token[] => new Lines().read(source);
