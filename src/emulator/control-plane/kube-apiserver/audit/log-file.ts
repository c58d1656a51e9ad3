import type { Flags } from '../../component-base/flags.ts';
import type { Sys } from '../../../kernel/index.ts';
import { basename, dirname, utf8 } from '../../../kernel/index.ts';
import { formatTime } from '../../../kernel/time.ts';

/** When --audit-log-maxsize says nothing (lumberjack). */
const defaultMaxMegabytes = 100;

/**
 * Where the lines go: a file that is made when it is missing, or `-` for standard output. Undefined without --audit-log-path.
 * A file that has grown to --audit-log-maxsize is set aside under the time's name, as lumberjack does, and of those
 * --audit-log-maxbackup stay. Throws the Errno of a file that cannot be written.
 */
export function openAuditLog(sys: Sys, flags: Flags): ((line: string) => void) | undefined {
  const path = flags.text('audit-log-path');
  if (!path) return undefined;
  if (path === '-') return (line) => void sys.fds.get(1).write(utf8(line));
  const { fs } = sys;
  fs.mkdirs(dirname(path));
  let file = fs.open(path, 'append');
  let size = fs.readFile(path).length;
  const limit = (flags.integer('audit-log-maxsize', 0) || defaultMaxMegabytes) * 2 ** 20;
  const kept = flags.integer('audit-log-maxbackup', 0);
  const rotate = (): void => {
    const [stem, extension] = splitExtension(path);
    fs.rename(path, `${stem}-${formatTime(sys.kernel.clock.unixMs).replaceAll(':', '-').replace('Z', '.000')}${extension}`);
    file = fs.open(path, 'append');
    size = 0;
    if (kept === 0) return;
    const [name, ending] = [`${basename(stem)}-`, extension];
    const old = fs.list(dirname(path)).filter((entry) => basename(entry).startsWith(name) && entry.endsWith(ending));
    for (const entry of old.sort().slice(0, -kept)) fs.remove(`${dirname(path)}/${basename(entry)}`);
  };
  return (line) => {
    const bytes = utf8(line);
    if (size > 0 && size + bytes.length > limit) rotate();
    size += bytes.length;
    file.write(bytes);
  };
}

function splitExtension(path: string): readonly [stem: string, extension: string] {
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') ? [path.slice(0, dot), path.slice(dot)] : [path, ''];
}
