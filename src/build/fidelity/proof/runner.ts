/**
 * Vitest's runner while fields are proved. Each test runs as always; then once more, to see that it can be repeated; then once with
 * each field hidden that the plan names for it. What it found is written beside the plan.
 */
import fs from 'node:fs';
import path from 'node:path';
import { TestRunner } from 'vitest';
import type { RunnerTestCase, RunnerTestFile, RunnerTestSuite } from 'vitest';
import type { FieldName } from '../fields.ts';
import type { Observer } from './hidden-field.ts';

/** What is known of one test. */
export interface TestRecord {
  readonly ms: number;
  /** Fields of the objects that it lets be written. */
  readonly fields: readonly FieldName[];
  /** Whether it passes when it runs a second time in the same process. */
  readonly isRepeatable?: boolean;
  /** Fields without which it fails. */
  readonly needs?: readonly FieldName[];
}

/** File, name of the test, and the fields to hide. Without a plan every test only tells which fields it has. */
export type Plan = Readonly<Record<string, Readonly<Record<string, readonly FieldName[]>>>>;

/** How long one test may be repeated. */
const budgetMs = 40_000;

const folder = process.env.FIELDS_FOLDER!;
const planFile = path.join(folder, 'plan.json');
const plan: Plan | undefined = fs.existsSync(planFile) ? (JSON.parse(fs.readFileSync(planFile, 'utf8')) as Plan) : undefined;

export default class extends TestRunner {
  readonly #records: Record<string, TestRecord> = {};
  #file = '';
  #noted: Set<FieldName> = new Set();

  override onCollectStart(file: RunnerTestFile): void {
    super.onCollectStart(file);
    this.#file = path.relative(process.cwd(), file.filepath);
  }

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    await super.onBeforeRunTask(test);
    if (plan && test.type === 'test' && !plan[this.#file]?.[nameOf(test)]) test.mode = 'skip';
  }

  /** What is set up before each test belongs to the test. */
  override onBeforeTryTask(test: RunnerTestCase): void {
    super.onBeforeTryTask(test);
    this.#noted = observer().startNoting();
  }

  async runTask(test: RunnerTestCase): Promise<void> {
    const { hide } = observer();
    const start = performance.now();
    await TestRunner.getTestFn(test)();
    const record = { ms: Math.round(performance.now() - start), fields: [...this.#noted] };
    const asked = plan?.[this.#file]?.[nameOf(test)];
    if (!asked) {
      this.#records[nameOf(test)] = record;
      return;
    }
    const isRepeatable = await passesAgain(test);
    const needs: FieldName[] = [];
    for (const field of isRepeatable ? asked : []) {
      if (performance.now() - start > budgetMs) break;
      hide(field);
      if (!(await passesAgain(test))) needs.push(field);
    }
    hide(undefined);
    this.#records[nameOf(test)] = { ...record, isRepeatable, needs };
    this.#write();
  }

  override onAfterRunFiles(): void {
    super.onAfterRunFiles();
    this.#write();
  }

  #write(): void {
    fs.writeFileSync(path.join(folder, `${this.#file.replaceAll('/', '+')}.json`), JSON.stringify(this.#records));
  }
}

const observer = (): Observer => (globalThis as unknown as { readonly fieldObserver: Observer }).fieldObserver;

/** Runs a test with what is set up for it, from the beginning. */
async function passesAgain(test: RunnerTestCase): Promise<boolean> {
  const suites: RunnerTestSuite[] = [];
  for (
    let suite: RunnerTestSuite | undefined = test.suite ?? test.file;
    suite;
    suite = suite.suite ?? (suite === test.file ? undefined : test.file)
  )
    suites.unshift(suite);
  try {
    for (const suite of suites) for (const hook of TestRunner.getSuiteHooks(suite).beforeAll) await hook(suite);
    for (const suite of suites) for (const hook of TestRunner.getSuiteHooks(suite).beforeEach) await hook(test.context as never, suite);
    await TestRunner.getTestFn(test)();
    return true;
  } catch {
    return false;
  }
}

/** The name with those of the groups that it stands in, as reports write it. */
function nameOf(test: RunnerTestCase): string {
  const names = [test.name];
  for (let suite: RunnerTestSuite | undefined = test.suite; suite; suite = suite.suite) if (suite.name) names.unshift(suite.name);
  return names.join(' > ');
}
