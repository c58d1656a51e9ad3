/** Systems that run a grader over one submission and read one JSON file: each as its documentation asks for it. */
import process from 'node:process';
import { printable } from '../../lab/grading/printable.ts';
import { earnedIn, messageOf, nameOf, rowsOf } from './format.ts';
import type { ClassInfo, Format } from './format.ts';
import type { LearnerResult } from '../../lab/grading/result.ts';

const file = (name: string, value: unknown) => [{ name, text: `${JSON.stringify(value, null, 2)}\n` }];

const problemsOf = ({ problems }: LearnerResult): string =>
  problems.map(({ file: at, reason }) => printable(`${at}: ${reason}`)).join('\n');

/** Whether anything could be graded at all. */
const wasGraded = ({ labs }: LearnerResult): boolean => labs.length > 0;

/** Exercism's test runner interface, version 3: https://github.com/exercism/docs/blob/main/building/tooling/test-runners/interface.md */
export const exercism: Format = {
  learner: (result, info) => {
    const rows = rowsOf(result, info);
    if (!wasGraded(result))
      return file('results.json', { version: 3, status: 'error', message: problemsOf(result) || 'nothing was handed in', tests: [] });
    const tests = rows.map((row, i) => ({
      name: row.title,
      test_code: `${row.lab}: ${row.id}`,
      status: row.state === 'green' ? 'pass' : 'fail',
      ...(row.state === 'green' ? {} : { message: messageOf(row) }),
      task_id: i + 1,
    }));
    return file('results.json', { version: 3, status: rows.every(({ state }) => state === 'green') ? 'pass' : 'fail', tests });
  },
};

/** Gradescope's `results.json`: https://gradescope-autograders.readthedocs.io/en/latest/specs/ */
export const gradescope: Format = {
  learner: (result, info) =>
    file('results.json', {
      output: printable(
        [problemsOf(result), ...result.labs.flatMap(({ notes, stopped }) => [...notes, ...(stopped ? [`ended early: ${stopped}`] : [])])]
          .join('\n')
          .trim(),
      ),
      output_format: 'text',
      stdout_visibility: 'hidden',
      tests: rowsOf(result, info).map((row) => ({
        name: row.title,
        name_format: 'text',
        number: nameOf(row, info),
        score: row.earned,
        max_score: row.points,
        status: row.state === 'green' ? 'passed' : 'failed',
        ...(row.state === 'green' ? {} : { output: messageOf(row), output_format: 'text' }),
        visibility: row.hidden ? 'after_published' : 'visible',
      })),
    }),
};

const maxPrairieLearnBytes = 1024 * 1024;

/** PrairieLearn's external grading, at most 1 MB: https://github.com/PrairieLearn/PrairieLearn/blob/master/docs/externalGrading.md */
export const prairielearn: Format = {
  learner: (result, info) => {
    if (!wasGraded(result))
      return file('results.json', { gradable: false, format_errors: [problemsOf(result) || 'nothing was handed in'] });
    const rows = rowsOf(result, info);
    const write = (room: number) =>
      file('results.json', {
        gradable: true,
        score: info.possible === 0 ? 0 : earnedIn(rows) / info.possible,
        message: `${earnedIn(rows)} of ${info.possible} points`,
        output: problemsOf(result).slice(0, room),
        tests: rows.map((row) => ({
          name: nameOf(row, info),
          description: row.title,
          points: row.earned,
          max_points: row.points,
          message: (messageOf(row) ?? '').slice(0, room),
        })),
      });
    const whole = write(Number.POSITIVE_INFINITY);
    return Buffer.byteLength(whole[0]!.text) < maxPrairieLearnBytes ? whole : write(500);
  },
};

/** classroom50's `result.json`: https://github.com/foundation50/classroom50/wiki/Advanced-Autograding. Its runner names the submission in the environment. */
export const classroom50: Format = {
  learner: (result, info) => {
    const { env } = process;
    const commit = env.COMMIT_URL ?? '-';
    return file('result.json', {
      schema: 'classroom50/result/v1',
      classroom: env.CLASSROOM ?? 'inside-kubernetes',
      assignment: env.ASSIGNMENT ?? assignmentOf(info),
      ...(env.OWNER === undefined ? {} : { owner: env.OWNER }),
      submission: env.SUBMISSION_TAG ?? `submit/${result.handedIn?.at ?? result.gradedAt}`,
      commit,
      release: env.RELEASE_URL ?? commit,
      review: env.REVIEW_URL ?? commit,
      datetime: seconds(result.handedIn?.at ?? result.gradedAt),
      graded_at: seconds(result.gradedAt),
      score: earnedIn(rowsOf(result, info)),
      'max-score': info.possible,
      tests: rowsOf(result, info).map((row) => ({
        'test-name': nameOf(row, info),
        passed: row.state === 'green',
        score: row.earned,
        'max-score': row.points,
        ...(row.state === 'green' ? {} : { message: messageOf(row) }),
      })),
    });
  },
};

const assignmentOf = ({ labs }: ClassInfo): string => labs.map(({ path }) => path.replace('/', '-')).join('+') || 'labs';

/** `2026-06-01T14:32:01Z`. */
const seconds = (time: string): string => time.replace(/\.\d+Z$/, 'Z');
