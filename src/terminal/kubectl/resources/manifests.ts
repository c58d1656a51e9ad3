/** Objects from -f: files, directories, standard input; YAML with several documents, JSON, and lists. */

import type { Call } from '../../../emulator/kernel/index.ts';
import { isErrno } from '../../../emulator/kernel/index.ts';
import { parseYamlDocuments } from '../../../emulator/machinery/yaml.ts';
import { CommandError, messageOf } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { Json } from '../json.ts';

export interface Manifest {
  /** The path, or STDIN. */
  readonly source: string;
  readonly object: Json;
}

interface ManifestSource {
  readonly source: string;
  readonly text: string;
}

const extensions = ['.json', '.yaml', '.yml'];

/** The texts that -f names, and whether it was one file (so that one object in it is not shown as a list). */
export function* readSources(
  invocation: Invocation,
  paths: readonly string[],
  isRecursive: boolean,
): Call<{ readonly sources: readonly ManifestSource[]; readonly isOneFile: boolean }> {
  const sources: ManifestSource[] = [];
  let isOneFile = paths.length === 1;
  for (const path of paths) {
    if (path === '-') {
      isOneFile = false;
      sources.push({ source: 'STDIN', text: yield* invocation.stdin() });
    } else if (/^https?:\/\//.test(path)) {
      // Differs from Kubernetes: a manifest is not fetched from a URL, the emulated machine has no way to the internet.
      throw new CommandError(`unable to read URL ${JSON.stringify(path)}, no route to the internet`);
    } else {
      const files = expand(invocation, path, isRecursive);
      if (files.length !== 1) isOneFile = false;
      for (const file of files) sources.push({ source: file, text: yield* invocation.readFile(file) });
    }
  }
  return { sources, isOneFile };
}

/** The objects of a text, lists taken apart. Throws with the position that YAML or JSON gives. */
export function parseManifests(source: ManifestSource): Manifest[] {
  let documents: readonly unknown[];
  try {
    documents = parseYamlDocuments(source.text);
  } catch (error) {
    throw new CommandError(`error parsing ${source.source}: ${messageOf(error)}`);
  }
  return documents.flatMap((object) => (object === null || object === undefined ? [] : flatten(object, source.source)));
}

function flatten(object: Json, source: string): Manifest[] {
  if (typeof object !== 'object' || Array.isArray(object)) {
    throw new CommandError(
      `unable to decode ${JSON.stringify(source)}: json: cannot unmarshal ${goType(object)} into Go value of type map[string]interface {}`,
    );
  }
  if (Array.isArray(object.items) && typeof object.kind === 'string' && object.kind.endsWith('List')) {
    return object.items.flatMap((item: Json) => flatten(item, source));
  }
  return [{ source, object }];
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function expand(invocation: Invocation, path: string, isRecursive: boolean): string[] {
  const { fs } = invocation.sys;
  const absolute = invocation.sys.path(path);
  let inode: ReturnType<typeof fs.find>;
  try {
    inode = fs.find(absolute);
  } catch (error) {
    if (!isErrno(error)) throw error;
  }
  if (!inode) throw new CommandError(`the path ${JSON.stringify(path)} does not exist`);
  if (inode.kind !== 'directory') return [path];
  const files = walk(invocation, path, isRecursive);
  if (files.length === 0) throw new CommandError(`error reading [${path}]: recognized file extensions are [${extensions.join(' ')}]`);
  return files;
}

function walk(invocation: Invocation, directory: string, isRecursive: boolean): string[] {
  const { fs } = invocation.sys;
  const base = directory === '.' ? '' : directory.endsWith('/') ? directory : `${directory}/`;
  return fs.list(invocation.sys.path(directory)).flatMap((name) => {
    const path = base + name;
    const isDirectory = fs.find(invocation.sys.path(path))?.kind === 'directory';
    if (isDirectory) return isRecursive ? walk(invocation, path, true) : [];
    return extensions.some((extension) => name.endsWith(extension)) ? [path] : [];
  });
}
