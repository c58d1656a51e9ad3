/** Who files belong to, by the names of /etc/passwd and /etc/group. */
import type { Inode, Sys } from '../../../emulator/kernel/index.ts';
import { textOf } from '../../../emulator/kernel/index.ts';

/** The name of a user or group; its number where it has none. */
function nameOf(sys: Sys, file: '/etc/passwd' | '/etc/group', id: number): string {
  if (id === 0) return 'root';
  const lines = sys.fs.find(file)?.kind === 'file' ? textOf(sys.fs.readFile(file)).split('\n') : [];
  return lines.map((line) => line.split(':')).find(([, , number]) => Number(number) === id)?.[0] ?? String(id);
}

export const ownerOf = (sys: Sys, { uid = 0 }: Inode): string => nameOf(sys, '/etc/passwd', uid);
export const groupOf = (sys: Sys, { gid = 0 }: Inode): string => nameOf(sys, '/etc/group', gid);

/** The number of a name or number; undefined for a name that nobody has. */
export function idOf(sys: Sys, file: '/etc/passwd' | '/etc/group', text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  if (text === 'root') return 0;
  const lines = sys.fs.find(file)?.kind === 'file' ? textOf(sys.fs.readFile(file)).split('\n') : [];
  const found = lines.map((line) => line.split(':')).find(([name]) => name === text);
  return found && Number(found[2]);
}
