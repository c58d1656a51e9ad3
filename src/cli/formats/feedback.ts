import type { LearnerResult } from '../../lab/grading/result.ts';
import { md } from './ci.ts';
import { printable } from '../../lab/grading/printable.ts';
import { earnedIn, messageOf, rowsOf } from './format.ts';
import type { ClassInfo } from './format.ts';

/** What a learner gets back, in Markdown: which tasks are green, and for the others what was expected, found and where to look. */
export function feedback(result: LearnerResult, info: ClassInfo): string {
  const rows = rowsOf(result, info);
  const parts = info.labs.flatMap((lab) => [
    `## ${md(lab.title)}\n`,
    ...rows
      .filter((row) => row.lab === lab.path)
      .map((row) => `- ${row.state === 'green' ? '✓' : '✗'} ${md(row.title)} (${row.earned} of ${row.points})\n${quoted(messageOf(row))}`),
  ]);
  const graded = result.labs.flatMap(({ source, tasks, notes, stopped, annotations }) => [
    ...annotations
      .filter(({ message }) => !tasks.some(({ title }) => message.startsWith(`${title}: `)))
      .map(({ file, line, message }) => `- ${md(`${file}:${line}`)}: ${md(message)}\n`),
    ...notes.map((note) => `- ${md(source.file)}: ${md(note)}\n`),
    ...(stopped === undefined ? [] : [`- ${md(source.file)}: ended early, ${md(stopped)}\n`]),
  ]);
  const problems = result.problems.map(({ file, reason }) => `- ${md(file)}: ${md(reason)}\n`);
  const remarks = [...graded, ...problems];
  return [
    `# ${earnedIn(rows)} of ${info.possible} points\n`,
    `For ${md(result.learner.name ?? result.learner.id)}${result.handedIn ? `, handed in ${result.handedIn.at}` : ', who handed nothing in'}.\n`,
    ...parts,
    ...(remarks.length > 0 ? ['## Remarks\n', ...remarks] : []),
  ].join('\n');
}

/** As a block of code, in which nothing means anything. */
function quoted(message: string | undefined): string {
  if (message === undefined || message === '') return '';
  return `\n${printable(message)
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n')}\n`;
}
