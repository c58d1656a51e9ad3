import { expect, test } from 'vitest';
import { readImagePolicy } from './configuration.ts';

const backend = { url: 'https://10.0.0.1/images' };
const read = (imagePolicy?: object): ReturnType<typeof readImagePolicy> => readImagePolicy(imagePolicy && { imagePolicy }, () => backend);

test.each([
  { name: 'defaults', given: {}, want: { allowMs: 300_000, denyMs: 30_000, retryBackoffMs: 500, defaultAllow: false } },
  {
    name: 'seconds, and milliseconds for the pause',
    given: { allowTTL: 50, denyTTL: 1800, retryBackoff: 20, defaultAllow: true },
    want: { allowMs: 50_000, denyMs: 1_800_000, retryBackoffMs: 20, defaultAllow: true },
  },
  { name: 'nothing remembered', given: { allowTTL: -1, denyTTL: -1 }, want: { allowMs: 0, denyMs: 0 } },
])('$name', ({ given, want }) => {
  expect(read(given)).toMatchObject({ ...want, backend });
});

test.each([
  { name: 'no configuration', given: undefined, error: 'no config specified' },
  { name: 'too short', given: { allowTTL: 1 }, error: 'valid value is between 1s and 30m0s, got 1s' },
  { name: 'too long', given: { denyTTL: 1801 }, error: 'valid value is between 1s and 30m0s' },
  { name: 'a pause of six minutes', given: { retryBackoff: 360_000 }, error: 'valid value is between 1ns and 5m0s' },
])('refused: $name', ({ given, error }) => {
  expect(() => read(given)).toThrow(error);
});
