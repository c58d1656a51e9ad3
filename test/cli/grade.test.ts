/** `labs grade` and `labs check` as processes: a class from the folder to the files, shards, interruptions, hangs. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Validator } from '@cfworker/json-schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadLab } from '../../src/lab/generated/labs.ts';
import type { LearnerResult } from '../../src/lab/grading/result.ts';
import { recordSolution } from '../../src/lab/recording.ts';
import { bundleLabs, LabsProcess } from './labs-command.ts';

const lab = 'architecture/first-look';
const { solution } = await (await loadLab(lab)).solutions();
let labs: string;
let home: string;

beforeAll(async () => {
  labs = await bundleLabs();
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'grade-'));
  const { submission } = await recordSolution(await loadLab(lab));
  put('class/ann.json', JSON.stringify({ ...submission, score: 100 }));
  put('class/bob/first-look.sh', solution.replace(/^kubectl label.*$/m, ''));
  put('class/cy.sh', solution);
  put('class/eve.sh', '[[ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa =~ (a+)+b ]]\n');
  put('class/fay.zip', 'no zip');
  put('roster.csv', 'id,name\nann,Ann\nbob,Bob\ncy,Cy\ndee,Dee\neve,Eve\nfay,Fay\n');
});

afterAll(() => {
  for (const folder of [path.dirname(labs), home]) fs.rmSync(folder, { recursive: true });
});

function put(name: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
  fs.writeFileSync(path.join(home, name), text);
}
const read = (name: string): string => fs.readFileSync(path.join(home, name), 'utf8');
const result = (out: string, key: string): LearnerResult => JSON.parse(read(`${out}/results/${key}.json`));

async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const command = new LabsProcess(labs, args, home);
  const code = await command.ended;
  return { code, out: command.out, err: command.err };
}

const common = ['--lab', lab, '--roster', 'roster.csv', '--timeout', '8s', '--jobs', '2'];

test('a class: the good, the wrong, the missing, the one that hangs and the one that is broken', async () => {
  expect(await run('grade', 'class', '--out', 'grades', ...common)).toEqual({
    code: 1,
    out: '6 learners: 5 graded, 0 unchanged, 2 with problems; see grades\n',
    err: '',
  });
  const rows = read('grades/grades.csv')
    .split('\r\n')
    .map((row) => row.split(','));
  const handedIn = rows.slice(1, 7);
  expect(handedIn.map((row) => [row[0], row[8], row[9]])).toEqual([
    ['ann', '7', '7'],
    ['bob', '5', '7'],
    ['cy', '7', '7'],
    ['dee', '0', '7'],
    ['eve', '0', '7'],
    ['fay', '0', '7'],
  ]);
  expect(result('grades', 'eve').problems).toEqual([
    { file: 'eve.sh', reason: 'more than 8 seconds of computing; the grader was stopped' },
  ]);
  expect(result('grades', 'fay').problems[0]!.reason).toMatch(/no zip/);
  const schema = new Validator(JSON.parse(fs.readFileSync('static/schemas/result-v1.json', 'utf8')), '2020-12', false);
  for (const key of ['ann', 'bob', 'cy', 'dee', 'eve', 'fay']) expect(schema.validate(result('grades', key)).errors).toEqual([]);
  expect(read('grades/feedback/bob.md')).toContain('# 5 of 7 points');
  expect(fs.readdirSync(home).sort()).toEqual(['class', 'grades', 'roster.csv']);
}, 180_000);

test('goes on where it was, grades what has changed, and keeps the time at which it was handed in', async () => {
  const before = result('grades', 'ann');
  put('class/bob/first-look.sh', solution);
  fs.utimesSync(path.join(home, 'class/ann.json'), new Date(), new Date());
  fs.rmSync(path.join(home, 'class/eve.sh'));
  expect((await run('grade', 'class', '--out', 'grades', ...common)).out).toBe(
    '6 learners: 1 graded, 3 unchanged, 1 with problems; see grades\n',
  );
  expect(result('grades', 'bob').earned).toBe(7);
  expect(result('grades', 'eve').handedIn).toBeUndefined();
  expect((await run('grade', 'class', '--out', 'grades', '--regrade', ...common)).out).toContain('4 graded, 0 unchanged');
  const after = result('grades', 'ann');
  expect(after.handedIn).toEqual(before.handedIn);
  expect(after.gradedAt > before.gradedAt).toBe(true);
}, 180_000);

test('shards make the same as one run, once they are merged', async () => {
  const shards = [0, 1, 2].map((i) =>
    run('grade', 'class', '--out', `shard-${i}`, '--shard', `${i}/3`, '--lab', lab, '--roster', 'roster.csv', '--jobs', '1'),
  );
  for (const { code } of await Promise.all(shards)) expect(code).toBeLessThanOrEqual(1);
  const merged = await run('grade', '--merge', 'shard-0', 'shard-1', 'shard-2', '--out', 'merged');
  expect(merged.out).toBe('6 learners merged, 1 with problems; see merged\n');
  const untimed = (csv: string): string => csv.replaceAll(/\d{4}-[^,]*Z/g, '');
  expect(untimed(read('merged/grades.csv'))).toBe(untimed(read('grades/grades.csv')));
  expect((await run('grade', '--merge', 'shard-0', 'shard-0', '--out', 'twice')).err).toMatch(
    /^labs: \w+ was graded both in shard-0 and in shard-0\n$/,
  );
}, 180_000);

describe('what is refused, with one line and exit code 2', () => {
  test.each([
    { name: 'no folder', args: ['grade'], want: 'labs: give a folder of submissions, or --merge and the folders to join\n' },
    { name: 'a folder that is not there', args: ['grade', 'nowhere'], want: 'labs: nowhere: no such folder\n' },
    {
      name: 'results among the submissions',
      args: ['grade', 'class', '--out', 'class/x'],
      want: 'labs: --out class/x: lies in the folder of submissions\n',
    },
    {
      name: 'results over something else',
      args: ['grade', 'class', '--out', '.'],
      want: 'labs: --out .: exists and was not written by labs grade\n',
    },
    { name: 'a format', args: ['grade', 'class', '--format', 'pdf'], want: /^labs: --format pdf: unknown; known are [^\n]*\n$/ },
    { name: 'a shard', args: ['grade', 'class', '--shard', '3/3'], want: 'labs: --shard 3/3: not I/N with I from 0 to N-1\n' },
    { name: 'a shard of no Job', args: ['grade', 'class', '--shard', 'auto/3'], want: /JOB_COMPLETION_INDEX is not set/ },
    { name: 'a lab', args: ['grade', 'class', '--lab', 'nope'], want: 'labs: nope: there is no such lab; see `labs list`\n' },
    { name: 'a roster that is not there', args: ['grade', 'class', '--roster', 'nope.csv'], want: 'labs: nope.csv: no such file\n' },
    { name: 'a worker by hand', args: ['grade-worker'], want: 'labs: grade-worker is started by labs grade\n' },
    { name: 'nothing to check', args: ['check', lab], want: /^labs: give one of [^\n]*\n$/ },
    {
      name: 'a submission for another lab',
      args: ['check', 'read-etcd', '--submission', 'class/ann.json'],
      want: /^labs: class\/ann\.json: it belongs to the lab "[^"]*first-look", not to [^\n]*\n$/,
    },
  ])('$name', async ({ args, want }) => {
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([2, '']);
    if (typeof want === 'string') expect(err).toBe(want);
    else expect(err).toMatch(want);
  });
});

test('check annotates the line of a manifest, in several formats at once', async () => {
  put('own/pod.yaml', 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: hello\nspec:\n  containers:\n  - name: web\n    imgae: nginx:1.29\n');
  const { code, out } = await run('check', lab, '--manifests', 'own', '--format', 'github-actions,json=result.json,gitlab=quality.json');
  expect(code).toBe(1);
  expect(out.split('\n')[0]).toBe('::error file=own/pod.yaml,line=8,title=First look::unknown field "spec.containers[0].imgae"');
  expect(JSON.parse(read('quality.json'))[0]).toMatchObject({ location: { path: 'own/pod.yaml', lines: { begin: 8 } } });
  expect(JSON.parse(read('result.json')).labs[0].source).toEqual({ kind: 'manifests', file: 'own' });
});
