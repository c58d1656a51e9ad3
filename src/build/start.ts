/** `npm start`: builds the course if it is not built from these sources, and serves it at http://localhost:3000. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const sources = ['docs', 'labs', 'src', 'static', 'docusaurus.config.ts', 'sidebars.ts', 'package-lock.json'];

/** The time of the latest change below a path, in milliseconds. Generated folders do not count. */
function lastChange(file: string): number {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  const names = fs.readdirSync(file).filter((name) => name !== 'generated');
  return Math.max(0, ...names.map((name) => lastChange(path.join(file, name))));
}

function run(command: string, ...args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
}

const builtAt = fs.statSync('build/index.html', { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (builtAt < Math.max(...sources.map(lastChange))) run('npm', 'run', 'build');
run('npx', 'docusaurus', 'serve', '--port', '3000', '--no-open');
