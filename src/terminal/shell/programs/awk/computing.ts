/** What awk computes with values alone. */
import { AwkError } from './syntax.ts';
import { formatNumber, numberOf } from './values.ts';
import type { Value } from './values.ts';

export function arithmetic(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      if (b === 0) throw new AwkError('division by zero');
      return a / b;
    case '%':
      if (b === 0) throw new AwkError('division by zero in %');
      return a % b;
    default:
      return a ** b;
  }
}

export function substring(text: string, from: number, length: number | undefined): string {
  const chars = [...text];
  const start = Math.round(from);
  const end = length === undefined ? chars.length + 1 : start + Math.round(length);
  return chars.slice(Math.max(0, start - 1), Math.max(0, end - 1)).join('');
}

export function gensub(regExp: RegExp, replacement: string, which: string, text: string): string {
  let count = 0;
  const wanted = /^[gG]/.test(which) ? 0 : Number(which) || 1;
  return text.replace(regExp, (...groups) => {
    count++;
    if (wanted !== 0 && count !== wanted) return groups[0] as string;
    return replacement.replace(/\\([\d&\\])|&/g, (part: string, digit: string | undefined) =>
      part === '&' || digit === '0'
        ? (groups[0] as string)
        : /\d/.test(digit!)
          ? ((groups[Number(digit)] as string | undefined) ?? '')
          : digit!,
    );
  });
}

export const truth = (value: Value): boolean =>
  typeof value === 'number'
    ? value !== 0
    : typeof value === 'string'
      ? value !== ''
      : value.looksNumeric
        ? value.number !== 0
        : value.text !== '';

const textOf = (value: Value): string => (typeof value === 'string' ? value : typeof value === 'number' ? formatNumber(value) : value.text);

/** Numbers compare as numbers, when both sides are or look like one; a value that is not set goes with either. */
export function compareValues(operator: string, a: Value, b: Value, isText: boolean): boolean {
  const isNumeric = (value: Value): boolean =>
    typeof value === 'number' || value === '' || (typeof value === 'object' && value.looksNumeric);
  const asNumbers = !isText && isNumeric(a) && isNumeric(b) && !(a === '' && b === '');
  const [x, y] = asNumbers ? [numberOf(a), numberOf(b)] : [textOf(a), textOf(b)];
  return { '<': x < y, '<=': x <= y, '==': x === y, '!=': x !== y, '>': x > y, '>=': x >= y }[operator]!;
}
