import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldSelectorText, matchesFields, parseFieldSelector } from './fields.ts';
import {
  everything,
  formatLabelSelector,
  nothing,
  parseSelector,
  SelectorError,
  selectorFromObject,
  selectorFromSet,
  selectorText,
} from './labels.ts';

/** Whether a selector takes the labels, or its message when it cannot be read. */
function check(text: string, labels: Record<string, string>, want: boolean | string): void {
  if (typeof want === 'string') expect(() => parseSelector(text)).toThrow(new SelectorError(want));
  else expect(parseSelector(text).matches(labels)).toBe(want);
}

describe('label selectors', () => {
  test.each<[string, Record<string, string>, boolean | string]>([
    ['', {}, true],
    ['a=b', { a: 'b' }, true],
    ['a==b', { a: 'c' }, false],
    ['a=', { a: '' }, true],
    ['a!=b', {}, true],
    ['a', { a: '' }, true],
    ['!a', { a: '' }, false],
    ['! a', {}, true],
    ['constructor', {}, false],
    ['a in (b,c)', { a: 'c' }, true],
    ['a notin (b, c)', { a: 'c' }, false],
    ['a notin (b)', {}, true],
    ['a in ()', { a: '' }, true],
    ['a>1', { a: '2' }, true],
    ['a<1', { a: 'x' }, false],
    ['a=b,c!=d', { a: 'b', c: 'e' }, true],
    ['in=x', {}, false],
    ['a=b,', {}, "found '', expected: identifier after ','"],
    ['a b', {}, "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a in b', {}, "unable to parse requirement: found 'b' expected: '('"],
    ['a=b c', {}, "found 'c', expected: ',' or 'end of string'"],
    ['=a', {}, "found '=', expected: !, identifier, or 'end of string'"],
    ['a>x', {}, "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer"],
    [
      'a=-',
      {},
      "unable to parse requirement: values[0][a]: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ])('%j on %j', (text, labels, want) => check(text, labels, want));

  test('objects: absent selects none, empty all, expressions as written', () => {
    expect(selectorFromObject(undefined)).toBe(nothing);
    expect(selectorFromObject({})).toBe(everything);
    const object = {
      matchLabels: { a: 'b' },
      matchExpressions: [
        { key: 'c', operator: 'In', values: ['e', 'd'] },
        { key: 'f', operator: 'DoesNotExist' },
      ],
    };
    expect(formatLabelSelector(object)).toBe('a=b,c in (d,e),!f');
    expect(selectorFromObject(object).matches({ a: 'b', c: 'd' })).toBe(true);
    expect(selectorFromObject(object)).toBe(selectorFromObject(object));
    expect(() => selectorFromObject({ matchExpressions: [{ key: 'a', operator: 'Like' }] })).toThrow(
      '"Like" is not a valid label selector operator',
    );
  });

  const word = fc.stringMatching(/^[a-z0-9]([-a-z0-9_.]{0,3}[a-z0-9])?$/);
  const requirement = fc.oneof(
    fc.tuple(word, fc.constantFrom('=', '!='), word).map((parts) => parts.join('')),
    fc
      .tuple(word, fc.constantFrom('in', 'notin'), fc.uniqueArray(word, { minLength: 1, maxLength: 3 }))
      .map(([key, operator, values]) => `${key} ${operator} (${values.join(',')})`),
    word.map((key) => `!${key}`),
  );

  test('what is printed is read back as the same', () => {
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), fc.dictionary(word, word, { noNullPrototype: true }), (parts, labels) => {
        const selector = parseSelector(parts.join(','));
        const again = parseSelector(selectorText(selector));
        expect(selectorText(again)).toBe(selectorText(selector));
        expect(again.matches(labels)).toBe(selector.matches(labels));
        expect(selectorFromSet(labels).matches(labels)).toBe(true);
      }),
    );
  });
});

test('field selectors', () => {
  const pod: Record<string, string> = { 'status.phase': 'Running', 'spec.nodeName': 'a,b' };
  const matches = (text: string): boolean => matchesFields(parseFieldSelector(text), (field) => pod[field] ?? '');
  expect(
    ['', 'status.phase=Running', 'status.phase!=Running', 'spec.nodeName==a\\,b', 'status.phase=Running,metadata.name!=x'].map(matches),
  ).toEqual([true, true, false, true, true]);
  expect(fieldSelectorText(parseFieldSelector('b=x\\,y,a!=c'))).toBe('a!=c,b=x\\,y');
  expect(() => parseFieldSelector('foo')).toThrow("invalid selector: 'foo'; can't understand 'foo'");
  expect(() => parseFieldSelector('a=b\\x')).toThrow('invalid field selector: invalid escape sequence: \\x');
});
