/**
 * Who the learners are. Identity comes from the instructor's roster and from the name of what was handed in, never from within it.
 * A roster is any CSV with a header: one's own (`id`, `name`, `email`), Moodle's grading worksheet, or Canvas's gradebook.
 */
import { UsageError } from '../usage-error.ts';
import { parseCsv } from './csv.ts';

export interface Learner {
  readonly id: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly onRoster: boolean;
}

export interface RosterRow extends Learner {
  /** In `Roster.rows`. */
  readonly at: number;
}

export interface Roster {
  /** As they stand in the file, the header first. */
  readonly rows: readonly (readonly string[])[];
  readonly learners: readonly RosterRow[];
}

/** Columns by what they hold, in lower case, the first that is there. */
const columns: Readonly<Record<'id' | 'login' | 'name' | 'email' | 'file', readonly string[]>> = {
  id: ['identifier', 'id', 'student id', 'student_id', 'id number', 'username', 'user', 'login', 'github_username'],
  login: ['sis login id', 'sis user id', 'username', 'login', 'github_username'],
  name: ['full name', 'name', 'student'],
  email: ['email address', 'email', 'e-mail'],
  file: ['file', 'folder', 'submission'],
};

export function readRoster(text: string, file: string): Roster & { readonly find: (entry: string) => RosterRow | 'ambiguous' | undefined } {
  const rows = parseCsv(text, file);
  const header = rows[0]!.map((title) => title.trim().toLowerCase());
  const indexOf = (what: keyof typeof columns): number => header.indexOf(columns[what].find((title) => header.includes(title)) ?? '\0');
  const at = { id: indexOf('id'), login: indexOf('login'), name: indexOf('name'), email: indexOf('email'), file: indexOf('file') };
  const key = at.id >= 0 ? at.id : at.email >= 0 ? at.email : at.name;
  if (key < 0) throw new UsageError(`${file}: its first row names none of the columns id, email and name`);
  const cellOf = (row: readonly string[], column: number): string | undefined => row[column]?.trim() || undefined;
  const learners: RosterRow[] = [];
  const names = new Map<string, RosterRow | 'ambiguous'>();
  for (const [i, row] of rows.entries()) {
    const id = cellOf(row, key)?.replace(/^participant /i, '');
    // The row of Canvas that says how many points there are has no learner.
    if (i === 0 || id === undefined || /^\s*points possible/i.test(row[0] ?? '')) continue;
    const learner: RosterRow = { id, name: cellOf(row, at.name), email: cellOf(row, at.email), onRoster: true, at: i };
    if (learners.some((other) => other.id === id)) throw new UsageError(`${file}: row ${i + 1}: ${JSON.stringify(id)} stands there twice`);
    learners.push(learner);
    for (const name of new Set(
      [id, learner.name, learner.email, cellOf(row, at.login), cellOf(row, at.file)].map((text) => text && folded(text)),
    )) {
      if (name) names.set(name, names.has(name) ? 'ambiguous' : learner);
    }
  }
  return {
    rows,
    learners,
    find: (entry) =>
      candidatesOf(entry)
        .map((name) => names.get(name))
        .find((found) => found !== undefined),
  };
}

/** The same name however it is written: case, kind of space and Unicode form do not matter. */
function folded(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_]+/g, ' ')
    .trim();
}

/** Under which names a learner may be on the roster who handed in something that is called so. */
function candidatesOf(entry: string): readonly string[] {
  const stem = stemOf(entry);
  const [, moodleName, moodleId] = /^(.+)_(\d+)_assignsubmission_/.exec(entry) ?? [];
  // Canvas: name, perhaps LATE, the user's number, the submission's number, and the file's name.
  const [, canvasId] = /^[^_]+(?:_LATE)?_(\d+)_\d+_./.exec(entry) ?? [];
  return [entry, stem, moodleId, moodleName, canvasId].flatMap((name) => (name === undefined ? [] : [folded(name)]));
}

/** The name of a file without what says how it is packed. */
export function stemOf(entry: string): string {
  return entry.replace(/\.(tar\.gz|tgz|tar|zip|json|sh|ya?ml|txt)$/i, '');
}
