/**
 * What `labs check` and `labs grade` can say what they found in: a file a format (or a few that are alike), and one line here.
 *
 * - Formats are made from `labs/result/v1` alone and compute nothing about a lab.
 * - What learners wrote (names, files, what checks quote) is escaped for whatever reads the format.
 * - Facts about a system stand in the docstring of its format, with their source.
 */
import { UsageError } from '../usage-error.ts';
import { classroom50, exercism, gradescope, prairielearn } from './autograders.ts';
import { githubActions, gitlab } from './ci.ts';
import { csv } from './csv.ts';
import type { Format } from './format.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { canvas, moodle } from './platforms.ts';
import { text } from './text.ts';

export const formats: Readonly<Record<string, Format>> = {
  text,
  json,
  csv,
  junit,
  html,
  exercism,
  gradescope,
  prairielearn,
  classroom50,
  'github-actions': githubActions,
  gitlab,
  moodle,
  canvas,
};

export interface WantedFormat {
  readonly name: string;
  readonly format: Format;
  /** Where `labs check` writes it instead of standard output. */
  readonly file?: string | undefined;
}

/** `text,junit=report.xml`. */
export function parseFormats(list: string): readonly WantedFormat[] {
  return list.split(',').map((part) => {
    const [name = '', file] = part.split(/=(.*)/s);
    const format = Object.hasOwn(formats, name) ? formats[name] : undefined;
    if (!format) throw new UsageError(`--format ${name}: unknown; known are ${Object.keys(formats).join(', ')}`);
    if (file === '') throw new UsageError(`--format ${part}: names no file`);
    return { name, format, file };
  });
}
