import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countMembers, duplicateFields, measureJson } from './json-text.ts';

describe('keys that stand twice', () => {
  test.each([
    { name: 'none', text: '{"a":{"b":1},"b":{"a":"x:{"}}', want: [] },
    { name: 'at the top', text: '{"a":1,"b":2,"a":3}', want: ['a'] },
    {
      name: 'within',
      text: ' { "spec" : { "containers" : [ {}, { "name" : "a" , "name" : "b" } ] } } ',
      want: ['spec.containers[1].name'],
    },
    { name: 'three times, said once', text: '{"a":1,"a":2,"a":3}', want: ['a'] },
    { name: 'written in two ways', text: '{"a":1,"\\u0061":2}', want: ['a'] },
    { name: 'in both of two', text: '{"x":{"k":1,"k":2},"x":{"k":null,"k":true}}', want: ['x.k', 'x'] },
    { name: 'with quotes and slashes', text: '{"a\\\\":"\\"","a\\\\":[]}', want: ['a\\'] },
    { name: 'the name of every object', text: '{"__proto__":1,"__proto__":2}', want: ['__proto__'] },
    { name: 'no object', text: '[1,"a:b",null]', want: [] },
  ])('$name', ({ text, want }) => {
    expect(duplicateFields(text)).toEqual(want);
    expect(measureJson(text).members > countMembers(JSON.parse(text))).toBe(want.length > 0);
  });

  test('of any text that was written from a value there are none', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(duplicateFields(text)).toEqual([]);
        expect(measureJson(text).members).toBe(countMembers(value));
      }),
      { seed: 3 },
    );
  });
});

test.each([
  { name: 'a number', text: '1', want: 0 },
  { name: 'brackets in strings', text: '"[[["', want: 0 },
  { name: 'lists and objects', text: '[{"a":[[]]},[]]', want: 4 },
  { name: 'what does not end', text: '['.repeat(100_000), want: 100_000 },
])('how deep is $name', ({ text, want }) => {
  expect(measureJson(text).depth).toBe(want);
});
