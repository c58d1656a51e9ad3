/**
 * Stands in for the module `vitest` where a lab's checks run outside of vitest: in the page, in `labs check`, in the
 * grader. `test` only collects; `expect` is vitest's own (`@vitest/expect`), so the matchers are the same everywhere.
 * The types that authors see are vitest's. What checks do not need (mocks, timers, snapshots) is absent.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  customMatchers,
  getState,
  setState,
} from '@vitest/expect';
import type { ExpectStatic, MatcherState } from '@vitest/expect';
import * as chai from 'chai';

export { test, test as it } from './collect.ts';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

function createExpect(): ExpectStatic {
  const expect = ((value: unknown, message?: string) => {
    const { assertionCalls } = getState(expect);
    setState({ assertionCalls: assertionCalls + 1 }, expect);
    return chai.expect(value, message);
  }) as unknown as ExpectStatic;
  const globals = globalThis as unknown as Record<symbol, object>;
  Object.assign(expect, chai.expect, globals[ASYMMETRIC_MATCHERS_OBJECT]);
  const fresh: Partial<MatcherState> = {
    assertionCalls: 0,
    isExpectingAssertions: false,
    isExpectingAssertionsError: null,
    expectedAssertionsNumber: null,
    expectedAssertionsNumberErrorGen: null,
  };
  setState(fresh as MatcherState, expect);
  globals[GLOBAL_EXPECT] ??= expect;
  expect.getState = () => getState(expect) as never;
  expect.setState = (state) => setState(state as Partial<MatcherState>, expect);
  expect.extend = (matchers) => (chai.expect as unknown as { extend(e: ExpectStatic, m: unknown): void }).extend(expect, matchers);
  expect.extend(customMatchers);
  return expect;
}

export const expect: ExpectStatic = createExpect();
