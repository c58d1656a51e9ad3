/** CSV as spreadsheets and learning platforms write and read it (RFC 4180). */
import Papa from 'papaparse';
import { printable } from '../../lab/grading/printable.ts';
import { UsageError } from '../usage-error.ts';

/** Rows of cells. A byte order mark is passed over; the separator is a comma, a semicolon or a tab, whichever the file uses. */
export function parseCsv(text: string, file: string): readonly (readonly string[])[] {
  const { data, errors } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), {
    skipEmptyLines: 'greedy',
    delimitersToGuess: [',', ';', '\t'],
  });
  const [error] = errors.filter(({ type }) => type !== 'Delimiter');
  if (error) throw new UsageError(`${file}: row ${(error.row ?? 0) + 1}: ${error.message}`);
  if (data.length === 0) throw new UsageError(`${file}: it is empty`);
  return data;
}

export function toCsv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number): string {
  const text = typeof value === 'number' ? String(value) : neutral(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A cell that a spreadsheet would take for a formula, made text by an apostrophe. A lone `-` is what platforms write for "none", and
 * no formula. Control characters have no business in a cell.
 */
export function neutral(text: string): string {
  const clean = printable(text).replaceAll('\ufffd', '');
  return /^[\t\r\n ]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r]/.test(clean) && clean !== '-' ? `'${clean}` : clean;
}
