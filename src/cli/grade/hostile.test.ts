/** Two hundred files of people who mean no good: graded or refused with a reason; nothing run, written or shown that should not be. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadLab } from '../../lab/generated/labs.ts';
import type { LearnerResult } from '../../lab/grading/result.ts';
import { formats } from '../formats/index.ts';
import { parseCsv } from './csv.ts';
import { readClass } from './entries.ts';
import { gradeEntry } from './grade-entry.ts';
import type { Outcome } from './grade-entry.ts';
import { hostileFiles } from './hostile-testing.ts';
import { writeFormats } from './index.ts';
import { ResultFolder } from './results.ts';
import { readRoster } from './roster.ts';
import { kindOf, unpack } from './unpack/index.ts';

const lab = 'architecture/first-look';
const files = hostileFiles((await loadLab(lab)).lab.id);
/** Less than a grader allows, so that what never ends is ended soon. */
const limits = { virtualMs: 20_000, steps: 20_000 };

let home: string;
let folder: string;
const outcomesOf = new Map<string, readonly Outcome[]>();

beforeAll(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'labs-hostile-'));
  folder = path.join(home, 'class');
  fs.mkdirSync(folder);
});
afterAll(() => fs.rmSync(home, { recursive: true }));

test('there are two hundred of them', () => {
  expect(files.length).toBeGreaterThanOrEqual(200);
  expect(new Set(files.map(({ file }) => file)).size).toBe(files.length);
});

test.each(files)('$name', async ({ file, bytes, want }) => {
  const at = path.join(folder, file);
  fs.writeFileSync(at, bytes());
  const outcomes: Outcome[] = [];
  await gradeEntry({ file: at, kind: kindOf(file, false), labs: [lab], isOnlyOne: true, limits }, (outcome) => outcomes.push(outcome));
  outcomesOf.set(file, outcomes);
  const labs = outcomes.flatMap((outcome) => ('lab' in outcome ? [outcome.lab] : []));
  const reasons = outcomes.flatMap((outcome) => ('problem' in outcome ? [outcome.problem.reason] : []));
  expect(reasons.filter((reason) => reason.includes('broke on it'))).toEqual([]);
  if (want === 'graded') {
    expect(reasons).toEqual([]);
    expect(labs.map(({ earned }) => earned)).toEqual([0]);
  } else {
    expect(labs).toEqual([]);
    expect(
      reasons.some((reason) => want.test(reason)),
      reasons.join('; '),
    ).toBe(true);
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

describe('what is no file', () => {
  test.each([
    { name: 'a link to a file', make: (at: string) => fs.symlinkSync('/etc/passwd', at), want: /symbolic link/ },
    { name: 'a link to a folder', make: (at: string) => fs.symlinkSync('/etc', at), want: /symbolic link/ },
    {
      name: 'a link in a folder',
      make: (at: string) => {
        fs.mkdirSync(at);
        fs.symlinkSync('/etc/passwd', path.join(at, 'first-look.sh'));
      },
      want: /symbolic link/,
    },
    {
      name: 'folders in folders',
      make: (at: string) => fs.mkdirSync(path.join(at, 'a/'.repeat(20)), { recursive: true }),
      want: /nested deeper/,
    },
  ])('$name', async ({ name, make, want }) => {
    const at = path.join(home, name.replaceAll(' ', '-'));
    make(at);
    await expect(unpack(at, kindOf(at, fs.lstatSync(at).isDirectory()))).rejects.toThrow(want);
  });
});

test('what is written says it all, and harms nobody who opens it', () => {
  const roster = readRoster('Identifier,Full name,Grade,Maximum Grade,Student,ID,Lab (1)\nParticipant 1,=cmd|x,,7,=cmd|x,1,\n', 'x');
  const results = new ResultFolder(path.join(home, 'out'));
  for (const { learner, key, entry } of readClass(folder, undefined)) {
    const outcomes = outcomesOf.get(entry!.name) ?? [];
    const labs = outcomes.flatMap((outcome) => ('lab' in outcome ? [outcome.lab] : []));
    const problems = outcomes.flatMap((outcome) => ('problem' in outcome ? [outcome.problem] : []));
    const result: LearnerResult = {
      schema: 'labs/result/v1',
      learner: { ...learner, name: '=HYPERLINK("http://x")<script>\u001b[31m' },
      handedIn: { name: entry!.name, at: entry!.at, sha256: '' },
      emulator: '0.1.0',
      gradedAt: entry!.at,
      labs,
      problems,
      earned: 0,
      possible: 0,
    };
    results.write(key, result);
  }
  writeFormats(
    results,
    Object.entries(formats).map(([name, format]) => ({ name, format })),
    { roster, column: 'Lab (1)' },
  );

  expect(fs.readdirSync(home).filter((name) => !/^(class|out|a-link-|folders-)/.test(name))).toEqual([]);
  expect(fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith('labs-evil'))).toEqual([]);
  const written = (fs.readdirSync(results.folder, { recursive: true }) as string[]).filter((name) =>
    fs.lstatSync(path.join(results.folder, name)).isFile(),
  );
  expect(written.filter((name) => !/^[a-z0-9@._/-]+$/.test(name))).toEqual([]);
  expect(written.length).toBeGreaterThan(files.length * 8);
  const offenders = written.filter((name) => {
    const text = fs.readFileSync(path.join(results.folder, name), 'utf8');
    if (/[\0-\x08\x0b\x0c\x0e-\x1f\x7f\u202e]/.test(text)) return !name.endsWith('.json');
    if (name.endsWith('.html')) return /<script|<img/.test(text);
    if (name.endsWith('.csv')) return parseCsv(text, name).some((row) => row.some((cell) => /^[=+@]|^-./.test(cell)));
    return name.endsWith('annotations.txt') && text.split('\n').some((line) => line !== '' && !line.startsWith('::error '));
  });
  expect(offenders).toEqual([]);
});
