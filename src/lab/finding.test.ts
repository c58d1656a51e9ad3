import { expect, test } from 'vitest';
import { expect as expectInPage } from './checks/vitest-shim.ts';
import { findingOf } from './finding.ts';

type Expect = typeof expect;
const say = 'expected two ready Pods of `menu`; see `kubectl get pods`';

test.each<{ name: string; check: (is: Expect) => unknown; want: string }>([
  { name: 'a number', check: (is) => is(1, say).toBe(2), want: 'expected two ready Pods of `menu` (found: 1); see `kubectl get pods`' },
  {
    name: 'too few',
    check: (is) => is(0, say).toBeGreaterThan(1),
    want: 'expected two ready Pods of `menu` (found: 0); see `kubectl get pods`',
  },
  {
    name: 'a list in full',
    check: (is) => is(['get', 'list', 'create', 'update', 'patch'], 'expected no verb to be missing; see `x`').toEqual([]),
    want: 'expected no verb to be missing (found: get, list, create, update, patch); see `x`',
  },
  {
    name: 'an empty list',
    check: (is) => is([], say).toEqual(['a']),
    want: 'expected two ready Pods of `menu` (found: none); see `kubectl get pods`',
  },
  {
    name: 'a truth',
    check: (is) => is(false, 'expected `kubelet` to start; see `a` and `b`').toBe(true),
    want: 'expected `kubelet` to start (that is not so); see `a` and `b`',
  },
  {
    name: 'nothing at all',
    check: (is) => is(undefined, 'expected a Pod; see `x`').toBeDefined(),
    want: 'expected a Pod (found: nothing); see `x`',
  },
  {
    name: 'an object that should be gone',
    check: (is) => is({ kind: 'Namespace', metadata: { name: 'old' } }, 'expected no such namespace; see `x`').toBeUndefined(),
    want: 'expected no such namespace (found: Namespace old); see `x`',
  },
  {
    name: 'a place to look among alternatives',
    check: (is) => is(0, 'expected a server; see `a`, or `b` when it does not answer').toBe(2),
    want: 'expected a server (found: 0); see `a`, or `b` when it does not answer',
  },
  { name: 'without a place to look', check: (is) => is(3, 'expected one node').toBe(1), want: 'expected one node (found: 3)' },
  {
    name: 'a noun',
    check: (is) => is('nginx:1.27', 'its image; see `x`').toBe('nginx:1.29'),
    want: 'its image: found nginx:1.27, wanted nginx:1.29; see `x`',
  },
  { name: 'a question', check: (is) => is(true, 'whether it may').toBe(false), want: 'whether it may: found yes, wanted no' },
  {
    name: 'at least',
    check: (is) => is(0, 'ready endpoints').toBeGreaterThanOrEqual(2),
    want: 'ready endpoints: found 0, wanted 2 or more',
  },
  { name: 'at most', check: (is) => is(300, 'seconds').toBeLessThanOrEqual(60), want: 'seconds: found 300, wanted 60 or less' },
  {
    name: 'a member',
    check: (is) => is([30867], 'the node ports').toContain(30080),
    want: 'the node ports: found 30867, wanted 30080 in it',
  },
  {
    name: 'a part',
    check: (is) => is('a: b\nc: d', 'the file').toMatch(/x: y/),
    want: 'the file: found a: b c: d, wanted what matches /x: y/',
  },
  { name: 'the same', check: (is) => is('a', 'the password').not.toBe('a'), want: 'the password: found a, wanted anything but a' },
  {
    name: 'a part of nothing',
    check: (is) => is(undefined, 'what it asks; see `x`').toContain('a'),
    want: 'what it asks: found nothing, wanted more; see `x`',
  },
  { name: 'no reason', check: (is) => is('no', 'why it is refused').toBe(''), want: 'why it is refused: found no, wanted nothing' },
  {
    name: 'another member',
    check: (is) => is(['Ignore'], 'the policies').not.toContain('Ignore'),
    want: 'the policies: found Ignore, wanted no Ignore in it',
  },
])('$name', ({ check, want }) => {
  for (const is of [expect, expectInPage as unknown as Expect]) {
    let found = '';
    try {
      check(is);
    } catch (error) {
      found = findingOf(error);
    }
    expect(found).toBe(want);
  }
});

test('what is no assertion with a sentence stays as it is', () => {
  expect(findingOf(new Error('the API server: expected to be there'))).toBe('the API server: expected to be there');
  expect(findingOf('gone')).toBe('gone');
});
