import type { Word } from 'unbash';
import { expandBraces } from './braces.ts';
import { FieldBuilder } from './fields.ts';
import type { Scope } from './scope.ts';

/** Expands to fields: split on IFS, with file names for patterns. */
export function expandWords(words: readonly Word[], scope: Scope): string[] {
  const fields: string[] = [];
  for (const word of words) {
    if (!word.parts && !word.text.startsWith('~')) fields.push(word.value);
    else for (const alternative of expandBraces(word)) new FieldBuilder(scope).add(alternative).into(fields);
  }
  return fields;
}
