/** The kubeconfig file of a served cluster. It holds a key: only its owner may read it, and no file of someone else is written over. */
import fs from 'node:fs';
import { UsageError } from '../usage-error.ts';

const mark = '# Written by `labs serve`, which overwrites it.\n';

/** The cluster's own file of its administrator, with the address at which it is served. */
export function kubeconfigFor(adminConf: string, url: string): string {
  return mark + adminConf.replace(/^( *server: ).*$/m, `$1${url}`);
}

/** Throws a `UsageError` when something else stands at the path. */
export function checkKubeconfigPath(path: string): void {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return;
  if (!stat.isFile() || !fs.readFileSync(path, 'utf8').startsWith(mark))
    throw new UsageError(`${path}: exists and was not written by labs serve; name another file with --kubeconfig`);
}

/** Writes the file beside its place and moves it there, so that nobody ever sees a part of it, or with another mode. */
export function writeKubeconfig(path: string, text: string): void {
  checkKubeconfigPath(path);
  const fresh = `${path}.${process.pid}.new`;
  try {
    fs.writeFileSync(fresh, text, { mode: 0o600, flag: 'wx' });
    fs.renameSync(fresh, path);
  } catch (error) {
    fs.rmSync(fresh, { force: true });
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
}
