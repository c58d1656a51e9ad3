import { textOf } from './bytes.ts';
import { Errno } from './errno.ts';
import type { FileSystem } from './filesystem.ts';
import { access, requireAccess } from './permissions.ts';
import type { Program } from './process.ts';

export interface Executable {
  readonly program: Program;
  readonly argv: readonly string[];
}

const maxInterpreters = 4;

/**
 * What runs when the file at an absolute path is executed: its own program, or the interpreter of its first line
 * (`#!/bin/sh -e`), which then finds the file among its arguments. Throws ENOENT, EACCES, ENOEXEC or ELOOP, as execve(2).
 */
export function loadExecutable(fs: FileSystem, path: string, argv: readonly string[], depth = 0): Executable {
  if (depth > maxInterpreters) throw new Errno('ELOOP');
  const inode = fs.inode(path);
  if (inode.kind !== 'file' || (inode.mode & 0o111) === 0) throw new Errno('EACCES');
  requireAccess(inode, fs.user, access.execute);
  if (inode.program) return { program: inode.program, argv };
  const shebang = /^#![ \t]*(\S+)[ \t]*(.*?)[ \t]*(?:\n|$)/.exec(textOf(fs.readFile(path)));
  if (!shebang) throw new Errno('ENOEXEC');
  const [, interpreter, argument] = shebang as unknown as [string, string, string];
  return loadExecutable(fs, interpreter, [interpreter, ...(argument === '' ? [] : [argument]), path, ...argv.slice(1)], depth + 1);
}
