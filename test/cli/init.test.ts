/** `labs init`: the repository that it makes is checked by the very scripts that CI would run. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { decodeClass } from '../../src/lab/class-code.ts';
import { loadLab } from '../../src/lab/generated/labs.ts';
import { bundleLabs } from './labs-command.ts';

const lab = 'architecture/first-look';
let labs: string;
let home: string;

beforeAll(async () => {
  labs = await bundleLabs();
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'init-'));
});
afterAll(() => {
  for (const folder of [path.dirname(labs), home]) fs.rmSync(folder, { recursive: true });
});

function run(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [labs, ...args], { cwd: home, encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

const course = (name: string): string => path.join(home, 'course', name);

/** As CI does it, with a `npx` that finds this command. */
function check(format: string): { status: number | null; out: string } {
  const bin = path.join(home, 'bin');
  fs.mkdirSync(bin, { recursive: true });
  fs.writeFileSync(path.join(bin, 'npx'), `#!/bin/sh\nshift\nexec ${process.execPath} ${labs} "$@"\n`, { mode: 0o755 });
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync('sh', ['ci/check.sh', format], { cwd: path.join(home, 'course'), encoding: 'utf8', env });
  return { status, out: stdout + stderr };
}

test('makes a repository, and no second one over it', () => {
  const { status, out } = run('init', 'course', '--lab', lab, '--course', '1.0.0');
  expect(status).toBe(0);
  expect(out).toContain('course/exercises/architecture-first-look/README.md\n');
  for (const name of ['.github/workflows/labs.yml', '.gitlab-ci.yml', 'overlay.yaml'])
    expect(parse(fs.readFileSync(course(name), 'utf8'))).toBeTypeOf('object');
  expect(JSON.parse(fs.readFileSync(course('package.json'), 'utf8')).dependencies).toEqual({ 'inside-kubernetes': '1.0.0' });
  const zip = unzipSync(fs.readFileSync(course('gradescope/autograder.zip')));
  expect(Object.keys(zip).sort()).toEqual(['overlay.yaml', 'package.json', 'run_autograder', 'setup.sh']);
  for (const script of ['run_autograder', 'setup.sh']) expect(spawnSync('bash', ['-n'], { input: zip[script]! }).status).toBe(0);
  expect(run('init', 'course')).toEqual({ status: 2, out: '', err: 'labs: course: exists and is not an empty folder\n' });
});

test('its checks annotate the line of a manifest, and pass once the exercise is done', async () => {
  expect(check('github-actions')).toEqual({ status: 0, out: 'architecture-first-look: not begun\n' });
  fs.writeFileSync(
    course('exercises/architecture-first-look/manifests/pod.yaml'),
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: hello\nspec:\n  container: []\n',
  );
  const failed = check('github-actions');
  expect(failed.status).toBe(1);
  expect(failed.out).toMatch(
    /^::error file=exercises\/architecture-first-look\/manifests\/pod\.yaml,line=6,title=First look::unknown field "spec\.container"$/m,
  );
  const { solution } = await (await loadLab(lab)).solutions();
  fs.writeFileSync(course('exercises/architecture-first-look/solution.sh'), solution);
  const hidden = `export default (lab, { test, expect }) => test('calm', async () => expect(await lab.list('pods', { namespace: 'default' })).toEqual([]));\n`;
  fs.writeFileSync(course('hidden.mjs'), hidden);
  fs.writeFileSync(
    course('overlay.yaml'),
    `schema: labs/overlay/v1\nlabs:\n  ${lab}:\n    points: { hello: 10 }\n    hidden: [{ id: calm, title: Calm, points: 1 }]\n    checks: hidden.mjs\n`,
  );
  const passed = check('gitlab');
  expect([passed.status, passed.out.trim().split('\n').at(-1)]).toEqual([0, '16 of 16 points']);
  expect(JSON.parse(fs.readFileSync(course('reports/architecture-first-look.json'), 'utf8'))).toEqual([]);
  expect(fs.readFileSync(course('reports/architecture-first-look.xml'), 'utf8')).toContain('tests="4" failures="0"');
}, 120_000);

test('a class code fixes seed and points', () => {
  const { out } = run('class', lab, '--seed', '9', '--points', 'hello=5');
  expect(decodeClass(out.trim())).toEqual({ lab, seed: 9, points: { hello: 5 } });
  expect(run('class', lab, '--points', 'nope=5').err).toBe(`labs: --points: ${lab} has no task nope; it has findings, hello, visited\n`);
  const checked = run('check', lab, '--script', 'course/exercises/architecture-first-look/solution.sh', '--class', out.trim());
  expect(checked.out.trim().split('\n').at(-1)).toBe('10 of 10 points');
  expect(run('check', 'read-etcd', '--script', 'x', '--class', out.trim()).err).toBe(`labs: --class: it is for the lab ${lab}\n`);
  expect(run('grade', 'course', '--class', 'x').err).toBe('labs: --class x: not a class code; `labs class` makes them\n');
}, 60_000);
