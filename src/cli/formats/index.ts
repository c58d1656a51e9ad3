/** How `labs check` says what it found. The formats of grading systems come with grading. */
import type { TaskState } from '../../lab/tasks.ts';

export interface CheckReport {
  readonly lab: { readonly id: string; readonly path: string; readonly version: number; readonly title: string };
  readonly tasks: readonly (TaskState & { readonly title: string; readonly points: number })[];
  readonly earned: number;
  readonly possible: number;
}

export type FormatName = 'text' | 'json';

export const formats: Readonly<Record<FormatName, (report: CheckReport) => string>> = {
  text: ({ tasks, earned, possible }) => {
    const lines = tasks.flatMap(({ state, title, points, message }) => [
      `${state === 'green' ? '✓' : '✗'} ${title} (${points} ${points === 1 ? 'point' : 'points'})`,
      ...(state === 'green' ? [] : [`    ${(message ?? 'not reached: it needs a task that is not green').replaceAll('\n', '\n    ')}`]),
    ]);
    return `${lines.join('\n')}\n${earned} of ${possible} points\n`;
  },
  json: (report) => `${JSON.stringify(report)}\n`,
};
