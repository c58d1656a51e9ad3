/** The report on a class as one file: no script, nothing loaded from elsewhere, and a policy that forbids both. */
import type { LearnerResult } from '../../lab/grading/result.ts';
import { durationText } from '../../lab/measures.ts';
import { printable } from '../../lab/grading/printable.ts';
import { earnedIn, messageOf, rowsOf } from './format.ts';
import type { ClassInfo, Format } from './format.ts';
import { similar } from './similar.ts';

export const html: Format = {
  group: (results, info) => {
    const survey = new Survey(info);
    for (const result of results) survey.add(result);
    return [{ name: 'report.html', text: page(survey, info, similar(results)) }];
  },
};

interface TaskSurvey {
  readonly lab: string;
  readonly title: string;
  readonly points: number;
  green: number;
  readonly greenAtMs: number[];
  readonly reasons: Map<string, number>;
}

/** Counts what the report shows, one learner at a time. */
class Survey {
  readonly learners: {
    readonly id: string;
    readonly name: string;
    readonly earned: number;
    readonly workedMs: number;
    readonly remark: string;
  }[] = [];
  readonly tasks: TaskSurvey[];
  handedIn = 0;
  readonly #info: ClassInfo;

  constructor(info: ClassInfo) {
    this.#info = info;
    this.tasks = info.labs.flatMap((lab) =>
      lab.tasks.map(({ title, points }) => ({ lab: lab.path, title, points, green: 0, greenAtMs: [], reasons: new Map<string, number>() })),
    );
  }

  add(result: LearnerResult): void {
    const rows = rowsOf(result, this.#info);
    const { id, name = '' } = result.learner;
    const workedMs = result.labs.reduce((sum, lab) => sum + lab.workedMs, 0);
    const stopped = result.labs.flatMap((lab) => (lab.stopped === undefined ? [] : [`ended early: ${lab.stopped}`]));
    const remark = [...result.problems.map(({ file, reason }) => `${file}: ${reason}`), ...stopped].join('; ');
    this.learners.push({ id, name, earned: earnedIn(rows), workedMs, remark: result.handedIn ? remark : 'handed nothing in' });
    if (!result.handedIn) return;
    this.handedIn++;
    for (const [i, task] of this.tasks.entries()) {
      const row = rows[i];
      if (row?.state === 'green') {
        task.green++;
        task.greenAtMs.push(row.greenAtMs ?? 0);
      } else if (row && task.reasons.size < maxReasons) {
        const reason = (messageOf(row) ?? '').split('\n')[0]!;
        task.reasons.set(reason, (task.reasons.get(reason) ?? 0) + 1);
      }
    }
  }
}

const maxReasons = 500;

const style = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8884;vertical-align:top;overflow-wrap:anywhere}
td.n,th.n{text-align:right;white-space:nowrap}svg{max-width:100%;height:auto}rect{fill:#2b6cb0}text{fill:currentColor;font-size:11px}`;

function page(survey: Survey, info: ClassInfo, groups: ReturnType<typeof similar>): string {
  const earned = survey.learners.map((learner) => learner.earned);
  const worked = survey.learners.filter(({ workedMs }) => workedMs > 0).map(({ workedMs }) => workedMs / 60_000);
  const hardest = [...survey.tasks].sort((a, b) => a.green - b.green);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Report</title><style>${style}</style></head><body>
<h1>Report</h1>
<p>${survey.learners.length} learners, ${survey.handedIn} of whom handed something in. ${info.labs.map(({ title }) => esc(title)).join(', ')}: ${info.possible} points.</p>
<h2>Points</h2>
<p>Half of the class has ${round(median(earned))} points or more.</p>
${histogram(earned, info.possible + 1, 'points', Math.min(mostBars, info.possible + 1))}
<h2>Time on task</h2>
<p>From the beginning to the last input, in the cluster's time. Half of those who handed in took ${round(median(worked))} minutes or more.</p>
${histogram(worked, Math.max(...worked, 1), 'minutes')}
<h2>Tasks, the hardest first</h2>
${table(
  ['task', 'lab', 'green', 'half of them by', 'what is found most often where it is not'],
  hardest.map(({ title, lab, green, greenAtMs, reasons }) => [
    title,
    lab,
    `${survey.handedIn === 0 ? 0 : Math.round((100 * green) / survey.handedIn)}% (${green})`,
    green > 0 ? durationText(median(greenAtMs)) : '',
    [...reasons]
      .sort((a, b) => b[1] - a[1])[0]
      ?.map(String)
      .reverse()
      .join('× ') ?? '',
  ]),
)}
<h2>Similar submissions</h2>
<p>The same requests to the API server in the same order, under the same or under other names. Short ones are often alike by chance.</p>
${
  groups.length === 0
    ? '<p>None.</p>'
    : table(
        ['lab', 'requests', 'names', 'learners'],
        groups.map(({ lab, requests, isRenamed, learners }) => [
          lab,
          String(requests),
          isRenamed ? 'other' : 'the same',
          learners.join(', '),
        ]),
      )
}
<h2>Learners</h2>
${table(
  ['id', 'name', 'points', 'time', 'remarks'],
  survey.learners.map(({ id, name, earned: points, workedMs, remark }) => [
    id,
    name,
    String(points),
    workedMs > 0 ? durationText(workedMs) : '',
    remark,
  ]),
)}
</body></html>
`;
}

/** Escapes a stranger's words for the text of a page. */
export function esc(text: string): string {
  return printable(text.toWellFormed()).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = titles.map((title) => `<th scope="col">${esc(title)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${esc(cell)}</td>`).join('')}</tr>`).join('\n');
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

const mostBars = 20;

/** Bars by how many have so much; the numbers stand in it as text too. */
function histogram(values: readonly number[], max: number, unit: string, bars = mostBars): string {
  const width = max / bars || 1;
  const counts = Array.from({ length: bars }, () => 0);
  for (const value of values) counts[Math.min(bars - 1, Math.floor(value / width))]!++;
  const top = Math.max(...counts, 1);
  const parts = counts.map((count, i) => {
    const height = Math.round((100 * count) / top);
    const label = `${round(i * width)} to ${round((i + 1) * width)} ${unit}: ${count}`;
    return `<rect x="${i * 36 + 2}" y="${115 - height}" width="32" height="${height}"><title>${label}</title></rect><text x="${i * 36 + 18}" y="${110 - height}" text-anchor="middle">${count || ''}</text>`;
  });
  return `<svg viewBox="0 0 ${bars * 36} 135" role="img" aria-label="How many have how many ${unit}">${parts.join('')}<text x="0" y="132">0</text><text x="${bars * 36}" y="132" text-anchor="end">${round(max)} ${unit}</text></svg>`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const round = (value: number): number => Math.round(value * 10) / 10;
