import { parse } from 'unbash';
import type { Word } from 'unbash';
import { ExpansionError } from './scope.ts';

const expanded = new WeakMap<Word, readonly Word[]>();
const maxWords = 100_000;

/** `a{b,c}` and `{1..3}` become several words. unbash only marks them, so they are rewritten and parsed again. */
export function expandBraces(word: Word): readonly Word[] {
  const part = word.parts?.find((p) => p.type === 'BraceExpansion');
  if (!part) return [word];
  let words = expanded.get(word);
  if (words) return words;
  const start = word.text.indexOf(part.text);
  const [before, after] = [word.text.slice(0, start), word.text.slice(start + part.text.length)];
  const command = parse(
    `_ ${alternatives(part.text.slice(1, -1))
      .map((text) => before + text + after)
      .join(' ')}`,
  ).commands[0]?.command;
  words = command?.type === 'Command' ? command.args.flatMap((arg) => (arg.type === 'Word' ? expandBraces(arg) : [])) : [];
  check(words.length);
  expanded.set(word, words);
  return words;
}

/** Throws for more words than a learner's shell should hold, in bash's words for a lack of memory. */
function check(count: number): void {
  if (count > maxWords) throw new ExpansionError(`brace expansion: failed to allocate memory for \`${count}' elements`);
}

function alternatives(body: string): string[] {
  const range = /^(-?\w+)\.\.(-?\w+)(?:\.\.(-?\d+))?$/.exec(body);
  return (range && sequence(range[1]!, range[2]!, Math.abs(Number(range[3] ?? 1)) || 1)) ?? split(body);
}

function sequence(first: string, last: string, step: number): string[] | undefined {
  const isNumeric = /^-?\d+$/.test(first) && /^-?\d+$/.test(last);
  if (!isNumeric && !(/^[A-Za-z]$/.test(first) && /^[A-Za-z]$/.test(last))) return undefined;
  const [from, to] = isNumeric ? [Number(first), Number(last)] : [first.charCodeAt(0), last.charCodeAt(0)];
  const width = [first, last].some((text) => /^-?0\d/.test(text)) ? Math.max(first.length, last.length) : 0;
  const count = Math.floor(Math.abs(to - from) / step) + 1;
  check(count);
  const values = Array.from({ length: count }, (_, i) => from + (to < from ? -i : i) * step);
  if (!isNumeric) return values.map((code) => String.fromCharCode(code));
  return values.map((value) => (value < 0 ? `-${String(-value).padStart(width - 1, '0')}` : String(value).padStart(width, '0')));
}

/** Splits at the commas that stand outside of inner braces, quotes and substitutions. */
function split(body: string): string[] {
  const parts = [''];
  let depth = 0;
  for (let i = 0; i < body.length; i++) {
    const char = body[i]!;
    if (char === ',' && depth === 0) {
      parts.push('');
      continue;
    }
    if ('{('.includes(char)) depth++;
    if ('})'.includes(char)) depth--;
    let token = char;
    if (char === '\\') token += body[++i] ?? '';
    else if (char === "'" || char === '"') {
      const end = body.indexOf(char, i + 1);
      if (end > 0) token = body.slice(i, end + 1);
      if (end > 0) i = end;
    }
    parts[parts.length - 1] += token;
  }
  return parts;
}
