/** Whether `build/` is the site of these sources, for `npm start` and the browser tests. */
import fs from 'node:fs';
import path from 'node:path';

const sources = ['docs', 'labs', 'src', 'static', 'docusaurus.config.ts', 'sidebars.ts', 'package-lock.json'];

/** The time of the latest change below a path, in milliseconds. Generated folders and tests do not count. */
function lastChange(file: string): number {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (!stat || file.endsWith('.test.ts')) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  const names = fs.readdirSync(file).filter((name) => name !== 'generated');
  return Math.max(0, ...names.map((name) => lastChange(path.join(file, name))));
}

export function isSiteFresh(): boolean {
  const builtAt = fs.statSync('build/sitemap.xml', { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return builtAt >= Math.max(...sources.map(lastChange));
}
