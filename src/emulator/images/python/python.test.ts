import { describe, expect, test } from 'vitest';
import { createTestNode } from '../../node/kubelet/testing.ts';
import { parsePython } from './parser.ts';

/** What a script prints in a Pod, and how it ends. */
function run(
  script: string,
  env: readonly { name: string; value: string }[] = [],
): { log: string; code: number | undefined; seconds: number } {
  const t = createTestNode();
  t.create('p', { restartPolicy: 'Never', containers: [{ name: 'c', image: 'python:3', command: ['python3', '-c', script], env }] });
  t.advance(60_000);
  const [container] = t.node.runtime.containers.values();
  const { terminated } = t.pod('p')!.status!.containerStatuses![0]!.state!;
  return {
    log: (container!.log?.lines ?? []).map(({ text }) => text).join('\n'),
    code: terminated?.exitCode,
    seconds: terminated ? (Date.parse(terminated.finishedAt!) - Date.parse(terminated.startedAt!)) / 1000 : Number.NaN,
  };
}

describe('scripts', () => {
  test.each([
    { script: 'print("hello", 1 + 2 * 3, 7 / 2, 7 // 2, -7 % 3, 4 / 2)', log: 'hello 7 3.5 3 2 2.0' },
    { script: 'x = 3\nwhile x > 0:\n  x -= 1\n  if x == 1: continue\n  print(x, end=";")\nprint()', log: '2;0;' },
    {
      script:
        'total = 0\nfor i in range(1, 5):\n    # skips\n    if i % 2 == 0:\n        total += i\n    else:\n        pass\nprint(f"total={total} {{}}")',
      log: 'total=6 {}',
    },
    { script: 'import os, sys\nprint(os.environ["A"], os.environ.get("B"), os.getenv("B", "b"), len(sys.argv))', log: '1 None b 1' },
    { script: 'print("a,b".split(","), "x".upper() * 2, "b" in "abc", not None, [1, 2][-1])', log: "['a', 'b'] XX True True 2" },
    { script: 'from socket import gethostname\nprint(gethostname() == "p" and "here" or "there")', log: 'here' },
    { script: 'print((1 +\n  2), """a\nb""")', log: '3 a\nb' },
  ])('$script', ({ script, log }) => {
    expect(run(script, [{ name: 'A', value: '1' }])).toMatchObject({ log, code: 0 });
  });

  test.each([
    { script: 'import sys\nsys.exit(42)', code: 42, log: '' },
    { script: 'exit("no luck")', code: 1, log: 'no luck' },
    { script: 'import os\n\nos.environ["NONE"]', code: 1, log: "line 3, in <module>\nKeyError: 'NONE'" },
    { script: 'print(nobody)', code: 1, log: "NameError: name 'nobody' is not defined" },
    { script: 'int("x")', code: 1, log: "ValueError: invalid literal for int() with base 10: 'x'" },
    { script: '1 / 0', code: 1, log: 'ZeroDivisionError: division by zero' },
    {
      script: 'int(None)',
      code: 1,
      log: "TypeError: int() argument must be a string, a bytes-like object or a real number, not 'NoneType'",
    },
    { script: 'import numpy', code: 1, log: "ModuleNotFoundError: No module named 'numpy'" },
    { script: 'if True:\nprint(1)', code: 1, log: 'IndentationError: expected an indented block' },
    { script: 'def f(): pass', code: 1, log: "SyntaxError: this emulator's Python does not know 'def'" },
    { script: 'print(1', code: 1, log: 'SyntaxError' },
  ])('$script ends with $code', ({ script, code, log }) => {
    const result = run(script);
    expect(result.code).toBe(code);
    expect(result.log).toContain(log);
  });

  test('sleeps', () => {
    expect(run('import time\nprint("a"); time.sleep(5)\nprint("b")')).toMatchObject({ log: 'a\nb', code: 0, seconds: 5 });
  });

  test('without an end it does not hold up the cluster', () => {
    expect(run('while True: pass')).toMatchObject({ code: undefined });
  });
});

test('files are served over HTTP', () => {
  const t = createTestNode();
  const readinessProbe = { httpGet: { path: '/etc/', port: 8000 }, periodSeconds: 1 };
  t.create('p', { containers: [{ name: 'c', image: 'python', command: ['python', '-m', 'http.server'], readinessProbe }] });
  t.advance(20_000);
  expect(t.pod('p')!.status!.containerStatuses![0]!.ready).toBe(true);
});

test('what is no Python is refused and never hangs', () => {
  for (const source of [
    '(',
    ')',
    '"',
    "'''",
    '[1,',
    'f"{"',
    'a =',
    '= 1',
    'if',
    'for x',
    '\t\t x',
    ' \n  a\n b',
    'a b',
    '\\',
    '1 +',
    'x.',
    '$',
  ])
    expect(() => parsePython(source)).toThrow(Error);
});
