/** jq's functions of regular expressions. */
import type { CallArguments } from './evaluator.ts';
import { needString, textOfValue } from './formats.ts';
import { computed } from './located.ts';
import type { Located } from './located.ts';
import { JqError, isObject, shortened, typeOf } from './values.ts';
import type { Json } from './values.ts';

/** A regular expression of Oniguruma's everyday part, with jq's flags. */
export function regExp(pattern: Json, flags: Json, isGlobal: boolean): RegExp {
  const text = needString(pattern, 'regular expression');
  const letters = typeof flags === 'string' ? flags : '';
  const source = letters.includes('x') ? text.replace(/\\.|#.*|\s+/g, (part) => (part.startsWith('\\') ? part : '')) : text;
  try {
    return new RegExp(
      source,
      `u${isGlobal || letters.includes('g') ? 'g' : ''}${letters.includes('i') ? 'i' : ''}${letters.includes('s') ? 's' : ''}`,
    );
  } catch {
    throw new JqError(`${text} (at offset 0) is not a valid regex`);
  }
}

export function matches(value: Json, pattern: Json, flags: Json, isGlobal = false): Json[] {
  if (typeof value !== 'string') throw new JqError(`${typeOf(value)} (${shortened(value)}) cannot be matched, as it is not a string`);
  const [source, letters] = Array.isArray(pattern) ? [pattern[0] as Json, (pattern[1] as Json) ?? null] : [pattern, flags];
  const compiled = regExp(source, letters, isGlobal);
  const found = compiled.global ? [...value.matchAll(compiled)] : [compiled.exec(value)].filter((match) => match !== null);
  return found.map((match) => {
    const names = Object.entries(match.groups ?? {});
    const captures = match.slice(1).map((group) => ({
      offset: group === undefined ? -1 : value.indexOf(group, match.index),
      length: group?.length ?? 0,
      string: group ?? null,
      name: names.find(([, text]) => text === group)?.[0] ?? null,
    }));
    return { offset: [...value.slice(0, match.index)].length, length: [...match[0]].length, string: match[0], captures };
  });
}

export function captureObject(match: Json): Json {
  const captures = isObject(match) ? (match.captures as readonly { readonly name: Json; readonly string: Json }[]) : [];
  return Object.fromEntries(
    captures.filter((capture) => typeof capture.name === 'string').map((capture) => [capture.name as string, capture.string]),
  );
}

export function* substitute(at: Located, call: CallArguments, isGlobal: boolean, flags: Json): Generator<Located> {
  const text = needString(at.value, 'sub');
  for (const pattern of call.values(0)) {
    let out = '';
    let from = 0;
    for (const match of matches(text, pattern, flags, isGlobal) as unknown as readonly {
      readonly offset: number;
      readonly length: number;
    }[]) {
      out += [...text].slice(from, match.offset).join('') + textOfValue(call.first(1, captureObject(match)));
      from = match.offset + match.length;
    }
    yield computed(out + [...text].slice(from).join(''));
  }
}
