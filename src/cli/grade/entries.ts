/** The folder of submissions: what lies in it, when it was handed in, and whose it is. */
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { UsageError } from '../usage-error.ts';
import { type readRoster, stemOf } from './roster.ts';
import type { Learner } from './roster.ts';
import { kindOf } from './unpack/index.ts';
import type { EntryKind } from './unpack/index.ts';

export interface Entry {
  /** As it is called in the folder. */
  readonly name: string;
  readonly file: string;
  readonly kind: EntryKind;
  /** RFC 3339. */
  readonly at: string;
}

/** One learner of the class, with what they handed in. */
export interface Case {
  readonly learner: Learner;
  /** Safe as a file's name on every system, and different for every learner. */
  readonly key: string;
  readonly entry?: Entry | undefined;
  readonly notes: readonly { readonly file: string; readonly reason: string }[];
}

export type ReadRoster = ReturnType<typeof readRoster>;

/** Every learner, in the order of their ids: those who handed in, and those of the roster who did not. */
export function readClass(folder: string, roster: ReadRoster | undefined): readonly Case[] {
  const byId = new Map<string, { learner: Learner; entries: Entry[]; notes: { file: string; reason: string }[] }>();
  const caseOf = (learner: Learner) => {
    if (!byId.has(learner.id)) byId.set(learner.id, { learner, entries: [], notes: [] });
    return byId.get(learner.id)!;
  };
  for (const learner of roster?.learners ?? []) caseOf(learner);
  for (const entry of listEntries(folder)) {
    const found = roster?.find(entry.name);
    const isKnown = found !== undefined && found !== 'ambiguous';
    const own = caseOf(isKnown ? found : { id: stemOf(entry.name), onRoster: false });
    own.entries.push(entry);
    if (found === 'ambiguous') own.notes.push({ file: entry.name, reason: 'more than one learner on the roster is called so' });
    else if (roster && !isKnown) own.notes.push({ file: entry.name, reason: 'nobody on the roster is called so' });
  }
  return [...byId.values()]
    .sort((a, b) => (a.learner.id < b.learner.id ? -1 : 1))
    .map(({ learner, entries, notes }) => {
      const [latest, ...others] = entries.sort((a, b) => (a.at === b.at ? (a.name < b.name ? -1 : 1) : a.at > b.at ? -1 : 1));
      const leftOut = others.map(({ name }) => ({
        file: name,
        reason: `left out: ${latest!.name} was handed in later by the same learner`,
      }));
      return { learner, key: keyOf(learner.id), entry: latest, notes: [...notes, ...leftOut] };
    });
}

function listEntries(folder: string): readonly Entry[] {
  let names: string[];
  try {
    names = fs.readdirSync(folder).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `${folder}: ${code === 'ENOENT' ? 'no such folder' : code === 'ENOTDIR' ? 'not a folder' : (error as Error).message}`,
    );
  }
  return names
    .filter((name) => !name.startsWith('.'))
    .map((name) => {
      const file = path.join(folder, name);
      // A link is not followed here either: opening it says what it is.
      const stat = fs.lstatSync(file);
      return { name, file, kind: kindOf(name, stat.isDirectory()), at: handedInAt(file, stat) };
    });
}

/** A folder is as old as the newest file that lies in it: unpacking gives the folder itself a new time. */
function handedInAt(file: string, stat: fs.Stats): string {
  let ms = stat.isDirectory() ? 0 : stat.mtimeMs;
  if (stat.isDirectory()) {
    for (const name of fs.readdirSync(file).slice(0, 1000)) ms = Math.max(ms, fs.lstatSync(path.join(file, name)).mtimeMs);
    if (ms === 0) ms = stat.mtimeMs;
  }
  return new Date(ms).toISOString();
}

/** Names that no system, shell or spreadsheet takes for something else stay as they are. */
export function keyOf(id: string): string {
  if (/^[a-z0-9][a-z0-9._@-]{0,79}$/.test(id) && !/\.$|^(con|nul|aux|prn|com\d|lpt\d)(\.|$)/.test(id)) return id;
  const readable = id
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  return `${readable || 'learner'}-${crypto.createHash('sha256').update(id).digest('hex').slice(0, 10)}`;
}

/** Of all that was handed in, so that a run that goes on knows what has changed. */
export function digestOf({ file, kind }: Entry): string {
  const hash = crypto.createHash('sha256');
  const add = (path_: string, name: string): void => {
    const stat = fs.lstatSync(path_);
    hash.update(`${name}\0${stat.isFile() ? stat.size : stat.isDirectory() ? 'folder' : 'other'}\0`);
    // What is too big to be graded is known by its size and time alone.
    if (stat.isFile() && stat.size <= maxHashedBytes) hash.update(fs.readFileSync(path_));
    else if (!stat.isDirectory()) hash.update(String(stat.mtimeMs));
  };
  if (kind !== 'folder') {
    add(file, '');
    return hash.digest('hex');
  }
  let files = 0;
  const walk = (inside: string): void => {
    for (const { name } of fs.readdirSync(path.join(file, inside), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (++files > maxHashedFiles) return;
      const at = path.join(inside, name);
      add(path.join(file, at), at);
      if (fs.lstatSync(path.join(file, at)).isDirectory()) walk(at);
    }
  };
  walk('');
  return hash.digest('hex');
}

const maxHashedBytes = 64 * 1024 * 1024;
const maxHashedFiles = 2000;
