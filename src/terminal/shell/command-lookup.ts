import { Errno } from '../../emulator/kernel/index.ts';
import type { Call, Executable } from '../../emulator/kernel/index.ts';
import type { ShellContext } from './context.ts';

/** What an external command runs, or its status when it cannot. A file of text without an interpreter is a script of ours. */
export function* findCommand(shell: ShellContext, name: string, argv: readonly string[]): Call<Executable | number> {
  const path = shell.get('PATH');
  try {
    return shell.sys.load(name, argv, path);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    if (error.code === 'ENOENT') {
      const found = shell.sys.which(name, path);
      if (found !== undefined) yield* shell.complain(`${found}: cannot execute: required file not found`);
      else yield* shell.complain(name.includes('/') ? `${name}: ${error.message}` : `${name}: command not found`);
      return 127;
    }
    if (error.code === 'ENOEXEC') return shell.sys.load('sh', ['sh', shell.sys.which(name, path) ?? name, ...argv.slice(1)], path);
    const isDirectory = shell.sys.fs.find(shell.sys.path(name))?.kind === 'directory';
    yield* shell.complain(`${name}: ${isDirectory ? 'Is a directory' : error.message}`);
    return 126;
  }
}
