import { describe, expect, test } from 'vitest';
import { decodeClass, encodeClass, withClass } from './class-code.ts';
import { loadLab } from './generated/labs.ts';

const code = { lab: 'architecture/first-look', seed: 77, points: { hello: 5 } };

test('comes back as it was, and fits into a URL', () => {
  expect(decodeClass(encodeClass(code))).toEqual(code);
  expect(encodeClass({ ...code, points: { ünï: 1 } })).toMatch(/^[A-Za-z0-9_-]+$/);
});

const packed = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('what is no code', () => {
  test.each([
    { name: 'nothing', text: '' },
    { name: 'words', text: 'hello, world' },
    { name: 'no JSON', text: Buffer.from('[1,"a"').toString('base64url') },
    { name: 'another version', text: packed([2, 'a', 1, {}]) },
    { name: 'a seed below zero', text: packed([1, 'a', -1, {}]) },
    { name: 'points below zero', text: packed([1, 'a', 1, { x: -1 }]) },
    { name: 'points between two', text: packed([1, 'a', 1, { x: 1.5 }]) },
    { name: 'more than belongs in it', text: packed([1, 'a', 1, {}, 'score']) },
    { name: 'a book', text: 'A'.repeat(5000) },
  ])('$name', ({ text }) => expect(decodeClass(text)).toBeUndefined());
});

test('changes seed and points, and nothing by the name of a property', async () => {
  const { lab } = await loadLab(code.lab);
  const changed = withClass(lab, { ...code, points: { hello: 5, constructor: 9 } as Record<string, number> });
  expect(changed.cluster.seed).toBe(77);
  expect(changed.tasks.map(({ points }) => points)).toEqual([3, 5, 2]);
});
