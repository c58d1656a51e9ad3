/** Collects the tests that a checks file registers. Small, since the page carries it before any check has run. */

export interface CollectedTest {
  readonly name: string;
  readonly run: () => void | Promise<void>;
}

let collected: CollectedTest[] | undefined;

/** The tests that a checks file registers when called. */
export function collect(register: () => void): readonly CollectedTest[] {
  const tests: CollectedTest[] = [];
  collected = tests;
  try {
    register();
  } finally {
    collected = undefined;
  }
  return tests;
}

export function test(name: string, run: () => void | Promise<void>): void {
  if (!collected) throw new Error(`test('${name}') was called outside of the checks function`);
  collected.push({ name, run });
}
