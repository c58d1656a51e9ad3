/** -k and `kubectl kustomize`: the files of this machine as kustomize reads them, and what it built as a manifest. */
import { isErrno } from '../../../emulator/kernel/index.ts';
import { toYaml } from '../../../emulator/machinery/yaml.ts';
import type { Invocation } from '../invocation.ts';
import type { Json } from '../json.ts';
import { buildKustomization, type KustomizeFiles } from '../kustomize/index.ts';

export function filesOf({ sys }: Invocation): KustomizeFiles {
  return {
    absolute: (path) => sys.path(path),
    read: (path) => sys.fs.readFile(path),
    kind(path) {
      try {
        const inode = sys.fs.find(path);
        return inode === undefined ? undefined : inode.kind === 'directory' ? 'directory' : 'file';
      } catch (error) {
        if (isErrno(error)) return undefined;
        throw error;
      }
    },
  };
}

/** The objects of a directory; what kustomize warns of goes to stderr, as it comes. */
export function* builtObjects(invocation: Invocation, directory: string, isUnrestricted = false) {
  const warnings: string[] = [];
  try {
    return buildKustomization(filesOf(invocation), directory, { isUnrestricted, onWarning: (line) => warnings.push(line) });
  } finally {
    for (const line of warnings) yield* invocation.err(`${line}\n`);
  }
}

/** Objects as kustomize prints them. */
export const kustomizeYaml = (objects: readonly Json[]): string => objects.map(toYaml).join('---\n');
