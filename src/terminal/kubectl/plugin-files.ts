/** Where plugins lie: programs in the directories of PATH. */
import type { Sys } from '../../emulator/kernel/index.ts';

/** The directories of PATH, each once. */
export const pluginDirectories = (sys: Sys): readonly string[] =>
  [...new Set((sys.env.get('PATH') ?? '').split(':'))].filter((directory) => directory.trim() !== '');

/** The plugins in a directory, by their paths; undefined when there is no such directory. */
export function pluginsIn(sys: Sys, directory: string): readonly string[] | undefined {
  const path = sys.path(directory);
  if (sys.fs.find(path)?.kind !== 'directory') return undefined;
  const files = sys.fs.list(path).filter((name) => name.startsWith('kubectl-') && sys.fs.find(`${path}/${name}`)?.kind !== 'directory');
  return files.sort().map((name) => `${directory.replace(/\/+$/, '')}/${name}`);
}
