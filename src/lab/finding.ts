/**
 * What a check found, in the learner's words. A check is a sentence and an assertion: the sentence (of `lab.say`, or a noun)
 * says what was expected and where to look, and of the assertion's own words only what was found is of use to a learner.
 *
 *     expected two ready Pods of `menu` (found: 1); see `kubectl get pods`
 *     its image: found nginx:1.27, wanted nginx:1.29; see `kubectl get pod web -o yaml`
 */

/** The part of an assertion error that is read here. */
interface Assertion extends Error {
  readonly actual?: unknown;
  readonly expected?: unknown;
}

/** What matchers say between the value and what they want, and what that means. */
const matchers: readonly (readonly [words: RegExp, wanted: (value: string) => string])[] = [
  [/ not to (?:be|deeply equal) /, (value) => `anything but ${value}`],
  [/ (?:not to|to not) (?:include|contain|match) /, (value) => `no ${value} in it`],
  [/ to be greater than or equal to /, (value) => `${value} or more`],
  [/ to be less than or equal to /, (value) => `${value} or less`],
  [/ to be greater than /, (value) => `more than ${value}`],
  [/ to be less than /, (value) => `less than ${value}`],
  [/ to (?:include|contain) /, (value) => `${value} in it`],
  [/ to match /, (value) => `what matches ${value}`],
  [/ to be (?:un)?defined$/, (value) => value],
  [/ to (?:be|deeply equal) /, (value) => value],
];

const maxLength = 160;

/** A check's failure as a learner reads it. What is no assertion with a sentence stays as it is. */
export function findingOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, actual } = error as Assertion;
  // Whether nothing has a part is a question that chai does not answer.
  const [, about] = /^([\s\S]*): the given combination of arguments \((?:undefined|null) and /.exec(message) ?? [];
  if (about !== undefined) return withFinding(about, 'nothing', 'more');
  const split = message.lastIndexOf(': expected ');
  const matcher = split < 0 ? undefined : matchers.find(([words]) => words.test(message.slice(split)));
  if (!matcher || !('actual' in error)) return message;
  const wanted = wantedOf(error as Assertion, message.slice(split), matcher[0]);
  const found = typeof actual === 'boolean' && message.startsWith('expected ') ? undefined : textOf(actual);
  return withFinding(message.slice(0, split), found, matcher[1](textOf(wanted)));
}

/** Puts what was found before the place to look. `found` is undefined where a whole sentence is simply not so. */
function withFinding(sentence: string, found: string | undefined, wanted: string): string {
  const [, before, after = ''] = /^([\s\S]*?)((?:;|,? or) (?:see|try) [\s\S]*)?$/.exec(sentence)!;
  if (!sentence.startsWith('expected ')) return `${before}: found ${found}, wanted ${wanted}${after}`;
  return `${before} (${found === undefined ? 'that is not so' : `found: ${found}`})${after}`;
}

/** Some matchers name what they want in their text alone. */
function wantedOf({ expected, actual }: Assertion, text: string, words: RegExp): unknown {
  if (/ to be defined$/.test(text)) return 'something';
  if (/ to be undefined$/.test(text)) return undefined;
  if (expected !== undefined && expected !== actual) return expected;
  return text
    .slice(words.exec(text)!.index)
    .replace(words, '')
    .replace(/ \/\/ Object\.is equality$/, '')
    .replace(/^'(.*)'$/, '$1');
}

function textOf(value: unknown): string {
  if (value === undefined || value === null || value === '' || Number.isNaN(value)) return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : shortened(value.map(textOf).join(', '));
  if (value instanceof RegExp) return String(value);
  if (typeof value !== 'object')
    return shortened(
      String(value)
        .trim()
        .replaceAll(/\s*\n\s*/g, ' '),
    );
  const { kind, metadata } = value as { readonly kind?: string; readonly metadata?: { readonly name?: string } };
  return metadata?.name === undefined ? shortened(JSON.stringify(value)) : `${kind ? `${kind} ` : ''}${metadata.name}`;
}

const shortened = (text: string): string => (text.length <= maxLength ? text : `${text.slice(0, maxLength)}…`);
