import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { marshalIndent } from '../json.ts';
import { type DuplicateKey, parseYaml, parseYamlDocuments, toYaml, YamlError } from '../yaml.ts';
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

test('__proto__ is a key', () => {
  expect(Object.keys(parseYaml('__proto__: {a: b}\n') as object)).toEqual(['__proto__']);
});

const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[-a-z0-9:# '"\\\n{}[\]|>&*!%@`,?]*$/));
const value = fc.letrec((tie) => ({
  node: fc.oneof({ depthSize: 'small' }, text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('node'), { maxLength: 3 }), fc.dictionary(text, tie('node'), { maxKeys: 3, noNullPrototype: true })),
})).node;

test('what is written is read back', () => {
  fc.assert(
    fc.property(value, (one) => {
      expect(parseYaml(toYaml(one))).toEqual(one);
    }),
    { numRuns: 500 },
  );
});
