import { expect, test } from 'vitest';
import { JsonPathError, parseJsonPath } from '../jsonpath.ts';
import recorded from './recorded.json';

interface Case {
  readonly template: string;
  readonly output?: string;
  readonly error?: string;
}

function check({ template, output, error }: Case): void {
  const run = (): string => parseJsonPath(template, { allowMissingKeys: true }).execute(recorded.object);
  if (error === undefined) expect(run()).toBe(output);
  else expect(run).toThrow(new JsonPathError(error));
}

/** What kubectl v1.33 printed for `-o jsonpath=…`; maps are visited in order here, and at random there. */
test.each(
  (recorded.cases as Case[])
    .filter(({ template }) => template !== '{.metadata.*}' && template !== '{.metadata.labels.*}')
    .map((one) => [one.template, one] as const),
)('%s', (_template, one) => check(one));

test('a missing key is an error when asked for', () => {
  expect(() => parseJsonPath('{.a.b}').execute({ a: {} })).toThrow(new JsonPathError('b is not found'));
});

test('results come by action', () => {
  expect(parseJsonPath('{.a}x{.b[*]}').findResults({ a: 1, b: [2, 3] })).toEqual([[1], ['x'], [2, 3]]);
});
