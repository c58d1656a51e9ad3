import { printable } from '../../lab/grading/printable.ts';
import type { LearnerResult } from '../../lab/grading/result.ts';
import { messageOf, rowsOf } from './format.ts';
import type { ClassInfo, Format } from './format.ts';

/**
 * JUnit XML: a suite a learner, a case a task. Elements and attributes as the Ant task writes them and GitLab and Jenkins read them:
 * https://docs.gitlab.com/ci/testing/unit_test_reports/ and the schema that Jenkins' xUnit plugin keeps (`junit-10.xsd`).
 */
export const junit: Format = {
  learner: (result, info) => [{ name: 'junit.xml', text: document([suite(result, info)]) }],
  group: (results, info) => {
    const suites: Suite[] = [];
    for (const result of results) suites.push(suite(result, info));
    return [{ name: 'junit.xml', text: document(suites) }];
  },
};

interface Suite {
  readonly tests: number;
  readonly failures: number;
  readonly text: string;
}

function document(suites: readonly Suite[]): string {
  const total = (count: 'tests' | 'failures'): number => suites.reduce((sum, each) => sum + each[count], 0);
  const head = `<testsuites name="labs" tests="${total('tests')}" failures="${total('failures')}" errors="0">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${suites.map((each) => each.text).join('')}</testsuites>\n`;
}

function suite(result: LearnerResult, info: ClassInfo): Suite {
  const rows = rowsOf(result, info);
  const failures = rows.filter(({ state }) => state !== 'green').length;
  const at = result.handedIn ? ` timestamp="${result.handedIn.at.replace(/\.\d+Z$/, '')}"` : '';
  const cases = rows.map((row) => {
    const name = `classname="${xml(row.lab)}" name="${xml(`${row.id}: ${row.title}`)}" time="${((row.greenAtMs ?? 0) / 1000).toFixed(3)}"`;
    if (row.state === 'green') return `    <testcase ${name}/>\n`;
    const message = messageOf(row)!;
    return `    <testcase ${name}>\n      <failure message="${xml(message.split('\n')[0]!)}" type="check">${xml(message)}</failure>\n    </testcase>\n`;
  });
  const text = `  <testsuite name="${xml(result.learner.id)}" tests="${rows.length}" failures="${failures}" errors="0" skipped="0"${at}>\n${cases.join('')}  </testsuite>\n`;
  return { tests: rows.length, failures, text };
}

/** XML 1.0 knows no control characters but three, escaped or not; half a surrogate pair is none either. */
export function xml(text: string): string {
  return printable(text.toWellFormed())
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}
