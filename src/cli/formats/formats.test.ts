/** Each format against what its system reads: the shapes are those of the sources that the formats name, in our words. */
import { Validator } from '@cfworker/json-schema';
import { describe, expect, test } from 'vitest';
import type { LearnerResult } from '../../lab/grading/result.ts';
import { parseCsv } from '../grade/csv.ts';
import { readRoster } from '../grade/roster.ts';
import { feedback } from './feedback.ts';
import { classInfo } from './format.ts';
import { formats, parseFormats } from './index.ts';
import { similar } from './similar.ts';
import { labResult, learnerResult } from './testing.ts';

/** All of `required` and nothing that the system does not know. */
const closed = (properties: Record<string, unknown>, optional: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});
const text = { type: 'string' };
const whole = { type: 'integer', minimum: 0 };
const filled = { type: 'string', minLength: 1 };
const listOf = (items: unknown) => ({ type: 'array', items });

const schemas: Readonly<Record<string, unknown>> = {
  exercism: closed(
    {
      version: { const: 3 },
      status: { enum: ['pass', 'fail', 'error'] },
      message: text,
      tests: listOf(
        closed(
          {
            name: filled,
            test_code: text,
            status: { enum: ['pass', 'fail', 'error'] },
            message: text,
            task_id: { type: 'integer', minimum: 1 },
          },
          ['message'],
        ),
      ),
    },
    ['message'],
  ),
  gradescope: closed({
    output: text,
    output_format: { enum: ['text', 'html', 'simple_format', 'md', 'ansi'] },
    stdout_visibility: { enum: ['hidden', 'after_due_date', 'after_published', 'visible'] },
    tests: listOf(
      closed(
        {
          name: text,
          name_format: { enum: ['text', 'html', 'simple_format', 'md', 'ansi'] },
          number: text,
          score: whole,
          max_score: whole,
          status: { enum: ['passed', 'failed'] },
          output: text,
          output_format: { const: 'text' },
          visibility: { enum: ['hidden', 'after_due_date', 'after_published', 'visible'] },
        },
        ['output', 'output_format'],
      ),
    ),
  }),
  prairielearn: {
    anyOf: [
      closed({ gradable: { const: false }, format_errors: listOf(filled) }),
      closed({
        gradable: { const: true },
        score: { type: 'number', minimum: 0, maximum: 1 },
        message: text,
        output: text,
        tests: listOf(closed({ name: text, description: text, points: whole, max_points: whole, message: text })),
      }),
    ],
  },
  classroom50: closed(
    {
      schema: { const: 'classroom50/result/v1' },
      classroom: filled,
      assignment: filled,
      owner: filled,
      submission: filled,
      commit: filled,
      release: filled,
      review: filled,
      datetime: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' },
      graded_at: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' },
      score: whole,
      'max-score': whole,
      tests: listOf(
        closed({ 'test-name': filled, passed: { type: 'boolean' }, score: whole, 'max-score': whole, message: text }, ['message']),
      ),
    },
    ['owner'],
  ),
  gitlab: listOf(
    closed({
      description: filled,
      check_name: filled,
      fingerprint: { type: 'string', pattern: '^[0-9a-f]{32}$' },
      severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
      location: closed({ path: { type: 'string', pattern: '^[^/.]' }, lines: closed({ begin: { type: 'integer', minimum: 1 } }) }),
    }),
  ),
};

const refused = learnerResult({ labs: [], problems: [{ file: 'ann.zip', reason: 'it is no zip' }] });
const samples: readonly { readonly name: string; readonly result: LearnerResult }[] = [
  { name: 'half', result: learnerResult() },
  { name: 'all', result: learnerResult({ labs: [labResult({ green: ['a', 'b'] })] }) },
  { name: 'two labs', result: learnerResult({ labs: [labResult(), labResult({ path: 'architecture/read-etcd' })] }) },
  { name: 'refused', result: refused },
  { name: 'nothing handed in', result: learnerResult({ labs: [], handedIn: undefined }) },
  { name: 'long words', result: learnerResult({ labs: [labResult({ green: [], message: 'x'.repeat(3_000_000) })] }) },
];
const info = classInfo(samples.map(({ result }) => result));
const first = (format: string, result: LearnerResult): string => formats[format]!.learner!(result, info)[0]!.text;

describe.each(Object.keys(schemas))('%s', (format) => {
  const validator = new Validator(schemas[format] as object, '2020-12', false);
  test.each(samples)('$name', ({ result }) => {
    expect(validator.validate(JSON.parse(first(format, result))).errors).toEqual([]);
  });
});

describe('what the numbers say', () => {
  test('points are added up over every lab of the class', () => {
    const { score, 'max-score': max, tests } = JSON.parse(first('classroom50', learnerResult()));
    expect([score, max, tests.length]).toEqual([2, 10, 4]);
    expect(tests[2]).toMatchObject({
      'test-name': 'architecture/read-etcd/a',
      passed: false,
      message: 'nothing was handed in for this lab',
    });
  });

  test('PrairieLearn gets a share, and at most a megabyte', () => {
    expect(JSON.parse(first('prairielearn', learnerResult())).score).toBe(0.2);
    expect(JSON.parse(first('prairielearn', refused))).toEqual({ gradable: false, format_errors: ['ann.zip: it is no zip'] });
    expect(first('prairielearn', samples[5]!.result).length).toBeLessThan(1_000_000);
  });

  test('Exercism is told of an error when nothing could be run', () => {
    expect(JSON.parse(first('exercism', refused))).toEqual({ version: 3, status: 'error', message: 'ann.zip: it is no zip', tests: [] });
    expect(JSON.parse(first('exercism', learnerResult())).status).toBe('fail');
  });
});

describe('junit', () => {
  test('counts, and escapes what XML cannot hold', () => {
    const evil = learnerResult({
      learner: { id: 'a"><b', onRoster: false },
      labs: [labResult({ message: 'a ]]> <x> \u0000 \u001b[31m \ud800 \ufffe & "q"' })],
    });
    const xml = formats.junit!.group!([evil], classInfo([evil]))[0]!.text;
    expect(xml).toContain('<testsuites name="labs" tests="2" failures="1" errors="0">');
    expect(xml).toContain(
      '<testsuite name="a&quot;&gt;&lt;b" tests="2" failures="1" errors="0" skipped="0" timestamp="2026-11-01T10:00:00">',
    );
    expect(xml.match(/<failure message="([^"]*)"/)![1]).toBe('a ]]&gt; &lt;x&gt; \ufffd \ufffd[31m \ufffd \ufffd &amp; &quot;q&quot;');
  });
});

describe('github-actions', () => {
  test('annotates the line of a manifest, escapes properties and messages, sums up in Markdown', () => {
    const lab = {
      ...labResult({ message: '100%\n::error::x' }),
      annotations: [{ file: 'a,b:c.yaml', line: 3, message: 'unknown field\r\n::stop-commands::x' }],
    };
    const [commands, summary] = formats['github-actions']!.learner!(
      learnerResult({ labs: [lab] }),
      classInfo([learnerResult({ labs: [lab] })]),
    );
    expect(commands!.text).toBe(
      '::error file=a%2Cb%3Ac.yaml,line=3,title=First look::unknown field\ufffd%0A::stop-commands::x\n::error title=b::Task b: 100%25%0A::error::x\n',
    );
    expect(summary!.text).toContain('| ✅ | Task a | 2 of 2 |  |\n| ❌ | Task b | 0 of 3 | 100% · ::error::x |');
  });
});

describe('text', () => {
  test('no line is a command to whoever keeps the log', () => {
    const result = learnerResult({ labs: [labResult({ message: 'x\n::set-output name=a::b\n  ##[error]y\n\u001b]0;title\u0007' })] });
    const shown = first('text', result);
    expect(shown).not.toMatch(/^\s*(::|##\[)/m);
    expect(shown).not.toMatch(/[\u001b\u0007]/);
    expect(shown).toContain('✓ Task a (2 points)\n✗ Task b (3 points)\n    x\n');
  });
});

const moodleSheet = `\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed","Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 101","Ann Ames",ann@example.org,"Submitted for grading",,100.00,Yes,"Sunday, 1 November 2026, 10:00 AM",-,
"Participant 102","=cmd|'/c calc'!A1",bob@example.org,"No submission",,100.00,Yes,-,-,
`;
const canvasSheet = `Student,ID,SIS User ID,SIS Login ID,Section,First look (4711),Current Score
    Points Possible,,,,,5,(read only)
"Ames, Ann",2001,s1,ann,Monday,,0
"Bell, Bob",2002,s2,bob,Monday,3,0
`;

describe('csv', () => {
  test('a row a learner, a column a task, and no formula', () => {
    const one = learnerResult({
      learner: { id: '=1+1', name: '@SUM(A1)', email: '+4', onRoster: true },
      problems: [{ file: '-x', reason: 'a,b "c"' }],
    });
    const rows = parseCsv(formats.csv!.group!([one], classInfo([one]))[0]!.text, 'x');
    expect(rows).toEqual([
      ['id', 'name', 'email', 'handed in', 'minutes', 'a', 'b', 'points', 'of', 'remarks'],
      ["'=1+1", "'@SUM(A1)", "'+4", '2026-11-01T10:00:00.000Z', '2', '2', '0', '2', '5', `'-x: a,b "c"`],
    ]);
  });

  test("Moodle's worksheet comes back filled, scaled to its maximum", () => {
    const roster = readRoster(moodleSheet, 'moodle.csv');
    const ann = learnerResult({ learner: roster.learners[0]! });
    const bob = learnerResult({ learner: roster.learners[1]!, labs: [], handedIn: undefined });
    const rows = parseCsv(formats.moodle!.group!([ann, bob], { ...classInfo([ann]), roster })[0]!.text, 'x');
    expect(rows[0]).toEqual(roster.rows[0]);
    expect(rows[1]![0]).toBe('Participant 101');
    expect(rows[1]![4]).toBe('40');
    expect(rows[1]![8]).toBe('-');
    expect(rows[1]![9]).toBe('Task b: expected a, found b');
    expect([rows[2]![1], rows[2]![4]]).toEqual(["'=cmd|'/c calc'!A1", '']);
  });

  test("Canvas's gradebook comes back with the one column filled", () => {
    const roster = readRoster(canvasSheet, 'canvas.csv');
    expect(roster.learners.map(({ id }) => id)).toEqual(['2001', '2002']);
    const bob = learnerResult({ learner: roster.learners[1]! });
    const rows = parseCsv(formats.canvas!.group!([bob], { ...classInfo([bob]), roster })[0]!.text, 'x');
    expect(rows.map((row) => row[5])).toEqual(['First look (4711)', '5', '', '2']);
    expect(rows[1]![0]!.trim()).toBe('Points Possible');
  });

  test.each([
    { name: 'no roster', format: 'moodle', sheet: undefined, want: /give the CSV/ },
    { name: 'another roster', format: 'moodle', sheet: 'id,name\n1,Ann\n', want: /no column "Grade"/ },
    {
      name: 'two assignments',
      format: 'canvas',
      sheet: 'Student,ID,A (1),B (2)\nAnn,1,,\n',
      want: /name the column to fill with --column; there are A \(1\), B \(2\)/,
    },
  ])('$name: refused', ({ format, sheet, want }) => {
    const roster = sheet === undefined ? undefined : readRoster(sheet, 'x.csv');
    expect(() => formats[format]!.group!([learnerResult()], { ...info, roster })).toThrow(want);
  });
});

describe('html', () => {
  const page = (results: readonly LearnerResult[]): string => formats.html!.group!(results, classInfo(results))[0]!.text;

  test('stands alone, escapes everything and runs nothing', () => {
    const evil = '<script>alert(1)</script>"\'&\u202e';
    const html = page([
      learnerResult({
        learner: { id: evil, name: '<img src=x onerror=1>', onRoster: false },
        labs: [labResult({ message: `${evil}\n` })],
        problems: [{ file: evil, reason: evil }],
      }),
    ]);
    expect(html).toContain("default-src 'none'; style-src 'unsafe-inline'");
    expect(html).not.toMatch(/<script|<img|\u202e|https?:/);
    expect(html).toContain('&#60;script&#62;');
  });

  test('shows who is alike, and the hardest task first', () => {
    const same = (id: string, exact: string) =>
      learnerResult({ learner: { id, onRoster: true }, labs: [labResult({ same: exact, renamed: 'r' })] });
    const results = [
      same('ann', '1'),
      same('bob', '2'),
      learnerResult({ learner: { id: 'cy', onRoster: true }, labs: [labResult({ renamed: 'q' })] }),
    ];
    expect(similar(results)).toEqual([{ lab: 'architecture/first-look', requests: 9, isRenamed: true, learners: ['ann', 'bob'] }]);
    const html = page(results);
    expect(html.indexOf('Task b')).toBeLessThan(html.indexOf('Task a'));
    expect(html).toContain('<td>other</td><td>ann, bob</td>');
    expect(html).toContain('<td>0% (0)</td>');
    expect(html).toContain('3× expected a, found b');
  });
});

test('feedback is Markdown in which a learner’s words mean nothing, and hidden checks stay hidden', () => {
  const lab = labResult({ message: '# loud <b> [x](javascript:1)\n```' });
  const hidden = { ...lab, tasks: [lab.tasks[0]!, { ...lab.tasks[1]!, hidden: true }] };
  const result = learnerResult({ learner: { id: 'a', name: '<b>*x*</b>', onRoster: true }, labs: [lab] });
  const markdown = feedback(result, classInfo([result]));
  expect(markdown).toContain('For &lt;b&gt;\\*x\\*&lt;/b&gt;, handed in');
  expect(markdown).toContain('\n      # loud <b> [x](javascript:1)\n      ```\n');
  const secret = learnerResult({ labs: [hidden] });
  for (const shown of [
    feedback(secret, classInfo([secret])),
    ...['text', 'exercism', 'gradescope', 'gitlab', 'junit', 'prairielearn', 'classroom50', 'github-actions'].map((format) =>
      first(format, secret),
    ),
  ]) {
    expect(shown).toContain('a hidden check did not pass');
    expect(shown).not.toContain('loud');
  }
});

test.each([
  { list: 'yaml', want: /--format yaml: unknown; known are text, json/ },
  { list: 'constructor', want: /unknown/ },
  { list: 'json,', want: /unknown/ },
  { list: 'junit=', want: /names no file/ },
])('--format $list is refused', ({ list, want }) => {
  expect(() => parseFormats(list)).toThrow(want);
});
