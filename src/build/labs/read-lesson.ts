/** Reads what a lesson's front matter says of its cluster, and says in one line what is wrong with it. */
import fs from 'node:fs';
import { Validator } from '@cfworker/json-schema';
import { parse } from 'yaml';
import type { LessonCluster } from '../../lab/playground.ts';
import { LabError } from './read-lab.ts';

const { properties, $defs } = JSON.parse(fs.readFileSync('static/schemas/lab-v1.json', 'utf8'));
const validator = new Validator({ ...properties.cluster, $defs }, '2020-12', false);

/** The cluster in which the lesson's commands run; undefined for the usual one. */
export function readLessonCluster(file: string): LessonCluster | undefined {
  const [, frontMatter = ''] = /^---\n([\s\S]*?)^---$/m.exec(fs.readFileSync(file, 'utf8')) ?? [];
  const cluster: unknown = parse(frontMatter)?.cluster;
  if (cluster === undefined) return undefined;
  const { valid, errors } = validator.validate(cluster);
  if (!valid) throw new LabError(`${file}: cluster: ${errors.map((e) => `${e.instanceLocation} ${e.error}`).join('; ')}`);
  return cluster as LessonCluster;
}
