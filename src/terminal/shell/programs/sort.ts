import { Errno, utf8 } from '../../../emulator/kernel/index.ts';
import { UsageError, complain, linesOf, readText, tool } from './tool.ts';

interface Key {
  readonly fromField: number;
  readonly fromChar: number;
  readonly toField: number | undefined;
  readonly toChar: number;
  readonly flags: string;
}

const suffixes = 'KMGTPEZY';

function parseKey(text: string): Key {
  const match = /^(\d+)(?:\.(\d+))?([bdfghinMrRV]*)(?:,(\d+)(?:\.(\d+))?([bdfghinMrRV]*))?$/.exec(text);
  if (!match || match[1] === '0') throw new UsageError(`-: invalid field specification '${text}'`.replace('-: ', ''), { hint: false });
  const [, fromField, fromChar, flags, toField, toChar, moreFlags] = match;
  return {
    fromField: Number(fromField),
    fromChar: Number(fromChar ?? 1),
    toField: toField === undefined ? undefined : Number(toField),
    toChar: Number(toChar ?? 0),
    flags: `${flags ?? ''}${moreFlags ?? ''}`,
  };
}

/** Fields with the blanks before them, as sort counts without -t. */
function fieldsOf(line: string, separator: string | undefined): string[] {
  return separator === undefined ? (line.match(/\s*\S+|\s+$/g) ?? ['']) : line.split(separator);
}

function extract(line: string, key: Key, separator: string | undefined): string {
  const fields = fieldsOf(line, separator);
  const glue = separator ?? '';
  const start = fields.slice(key.fromField - 1);
  const count = key.toField === undefined ? start.length : Math.max(0, key.toField - key.fromField + 1);
  const chosen = start.slice(0, count);
  if (key.toField !== undefined && key.toChar > 0 && chosen.length > 0)
    chosen[chosen.length - 1] = chosen.at(-1)!.trimStart().slice(0, key.toChar);
  const text = chosen.join(glue);
  return key.fromChar > 1 ? text.trimStart().slice(key.fromChar - 1) : text;
}

function numberOf(text: string): number {
  return Number.parseFloat(/^\s*-?\d*\.?\d*/.exec(text)![0]) || 0;
}

function humanNumber(text: string): number {
  const match = /^\s*(-?\d*\.?\d+)([KMGTPEZYk])?/.exec(text);
  return match ? Number(match[1]) * 1024 ** (match[2] ? suffixes.indexOf(match[2].toUpperCase()) + 1 : 0) : 0;
}

/** Versions: runs of digits compare as numbers. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i] ?? '', right[i] ?? ''];
    const difference = /^\d/.test(x) && /^\d/.test(y) ? Number(x) - Number(y) : Number(x > y) - Number(x < y);
    if (difference !== 0) return difference;
  }
  return 0;
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

function compare(a: string, b: string, flags: string): number {
  if (flags.includes('n') || flags.includes('g')) return numberOf(a) - numberOf(b);
  if (flags.includes('h')) return humanNumber(a) - humanNumber(b);
  if (flags.includes('V')) return compareVersions(a.trim(), b.trim());
  if (flags.includes('M')) return months.indexOf(a.trim().slice(0, 3).toUpperCase()) - months.indexOf(b.trim().slice(0, 3).toUpperCase());
  const normal = (text: string): string => {
    const trimmed = flags.includes('b') ? text.trimStart() : text;
    const plain = flags.includes('d') ? trimmed.replace(/[^\p{L}\p{N}\s]/gu, '') : trimmed;
    return flags.includes('f') ? plain.toUpperCase() : plain;
  };
  const [x, y] = [normal(a), normal(b)];
  return Number(x > y) - Number(x < y);
}

export const sort = tool(
  {
    short: 'bcdfghik:mMno:rRst:uVz',
    long: {
      'ignore-leading-blanks': 'b',
      check: 'c',
      'dictionary-order': 'd',
      'ignore-case': 'f',
      'human-numeric-sort': 'h',
      'key=': 'k',
      'numeric-sort': 'n',
      'output=': 'o',
      reverse: 'r',
      stable: 's',
      'field-separator=': 't',
      unique: 'u',
      'version-sort': 'V',
      'random-sort': 'R',
      'zero-terminated': 'z',
    },
    usage: '[OPTION]... [FILE]...',
    errorStatus: 2,
  },
  function* (sys, options) {
    const separator = options.value('t')?.replace('\\0', '\0').replace('\\t', '\t');
    if (separator !== undefined && separator.length !== 1)
      throw new UsageError(separator === '' ? 'empty tab' : `multi-character tab '${separator}'`, { hint: false });
    const global = 'bdfghnMV'
      .split('')
      .filter((letter) => options.has(letter))
      .join('');
    const keys = options.values('k').map(parseKey);
    const end = options.has('z') ? '\0' : '\n';
    let text = '';
    for (const path of options.operands.length > 0 ? options.operands : ['-']) {
      try {
        const part = yield* readText(sys, path);
        text += part === '' || part.endsWith(end) ? part : `${part}${end}`;
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        return yield* complain(
          sys,
          error.code === 'EISDIR' ? `read failed: ${path}: ${error.message}` : `cannot read: ${path}: ${error.message}`,
          2,
        );
      }
    }
    const lines = end === '\n' ? linesOf(text) : text.split('\0').slice(0, -1);
    const byKeys = (a: string, b: string): number => {
      for (const key of keys) {
        const flags = key.flags === '' ? global : key.flags;
        const result = compare(extract(a, key, separator), extract(b, key, separator), flags);
        if (result !== 0) return (key.flags === '' ? options.has('r') : key.flags.includes('r')) ? -result : result;
      }
      const whole = keys.length === 0 ? compare(a, b, global) : 0;
      if (whole !== 0) return options.has('r') ? -whole : whole;
      return 0;
    };
    const sorted = options.has('R') ? shuffled(lines, (n) => sys.kernel.random.below(n)) : [...lines];
    const lastResort = (a: string, b: string): number =>
      options.has('s') || options.has('u') ? 0 : (Number(a > b) - Number(a < b)) * (options.has('r') ? -1 : 1);
    if (options.has('c')) {
      const at = lines.findIndex((line, i) => i > 0 && byKeys(lines[i - 1]!, line) > (options.has('u') ? -1 : 0));
      return at < 0 ? 0 : yield* complain(sys, `${options.operands[0] ?? '-'}:${at + 1}: disorder: ${lines[at]}`);
    }
    if (!options.has('R')) sorted.sort((a, b) => byKeys(a, b) || lastResort(a, b));
    const unique = options.has('u') ? sorted.filter((line, i) => i === 0 || byKeys(sorted[i - 1]!, line) !== 0) : sorted;
    const out = unique.map((line) => line + end).join('');
    const path = options.value('o');
    if (path === undefined) yield* sys.print(1, out);
    else sys.fs.writeFile(sys.path(path), utf8(out));
    return 0;
  },
);

function shuffled(lines: readonly string[], below: (n: number) => number): string[] {
  const result = [...lines];
  for (let i = result.length - 1; i > 0; i--) {
    const k = below(i + 1);
    [result[i], result[k]] = [result[k]!, result[i]!];
  }
  return result;
}
