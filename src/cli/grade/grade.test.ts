/** The parts of grading that open, name and sort; the whole is tried in test/cli/grade.test.ts. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findAttempts } from './attempts.ts';
import { neutral, parseCsv, toCsv } from './csv.ts';
import { keyOf, readClass } from './entries.ts';
import { readOverlay, withOverlay } from './overlay.ts';
import { Progress } from './progress.ts';
import { readRoster } from './roster.ts';
import { tar, zip } from './testing.ts';
import { kindOf, unpack } from './unpack/index.ts';
import { loadLab } from '../../lab/generated/labs.ts';
import { gradeLab } from '../../lab/grading/grade-lab.ts';

let home: string;
beforeAll(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'labs-grade-'));
});
afterAll(() => fs.rmSync(home, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const at = path.join(home, name);
  fs.mkdirSync(path.dirname(at), { recursive: true });
  fs.writeFileSync(at, content);
  return at;
}

describe('unpacking', () => {
  const whole = { 'a/b.sh': 'echo\n', 'c.yaml': 'a: b\n' };
  const members = Object.entries(whole).map(([name, text]) => ({ name: `./${name}`, text }));
  const folder = { name: './a/', type: '5' };
  test.each([
    { name: 'a zip', called: 'x.zip', content: () => zip({ ...whole, '__MACOSX/._c.yaml': 'x', '.git/config': 'x' }) },
    { name: 'a tar', called: 'x.tar', content: () => tar([folder, ...members]) },
    { name: 'a gzipped tar', called: 'x.tar.gz', content: () => gzipSync(tar([folder, ...members])) },
    {
      name: 'a tar with a long name',
      called: 'y.tgz',
      content: () => tar([members[1]!, { name: '././@LongLink', type: 'L', text: 'a/b.sh\0' }, { name: 'cut', text: 'echo\n' }]),
    },
    {
      name: 'a tar with a pax name',
      called: 'z.tar',
      content: () => tar([members[1]!, { name: 'x', type: 'x', text: '15 path=a/b.sh\n' }, { name: 'cut', text: 'echo\n' }]),
    },
  ])('$name', async ({ called, content }) => {
    const files = await unpack(file(called, content()), kindOf(called, false));
    expect(Object.fromEntries(files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]))).toEqual(whole);
  });

  test('a folder, and a file alone', async () => {
    file('folder/a/b.sh', 'echo\n');
    file('folder/.git/config', 'x');
    expect((await unpack(path.join(home, 'folder'), 'folder')).map(({ name }) => name)).toEqual(['a/b.sh']);
    expect((await unpack(file('one.sh', 'x'), 'file')).map(({ name }) => name)).toEqual(['one.sh']);
  });
});

describe('attempts', () => {
  const labs = [
    { id: '11111111-first-look', path: 'architecture/first-look' },
    { id: '22222222-read-etcd', path: 'architecture/read-etcd' },
  ];
  const record = (id: string): string =>
    JSON.stringify({ schema: 'labs/submission/v1', lab: { id, version: 1 }, emulator: '0.1.0', seed: 1, events: [] });
  test.each([
    {
      name: 'a record names its lab',
      files: { 'x.json': record('22222222-read-etcd') },
      want: ['architecture/read-etcd submission x.json'],
    },
    { name: 'a script named after a lab', files: { 'first-look.sh': '' }, want: ['architecture/first-look script first-look.sh'] },
    {
      name: 'a script in a folder named so',
      files: { 'architecture/read-etcd/solution.sh': '' },
      want: ['architecture/read-etcd script architecture/read-etcd/solution.sh'],
    },
    {
      name: 'manifests of one folder are one attempt',
      files: { 'first-look/a.yaml': '', 'first-look/b.yml': '' },
      want: ['architecture/first-look manifests first-look'],
    },
    {
      name: 'a manifest in JSON',
      files: { 'first-look/a.json': '{"apiVersion":"v1","kind":"Pod"}' },
      want: ['architecture/first-look manifests first-look'],
    },
    {
      name: 'a record before a script before manifests',
      files: { 'first-look/a.yaml': '', 'first-look/a.sh': '', 'first-look/z.json': record('11111111-first-look') },
      want: ['architecture/first-look submission first-look/z.json'],
    },
    {
      name: 'several labs',
      files: { 'first-look.sh': '', 'read-etcd.sh': '' },
      want: ['architecture/first-look script first-look.sh', 'architecture/read-etcd script read-etcd.sh'],
    },
    { name: 'a script that names no lab', files: { 'mine.sh': '' }, want: [], problems: [/mine\.sh: which lab/] },
    {
      name: 'a record of a lab that does not count',
      files: { 'x.json': record('33333333-other') },
      want: [],
      problems: [/"33333333-other", which is not graded/],
    },
    {
      name: 'what no lab takes',
      files: { 'evil.js': 'process.exit()', 'a.exe': '' },
      want: [],
      problems: [/a\.exe: not a/, /evil\.js: not a/],
    },
    { name: 'what is no text', files: { 'first-look.sh': Buffer.from([0xff, 0xfe]) }, want: [], problems: [/not text/] },
  ])('$name', ({ files, want, problems = [] }) => {
    const handedIn = Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text as string) }));
    const found = findAttempts(
      handedIn.sort((a, b) => (a.name < b.name ? -1 : 1)),
      labs,
    );
    expect(found.attempts.map(({ lab, attempt }) => `${lab.path} ${attempt.kind} ${attempt.file}`)).toEqual(want);
    expect(found.problems).toHaveLength(problems.length);
    for (const [i, pattern] of problems.entries()) expect(`${found.problems[i]!.file}: ${found.problems[i]!.reason}`).toMatch(pattern);
  });

  test('what names no lab is for the only one', () => {
    expect(findAttempts([{ name: 'mine.sh', bytes: Buffer.from('') }], labs, labs[1]).attempts).toMatchObject([{ lab: labs[1] }]);
  });
});

describe('identity', () => {
  const own = 'id,name,email\nann,Ann Ames,ann@example.org\nbob,Bob Bell,bob@example.org\n';
  const moodle =
    'Identifier,Full name,Email address,Grade\nParticipant 101,Ann Ames,ann@example.org,\nParticipant 102,Bob Bell,bob@example.org,\n';
  const canvas = 'Student,ID,SIS Login ID,Section,Lab (1)\nPoints Possible,,,,5\n"Ames, Ann",2001,ann,M,\n';
  test.each([
    { name: 'by id', roster: own, entry: 'ann.zip', want: 'ann' },
    { name: 'by name, however it is written', roster: own, entry: 'BOB_bell', want: 'bob' },
    { name: 'by address', roster: own, entry: 'bob@example.org.tar.gz', want: 'bob' },
    { name: "by Moodle's folder", roster: moodle, entry: 'Ann Ames_101_assignsubmission_file_', want: '101' },
    { name: "by Canvas's file", roster: canvas, entry: 'amesann_LATE_2001_99_submission.json', want: '2001' },
    { name: 'nobody', roster: own, entry: 'mallory.zip', want: undefined },
    { name: 'the name of a property', roster: own, entry: '__proto__', want: undefined },
    { name: 'two of one name', roster: 'id,name\n1,Ann\n2,Ann\n', entry: 'ann', want: 'ambiguous' },
  ])('$name', ({ roster, entry, want }) => {
    const found = readRoster(roster, 'x.csv').find(entry);
    expect(typeof found === 'object' ? found.id : found).toBe(want);
  });

  test.each([
    { name: 'empty', text: '', want: /x\.csv: it is empty/ },
    { name: 'without a column that tells learners apart', text: 'grade\n5\n', want: /names none of the columns/ },
    { name: 'with the same learner twice', text: 'id\nann\nann\n', want: /row 3: "ann" stands there twice/ },
  ])('a roster that is refused: $name', ({ text, want }) => {
    expect(() => readRoster(text, 'x.csv')).toThrow(want);
  });

  test('a class: those of the roster who handed nothing in, and the later of two', () => {
    const folder = path.join(home, 'class');
    file('class/ann.sh', '');
    file('class/Ann Ames/first-look.sh', '');
    fs.utimesSync(path.join(folder, 'Ann Ames/first-look.sh'), 1e9, 1e9);
    file('class/eve.sh', '');
    const cases = readClass(folder, readRoster(own, 'x.csv'));
    expect(
      cases.map(({ learner, entry, notes }) => [learner.id, learner.onRoster, entry?.name, notes.map(({ reason }) => reason)]),
    ).toEqual([
      ['ann', true, 'ann.sh', ['left out: ann.sh was handed in later by the same learner']],
      ['bob', true, undefined, []],
      ['eve', false, 'eve.sh', ['nobody on the roster is called so']],
    ]);
  });

  test.each(['../x', '..', 'a/b', 'a\\b', 'con', 'NUL.txt', '', '-rf', '.hidden', 'é', 'x'.repeat(300), 'a\nb', '\u001b[2J', 'a.'])(
    '%j becomes a name that is safe',
    (id) => {
      expect(keyOf(id)).toMatch(/^[a-z0-9][a-z0-9-]{0,60}$/);
      expect(keyOf(id)).not.toBe(id);
    },
  );
  test('what is safe stays', () =>
    expect(['ann', 'ann.ames@example.org', '2001'].map(keyOf)).toEqual(['ann', 'ann.ames@example.org', '2001']));
});

describe('csv', () => {
  test.each([
    { text: '=1', want: "'=1" },
    { text: '+1', want: "'+1" },
    { text: '-1', want: "'-1" },
    { text: '@a', want: "'@a" },
    { text: ' \t=1', want: "' \t=1" },
    { text: '\t1', want: "'\t1" },
    { text: '\uFF1D1', want: "'\uFF1D1" },
    { text: '\u0000=1', want: "'=1" },
    { text: '-', want: '-' },
    { text: 'a=1', want: 'a=1' },
  ])('$text', ({ text, want }) => expect(neutral(text)).toBe(want));

  test('what is written is read again', () => {
    const rows = [
      ['a,b', 'c"d', 'e\nf'],
      ['', '1', 'g'],
    ];
    expect(parseCsv(toCsv(rows), 'x')).toEqual(rows);
  });
});

describe('an overlay', () => {
  const overlay = (labs: string): string =>
    file(`overlay-${Math.abs(labs.length)}.yaml`, `schema: labs/overlay/v1\nlabs:\n  architecture/first-look:\n${labs}`);
  test.each([
    { name: 'another schema', text: 'schema: x\n', want: /its schema is not/ },
    { name: 'no YAML', text: 'a: [', want: /overlay-bad\.yaml: / },
    {
      name: 'points that are no number',
      text: 'schema: labs/overlay/v1\nlabs: { a/b: { points: { x: 1.5 } } }\n',
      want: /points of x are not a whole number/,
    },
    { name: 'a key that is misspelt', text: 'schema: labs/overlay/v1\nlabs: { a/b: { point: {} } }\n', want: /unknown key point/ },
    {
      name: 'hidden checks without a module',
      text: 'schema: labs/overlay/v1\nlabs: { a/b: { hidden: [{ id: x, title: X, points: 1 }] } }\n',
      want: /names no module/,
    },
  ])('is refused: $name', ({ text, want }) => {
    expect(() => readOverlay(file('overlay-bad.yaml', text))).toThrow(want);
  });

  test.each([
    { name: 'a task that is not there', labs: '    points: { nope: 1 }\n', want: /has no task nope/ },
    {
      name: 'a hidden task of the same name',
      labs: '    hidden: [{ id: hello, title: H, points: 1 }]\n    checks: a.mjs\n',
      want: /has a task hello already/,
    },
  ])('does not fit: $name', async ({ labs, want }) => {
    const loaded = await loadLab('architecture/first-look');
    expect(() => withOverlay(loaded, readOverlay(overlay(labs)))).toThrow(want);
  });

  test('changes points and adds hidden checks', async () => {
    file(
      'hidden.mjs',
      `export default (lab, { test, expect }) => { test('quiet', async () => { expect(await lab.list('pods', { namespace: 'default' })).toEqual([]); }); };\n`,
    );
    const loaded = await loadLab('architecture/first-look');
    const graded = withOverlay(
      loaded,
      readOverlay(
        overlay(
          '    points: { findings: 10 }\n    hidden: [{ id: quiet, title: Nothing in default, points: 4 }]\n    checks: hidden.mjs\n',
        ),
      ),
    );
    const { solution } = await loaded.solutions();
    const good = await gradeLab(graded, { kind: 'script', file: 'x', text: solution });
    expect(good.tasks.map(({ id, earned, hidden }) => [id, earned, hidden])).toEqual([
      ['findings', 10, undefined],
      ['hello', 2, undefined],
      ['visited', 2, undefined],
      ['quiet', 4, true],
    ]);
    expect([good.earned, good.possible]).toEqual([18, 18]);
  });
});

test('progress stands on one line of a terminal, and is silent elsewhere', () => {
  const shown: string[] = [];
  const screen = { isTTY: true, columns: 60, write: (text: string) => shown.push(text) };
  for (const isTTY of [true, false]) {
    const progress = new Progress(2, { ...screen, isTTY });
    progress.tick();
    progress.tick();
    progress.end();
  }
  expect(shown.at(0)).toContain('] 0 of 2 graded');
  expect(shown.at(-2)).toMatch(/^\r\x1b\[K\[=+\] 2 of 2 graded$/);
  expect(shown.at(-1)).toBe('\n');
});
