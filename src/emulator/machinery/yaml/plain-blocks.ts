/**
 * A quick reader for the plain part of YAML that manifests are written in: block maps and lists, scalars and brackets on one line,
 * literal blocks.
 * It answers only where it is sure, and `undefined` for all else, errors included, which are then the full parser's. What it answers
 * is what the full parser would (a property test holds the two together), ten times as fast.
 */
import { resolveScalar } from './scalar.ts';

/** Thrown inside to give up. */
const unsure = Symbol('unsure');
const maxDepth = 100;
const foreign = /[\t\r\0-\x08\x0b-\x1f\x7f\x80-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]/;
const entry = /^(?:([A-Za-z0-9_][A-Za-z0-9_./-]*)|"([A-Za-z0-9_./ -]*)"):(?: +(.*))?$/;

/** The value of one document, wrapped; undefined when this reader is not sure. */
export function readPlainBlocks(text: string): { readonly value: unknown } | undefined {
  if (!text.endsWith('\n') || foreign.test(text)) return undefined;
  try {
    return { value: new Reader(text).document() };
  } catch (error) {
    if (error === unsure) return undefined;
    throw error;
  }
}

class Reader {
  readonly #lines: string[];
  #at = 0;
  /** The next line that holds something: its indentation and text. */
  #indent = -1;
  #text = '';

  constructor(text: string) {
    this.#lines = text.split('\n');
    this.#lines.pop();
    if (this.#lines[0] === '---') this.#at = 1;
  }

  document(): unknown {
    this.#settle();
    if (this.#indent !== 0) throw unsure;
    const value = this.#block(0, 0);
    if (this.#at < this.#lines.length) throw unsure;
    return value;
  }

  /** Skips blank lines and comments. At the end the indentation is -1. */
  #settle(): void {
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at]!;
      let indent = 0;
      while (line.charCodeAt(indent) === 32) indent++;
      if (indent === line.length || line.charCodeAt(indent) === 35) continue;
      this.#indent = indent;
      this.#text = line.slice(indent).trimEnd();
      if (indent === 0 && (this.#text.startsWith('---') || this.#text.startsWith('...'))) throw unsure;
      return;
    }
    this.#indent = -1;
    this.#text = '';
  }

  #advance(): void {
    this.#at++;
    this.#settle();
  }

  get #isItem(): boolean {
    return this.#text === '-' || this.#text.startsWith('- ');
  }

  #block(indent: number, depth: number): unknown {
    if (depth > maxDepth) throw unsure;
    return this.#isItem ? this.#list(indent, depth) : this.#map(indent, depth);
  }

  #map(indent: number, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    while (this.#indent === indent && !this.#isItem) {
      const match = entry.exec(this.#text);
      if (!match) throw unsure;
      const key = match[1] ?? match[2]!;
      if (match[1] !== undefined && typeof resolveScalar(key) !== 'string') throw unsure;
      if (key === '__proto__' || Object.hasOwn(map, key)) throw unsure;
      map[key] = this.#value(match[3] ?? '', indent, depth, true);
    }
    if (this.#indent > indent) throw unsure;
    return map;
  }

  #list(indent: number, depth: number): unknown[] {
    const list: unknown[] = [];
    while (this.#indent === indent && this.#isItem) {
      const rest = this.#text.slice(1);
      const content = rest.trimStart();
      const isNested = entry.test(content) || content.startsWith('- ') || content === '-';
      if (!isNested) {
        list.push(this.#value(content, indent, depth, false));
        continue;
      }
      // What stands behind the dash is the first line of a block of its own.
      this.#indent = indent + 1 + rest.length - content.length;
      this.#text = content;
      list.push(this.#block(this.#indent, depth + 1));
    }
    if (this.#indent > indent) throw unsure;
    return list;
  }

  /** The value behind a key or dash at `indent`; the current line is that of the key. */
  #value(source: string, indent: number, depth: number, isInMap: boolean): unknown {
    const text = source.startsWith('#') ? '' : source;
    if (text === '|' || text === '|-' || text === '|+') return this.#literal(text.slice(1), indent);
    this.#advance();
    if (text === '') {
      if (this.#indent > indent || (isInMap && this.#indent === indent && this.#isItem)) return this.#block(this.#indent, depth + 1);
      return null;
    }
    if (this.#indent > indent) throw unsure;
    return scalar(text);
  }

  #literal(chomping: string, indent: number): string {
    const first = ++this.#at;
    let width = -1;
    let end = first;
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at]!;
      const own = line.search(/[^ ]/);
      if (own < 0) {
        // Spaces beyond the margin are text.
        if (line.length > Math.max(width, 0)) throw unsure;
        continue;
      }
      if (width < 0) {
        if (own <= indent) throw unsure;
        width = own;
      }
      if (own < width) {
        if (own > indent) throw unsure;
        break;
      }
      end = this.#at + 1;
    }
    if (width < 0) throw unsure;
    const body = this.#lines.slice(first, end).map((line) => line.slice(width));
    const blanks = this.#lines.slice(end, this.#at);
    if (chomping === '+' && blanks.some((line) => line !== '')) throw unsure;
    this.#settle();
    if (chomping === '-') return body.join('\n');
    return `${body.join('\n')}\n${chomping === '+' ? '\n'.repeat(blanks.length) : ''}`;
  }
}

function scalar(text: string): unknown {
  const first = text[0]!;
  if (first === '"') {
    const match = /^("(?:[^"\\]|\\["\\/bfnrt])*")(?: +#.*)?$/.exec(text);
    if (!match) throw unsure;
    return JSON.parse(match[1]!);
  }
  if (first === "'") {
    const match = /^'((?:[^']|'')*)'(?: +#.*)?$/.exec(text);
    if (!match) throw unsure;
    return match[1]!.replaceAll("''", "'");
  }
  if (first === '[' || first === '{') return new FlowReader(text).read();
  if (',[]{}#&*!|>%@`?:'.includes(first) || text === '-' || text.startsWith('- ')) throw unsure;
  const comment = text.indexOf(' #');
  const plain = comment < 0 ? text : text.slice(0, comment).trimEnd();
  if (plain.includes(': ') || plain.endsWith(':')) throw unsure;
  const value = resolveScalar(plain);
  if (typeof value === 'number' && !Number.isFinite(value)) throw unsure;
  return value;
}

/** A list or map in brackets on one line, of plain words and quoted texts. */
class FlowReader {
  readonly #text: string;
  readonly #token =
    / *(?:([[\]{},])|("(?:[^"\\]|\\["\\/bfnrt])*")|'((?:[^']|'')*)'|([A-Za-z0-9_./][A-Za-z0-9_./+=-]*(?: [A-Za-z0-9_./][A-Za-z0-9_./+=-]*)*))(:(?= ))?/y;

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown {
    const value = this.#node(this.#next(), 0);
    if (!/^(?: *| +#.*)$/.test(this.#text.slice(this.#token.lastIndex))) throw unsure;
    return value;
  }

  #next(): RegExpExecArray {
    const token = this.#token.exec(this.#text);
    if (!token || (token[1] !== undefined && token[5] !== undefined)) throw unsure;
    return token;
  }

  #node([, mark, double, single, plain, colon]: RegExpExecArray, depth: number): unknown {
    if (colon !== undefined || depth > maxDepth) throw unsure;
    if (double !== undefined) return JSON.parse(double);
    if (single !== undefined) return single.replaceAll("''", "'");
    if (plain !== undefined) return resolveScalar(plain);
    if (mark === '[') return this.#list(depth);
    if (mark === '{') return this.#map(depth);
    throw unsure;
  }

  #list(depth: number): unknown[] {
    const list: unknown[] = [];
    for (let token = this.#next(); token[1] !== ']'; ) {
      list.push(this.#node(token, depth + 1));
      token = this.#separator(']');
    }
    return list;
  }

  #map(depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (let token = this.#next(); token[1] !== '}'; ) {
      const key = token[2] !== undefined ? (JSON.parse(token[2]) as string) : (token[3]?.replaceAll("''", "'") ?? token[4]);
      if (key === undefined || token[5] === undefined || key === '__proto__' || Object.hasOwn(map, key)) throw unsure;
      if (token[4] !== undefined && typeof resolveScalar(key) !== 'string') throw unsure;
      map[key] = this.#node(this.#next(), depth + 1);
      token = this.#separator('}');
    }
    return map;
  }

  /** The closing bracket, or what follows the comma. */
  #separator(close: string): RegExpExecArray {
    const token = this.#next();
    if (token[1] === close) return token;
    if (token[1] !== ',') throw unsure;
    const next = this.#next();
    if (next[1] === close) throw unsure;
    return next;
  }
}
