import { toCsv } from '../grade/csv.ts';
import { earnedIn, nameOf, rowsOf } from './format.ts';
import type { Format } from './format.ts';

/** A row a learner, a column a task: for a spreadsheet. */
export const csv: Format = {
  group: (results, info) => {
    const tasks = info.labs.flatMap((lab) => lab.tasks.map((task) => ({ ...task, lab: lab.path, earned: 0, state: 'open' as const })));
    const rows: (readonly (string | number)[])[] = [
      ['id', 'name', 'email', 'handed in', 'minutes', ...tasks.map((task) => nameOf(task, info)), 'points', 'of', 'remarks'],
    ];
    for (const result of results) {
      const { id, name = '', email = '' } = result.learner;
      const own = rowsOf(result, info);
      const minutes = Math.round(result.labs.reduce((sum, { workedMs }) => sum + workedMs, 0) / 60_000);
      const remarks = [
        ...result.problems.map(({ file, reason }) => `${file}: ${reason}`),
        ...result.labs.flatMap(({ notes, stopped }) => (stopped === undefined ? notes : [...notes, `ended early: ${stopped}`])),
      ];
      const points = tasks.map((task) => own.find((row) => row.lab === task.lab && row.id === task.id)?.earned ?? 0);
      rows.push([id, name, email, result.handedIn?.at ?? '', minutes, ...points, earnedIn(own), info.possible, remarks.join('; ')]);
    }
    return [{ name: 'grades.csv', text: toCsv(rows) }];
  },
};
