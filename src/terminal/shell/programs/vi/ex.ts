/** The command line of vi: `:w`, `:q!`, `:%s/a/b/g`, `:12`, `:set nu`. */
import { posixRegExp } from '../../regular-expression.ts';
import type { Buffer } from './buffer.ts';

export interface ExResult {
  readonly message?: string;
  readonly isError?: boolean;
  /** Write the text here; '' is the file that is edited. */
  readonly writeTo?: string;
  readonly force?: boolean;
  readonly quit?: boolean;
  readonly read?: string;
  readonly edit?: string;
  readonly setting?: readonly [name: string, value: boolean];
}

const fail = (message: string): ExResult => ({ message, isError: true });

function address(text: string, buffer: Buffer): { readonly line: number; readonly rest: string } | undefined {
  const match = /^(\.|\$|\d+|\/((?:[^/\\]|\\.)+)\/)?((?:[-+]\d*)*)/.exec(text)!;
  if (match[0] === '') return undefined;
  let line =
    match[1] === undefined || match[1] === '.' ? buffer.cursor.line : match[1] === '$' ? buffer.lines.length - 1 : Number(match[1]) - 1;
  if (match[2] !== undefined) {
    const regExp = posixRegExp(match[2]);
    const found = buffer.lines.findIndex((candidate, i) => i > buffer.cursor.line && regExp.test(candidate));
    line = found >= 0 ? found : buffer.lines.findIndex((candidate) => regExp.test(candidate));
  }
  for (const [, sign, digits] of match[3]!.matchAll(/([-+])(\d*)/g)) line += (sign === '-' ? -1 : 1) * Number(digits || 1);
  return { line, rest: text.slice(match[0].length) };
}

/** The lines that a command is about, and the command. */
function rangeOf(
  text: string,
  buffer: Buffer,
): { readonly from: number; readonly to: number; readonly rest: string; readonly isGiven: boolean } {
  if (text.startsWith('%')) return { from: 0, to: buffer.lines.length - 1, rest: text.slice(1), isGiven: true };
  const first = address(text, buffer);
  if (!first) return { from: buffer.cursor.line, to: buffer.cursor.line, rest: text, isGiven: false };
  if (!first.rest.startsWith(',')) return { from: first.line, to: first.line, rest: first.rest, isGiven: true };
  const second = address(first.rest.slice(1), buffer);
  return { from: first.line, to: second?.line ?? buffer.cursor.line, rest: second?.rest ?? first.rest.slice(1), isGiven: true };
}

function substitute(buffer: Buffer, from: number, to: number, text: string): ExResult {
  const delimiter = text[0] ?? '/';
  const escaped = delimiter.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const parts = new RegExp(
    `^${escaped}((?:\\\\.|[^${escaped}\\\\])*)(?:${escaped}((?:\\\\.|[^${escaped}\\\\])*)(?:${escaped}([gicI]*))?)?$`,
    's',
  ).exec(text);
  if (!parts) return fail('E486: Pattern not found');
  const [, source = '', template = '', flags = ''] = parts;
  let regExp: RegExp;
  try {
    regExp = posixRegExp(source.replaceAll(`\\${delimiter}`, delimiter), { global: flags.includes('g'), ignoreCase: flags.includes('i') });
  } catch {
    return fail(`E383: Invalid search string: ${source}`);
  }
  let count = 0;
  let last = -1;
  const changed = buffer.lines.slice(from, to + 1).map((line, i) => {
    regExp.lastIndex = 0;
    const result = line.replace(regExp, (...groups) => {
      count++;
      last = from + i;
      return template.replace(/\\([\d&nt/\\])|&/g, (part: string, code: string | undefined) =>
        part === '&'
          ? (groups[0] as string)
          : /\d/.test(code!)
            ? ((groups[Number(code)] as string | undefined) ?? '')
            : ({ n: '\n', t: '\t' }[code!] ?? code!),
      );
    });
    return result;
  });
  if (count === 0) return fail(`E486: Pattern not found: ${source}`);
  buffer.mark();
  buffer.replaceLines(
    from,
    to - from + 1,
    changed.flatMap((line) => line.split('\n')),
  );
  buffer.move(last, 0);
  return count > 2
    ? {
        message: `${count} substitutions on ${new Set(changed.flatMap((line, i) => (line === buffer.lines[from + i] ? [i] : []))).size} lines`,
      }
    : {};
}

export function runEx(command: string, buffer: Buffer): ExResult {
  const { from, to, rest, isGiven } = rangeOf(command.trim(), buffer);
  if (from < 0 || to >= buffer.lines.length || from > to) {
    if (rest === '' && isGiven && from === to) {
      buffer.move(from, 0);
      return {};
    }
    return fail('E16: Invalid range');
  }
  if (rest === '') {
    if (isGiven) buffer.move(to, 0);
    return {};
  }
  if (/^s[^\w\s]/.test(rest)) return substitute(buffer, from, to, rest.slice(1));
  const match = /^([a-z]+)(!?)\s*(.*)$/s.exec(rest);
  if (!match) return fail(`E492: Not an editor command: ${command}`);
  const [, name, bang, argument] = match as unknown as [string, string, string, string];
  const force = bang === '!';
  switch (name) {
    case 'w':
    case 'write':
      return { writeTo: argument, force };
    case 'q':
    case 'quit':
    case 'qa':
      return !force && buffer.isModified ? fail('E37: No write since last change (add ! to override)') : { quit: true };
    case 'wq':
    case 'wqa':
      return { writeTo: argument, force, quit: true };
    case 'x':
    case 'xit':
      return buffer.isModified ? { writeTo: argument, force, quit: true } : { quit: true };
    case 'e':
    case 'edit':
      return !force && buffer.isModified ? fail('E37: No write since last change (add ! to override)') : { edit: argument };
    case 'r':
    case 'read':
      return { read: argument };
    case 'd':
    case 'delete':
      buffer.mark();
      buffer.replaceLines(from, to - from + 1, []);
      buffer.move(from, 0);
      return to - from > 1 ? { message: `${to - from + 1} fewer lines` } : {};
    case 'set':
    case 'se': {
      const option = /^(no)?(number|nu|paste|ignorecase|ic|hlsearch|hls|expandtab|et|list|autoindent|ai)$/.exec(argument);
      if (!option) return fail(`E518: Unknown option: ${argument}`);
      const names: Readonly<Record<string, string>> = {
        nu: 'number',
        ic: 'ignorecase',
        hls: 'hlsearch',
        et: 'expandtab',
        ai: 'autoindent',
      };
      return { setting: [names[option[2]!] ?? option[2]!, !option[1]] };
    }
    case 'noh':
    case 'nohlsearch':
      return { setting: ['hlsearch', false] };
    default:
      return fail(`E492: Not an editor command: ${command}`);
  }
}
