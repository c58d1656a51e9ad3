import { printable } from '../../lab/grading/printable.ts';
import { annotationsOf, earnedIn, messageOf, rowsOf } from './format.ts';
import type { Format } from './format.ts';

/** For a person at a terminal. */
export const text: Format = {
  learner: (result, info) => {
    const rows = rowsOf(result, info);
    const lines = rows.flatMap((row) => [
      `${row.state === 'green' ? '✓' : '✗'} ${row.title} (${row.points} ${row.points === 1 ? 'point' : 'points'})`,
      ...(row.state === 'green' ? [] : [`    ${messageOf(row)!.replaceAll('\n', '\n    ')}`]),
    ]);
    const faults = annotationsOf(result).map(({ file, line, message }) => printable(`${file}:${line}: ${message}`));
    const notes = result.labs.flatMap((lab) => [...lab.notes, ...(lab.stopped === undefined ? [] : [`ended early: ${lab.stopped}`])]);
    const problems = result.problems.map(({ file, reason }) => printable(`${file}: ${reason}`));
    const all = [...lines, ...faults, ...notes.map(printable), ...problems, `${earnedIn(rows)} of ${info.possible} points`];
    return [{ name: 'result.txt', text: `${all.map(inert).join('\n')}\n` }];
  },
};

/** A job's log takes lines that begin so for commands, after any space: `::` is GitHub's, `##[` both GitHub's and Azure's. */
function inert(lines: string): string {
  return lines.replaceAll(/^(\s*)(?=::|##\[)/gm, '$1\\');
}
