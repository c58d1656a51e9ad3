/** What a script of a learner may do, and how it is stopped. */
import { afterAll, expect, test } from 'vitest';
import type { Script } from '../../emulator/kernel/index.ts';
import { loadScriptEngine } from './index.ts';

const engine = await loadScriptEngine();
const steps = 1_000_000;
const open: Script[] = [];
afterAll(() => {
  for (const script of open) script.close();
});

/** Each in an engine of its own: one that has run out of memory is of no use to the next. */
async function outcome(text: string, argument: string): Promise<string> {
  const own = await loadScriptEngine();
  try {
    const script = own.load([{ name: 'score.js', text }], steps);
    try {
      return script.call('main', argument);
    } finally {
      script.close();
    }
  } catch (error) {
    return `! ${(error as Error).message}`;
  }
}

test.each([
  { name: 'a text in and a text out', text: 'function main(text) { return text.toUpperCase(); }', want: 'ABC' },
  { name: 'everyday objects', text: 'globalThis.main = () => JSON.stringify([...new Map([[1, 2]])]);', want: '[[1,2]]' },
  {
    name: 'a mistake in the grammar',
    text: 'function main( { return 1 }',
    want: '! SyntaxError: invalid destructuring target (score.js:1)',
  },
  {
    name: 'a mistake while it runs',
    text: 'function main() {\n  return nothing.name;\n}',
    want: "! ReferenceError: 'nothing' is not defined (score.js:2)",
  },
  { name: 'an endless loop in a call', text: 'function main() { for (;;); }', want: '! it has not come to an end after 1000000 steps' },
  {
    name: 'an endless loop that catches',
    text: 'function main() { for (;;) try { for (;;); } catch {} }',
    want: '! it has not come to an end after 1000000 steps',
  },
  { name: 'an endless loop while it loads', text: 'while (true) {}', want: '! it has not come to an end after 1000000 steps' },
  { name: 'no bottom', text: 'function main() { return main(); }', want: '! InternalError: stack overflow (score.js:1)' },
  {
    name: 'too much memory',
    text: 'function main() { const a = []; for (;;) a.push(new Array(1000).fill(a.length)); }',
    want: '! it has used up its memory',
  },
  {
    name: 'too much memory, and going on regardless',
    text: 'function main() { const a = []; for (;;) try { a.push({}); } catch {} }',
    want: '! it has used up its memory',
  },
  {
    name: 'a pattern that never ends',
    text: 'function main() { return String(/^(a+)+$/.test("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")); }',
    want: '! it has not come to an end after 1000000 steps',
  },
  { name: 'no function', text: 'let x = 1;', want: '! TypeError: not a function' },
  {
    name: 'neither clock nor chance nor host',
    text: 'function main() { return [typeof Date, typeof Math.random, typeof Promise, typeof console, typeof fetch, typeof setTimeout, typeof process, typeof performance].join(); }',
    want: 'undefined,undefined,undefined,undefined,undefined,undefined,undefined,undefined',
  },
  {
    name: 'too much memory, and an answer all the same',
    text: 'function main() { const a = []; try { for (;;) a.push(new Array(1000).fill(a.length)); } catch {} a.length = 0; return "fine"; }',
    want: '! it has used up its memory',
  },
])('$name', async ({ text, want }) => {
  expect(await outcome(text, 'abc')).toBe(want);
});

test('it stops at the same step each time', () => {
  const counted = (): string => {
    const script = engine.load(
      [{ name: 'count.js', text: 'let n = 0; function main() { for (;;) n++; } function read() { return String(n); }' }],
      steps,
    );
    open.push(script);
    expect(() => script.call('main', '')).toThrow('steps');
    return script.call('read', '');
  };
  expect(counted()).toBe(counted());
});

test('a script that keeps all memory for itself ends, and takes its engine along', async () => {
  const own = await loadScriptEngine();
  const text = 'const kept = []; function main() { for (;;) kept.push(new Array(100).fill(kept.length)); }';
  const greedy = own.load([{ name: 'greedy.js', text }], steps);
  expect(() => greedy.call('main', '')).toThrow('it has used up its memory');
  expect(() => greedy.call('main', '')).toThrow('it has used up its memory');
  expect(() => own.load([], steps)).toThrow('it has used up its memory');
  greedy.close();
});
