/** Reads a JSONPath template into nodes. Upstream: `client-go/util/jsonpath/parser.go`. */

/** A template that cannot be read or does not fit the data. */
export class JsonPathError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonPathError';
  }
}

export interface Bound {
  readonly isKnown: boolean;
  readonly value: number;
  /** The end of `[n]`, which means one element. */
  readonly isDerived: boolean;
}

export type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'list'; readonly nodes: readonly Node[] }
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'literal'; readonly value: number | boolean }
  | { readonly type: 'identifier'; readonly name: string }
  | { readonly type: 'slice'; readonly bounds: readonly [Bound, Bound, Bound] }
  | { readonly type: 'filter'; readonly left: readonly Node[]; readonly right: readonly Node[]; readonly operator: string }
  | { readonly type: 'union'; readonly lists: readonly (readonly Node[])[] }
  | { readonly type: 'wildcard' }
  | { readonly type: 'recursive' };

export function parseTemplate(template: string): Node[] {
  const nodes: Node[] = [];
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf('{', at);
    if (open < 0) {
      nodes.push({ type: 'text', text: template.slice(at) });
      break;
    }
    if (open > at) nodes.push({ type: 'text', text: template.slice(at, open) });
    const action = new ActionParser(template, open + 1);
    nodes.push({ type: 'list', nodes: action.parse() });
    at = action.at;
  }
  return nodes;
}

/** The nodes of one action whose text stands without braces. */
const parseAction = (text: string): Node[] => new ActionParser(`${text}}`, 0).parse();

const isDigit = (char: string): boolean => /^\p{Nd}$/u.test(char);
const isWordStart = (char: string): boolean => /^[\p{L}\p{Nd}_]$/u.test(char);
const isTerminator = (char: string): boolean => char === '' || ' \t\r\n.,[]$@{}'.includes(char);

class ActionParser {
  readonly #text: string;
  /** Where the next character is; after `parse`, behind the closing brace. */
  at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  #peek(): string {
    const code = this.#text.codePointAt(this.at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  parse(): Node[] {
    const nodes: Node[] = [];
    for (;;) {
      const char = this.#peek();
      if (char === '}') {
        this.at++;
        return nodes;
      }
      if (this.#text.startsWith('[?(', this.at)) nodes.push(this.#filter());
      else if (this.#text.startsWith('..', this.at)) this.#recursive(nodes);
      else if (char === '' || char === '\r' || char === '\n') throw new JsonPathError('unclosed action');
      else if (char === ' ' || char === '@' || char === '$') this.at++;
      else if (char === '[') nodes.push(...this.#array());
      else if (char === '"' || char === "'") nodes.push(this.#quoted(char));
      else if (char === '.') {
        this.at++;
        nodes.push(this.#field());
      } else if (char === '+' || char === '-' || isDigit(char)) nodes.push(this.#number());
      else if (isWordStart(char)) nodes.push(this.#identifier());
      else
        throw new JsonPathError(
          `unrecognized character in action: U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')} '${char}'`,
        );
    }
  }

  #recursive(nodes: Node[]): void {
    if (nodes[nodes.length - 1]?.type === 'recursive') throw new JsonPathError('invalid multiple recursive descent');
    this.at += 2;
    nodes.push({ type: 'recursive' });
    if (isWordStart(this.#peek())) nodes.push(this.#field());
  }

  /** A field's name up to a terminator that no backslash escapes. */
  #field(): Node {
    const start = this.at;
    while (!isTerminator(this.#text[this.at] ?? '')) this.at += this.#text[this.at] === '\\' ? 2 : 1;
    this.at = Math.min(this.at, this.#text.length);
    const name = this.#text.slice(start, this.at);
    return name === '*' ? { type: 'wildcard' } : { type: 'field', name: name.replaceAll('\\', '') };
  }

  #identifier(): Node {
    const start = this.at;
    while (!isTerminator(this.#text[this.at] ?? '')) this.at++;
    const name = this.#text.slice(start, this.at);
    return name === 'true' || name === 'false' ? { type: 'literal', value: name === 'true' } : { type: 'identifier', name };
  }

  #number(): Node {
    const text = /^[-+]?[\d.]*/.exec(this.#text.slice(this.at))![0];
    this.at += text.length;
    if (!/^[-+]?(\d+\.?\d*|\.\d+)$/.test(text)) throw new JsonPathError(`cannot parse number ${text}`);
    return { type: 'literal', value: Number(text) };
  }

  #quoted(quote: string): Node {
    const start = this.at++;
    for (;;) {
      const char = this.#text[this.at++];
      if (char === undefined || char === '\n') throw new JsonPathError('unterminated quoted string');
      if (char === quote && this.#text[this.at - 2] !== '\\') break;
    }
    const source = this.#text.slice(start, this.at);
    const text = unquote(source.slice(1, -1), quote);
    if (text === undefined) throw new JsonPathError(`unquote string ${source} error invalid syntax`);
    return { type: 'text', text };
  }

  #array(): Node[] {
    const end = /[\]\n]/.exec(this.#text.slice(this.at));
    if (!end || end[0] === '\n') throw new JsonPathError('unterminated array');
    let text = this.#text.slice(this.at + 1, this.at + end.index);
    this.at += end.index + 1;
    if (text === '*') text = ':';
    const parts = text.split(',');
    if (parts.length > 1) return [{ type: 'union', lists: parts.map((part) => parseAction(`[${part.replace(/^ +| +$/g, '')}]`)) }];
    const key = /^'([^']*)'$/.exec(text);
    if (key) return parseAction(`.${key[1]}`);
    return [{ type: 'slice', bounds: sliceBounds(text) }];
  }

  #filter(): Node {
    this.at += 3;
    const start = this.at;
    this.#skipFilter();
    const text = this.#text.slice(start, this.at - 1);
    if (this.#text[this.at++] !== ']') throw new JsonPathError('unclosed array expect ]');
    const parts = /^([^!<>=]+)([!<>=]+)(.+?)$/.exec(text);
    if (!parts) return { type: 'filter', left: parseAction(text), right: [], operator: 'exists' };
    return { type: 'filter', left: parseAction(parts[1]!), right: parseAction(parts[3]!), operator: parts[2]! };
  }

  /** Moves behind the closing parenthesis, which does not count inside the one pair of quotes that a filter may have. */
  #skipFilter(): void {
    let quote = '';
    let isClosed = false;
    for (;;) {
      const char = this.#text[this.at++];
      if (char === undefined || char === '\n') throw new JsonPathError('unterminated filter');
      if (char === '"' || char === "'") {
        if (quote === '') quote = char;
        else if (char === quote && this.#text[this.at - 2] !== '\\') isClosed = true;
      } else if (char === ')' && (quote !== '') === isClosed) return;
    }
  }
}

function sliceBounds(text: string): [Bound, Bound, Bound] {
  const match = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
  if (!match) throw new JsonPathError(`invalid array index ${text}`);
  const [, start, end, step] = match as unknown as [string, string, string | undefined, string | undefined];
  const bound = (part: string): Bound => {
    if (part === '') return { isKnown: false, value: 0, isDerived: false };
    if (!/^-?\d+$/.test(part)) throw new JsonPathError(`array index ${part} is not a number`);
    return { isKnown: true, value: Number(part), isDerived: false };
  };
  const first = bound(start);
  return [first, end ? bound(end.slice(1)) : { isKnown: true, value: first.value + 1, isDerived: true }, bound(step ? step.slice(1) : '')];
}

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' };

/** Go's escapes; undefined when the text breaks their rules. */
function unquote(text: string, quote: string): string | undefined {
  if (!text.includes('\\')) return text;
  let isValid = true;
  const out = text.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|[\s\S]?)/g, (_, code: string) => {
    if (code === quote) return quote;
    if (escapes[code] !== undefined) return escapes[code];
    if (/^[xuU]./.test(code)) return String.fromCodePoint(Math.min(Number.parseInt(code.slice(1), 16), 0x10ffff));
    if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    isValid = false;
    return '';
  });
  return isValid ? out : undefined;
}
