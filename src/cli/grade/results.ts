/** The folder that a run writes: results and feedback of every learner, and the files of each format. Nothing is written anywhere else. */
import fs from 'node:fs';
import path from 'node:path';
import type { LearnerResult } from '../../lab/grading/result.ts';
import { UsageError } from '../usage-error.ts';

const marker = '.labs-grade';

export class ResultFolder {
  readonly folder: string;

  /** Makes the folder if it is not there; one that holds something else is not touched. */
  constructor(folder: string) {
    this.folder = folder;
    const stat = fs.statSync(folder, { throwIfNoEntry: false });
    if (stat && !stat.isDirectory()) throw new UsageError(`--out ${folder}: exists and is not a folder`);
    const isOurs = fs.existsSync(path.join(folder, marker));
    if (stat && !isOurs && fs.readdirSync(folder).length > 0)
      throw new UsageError(`--out ${folder}: exists and was not written by labs grade`);
    fs.mkdirSync(path.join(folder, 'results'), { recursive: true });
    fs.writeFileSync(path.join(folder, marker), 'Written by `labs grade`.\n');
  }

  /** One that is half written counts as none. */
  read(key: string): LearnerResult | undefined {
    try {
      return readResult(path.join(this.folder, 'results', `${key}.json`));
    } catch {
      return undefined;
    }
  }

  write(key: string, result: LearnerResult): void {
    this.put(`results/${key}.json`, `${JSON.stringify(result)}\n`);
  }

  /** In one step, so that a run that is interrupted leaves no half of it. */
  put(name: string, text: string): void {
    const file = path.join(this.folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(`${file}.part`, text);
    fs.renameSync(`${file}.part`, file);
  }

  /** Keys of all results, sorted. */
  get keys(): readonly string[] {
    return keysIn(this.folder);
  }
}

function keysIn(folder: string): readonly string[] {
  return fs
    .readdirSync(path.join(folder, 'results'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

function readResult(file: string): LearnerResult {
  const value = JSON.parse(fs.readFileSync(file, 'utf8')) as LearnerResult;
  if (value.schema !== 'labs/result/v1' || !Array.isArray(value.labs)) throw new Error(`${file}: not a result`);
  return value;
}

/** Joins what the shards of one run wrote; the same learner may stand in one of them only. */
export function mergeResults(folders: readonly string[], into: ResultFolder): void {
  const from = new Map<string, string>();
  for (const folder of folders) {
    if (!fs.existsSync(path.join(folder, 'results'))) throw new UsageError(`${folder}: not written by labs grade`);
    if (path.resolve(folder) === path.resolve(into.folder)) throw new UsageError(`${folder}: cannot be merged into itself`);
    for (const key of keysIn(folder)) {
      const other = from.get(key);
      if (other !== undefined) throw new UsageError(`${key} was graded both in ${other} and in ${folder}`);
      from.set(key, folder);
      try {
        into.write(key, readResult(path.join(folder, 'results', `${key}.json`)));
      } catch (error) {
        if (error instanceof UsageError) throw error;
        throw new UsageError(`${folder}/results/${key}.json: ${(error as Error).message}`);
      }
    }
  }
}
