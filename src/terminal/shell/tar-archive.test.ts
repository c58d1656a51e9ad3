/** Archives: a law, and what other programs write. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ByteString, noBytes, utf8 } from '../../emulator/kernel/index.ts';
import { readTar, TarError, writeTar } from './tar-archive.ts';

const name = fc.stringMatching(/^[a-z0-9äé._-]{1,60}(\/[a-z]{1,60}){0,4}$/);

test('what was written reads back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ name, text: fc.string({ maxLength: 2000 }), mode: fc.integer({ min: 0, max: 0o777 }) }), { maxLength: 5 }),
      (files) => {
        const entries = files.map(({ name, text, mode }) => ({
          name,
          kind: 'file' as const,
          mode,
          mtime: 1_700_000_000,
          data: utf8(text),
          target: '',
        }));
        expect(readTar(writeTar(entries))).toEqual(entries);
      },
    ),
    { seed: 1 },
  );
});

test('directories and links keep what they are', () => {
  const base = { mode: 0o755, mtime: 1, data: noBytes };
  const entries = [
    { ...base, name: 'd', kind: 'directory' as const, target: '' },
    { ...base, name: 'd/l', kind: 'symlink' as const, target: '../x' },
  ];
  expect(readTar(writeTar(entries)).map(({ name, kind, target }) => [name, kind, target])).toEqual([
    ['d/', 'directory', ''],
    ['d/l', 'symlink', '../x'],
  ]);
});

test.each([
  { name: 'text', bytes: 'x'.repeat(512), want: 'invalid tar header' },
  {
    name: 'half an archive',
    bytes: writeTar([{ name: 'a', kind: 'file', mode: 0, mtime: 0, data: utf8('x'.repeat(600)), target: '' }]).slice(0, 700),
    want: 'unexpected EOF',
  },
])('$name is none', ({ bytes, want }) => {
  expect(() => readTar(bytes as ByteString)).toThrow(new TarError(want));
});
