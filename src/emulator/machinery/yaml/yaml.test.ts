import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { marshalIndent } from '../json.ts';
import { type DuplicateKey, parseYaml, parseYamlDocuments, toYaml, YamlError } from '../yaml.ts';
import { readPlainBlocks } from './plain-blocks.ts';
import { parseFully } from './read.ts';
import recorded from './recorded.json';

type ConfigMap = { metadata: object };

/** What kubectl v1.33 printed for `annotate --local x=y`; the sources are read and written here. */
describe('reads and writes as kubectl does', () => {
  test.each(recorded.documents.map((one) => [one.name, one] as const))('%s', (_name, { source, yaml, json }) => {
    const object = parseYaml(source) as ConfigMap;
    const annotated = { ...object, metadata: { ...object.metadata, annotations: { x: 'y' } } };
    expect(toYaml(annotated)).toBe(yaml);
    expect(`${marshalIndent(annotated, '    ')}\n`).toBe(json);
    expect(toYaml(parseYaml(yaml))).toBe(yaml);
  });
});

describe('refuses as kubectl does', () => {
  test.each(recorded.errors.map((one) => [one.name, one] as const))('%s', (_name, { source, error }) => {
    expect(() => parseYamlDocuments(source)).toThrow(new YamlError(error));
  });
});

test('documents: empty ones and comments are left out, JSON values may follow one another', () => {
  expect(parseYamlDocuments('# c\n---\n# only\n---\na: 1\n--- # b\nb: 2\n---\n')).toEqual([{ a: 1 }, { b: 2 }]);
  expect(parseYamlDocuments('{"a":1}\n{"b":"}"}')).toEqual([{ a: 1 }, { b: '}' }]);
  expect(parseYamlDocuments('{a: 1}')).toEqual([{ a: 1 }]);
  expect(parseYaml('')).toBeNull();
});

test('keys that stand twice are told', () => {
  const duplicates: DuplicateKey[] = [];
  expect(parseYaml('a: 1\nb:\n  c: 1\n  c: 2\na: 3\n', duplicates)).toEqual({ a: 3, b: { c: 2 } });
  expect(duplicates).toEqual([
    { key: 'c', line: 4 },
    { key: 'a', line: 5 },
  ]);
});

test('a text of brackets is refused', () => {
  expect(() => parseYaml('['.repeat(100_000))).toThrow(new YamlError('error converting YAML to JSON: yaml: exceeded max depth of 10000'));
});

test('__proto__ is a key', () => {
  expect(Object.keys(parseYaml('__proto__: {a: b}\n') as object)).toEqual(['__proto__']);
});

const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[-a-z0-9:# '"\\\n{}[\]|>&*!%@`,?]*$/));
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(text, tie('node'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).node;

test('what is written is read back', () => {
  fc.assert(
    fc.property(value, (one) => {
      expect(parseYaml(toYaml(one))).toEqual(one);
    }),
    { numRuns: 500 },
  );
});

/** The full parser's value, or undefined where it refuses. */
function fully(source: string): unknown {
  try {
    return { value: parseFully(source) };
  } catch {
    return undefined;
  }
}

test('the quick reader answers what the full parser does, or nothing', () => {
  const line = fc.tuple(
    fc.constantFrom('', '  ', '    ', ' '),
    fc.constantFrom('', '- ', '-  ', '- - ', '-'),
    fc.constantFrom('', 'a:', 'b: ', 'c:  ', '"k l": ', 'on: ', 'd'),
    fc.constantFrom(
      '',
      'x',
      'x y',
      '1',
      'yes',
      '"q"',
      '"a\\n"',
      "'it''s'",
      '|',
      '|-',
      '|+',
      '>',
      '{}',
      '[]',
      '[a]',
      '[a, "b", 1]',
      '[a,b',
      '[a: b]',
      '{a: b, c: [d e]}',
      '{a: 1}]',
      '{a:1}',
      '{a: }',
      '[ x ] # c',
      '[]x',
      "{'a': 'b'}",
      '[a,]',
      '[-1, +x]',
      '{"a": b}',
      '{on: x}',
      '[a # b]',
      '# c',
      'x # c',
      'x#c',
      'x: y',
      '*a',
      '~',
      '0644',
      '- x',
    ),
    fc.constantFrom('', ' '),
  );
  const document = fc.array(line, { maxLength: 8 }).map((lines) => lines.map((parts) => `${parts.join('')}\n`).join(''));
  const word = fc.oneof(
    fc.stringMatching(/^[-a-z0-9:# '",{}[\]._+]{0,8}$/),
    fc.constantFrom('[a, b]', '{a: b}', '[a, {b: c}]', "'x'", '"y"', 'yes', '0x1F', '1_0', '1e3'),
  );
  const shaped = fc
    .tuple(
      fc.constantFrom(
        'a: %\n',
        '- %\n',
        'a:\n- %\n- %\nb: %\n',
        'a:\n  b: %\n  c:\n    d: %\n',
        '- a: %\n  b: %\n- - %\n  - %\n',
        'a: |\n  %\n\n  %\nb: %\n',
        'a:\n  %\n',
        '%: %\n',
      ),
      fc.array(word, { minLength: 5, maxLength: 5 }),
    )
    .map(([template, words]) => template.replace(/%/g, () => words.pop() ?? ''));
  let sure = 0;
  fc.assert(
    fc.property(fc.oneof(document, shaped), (source) => {
      const quick = readPlainBlocks(source);
      if (quick) {
        sure++;
        expect(quick).toEqual(fully(source));
      }
    }),
    { numRuns: 5000 },
  );
  fc.assert(
    fc.property(value, (one) => {
      const source = toYaml(one);
      const quick = readPlainBlocks(source);
      if (quick) {
        sure++;
        expect(quick.value).toEqual(one);
      }
    }),
  );
  expect(sure).toBeGreaterThan(100);
  for (const { yaml } of recorded.documents) {
    const quick = readPlainBlocks(yaml);
    if (quick) expect(quick).toEqual(fully(yaml));
  }
});

test.each([['a: \x01\n'], ['kind: Pod\0'], ['\x1b[31m'], ['a: \ud800\n'], ['a: "\x7f"\n']])('%j holds what YAML may not', (text) => {
  expect(() => parseYaml(text)).toThrow('error converting YAML to JSON: yaml: control characters are not allowed');
});
