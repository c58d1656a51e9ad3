/** Finds the lines of a learner's manifests that are to blame, for a page that shows them beside the code. */
import { diagnose } from '../page/manifest/index.ts';
import type { Annotation, TaskResult } from './result.ts';

export interface ManifestFile {
  readonly name: string;
  readonly text: string;
}

const maxAnnotations = 50;

/** What the API server would refuse, where it stands; and for a task that is not green, the manifest of the object that its message names. */
export function annotate(
  files: readonly ManifestFile[],
  tasks: readonly TaskResult[],
  /** What kubectl said of which file. */
  refusals: readonly { readonly name: string; readonly message: string }[],
): readonly Annotation[] {
  const faults = files.flatMap(faultsIn);
  const refused = refusals
    .filter(({ name }) => !faults.some(({ file }) => file === name))
    .map(({ name, message }) => ({
      ...placeOf(
        files.filter((file) => file.name === name),
        message,
      )!,
      message,
    }));
  const failed = tasks.filter(
    ({ state, message, hidden }) => (state === 'open' || state === 'holding') && message !== undefined && !hidden,
  );
  const found = failed.flatMap(({ title, message = '' }): Annotation[] => {
    const place = placeOf(files, `${title}\n${message}`);
    return place ? [{ ...place, message: `${title}: ${message}` }] : [];
  });
  return [...faults, ...refused, ...found].slice(0, maxAnnotations);
}

function faultsIn({ name, text }: ManifestFile): readonly Annotation[] {
  try {
    return diagnose(text).map(({ from, message }) => ({ file: name, line: lineAt(text, from), message }));
  } catch (error) {
    // Nested deeper than the parser's stack.
    if (!(error instanceof RangeError)) throw error;
    return [{ file: name, line: 1, message: 'nested too deeply to be read' }];
  }
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** The line `name: x` of an object whose name stands in the words; else the beginning of the first file. */
function placeOf(files: readonly ManifestFile[], words: string): { readonly file: string; readonly line: number } | undefined {
  for (const { name, text } of files) {
    for (const [i, line] of text.split('\n').entries()) {
      const called = /^\s+(?:- )?name: *["']?([a-z0-9][a-z0-9.-]{0,252})["']?\s*$/.exec(line)?.[1];
      if (called !== undefined && words.split(/[^a-z0-9.-]+/).includes(called)) return { file: name, line: i + 1 };
    }
  }
  return files[0] && { file: files[0].name, line: 1 };
}
