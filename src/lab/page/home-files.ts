/** The learner's own files: kept beside the record, so that a session that cannot be replayed does not cost them. */
import { basename, textOf } from '../../emulator/kernel/index.ts';
import type { Machine } from '../../emulator/kernel/index.ts';

/** What a person writes by hand is small. */
const maxFileBytes = 64 * 1024;
const maxTotalBytes = 512 * 1024;
const home = '/root';

/** Text files below the home folder by path; hidden ones are the system's, not the learner's. */
export function homeFiles({ fs }: Machine): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  let total = 0;
  const visit = (folder: string): void => {
    for (const name of fs.list(folder)) {
      const path = `${folder}/${basename(name)}`;
      if (name.startsWith('.')) continue;
      const inode = fs.find(path, { followLast: false });
      if (inode?.kind === 'directory') visit(path);
      if (inode?.kind !== 'file' || inode.program) continue;
      const bytes = fs.readFile(path);
      const text = bytes.length <= maxFileBytes ? textOf(bytes) : '\0';
      if (text.includes('\0') || total + bytes.length > maxTotalBytes) continue;
      total += bytes.length;
      files[path] = text;
    }
  };
  if (fs.find(home)?.kind === 'directory') visit(home);
  return files;
}

/** The same paths with the same texts. */
export function isSameFiles(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const paths = Object.keys(a);
  return paths.length === Object.keys(b).length && paths.every((path) => a[path] === b[path]);
}
