/** The manifests that stand in the course: files of labs, and documents inside of scripts and pages. */
import fs from 'node:fs';
import path from 'node:path';
import { parseYamlDocuments } from '../../emulator/machinery/yaml.ts';
import type { ApiObject } from '../../emulator/machinery/objects.ts';

export interface Manifest {
  readonly file: string;
  readonly object: Partial<ApiObject>;
}

/** What lies below these folders. A text that is no YAML, or no object of an API, is left out. */
export function manifestsBelow(...folders: readonly string[]): readonly Manifest[] {
  return folders.flatMap((folder) =>
    (fs.readdirSync(folder, { recursive: true }) as string[]).sort().flatMap((name) => {
      const file = path.join(folder, name);
      return textsOf(file).flatMap((text) => objectsIn(text).map((object) => ({ file, object })));
    }),
  );
}

function textsOf(file: string): readonly string[] {
  if (!/\.(ya?ml|sh|mdx?)$/.test(file)) return [];
  const text = fs.readFileSync(file, 'utf8');
  if (/\.ya?ml$/.test(file)) return [text];
  const documents = [...text.matchAll(/<<-?\s*['"]?(\w+)['"]?[^\n]*\n(.*?)\n\s*\1\b/gs)].map(([, , body]) => body!);
  const blocks = [...text.matchAll(/^```ya?ml[^\n]*\n(.*?)^```/gms)].map(([, body]) => body!);
  return [...documents, ...blocks];
}

function objectsIn(text: string): readonly Partial<ApiObject>[] {
  let documents: readonly unknown[];
  try {
    documents = parseYamlDocuments(text);
  } catch {
    return [];
  }
  return documents.flatMap((document): readonly Partial<ApiObject>[] => {
    const object = document as (Partial<ApiObject> & { readonly items?: readonly Partial<ApiObject>[] }) | null;
    if (typeof object !== 'object' || !object?.kind) return [];
    return object.kind === 'List' ? (object.items ?? []) : [object];
  });
}
