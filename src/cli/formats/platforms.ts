/** Learning platforms: the instructor's own exported CSV, with the points filled in, ready to be imported again. */
import type { LearnerResult } from '../../lab/grading/result.ts';
import { neutral, toCsv } from '../grade/csv.ts';
import type { Roster } from '../grade/roster.ts';
import { UsageError } from '../usage-error.ts';
import { earnedIn, messageOf, rowsOf } from './format.ts';
import type { ClassInfo, Format } from './format.ts';

/**
 * Moodle's grading worksheet. Its importer finds a participant by the column `Identifier`, and wants `Grade` and
 * `Last modified (grade)` too: `mod/assign/feedback/offline/importgradeslib.php`. Points are scaled to `Maximum Grade` where that differs.
 */
export const moodle: Format = {
  group: (results, info) => {
    const { header, column, roster } = sheet(info, 'moodle');
    const at = { grade: column('Grade'), max: header.indexOf('Maximum Grade'), feedback: header.indexOf('Feedback comments') };
    column('Identifier');
    const rows = fill(roster, results, (row, result) => {
      const points = earnedIn(rowsOf(result, info));
      const max = Number.parseFloat((row[at.max] ?? '').replace(',', '.'));
      row[at.grade] = scaled(points, info.possible, max);
      if (at.feedback >= 0) row[at.feedback] = feedbackOf(result, info);
    });
    return [{ name: 'moodle.csv', text: toCsv(rows) }];
  },
};

/**
 * Canvas's gradebook. Its importer takes rows by `ID` and a column by its title and number, `Lab (4711)`: `lib/gradebook_importer.rb`.
 * Points stand as they are; the row `Points Possible` is the instructor's.
 */
export const canvas: Format = {
  group: (results, info) => {
    const { header, column, roster } = sheet(info, 'canvas');
    column('Student');
    column('ID');
    const assignments = header.filter((title) => /\(\d+\)\s*$/.test(title));
    const wanted = info.column ?? (assignments.length === 1 ? assignments[0] : undefined);
    if (wanted === undefined)
      throw new UsageError(
        `--format canvas: name the column to fill with --column; there are ${assignments.join(', ') || 'none with a number'}`,
      );
    const at = column(wanted);
    const rows = fill(roster, results, (row, result) => {
      row[at] = String(earnedIn(rowsOf(result, info)));
    });
    return [{ name: 'canvas.csv', text: toCsv(rows) }];
  },
};

function sheet({ roster }: ClassInfo, format: string): { header: readonly string[]; column: (title: string) => number; roster: Roster } {
  if (!roster) throw new UsageError(`--format ${format}: give the CSV that you exported there with --roster`);
  const header = roster.rows[0]!;
  const column = (title: string): number => {
    const at = header.indexOf(title);
    if (at < 0) throw new UsageError(`--format ${format}: the roster has no column ${JSON.stringify(title)}`);
    return at;
  };
  return { header, column, roster };
}

/** Rows of learners who handed nothing in stay as they are. */
function fill(roster: Roster, results: Iterable<LearnerResult>, change: (row: string[], result: LearnerResult) => void): string[][] {
  const rows = roster.rows.map((row) => [...row]);
  const rowOf = new Map(roster.learners.map(({ id, at }) => [id, rows[at]!]));
  for (const result of results) {
    const row = result.learner.onRoster && result.handedIn ? rowOf.get(result.learner.id) : undefined;
    if (row) change(row, result);
  }
  return rows;
}

function scaled(points: number, possible: number, max: number): string {
  if (!(max > 0) || possible === 0 || max === possible) return String(points);
  return String(Math.round((points * max) / possible));
}

function feedbackOf(result: LearnerResult, info: ClassInfo): string {
  const open = rowsOf(result, info).filter(({ state }) => state !== 'green');
  const lines = open.map((row) => `${row.title}: ${messageOf(row)!.split('\n')[0]}`);
  return neutral([...lines, ...result.problems.map(({ file, reason }) => `${file}: ${reason}`)].join(' / ')).replaceAll(/[<>]/g, '');
}
