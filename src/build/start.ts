/** `npm start`: builds the course if it is not built from these sources, and serves it at http://localhost:3000. */
import { spawnSync } from 'node:child_process';
import { isSiteFresh } from './site-build.ts';

function run(command: string, ...args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
}

if (!isSiteFresh()) run('npm', 'run', 'build');
run('npx', 'docusaurus', 'serve', '--port', '3000', '--no-open');
