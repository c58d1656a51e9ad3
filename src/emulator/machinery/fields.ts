/**
 * Field selectors: `status.phase!=Running,spec.nodeName=node-1`. Which fields a kind offers is the kind's affair.
 * Upstream: `apimachinery/pkg/fields/selector.go`.
 */
import { compareBytes } from './json.ts';
import { SelectorError } from './labels.ts';

export interface FieldTerm {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

export interface FieldSelector {
  readonly terms: readonly FieldTerm[];
}

export const everyField: FieldSelector = { terms: [] };

/** Commas part terms unless a backslash stands before them. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function unescaped(text: string): string {
  if (!/[\\,=]/.test(text)) return text;
  let out = '';
  const chars = [...text];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    if (char === '\\') {
      const next = chars[++i];
      if (next !== '\\' && next !== ',' && next !== '=')
        throw new SelectorError(`invalid field selector: invalid escape sequence: \\${next ?? ''}`);
      out += next;
    } else if (char === ',' || char === '=') {
      // Go prints a rune with %v as its number.
      throw new SelectorError(`invalid field selector: unescaped character in value: ${char.codePointAt(0)}`);
    } else out += char;
  }
  return out;
}

/** Throws a SelectorError. */
export function parseFieldSelector(text: string): FieldSelector {
  const terms: FieldTerm[] = [];
  for (const part of splitTerms(text).sort(compareBytes)) {
    if (part === '') continue;
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(part);
    if (!match) throw new SelectorError(`invalid selector: '${text}'; can't understand '${part}'`);
    terms.push({ field: match[1]!, operator: match[2] === '!=' ? '!=' : '=', value: unescaped(match[3]!) });
  }
  return terms.length === 0 ? everyField : { terms };
}

export function fieldSelectorText(selector: FieldSelector): string {
  return selector.terms.map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, '\\$&')}`).join(',');
}

/** Whether an object passes, given how to read its fields. */
export function matchesFields(selector: FieldSelector, read: (field: string) => string): boolean {
  return selector.terms.every(({ field, operator, value }) => (read(field) === value) === (operator === '='));
}

/** The value that a field must have, if the selector says so. */
export function exactField(selector: FieldSelector, field: string): string | undefined {
  return selector.terms.find((term) => term.field === field && term.operator === '=')?.value;
}
