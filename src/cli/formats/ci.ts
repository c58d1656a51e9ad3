/** Pages that show what is wrong beside the code. */
import crypto from 'node:crypto';
import { printable } from '../../lab/grading/printable.ts';
import { annotationsOf, earnedIn, messageOf, nameOf, rowsOf } from './format.ts';
import type { Format } from './format.ts';
import { junit } from './junit.ts';

/**
 * GitHub Actions: workflow commands that annotate lines, and a summary of the job in Markdown.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 * Messages escape `%`, CR and LF, properties `:` and `,` too; `labs check` appends the summary to the file that `GITHUB_STEP_SUMMARY` names.
 */
export const githubActions: Format = {
  learner: (result, info) => {
    const rows = rowsOf(result, info);
    const annotations = annotationsOf(result).map(
      ({ file, line, message }) =>
        `::error file=${property(file)},line=${line},title=${property(info.labs[0]?.title ?? 'labs')}::${data(message)}\n`,
    );
    const shown = annotationsOf(result).map(({ message }) => message);
    const failed = rows
      .filter((row) => row.state !== 'green' && !shown.some((message) => message.startsWith(`${row.title}: `)))
      .map((row) => `::error title=${property(nameOf(row, info))}::${data(`${row.title}: ${messageOf(row)}`)}\n`);
    const problems = result.problems.map(({ file, reason }) => `::error file=${property(file)}::${data(reason)}\n`);
    const summary = [
      `## ${earnedIn(rows)} of ${info.possible} points`,
      '',
      '| | task | points | |',
      '|---|---|---|---|',
      ...rows.map(
        (row) =>
          `| ${row.state === 'green' ? '✅' : '❌'} | ${md(row.title)} | ${row.earned} of ${row.points} | ${md(messageOf(row) ?? '')} |`,
      ),
      ...result.problems.map(({ file, reason }) => `\n${md(file)}: ${md(reason)}`),
    ];
    return [
      { name: 'annotations.txt', text: [...annotations, ...failed, ...problems].join('') },
      { name: 'summary.md', text: `${summary.join('\n')}\n` },
    ];
  },
};

/** A line that begins with `::` is a command, wherever it comes from; what we write begins with one of ours. */
const data = (text: string): string => printable(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** A stranger's words in a cell of a Markdown table. */
export function md(text: string): string {
  return printable(text)
    .replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]!)
    .replace(/[\\`*_{}[\]()#+!|~@-]/g, (sign) => `\\${sign}`)
    .replaceAll(/\s*\n\s*/g, ' · ');
}

/**
 * GitLab: a code quality report (description, check_name, fingerprint, severity, location.path, location.lines.begin) and JUnit.
 * https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
 */
export const gitlab: Format = {
  learner: (result, info) => {
    const placed = annotationsOf(result).map(({ file, line, message }) => ({
      check: 'manifest',
      path: file,
      line,
      message: printable(message),
    }));
    const shown = placed.map(({ message }) => message);
    const others = rowsOf(result, info)
      .filter((row) => row.state !== 'green' && !shown.some((message) => message.startsWith(`${row.title}: `)))
      .map((row) => ({
        check: nameOf(row, info),
        path: result.labs.find(({ lab }) => lab.path === row.lab)?.source.file ?? result.handedIn?.name ?? row.lab,
        line: 1,
        message: `${row.title}: ${messageOf(row)}`,
      }));
    const problems = result.problems.map(({ file, reason }) => ({ check: 'submission', path: file, line: 1, message: printable(reason) }));
    const report = [...placed, ...others, ...problems].map(({ check, path, line, message }) => ({
      description: message,
      check_name: check,
      fingerprint: crypto.createHash('sha256').update(`${check}\0${path}\0${line}\0${message}`).digest('hex').slice(0, 32),
      severity: 'major',
      location: { path: path.replace(/^\.\//, ''), lines: { begin: line } },
    }));
    return [{ name: 'gl-code-quality-report.json', text: `${JSON.stringify(report, null, 2)}\n` }, ...junit.learner!(result, info)];
  },
};
