/**
 * Writes YAML in the exact form of sigs.k8s.io/yaml: keys in natural order, lists not indented under their key, quotes only where
 * needed, texts of several lines as blocks, and lines folded after column 80, as libyaml's emitter does.
 *
 * Differs from Kubernetes: U+0085 in a text is escaped; upstream's detour over JSON turns it into a space.
 */
import { jsonNumber } from '../json.ts';
import { isAmbiguous } from './scalar.ts';

const bestWidth = 80;

/** The text of a value. Fields that are undefined are left out. */
export function toYaml(value: unknown): string {
  const writer = new Writer();
  writer.root(value);
  return writer.text();
}

type Style = 'plain' | 'single' | 'double' | 'literal';

class Writer {
  readonly #parts: string[] = [];
  /** Characters since the last line break: folding looks at it. */
  #column = 0;

  text(): string {
    return this.#parts.join('');
  }

  root(value: unknown): void {
    if (isMap(value) && !isEmptyMap(value)) this.#map(value, 0, false);
    else if (Array.isArray(value) && value.length > 0) this.#list(value, 0, false);
    else this.#node(value, 0);
  }

  #put(text: string): void {
    this.#parts.push(text);
    this.#column += text.length;
  }

  #newline(indent: number): void {
    this.#parts.push(`\n${' '.repeat(indent)}`);
    this.#column = indent;
  }

  #indent(indent: number): void {
    this.#put(' '.repeat(indent));
  }

  #endLine(): void {
    this.#parts.push('\n');
    this.#column = 0;
  }

  /** `isOpen`: the first line has its indentation already, behind a `- `. */
  #map(map: Readonly<Record<string, unknown>>, indent: number, isOpen: boolean): void {
    const keys = Object.keys(map).filter((key) => map[key] !== undefined);
    keys.sort(compareNaturally);
    keys.forEach((key, i) => {
      if (i > 0 || !isOpen) this.#indent(indent);
      const isSimple = !key.includes('\n') && [...key].length <= 128 && !/[\r\u0085\u2028\u2029]/.test(key);
      if (isSimple) {
        this.#scalar(key, indent, true);
        this.#put(':');
        this.#value(map[key], indent);
      } else {
        this.#put('? ');
        this.#scalar(key, indent, false);
        if (this.#column > 0) this.#endLine();
        this.#indent(indent);
        this.#put(':');
        this.#value(map[key], indent);
      }
    });
  }

  #value(value: unknown, indent: number): void {
    if (isMap(value) && !isEmptyMap(value)) {
      this.#endLine();
      this.#map(value, indent + 2, false);
    } else if (Array.isArray(value) && value.length > 0) {
      this.#endLine();
      this.#list(value, indent, false);
    } else {
      this.#put(' ');
      this.#node(value, indent);
    }
  }

  #list(list: readonly unknown[], indent: number, isOpen: boolean): void {
    list.forEach((item, i) => {
      if (i > 0 || !isOpen) this.#indent(indent);
      this.#put('- ');
      if (isMap(item) && !isEmptyMap(item)) this.#map(item, indent + 2, true);
      else if (Array.isArray(item) && item.length > 0) this.#list(item, indent + 2, true);
      else this.#node(item, indent);
    });
  }

  /** A scalar or an empty collection, and the end of its line. */
  #node(value: unknown, indent: number): void {
    if (value === null || value === undefined) this.#put('null');
    else if (typeof value === 'string') this.#scalar(value, indent, false);
    else if (typeof value === 'number') this.#put(numberText(value));
    else if (typeof value === 'boolean' || typeof value === 'bigint') this.#put(String(value));
    else this.#put(Array.isArray(value) ? '[]' : '{}');
    if (this.#column > 0) this.#endLine();
  }

  /** Continued lines are indented by two more than the collection that holds the scalar. */
  #scalar(text: string, indent: number, isKey: boolean): void {
    const style = styleOf(text, isKey);
    const inner = indent + 2;
    if (style === 'literal') this.#literal(text, inner);
    else if (style === 'plain') this.#folded(text, inner, !isKey, false);
    else if (style === 'single') {
      this.#put("'");
      this.#folded(text.replaceAll("'", "''"), inner, !isKey, true);
      this.#put("'");
    } else this.#doubleQuoted(text, inner, !isKey);
  }

  #folded(text: string, indent: number, mayBreak: boolean, isQuoted: boolean): void {
    if (!isQuoted && (!mayBreak || this.#column + text.length <= bestWidth)) {
      this.#put(text);
      return;
    }
    const chars = [...text];
    let isAfterSpace = false;
    let isAfterBreak = false;
    chars.forEach((char, i) => {
      const isInside = !isQuoted || (i > 0 && i < chars.length - 1);
      if (char === ' ' && mayBreak && !isAfterSpace && this.#column > bestWidth && isInside && chars[i + 1] !== ' ') this.#newline(indent);
      else if (char === '\n') {
        // One line break in quotes is a space, so that a real one takes two.
        if (!isAfterBreak) this.#endLine();
        this.#endLine();
      } else {
        if (isAfterBreak) this.#indent(indent);
        this.#put(char);
      }
      isAfterSpace = char === ' ';
      isAfterBreak = char === '\n';
    });
    if (isAfterBreak) this.#indent(indent);
  }

  #doubleQuoted(text: string, indent: number, mayBreak: boolean): void {
    this.#put('"');
    const chars = [...text];
    // A quirk of go-yaml: it tests for the byte order mark at the beginning of the text, whichever character it looks at.
    const hasMark = text.startsWith('\ufeff');
    let isAfterSpace = false;
    chars.forEach((char, i) => {
      if (hasMark || !isPrintable(char) || isBreak(char) || char === '"' || char === '\\') {
        this.#put(escapeOf(char));
        isAfterSpace = false;
      } else if (char === ' ') {
        const isFoldable = mayBreak && !isAfterSpace && this.#column > bestWidth && i > 0 && i < chars.length - 1;
        if (isFoldable) {
          this.#newline(indent);
          if (chars[i + 1] === ' ') this.#put('\\');
        } else this.#put(char);
        isAfterSpace = true;
      } else {
        this.#put(char);
        isAfterSpace = false;
      }
    });
    this.#put('"');
  }

  #literal(text: string, indent: number): void {
    this.#put('|');
    if (text.startsWith(' ') || text.startsWith('\n')) this.#put('2');
    if (!text.endsWith('\n')) this.#put('-');
    else if (text === '\n' || text.endsWith('\n\n')) this.#put('+');
    const lines = text.split('\n');
    if (lines[lines.length - 1] === '') lines.pop();
    const margin = ' '.repeat(indent);
    for (const line of lines) this.#parts.push(line === '' ? '\n' : `\n${margin}${line}`);
    this.#parts.push('\n');
    this.#column = 0;
  }
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isEmptyMap(map: Readonly<Record<string, unknown>>): boolean {
  for (const key in map) if (map[key] !== undefined) return false;
  return true;
}

const isBreak = (char: string): boolean => char === '\n' || char === '\r' || char === '\u0085' || char === '\u2028' || char === '\u2029';

/** libyaml's idea of printable: no tab, nothing beyond the basic plane. */
function isPrintable(char: string): boolean {
  const code = char.codePointAt(0)!;
  if (code < 0x7f) return code === 0x0a || code >= 0x20;
  return code >= 0xa0 && code <= 0xfffd && code !== 0xfeff && !(code >= 0xd800 && code <= 0xdfff);
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u00a0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function escapeOf(char: string): string {
  const short = shortEscapes[char];
  if (short) return short;
  const hex = char.codePointAt(0)!.toString(16).toUpperCase();
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

const isSimple = /^[A-Za-z][A-Za-z0-9/._-]*$/;

function styleOf(text: string, isKey: boolean): Style {
  const isMultiline = text.includes('\n');
  const wanted: Style = isMultiline ? 'literal' : isAmbiguous(text) ? 'double' : 'plain';
  if (wanted === 'plain' && isSimple.test(text)) return 'plain';
  if (wanted === 'double') return 'double';
  const facts = analyze(text);
  if (wanted === 'literal') return facts.isBlockAllowed && !isKey ? 'literal' : 'double';
  if (facts.isPlainAllowed && !(isKey && facts.hasBreak)) return 'plain';
  return facts.isSingleAllowed && !(isKey && facts.hasBreak) ? 'single' : 'double';
}

interface Facts {
  readonly isPlainAllowed: boolean;
  readonly isSingleAllowed: boolean;
  readonly isBlockAllowed: boolean;
  readonly hasBreak: boolean;
}

/** Which styles can hold a text. Upstream: go-yaml v2, `yaml_emitter_analyze_scalar`. */
function analyze(text: string): Facts {
  const chars = [...text];
  const last = chars.length - 1;
  let hasIndicator = text.startsWith('---') || text.startsWith('...');
  let [hasSpecial, hasBreak, isBreakSpace, isSpaceBreak] = [false, false, false, false];
  let before = '\n';
  chars.forEach((char, i) => {
    const next = chars[i + 1];
    const isFollowed = next === undefined || next === ' ' || next === '\t';
    if (i === 0) hasIndicator ||= '#,[]{}&*!|>\'"%@`'.includes(char) || ((char === '?' || char === ':' || char === '-') && isFollowed);
    else if (char === ':') hasIndicator ||= isFollowed;
    else if (char === '#') hasIndicator ||= before === ' ' || before === '\t' || isBreak(before);
    if (!isPrintable(char) && !isBreak(char)) hasSpecial = true;
    else if (char === '\r' || char === '\u0085') hasSpecial = true;
    if (isBreak(char)) {
      hasBreak = true;
      if (i > 0 && before === ' ') isSpaceBreak = true;
    } else if (char === ' ' && i > 0 && isBreak(before)) isBreakSpace = true;
    before = char;
  });
  const [first, end] = [chars[0]!, chars[last]!];
  const hasEdge = first === ' ' || isBreak(first) || end === ' ' || isBreak(end);
  const isQuotedOnly = isSpaceBreak || hasSpecial;
  return {
    isPlainAllowed: !hasEdge && !isBreakSpace && !isQuotedOnly && !hasBreak && !hasIndicator,
    isSingleAllowed: !isBreakSpace && !isQuotedOnly,
    isBlockAllowed: end !== ' ' && !isQuotedOnly,
    hasBreak,
  };
}

/** Go's FormatFloat with 'g' for what is not an int64, and decimal for what is. */
function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 64) return jsonNumber(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

const isLetter = (char: string): boolean => /\p{L}/u.test(char);
const isDigit = (char: string | undefined): boolean => char !== undefined && char >= '0' && char <= '9';

/** Natural order: letters after other characters, runs of digits by their number. Upstream: go-yaml v2, `sorter.go`. */
export function compareNaturally(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x === y) continue;
    const [isLetterX, isLetterY] = [isLetter(x), isLetter(y)];
    if (isLetterX && isLetterY) return x < y ? -1 : 1;
    if (isLetterX || isLetterY) return isLetterY ? -1 : 1;
    return compareDigits(a, b, i);
  }
  return a.length - b.length;
}

function compareDigits(a: string, b: string, from: number): number {
  let start = 0;
  if (a[from] === '0' || b[from] === '0') {
    for (let j = from - 1; j >= 0 && isDigit(a[j]); j--) {
      if (a[j] !== '0') {
        start = 1;
        break;
      }
    }
  }
  const left = digitsAt(a, from, start);
  const right = digitsAt(b, from, start);
  if (left.value !== right.value) return left.value < right.value ? -1 : 1;
  if (left.end !== right.end) return left.end - right.end;
  return a[from]! < b[from]! ? -1 : 1;
}

function digitsAt(text: string, from: number, start: number): { value: number; end: number } {
  let value = start;
  let end = from;
  for (; isDigit(text[end]); end++) value = value * 10 + Number(text[end]);
  return { value, end };
}
