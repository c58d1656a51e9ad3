/**
 * `npm run fidelity:prove [TEST FILE | TYPE | TYPE.FIELD]...`: finds for each field a test that fails when the field is hidden, and notes
 * it in `shown-by.txt`. Without files it tries all tests that may speak for a field, and forgets what was known; with files it adds to
 * it, and tries all of their tests. Names that begin with a capital (`Event`, `Probe.period`) choose the fields that begin so.
 *
 * First all tests run and tell which fields are in the objects that they write. Then each field is hidden from those tests that look
 * most made for it, in rounds, until one fails.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Plan, TestRecord } from './runner.ts';
import { fieldsOfKinds, type FieldName } from '../fields.ts';
import { readShown, writeShown, type Shown } from '../shown.ts';

/** Rooms whose tests see what components do. What only stores, validates or prints is no witness. */
const witnesses = ['src/emulator', 'test/network', 'test/simulation'];
const silent = /^src\/emulator\/(api|machinery|control-plane\/kube-apiserver\/(rest|verbs|[a-z]+\.test))/;

/** How many tests are tried for a field in each round. */
const rounds = [3, 6, 12];
const slowMs = 3000;
/** How many fields one test is tried for in a round: the smallest tests would be asked about everything. */
const mostFields = 40;
/** With files that are named, no test and no field is left out. */
const everything = { rounds: [...rounds, Number.POSITIVE_INFINITY], mostFields: Number.POSITIVE_INFINITY };

interface Witness extends TestRecord {
  readonly file: string;
  readonly name: string;
  /** How many fields it has that most others have not. */
  readonly ownFields: number;
}

function run(folder: string, files: readonly string[], plan?: Plan): Record<string, Record<string, TestRecord>> {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  if (plan) fs.writeFileSync(path.join(folder, 'plan.json'), JSON.stringify(plan));
  const config = path.join(import.meta.dirname, 'vitest.config.mts');
  try {
    const env = { ...process.env, FIELDS_FOLDER: folder };
    execFileSync('npx', ['vitest', 'run', '--config', config, '--root', '.', '--reporter=dot', ...files], { env, stdio: 'inherit' });
  } catch {
    // Tests that failed are no witnesses, and are not in what was written.
  }
  const names = fs.readdirSync(folder).filter((name) => name !== 'plan.json');
  return Object.fromEntries(
    names.map((name) => [name.replaceAll('+', '/').replace(/\.json$/, ''), JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'))]),
  );
}

function witnessesIn(records: Record<string, Record<string, TestRecord>>): readonly Witness[] {
  const all = Object.entries(records)
    .filter(([file]) => !silent.test(file))
    .flatMap(([file, tests]) => Object.entries(tests).map(([name, record]) => ({ ...record, file, name })));
  const counts = new Map<FieldName, number>();
  for (const { fields } of all) for (const field of fields) counts.set(field, (counts.get(field) ?? 0) + 1);
  return all.map((one) => ({ ...one, ownFields: one.fields.filter((field) => counts.get(field)! < all.length / 3).length }));
}

/** Tests for a field, the one that looks most made for it first: in the room that has the type's name, with few fields, quick. */
function candidatesFor(field: FieldName, all: readonly Witness[]): readonly Witness[] {
  const words = field
    .slice(0, field.indexOf('.'))
    .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`)
    .toLowerCase();
  const rooms = [words, words.replaceAll('-', ''), ...(/Role|Subject/.test(field) ? ['authorization'] : [])];
  const rank = ({ file, ownFields, ms }: Witness): number => ownFields + ms / 100 - (rooms.some((name) => file.includes(name)) ? 30 : 0);
  return all.filter(({ fields, ms }) => fields.includes(field) && ms < slowMs).sort((a, b) => rank(a) - rank(b));
}

/** The best test of each file first, then the next ones: neighbours tend to look at the same things. */
function spread(tests: readonly Witness[]): readonly Witness[] {
  const places = new Map<string, number>();
  const placed = tests.map((test) => {
    const place = places.get(test.file) ?? 0;
    places.set(test.file, place + 1);
    return { test, place };
  });
  return placed.sort((a, b) => a.place - b.place).map(({ test }) => test);
}

interface Question {
  readonly files: readonly string[];
  /** Types or fields, as they begin; all when there is none. */
  readonly names: readonly string[];
  readonly known: Shown;
  readonly rounds: readonly number[];
  readonly mostFields: number;
}

function prove({ files, names, known, rounds, mostFields }: Question): void {
  const folder = path.join(os.tmpdir(), `fields-${process.pid}`);
  const all = witnessesIn(run(folder, files));
  const wanted = new Set(
    fieldsOfKinds(known)
      .flatMap(({ fields }) => [...fields.told, ...fields.read, ...fields.refused, ...fields.kept])
      .map(({ name }) => name)
      .filter((name) => names.length === 0 || names.some((begin) => name.startsWith(begin))),
  );
  const shown = new Map(known);
  const tried = new Map<FieldName, number>();
  const broken = new Set<string>();
  for (const count of rounds) {
    const plan: Record<string, Record<string, FieldName[]>> = {};
    for (const field of wanted) {
      if (shown.has(field)) continue;
      const from = tried.get(field) ?? 0;
      const chosen = candidatesFor(field, all).filter(({ file, name }) => !broken.has(`${file} ${name}`));
      for (const { file, name } of spread(chosen).slice(from, from + count)) {
        const asked = ((plan[file] ??= {})[name] ??= []);
        if (asked.length < mostFields) asked.push(field);
      }
      tried.set(field, from + count);
    }
    if (Object.keys(plan).length === 0) break;
    for (const [file, tests] of Object.entries(run(folder, Object.keys(plan), plan)))
      for (const [name, { needs, isRepeatable }] of Object.entries(tests)) {
        if (!isRepeatable) broken.add(`${file} ${name}`);
        for (const field of needs ?? []) if (!shown.has(field)) shown.set(field, { file, name });
      }
    writeShown(shown);
  }
  fs.rmSync(folder, { recursive: true, force: true });
}

const args = process.argv.slice(2);
const isName = (arg: string): boolean => /^[A-Z][A-Za-z0-9.-]*$/.test(arg);
const named = args.filter((arg) => !isName(arg));
const names = args.filter(isName);
if (named.length > 0) prove({ files: named, names, known: readShown(), ...everything });
else prove({ files: witnesses, names, known: args.length > 0 ? readShown() : new Map(), rounds, mostFields });
