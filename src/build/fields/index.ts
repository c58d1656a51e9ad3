/**
 * The generator of the API's field types: from the models of `@kubernetes/client-node` 1.4.0, which is Kubernetes v1.34, into
 * `src/emulator/api/generated/` (ignored by git): `types.ts` (interfaces), `schema.ts` (compact run-time schema), `docs.json`
 * (descriptions for `kubectl explain`, loaded lazily at the edges).
 *
 * - Same input, same bytes. It runs only when an input is newer than the output or the output is absent; `--force` overrides.
 * - Only generally available versions. Absent: merge keys and list types, which no package carries (`machinery/merge-keys.ts`).
 *
 * Run by `node --import jiti/register src/build/fields/index.ts`.
 */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Model, readModels } from './models.ts';
import { writeSchema } from './schema.ts';
import { writeTypes } from './types.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');
const outFolder = join(root, 'src/emulator/api/generated');
const packageFolder = join(root, 'node_modules/@kubernetes/client-node');

/** Descriptions by model: `{ Pod: { '': 'Pod is …', spec: '…' } }`. */
function writeDocs(models: readonly Model[]): string {
  const docs = models.map((model) => [
    model.name,
    Object.fromEntries([['', model.description], ...model.fields.filter((f) => f.description !== '').map((f) => [f.name, f.description])]),
  ]);
  return `${JSON.stringify(Object.fromEntries(docs))}\n`;
}

function isFresh(outputs: readonly string[]): boolean {
  if (!outputs.every((file) => existsSync(file))) return false;
  const facts = join(root, 'src/emulator/machinery/go-facts.ts');
  const inputs = [join(packageFolder, 'package.json'), facts, ...readdirSync(here).map((file) => join(here, file))];
  const newest = Math.max(...inputs.map((file) => statSync(file).mtimeMs));
  return outputs.every((file) => statSync(file).mtimeMs >= newest);
}

/** Brings the generated folder up to date. */
export function generate(isForced = false): void {
  const [types, schema, docs] = ['types.ts', 'schema.ts', 'docs.json'].map((file) => join(outFolder, file)) as [string, string, string];
  if (!isForced && isFresh([types, schema, docs])) return;
  const models = readModels(join(packageFolder, 'dist/gen/models'));
  mkdirSync(outFolder, { recursive: true });
  writeFileSync(types, writeTypes(models));
  writeFileSync(schema, writeSchema(models));
  writeFileSync(docs, writeDocs(models));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) generate(process.argv.includes('--force'));
